"""What one question may cost."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds of what is uploaded, asked and kept; what goes beyond is refused with a sentence that says the bound."""

    upload_mb: int = 200
    """Megabytes of one upload, both files together."""
    samples: int = 500
    compounds: int = 2000
    pairs: int = 50_000
    seconds: float = 120.0
    """Seconds that one question may take; it is stopped then."""
    memory_mb: int = 4096
    """Megabytes of memory that a question may take beyond the loaded model; kept on Linux."""
    waiting: int = 8
    """Questions that may wait at a time."""
    kept: int = 4
    """Answers that stay in memory; the oldest goes when there is one more."""
    kept_minutes: float = 120.0
    """An answer goes after so long without being looked at."""

    @property
    def upload_bytes(self) -> int:
        """Bytes of one upload."""
        return self.upload_mb << 20
