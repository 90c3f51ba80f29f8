"""Where a result came from: the hardware, the commit and the date, in words."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path


def hardware() -> str:
    """Processor, cores and memory, and the GPU if torch sees one."""
    import torch

    gpu = f", {torch.cuda.get_device_name(0)}" if torch.cuda.is_available() else ""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{_processor()}, {os.cpu_count()} cores, {gib:.0f} GiB{gpu}"


def commit() -> str:
    """Short commit of the source tree the code runs from, with a plus sign if files differ; blank outside git."""
    here = Path(__file__).parent
    try:
        told = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=10"],
            cwd=here,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return told.stdout.strip()


def today() -> str:
    """The date in UTC, as 2026-11-23."""
    return datetime.now(UTC).date().isoformat()


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        if names:
            return names[0]
    return platform.processor() or platform.machine()
