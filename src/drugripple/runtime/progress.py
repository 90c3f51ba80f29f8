"""How far a long piece of work is, told to whoever watches it."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""A function that is told what is being done, how much of it is done, and how much there is (0 if nobody knows)."""


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""
