"""The fifteen camera moves that MiniMax's V1 models know, and how they are written into a prompt. Pure.

MiniMax docs, video-generation-t2v: commands stand in square brackets; those within one bracket are made at once, three
at the most being recommended. The Chinese page names the same moves in Chinese.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

MOST_AT_ONCE: Final = 3

CAMERA_MOVES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Truck left": "左移",
        "Truck right": "右移",
        "Pan left": "左摇",
        "Pan right": "右摇",
        "Push in": "推进",
        "Pull out": "拉远",
        "Pedestal up": "上升",
        "Pedestal down": "下降",
        "Tilt up": "上摇",
        "Tilt down": "下摇",
        "Zoom in": "变焦推近",
        "Zoom out": "变焦拉远",
        "Shake": "晃动",
        "Tracking shot": "跟随",
        "Static shot": "固定",
    }
)
"""Each move by its English name, with its Chinese one."""


def _folded(name: str) -> str:
    return "".join(name.casefold().split())


_BY_ANY_NAME: Final[Mapping[str, str]] = MappingProxyType(
    {_folded(name): move for move, chinese in CAMERA_MOVES.items() for name in (move, chinese)}
)


def move_of(name: str) -> str | None:
    """The English name of a move that somebody named in English or Chinese, with or without its brackets."""
    return _BY_ANY_NAME.get(_folded(name.strip().strip("[]【】")))


def with_camera(prompt: str, moves: Sequence[str]) -> str:
    """The prompt as it is sent, the moves written behind it.

    Args:
        prompt: What was asked for; may be empty.
        moves: English names, to be made at once.
    """
    return f"{prompt} [{','.join(moves)}]".lstrip() if moves else prompt
