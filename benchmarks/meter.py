"""What a process uses, as Linux tells it under /proc: memory and processor time (proc(5))."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from benchmarks.results import Unmeasurable

_RESET_PEAK: Final = "5"
"""Written to clear_refs it sets the peak back to the present use (proc(5))."""


class Meter:
    """Looks at one process.

    Args:
        pid: Its id.

    Raises:
        Unmeasurable: This is not Linux.
    """

    def __init__(self, pid: int) -> None:
        self._folder = Path("/proc") / str(pid)
        if not (self._folder / "status").exists():
            raise Unmeasurable("it is read from /proc, which only Linux has")

    def start_peak(self) -> int:
        """Starts a new peak; returns the bytes in use now."""
        (self._folder / "clear_refs").write_text(_RESET_PEAK)
        return self._status("VmRSS")

    def peak(self) -> int:
        """The most bytes of memory in use at once since the peak was started."""
        return self._status("VmHWM")

    def cpu_seconds(self) -> float:
        """Seconds that its threads have had of the processors, in user and kernel mode."""
        # The name in parentheses may hold spaces; utime and stime are fields 14 and 15.
        fields = (self._folder / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _status(self, name: str) -> int:
        found = re.search(rf"^{name}:\s+(\d+) kB", (self._folder / "status").read_text(), re.MULTILINE)
        if found is None:
            raise Unmeasurable(f"this kernel does not tell {name}")
        return int(found[1]) * 1024
