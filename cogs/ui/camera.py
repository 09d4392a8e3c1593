"""Camera moves as people type them: several at once, in English or Chinese, the last one perhaps unfinished.

Pure. Which moves there are, what names they go by and how many may be made at once, the catalog knows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from locales import Translate

_BETWEEN: Final = re.compile(r"[,;+、，；]")  # noqa: RUF001 - as Chinese keyboards type them
_BRACKETS: Final = "[]【】 "


def move_name(move: str, t: Translate) -> str:
    """What a move is called in this language.

    Args:
        move: Its English name, as the provider spells it.
        t: The reader's language.
    """
    return t(f"camera.{move.lower().replace(' ', '_')}")


def move_names(moves: Sequence[str], t: Translate) -> str:
    """Several moves, as they are typed."""
    return t("list.between").join(move_name(move, t) for move in moves)


def split_moves(text: str) -> tuple[str, ...]:
    """The names somebody typed, each as it was typed; the catalog knows which moves they are.

    Args:
        text: Names in any language, between commas; in brackets too, as in a prompt.
    """
    return tuple(part.strip(_BRACKETS) for part in _BETWEEN.split(text) if part.strip(_BRACKETS))


def unfinished_move(text: str) -> tuple[tuple[str, ...], str]:
    """The names before the last comma, and what is typed after it."""
    *before, last = _BETWEEN.split(text)
    return split_moves(",".join(before)), last.strip(_BRACKETS)


def may_be(typed: str, move: str, t: Translate) -> bool:
    """Whether this may be the move that somebody is typing, in English or in their language."""
    return any(_folded(typed) in _folded(name) for name in (move, move_name(move, t)))


def _folded(name: str) -> str:
    return "".join(name.casefold().split())
