"""Many small systems of linear algebra, one after the other, in one thread."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Linear algebra uses one thread meanwhile; also a decorator of a function.

    A system of a few hundred unknowns is solved in a millisecond. Where other programs keep the cores busy, its threads
    wait for one another many times as long.

    >>> with one_thread():
    ...     pass
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield
