"""How far a long piece of work is, told to whoever watches it."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any

PATIENCE, PAUSE = 2.0, 0.2
"""Seconds that a piece of work may take without a bar, and between two drawings of it."""
KERNEL = "ipykernel"

Progress = Callable[[str, int, int], None]
"""A function that is told what is being done, how much of it is done, and how much there is (0 if nobody knows)."""


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


@dataclass
class _Work:
    """One piece of work: when it began, how much of it was done last, when its bar was drawn last, and the bar."""

    begun: float
    done: int = 0
    drawn: float = 0.0
    bar: Any = None  # IPython's handle of a display, which has no type


@dataclass
class NotebookProgress:
    """A bar for each piece of work that takes longer than two seconds; it goes when the work is done.

    Outside a notebook nothing is shown. There is no thread: a bar is drawn when progress is told.
    """

    _works: dict[str, _Work] = field(default_factory=dict)

    def __call__(self, what: str, done: int, total: int) -> None:
        """Tell how much of what is done."""
        if KERNEL not in sys.modules:
            return
        now, work = time.monotonic(), self._works.get(what)
        if work is None or done < work.done:
            work = self._works[what] = _Work(now)
        work.done = done
        if 0 < total <= done:
            del self._works[what]
            _show(work, "")
        elif now - work.begun >= PATIENCE and now - work.drawn >= PAUSE:
            share = f" value='{done}' max='{total}'" if total else ""
            of = f"{done:,} of {total:,}" if total else f"{done:,}"
            _show(work, f"<progress{share}></progress> {escape(what)}: {of}")
            work.drawn = now


def _show(work: _Work, html: str) -> None:
    from IPython.display import HTML, display

    if work.bar is not None:
        work.bar.update(HTML(html))
    elif html:
        work.bar = display(HTML(html), display_id=True)


notebook_progress = NotebookProgress()
"""What public methods tell their progress to, unless another is named."""
