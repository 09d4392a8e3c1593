"""Everything a person could ask for: values of every option, good and bad, and the files they could attach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from jobs.model import Draft, MediaSource, Role
from minimax.camera import CAMERA_MOVES
from minimax.models import MODELS, RATIOS
from minimax.prices import parse_prices

OWN_PRICES = parse_prices(
    [
        *(f"{name}:720P:6=0.43" for name, model in MODELS.items() if model.sizes[0].resolution == "720P"),
        "MiniMax-H3-Highspeed:768P:s=0.08",
        "MiniMax-H3-Lite:768P:s=0.08",
        "MiniMax-H3-Lite:480P:s=0.05",
        "MiniMax-H3-Highspeed:image=0.04",
        "MiniMax-H3-Lite:image=0.04",
    ]
)
"""For every model without a published price what the simulator takes, in USD."""

FRAMES = (Role.FIRST_FRAME, Role.LAST_FRAME)
FITTING = st.one_of(
    st.sampled_from([(), (Role.FIRST_FRAME,), FRAMES, FRAMES[::-1], (Role.SUBJECT,)]),
    st.lists(st.sampled_from([Role.SUBJECT, Role.REFERENCE_IMAGE, Role.REFERENCE_AUDIO]), max_size=12),
    st.lists(st.sampled_from([role for role in Role if role not in FRAMES]), max_size=13),
)
ANY_ROLES: st.SearchStrategy[Sequence[Role]] = FITTING | st.lists(st.sampled_from(Role), max_size=4)

OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "model": st.sampled_from([*MODELS, "minimax-h3", "Sora", ""]),
    "resolution": st.sampled_from(["480P", "512P", "720P", "768P", "768p", "1080P", "2K", "4K", ""]),
    "duration": st.integers(-1, 17),
    "ratio": st.sampled_from([*RATIOS, "adaptive", "Adaptive", " 9:16 ", "16：9", "2:1", ""]),
    "camera": st.lists(
        st.sampled_from([*CAMERA_MOVES, *CAMERA_MOVES.values(), "[pan LEFT]", "wobble"]), max_size=4
    ).map(tuple),
    "enhance": st.booleans(),
}


A_CAT: st.SearchStrategy[str] = st.just("a cat")


def a_source(role: Role, *, size: int = 1000) -> MediaSource:
    """A file somebody attached."""
    return MediaSource(role=role, url="https://cdn.example/file", filename="file", size=size)


def sources(*roles: Role) -> tuple[MediaSource, ...]:
    """A file in each role."""
    return tuple(a_source(role) for role in roles)


def drafts(prompts: st.SearchStrategy[str] = A_CAT) -> st.SearchStrategy[Draft]:
    """Drafts with any options, each of them often left out, and any files."""
    left_out = {"camera": st.just(())}
    options = {name: left_out.get(name, st.none()) | values for name, values in OPTIONS.items()}
    return st.builds(Draft, prompt=prompts, inputs=ANY_ROLES.map(lambda roles: sources(*roles)), **options)
