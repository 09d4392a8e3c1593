"""Cards as people read them."""

from __future__ import annotations

from typing import Any, Final

from cogs.ui.card import render_card
from jobs.model import Job
from jobs.ports import Standing
from locales import Texts

LOCALES: Final = ("en-US", "zh-CN")
LONGEST: Final = 4000
"""Characters that Discord takes in the texts of a message made of components."""


def card(job: Job, texts: Texts, locale: str = "en-US", *, reader: int | None = None, **standing: Any) -> list[str]:
    """The texts of a card, from top to bottom, and the labels of its buttons at the end."""
    view = render_card(job, Standing(**standing), texts.for_locale(locale), reader=reader)
    [container] = view.to_components()
    parts: list[dict[str, Any]] = container["components"]
    labels = [button["label"] for part in parts for button in part.get("components", ())]
    return [part["content"] for part in parts if "content" in part] + labels
