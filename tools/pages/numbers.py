"""Numbers and tables as a page prints them."""

import math
from collections.abc import Iterable, Sequence

UNDEFINED = "–"
"""A metric that has no value, such as the correlation with a constant."""


def three_digits(value: float) -> str:
    """Three digits as a person writes them.

    >>> [three_digits(value) for value in (52213, 321.4, 12.54, 2.5, 0.4649)]
    ['52,200', '321', '12.5', '2.50', '0.465']
    """
    if value >= 999.5:
        place = 10 ** (len(f"{value:.0f}") - 3)
        return f"{round(value / place) * place:,}"
    if value >= 99.95:
        return f"{value:.0f}"
    if value >= 9.995:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 1 else f"{value:.3g}"


def decimals(value: float, places: int = 3) -> str:
    """A score with a fixed number of decimals.

    >>> decimals(1.21549), decimals(float("nan"))
    ('1.215', '–')
    """
    return UNDEFINED if math.isnan(value) else f"{value:.{places}f}"


def as_printed(value: float, printed: str) -> str:
    """A value with as many decimals as an earlier one; without decimals a count is exact, a rate has three digits.

    >>> as_printed(1.2149, "1.3"), as_printed(55454.9, "52,000"), as_printed(19813.0, "1")
    ('1.2', '55,500', '19,813')
    """
    if "." in printed:
        return f"{value:.{len(printed.partition('.')[2])}f}"
    return f"{value:,.0f}" if value.is_integer() else three_digits(value)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; every column but the first is aligned to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
