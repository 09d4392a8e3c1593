"""What time it is."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """The wall clock."""

    def now(self) -> float:
        """Epoch seconds."""
        ...
