"""What counts of a value that is only known to lie above or below a bound, as a user may state it."""

from enum import StrEnum


class Bounds(StrEnum):
    """What becomes of rows of responses that hold only a bound, such as '> 10'."""

    AS_MEASURED = "as_measured"
    """The bound counts as the value: a resistant sample stays resistant, and its true value lies beyond."""
    LEAVE_OUT = "leave_out"
    """They are left out, so that what is left tells of sensitive samples more often."""
