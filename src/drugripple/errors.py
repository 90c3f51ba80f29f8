"""Every error the library raises on purpose.

* DrugrippleError
  + GeneSpaceError      gene names that do not match, repeat or are unknown
  + CompoundError       a structure that cannot be used
  + TableError          a table whose rows, shapes or values are not what they must be
  + ScaleError          expression on another scale than the one needed
  + SourceError         a publisher's or user's file that is missing, damaged or of another format
    - DigestError       a download whose SHA-256 is not the published one
  + OutputError         a place that cannot be written: a full disk, a read-only folder, one that is in use or finished
  + ConfigError         a key that no field has, or a value of the wrong type
  + SplitError          a partition that is impossible or leaks
  + CheckpointError     a checkpoint that is truncated, altered or made for something else
  + TrainingError       a training run that cannot go on (a loss that is not finite, an unusable folder)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LONGEST_NAME = 120
"""Characters of a name that an error message shows."""
LONGEST_REASON = 400
"""Characters of a sentence about one of several culprits that an error message shows."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file or a table, in one sentence.

    >>> str(Fault("x.csv", "line 3 has 4 fields", expected="5, as the header", do="correct it"))
    'x.csv: line 3 has 4 fields; expected 5, as the header; correct it'
    """

    where: str | Path
    """The file; blank where the context says it."""
    what: str
    """A clause that is complete without the file's name."""
    got: str = ""
    expected: str = ""
    do: str = ""
    """What mends it."""

    @property
    def statement(self) -> str:
        """The sentence without the file and without what to do."""
        got = f" ({self.got})" if self.got else ""
        expected = f"; expected {self.expected}" if self.expected else ""
        return printable(f"{self.what}{got}{expected}")

    def __str__(self) -> str:
        where = f"{printable(str(self.where))}: " if str(self.where) else ""
        return f"{where}{self.statement}" + (f"; {printable(self.do)}" if self.do else "")


class DrugrippleError(Exception):
    """Base class: catch this to catch everything we raise on purpose."""

    @property
    def fault(self) -> Fault:
        """The parts of the message."""
        first = self.args[0] if self.args else ""
        return first if isinstance(first, Fault) else Fault("", str(first))


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


class OutputError(DrugrippleError, OSError):
    """A place that cannot be written: a full disk, a read-only folder, one in use by another run or finished."""


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
    return first_of(names, 5)


def first_reasons(reasons: Iterable[object]) -> str:
    """The first five of some sentences, which are longer than names: cut short, they would not tell the cause.

    >>> len(first_reasons(["x" * 300]))
    304
    """
    return first_of(reasons, 5, longest=LONGEST_REASON)


def first_of(names: Iterable[object], number: int, *, longest: int = LONGEST_NAME) -> str:
    """The first values of a collection, as `first_five` shows them, each up to so many characters.

    >>> first_of(["a", "b", "c"], 2)
    "['a', 'b', …]"
    """
    values = [str(name) for name in names]
    short = (value if len(value) <= longest else value[:longest] + "…" for value in values[:number])
    shown = ", ".join(map(repr, short))
    return f"[{shown}, …]" if len(values) > number else f"[{shown}]"


def first_line(error: BaseException) -> str:
    r"""The first line of what an error says; its type where it says nothing.

    >>> first_line(ValueError("\nno ring\nat atom 3")), first_line(EOFError())
    ('no ring', 'EOFError')
    """
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun, or with its noun and verb, in the singular or the plural.

    >>> counted(1, "gene"), counted(1200, "gene"), counted(2, "value is", "values are")
    ('1 gene', '1,200 genes', '2 values are')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def printable(text: str) -> str:
    r"""Text from outside with its control characters written out, so that it stays one line and moves no cursor.

    >>> printable("a\tb" + chr(7))
    'a\\tb\\x07'
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
