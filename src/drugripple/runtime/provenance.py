"""Where a result came from: hardware, code, versions and day, in words for cards and reports."""

import os
import platform
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

PACKAGES = ("drugripple", "torch", "numpy", "rdkit", "pandas", "scikit-learn")
"""Packages whose version a result depends on."""


class Origin(NamedTuple):
    """What computed a result; blank where that is not known."""

    hardware: str = ""
    commit: str = ""
    """Commit of the code, as `commit` gives it."""

    @classmethod
    def here(cls) -> "Origin":
        """This machine and this code."""
        return cls(hardware(), commit())

    @classmethod
    def of_several(cls, parts: Iterable["Origin"]) -> "Origin":
        """Where a result of several parts came from: each machine and each commit once, in order.

        >>> Origin.of_several([Origin("one", "abc"), Origin("two", "abc"), Origin("", "")])
        Origin(hardware='one; two', commit='abc')
        """
        machines, commits = zip(*parts, strict=True)
        return cls(*("; ".join(dict.fromkeys(filter(None, column))) for column in (machines, commits)))


def hardware() -> str:
    """Processor, cores and memory, and the GPU if this process has loaded torch and torch sees one."""
    torch = sys.modules.get("torch")
    gpu = f", {torch.cuda.get_device_name(0)}" if torch is not None and torch.cuda.is_available() else ""
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{_processor()}, {os.cpu_count()} cores, {gib:.0f} GiB{gpu}"


def versions() -> dict[str, str]:
    """The version of Python and of every package that a result depends on."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}


def today() -> str:
    """The date in UTC, as 2026-11-23."""
    return datetime.now(UTC).date().isoformat()


def commit() -> str:
    """Short commit of drugripple's own checkout, with a plus sign if files differ; blank where the code is installed.

    A repository of the user's around the installed code is never asked.
    """
    checkout = own_checkout(Path(__file__).resolve().parents[1])
    if checkout is None:
        return ""
    unredirected = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        told = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=10", "--exclude=*"],
            cwd=checkout,
            env=unredirected | {"GIT_OPTIONAL_LOCKS": "0"},
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return told.stdout.strip()


def own_checkout(package: Path) -> Path | None:
    """The git checkout of drugripple that a package folder is the source of; None for an installed or copied one."""
    checkout = package.parents[1]
    if package != checkout / "src" / "drugripple" or not (checkout / ".git").exists():
        return None
    try:
        project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))
        return checkout if project["project"]["name"] == "drugripple" else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
        names = [line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")]
        if names:
            return names[0]
    return platform.processor() or platform.machine()
