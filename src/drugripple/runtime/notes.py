"""What readers of files say beside their result, for whoever listens; the command line prints it."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

NOTES = logging.getLogger("drugripple.notes")
NOTES.setLevel(logging.INFO)


def tell(notes: Iterable[str]) -> None:
    """Say each note to everybody who listens."""
    for note in notes:
        NOTES.info("%s", note)


@contextmanager
def heard(listen: Callable[[str], None]) -> Iterator[None]:
    """Hear every note that is told inside the block, each once.

    >>> with heard(print):
    ...     tell(["2 rows left out", "2 rows left out"])
    2 rows left out
    """
    ear = _Ear(listen)
    NOTES.addHandler(ear)
    try:
        yield
    finally:
        NOTES.removeHandler(ear)


class _Ear(logging.Handler):
    def __init__(self, listen: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self.listen, self.known = listen, set[str]()

    def emit(self, record: logging.LogRecord) -> None:
        note = record.getMessage()
        if note not in self.known:
            self.known.add(note)
            self.listen(note)
