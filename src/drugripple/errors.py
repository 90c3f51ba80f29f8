"""Every error the library raises on purpose.

* DrugrippleError
  + GeneSpaceError      gene names that do not match, repeat or are unknown
  + CompoundError       a structure that cannot be used
  + TableError          a table whose rows, shapes or values are not what they must be
  + ScaleError          expression on another scale than the one needed
  + SourceError         a publisher's or user's file that is missing, damaged or of another format
    - DigestError       a download whose SHA-256 is not the published one
  + ConfigError         a key that no field has, or a value of the wrong type
  + SplitError          a partition that is impossible or leaks
  + CheckpointError     a checkpoint that is truncated, altered or made for something else
  + TrainingError       a training run that cannot go on (a loss that is not finite, an unusable folder)
"""

from collections.abc import Iterable


class DrugrippleError(Exception):
    """Base class: catch this to catch everything we raise on purpose."""


class GeneSpaceError(DrugrippleError, ValueError):
    """Gene names that do not match, repeat or are unknown."""


class CompoundError(DrugrippleError, ValueError):
    """A structure that cannot be used."""


class TableError(DrugrippleError, ValueError):
    """A table whose rows, shapes or values are not what they must be."""


class ScaleError(DrugrippleError, ValueError):
    """Expression on another scale than the one needed."""


class SourceError(DrugrippleError, OSError):
    """A publisher's or user's file that is missing, damaged or of another format."""


class DigestError(SourceError):
    """A download whose SHA-256 is not the published one."""


class ConfigError(DrugrippleError, ValueError):
    """A key that no field has, or a value of the wrong type."""


class SplitError(DrugrippleError, ValueError):
    """A partition that is impossible or leaks."""


class CheckpointError(DrugrippleError, ValueError):
    """A checkpoint that is truncated, altered or made for something else."""


class TrainingError(DrugrippleError, RuntimeError):
    """A training run that cannot go on."""


def first_five(names: Iterable[object]) -> str:
    """The first five of a collection's values, for an error message that stays one line.

    >>> first_five(["a", "b", "c", "d", "e", "f"])
    "['a', 'b', 'c', 'd', 'e', …]"
    """
    values = [str(name) for name in names]
    shown = ", ".join(repr(value) for value in values[:5])
    return f"[{shown}, …]" if len(values) > 5 else f"[{shown}]"
