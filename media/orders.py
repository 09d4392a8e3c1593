"""What is asked of the process that looks into a file, and what it answers: plain data, as JSON on the way."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from jobs.errors import Reason
from jobs.ports import InputRules
from jobs.request import Note, Role

_SETS: Final = ("media_types", "codecs")

EX_IOERR: Final = 74
"""The exit code of a process that found no fault in the file, but could not write on this machine (sysexits.h)."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A file that meets the rules, and what was done to it."""

    media_type: str
    data: bytes
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """One file to look into.

    Args:
        role: What it is to be.
        source: Where it lies.
        target: Where the fitted one goes.
        rules: What the model takes.
        last_frame: Whether it is a video of which the last frame is meant.
    """

    role: Role
    source: Path
    target: Path
    rules: InputRules
    last_frame: bool = False

    def to_json(self) -> str:
        """The order as one line."""
        rules = asdict(self.rules)
        rules |= {name: sorted(rules[name]) for name in _SETS if rules[name] is not None}
        return json.dumps(
            {
                "role": self.role,
                "source": str(self.source),
                "target": str(self.target),
                "rules": rules,
                "last_frame": self.last_frame,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Order:
        """The order that `to_json` wrote."""
        told = json.loads(text)
        rules: dict[str, Any] = told["rules"]
        rules |= {name: frozenset(rules[name]) for name in _SETS if rules[name] is not None}
        return cls(
            Role(told["role"]), Path(told["source"]), Path(told["target"]), InputRules(**rules), told["last_frame"]
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it: a file at the order's target, or a refusal.

    Args:
        media_type: Of the fitted file.
        notes: What was done to it.
        reason: Why it is refused; None where it is not.
        detail: What was found, for the log.
    """

    media_type: str = ""
    notes: tuple[Note, ...] = ()
    reason: Reason | None = None
    detail: str = ""

    def to_json(self) -> str:
        """The answer as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> Answer:
        """The answer that `to_json` wrote.

        Raises:
            ValueError: It is no JSON, or holds an unknown word.
            KeyError: Something is missing.
            TypeError: It is something else altogether.
        """
        told: dict[str, Any] = json.loads(text)
        return cls(
            media_type=str(told["media_type"]),
            notes=tuple(Note(note) for note in told["notes"]),
            reason=None if told["reason"] is None else Reason(told["reason"]),
            detail=str(told["detail"]),
        )
