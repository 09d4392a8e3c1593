"""What the operators are told when nobody's video can be made. Pure."""

from __future__ import annotations

from typing import Final

from jobs.errors import Reason
from jobs.model import Gate
from locales import Translate

from .text import shown

_DETAIL_SHOWN: Final = 300


def alert_text(gate: Gate, t: Translate) -> str:
    """What is wrong, what to do about it, and that nothing is lost meanwhile."""
    kind = Reason.OUT_OF_CREDIT if gate.reason is Reason.OUT_OF_CREDIT else Reason.MISCONFIGURED
    lines = [t(f"alert.{kind}"), t(f"alert.{kind}_advice"), t("alert.waiting")]
    if gate.detail:
        lines.append(t("alert.detail", detail=shown(gate.detail, _DETAIL_SHOWN)))
    return "\n".join(lines)
