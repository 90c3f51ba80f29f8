"""What a training was made from, by digest: only from the same may it be gone on with."""

from collections.abc import Mapping

from torch import nn

from drugripple.runtime.digest import content_digest

MadeFrom = Mapping[str, str]
"""SHA-256 of each thing that a training reads, under its name in words."""
UNKNOWN: MadeFrom = {}


def weights_digest(model: nn.Module) -> str:
    """SHA-256 over the names and values of everything that a network stores."""
    stored = model.state_dict()
    return content_digest(*(part for name in sorted(stored) for part in (name, stored[name].detach().cpu().numpy())))


def changed_since(before: MadeFrom, now: MadeFrom) -> list[str]:
    """Names of what has another digest now than before, or only one of both.

    >>> changed_since({"expression": "a", "responses": "b"}, {"expression": "a", "responses": "c"})
    ['responses']
    """
    return sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
