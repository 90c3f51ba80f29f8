"""How much memory a question may take: a bound that the system keeps, above what the loaded model has already."""

from collections.abc import Sequence
from pathlib import Path

MAPPED = Path("/proc/self/statm")
"""Where Linux says, in pages, how much memory this process has mapped."""


def bound_memory(megabytes: int) -> bool:
    """Let this process take so much memory more than it has now; whether the system keeps such a bound.

    An allocation beyond it fails, and the process goes on. Systems other than Linux keep none.
    """
    try:
        import resource

        pages = int(MAPPED.read_text(encoding="ascii").split()[0])
    except (ImportError, OSError):
        return False
    most = pages * resource.getpagesize() + (megabytes << 20)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    return True


def is_for_want_of_memory(error: BaseException) -> bool:
    """Whether an allocation that failed stands behind an error: readers tell it as a file that cannot be read."""
    behind = error.__cause__ or error.__context__
    return isinstance(error, MemoryError) or (behind is not None and is_for_want_of_memory(behind))


def too_much(files: Sequence[Path], megabytes: int) -> str:
    """What is said of a question that needed more; uploads are named with their sizes."""
    named = ", ".join(f"{path.name} of {path.stat().st_size / 1e6:,.1f} MB" for path in files if path.exists())
    what = f"this question ({named})" if named else "this question"
    return (
        f"{what} needs more than the {megabytes:,} megabytes of memory that a question may take; ask about fewer "
        "samples or compounds, start the page with a larger memory_mb, or use `drugripple predict`"
    )
