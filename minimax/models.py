"""MiniMax's video models as data: what each makes, from what, in which sizes, in what time. No logic, no prices.

Sources: MiniMax docs, video-generation-{t2v,i2v,fl2v,s2v} and video-generation-v2-create, read again in 2026-11; for
H3-Highspeed and H3-Lite hoobnn-minimax-mcp 0.3.0. Times are those of ComfyUI's MiniMax nodes, where not called a guess.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from jobs.model import Api, Mode, Role
from jobs.ports import InputRules

from .inputs import V1_FIRST_FRAME, V1_FRAMES, V1_SUBJECT, V2_INPUTS

V1_PROMPT_LIMIT: Final = 2000
V2_PROMPT_LIMIT: Final = 7000
"""Characters, not bytes (MiniMax docs, T2V and V2 create)."""

ADAPTIVE: Final = "adaptive"
"""The ratio that follows what the video is made from (MiniMax docs, V2 create)."""

WIDE: Final = "16:9"
RATIOS: Final = (WIDE, "9:16", "1:1", "4:3", "3:4", "21:9")
"""What V2 can be asked for, the usual one first."""


@dataclass(frozen=True, slots=True)
class Size:
    """One resolution and length a model makes.

    Args:
        resolution: As the API spells it.
        duration: Seconds.
        typical_seconds: How long such a video usually takes to make.
        modes: The ways of making it that have this size; None for all of the model's.
    """

    resolution: str
    duration: int
    typical_seconds: float
    modes: frozenset[Mode] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model.

    Args:
        name: As the API spells it.
        api: The interface it is asked through.
        ratios: The ways of making a video it knows, each with the ratios it can have, its own default first.
        sizes: What it makes; the first is its own default.
        inputs: What files it takes, by what they are to the video.
        prompt_limit: The most characters of a prompt.
        enhance: Whether it rewrites a prompt: what it can be told, its own default first.
        takes_size: Whether a request may name the size; the 01 series refuses one that does.
        camera: Whether it understands camera commands in square brackets.
        sound: Whether its videos have sound.
        free_images: Pictures that cost nothing extra.
    """

    name: str
    api: Api
    ratios: Mapping[Mode, tuple[str, ...]]
    sizes: tuple[Size, ...]
    inputs: Mapping[Role, InputRules] = field(default_factory=lambda: MappingProxyType(dict[Role, InputRules]()))
    prompt_limit: int = V1_PROMPT_LIMIT
    enhance: tuple[bool, ...] = (True, False)
    takes_size: bool = True
    camera: bool = False
    sound: bool = False
    free_images: int = 0

    @property
    def modes(self) -> tuple[Mode, ...]:
        """The ways of making a video it knows."""
        return tuple(self.ratios)

    @property
    def needs_words(self) -> bool:
        """Whether even a video made from pictures needs a prompt (MiniMax docs, V2 create)."""
        return self.api is Api.V2


# --- V1 ----------------------------------------------------------------------------------------------------------

# V1 takes no ratio. Text comes out wide (seen so, though no page says that it always does); a picture decides itself.
_TEXT: Final = {Mode.TEXT: (WIDE,)}
_IMAGE: Final = {Mode.IMAGE: (ADAPTIVE,)}
_FRAMES: Final = {Mode.FRAMES: (ADAPTIVE,)}
_SUBJECT: Final = {Mode.SUBJECT: (WIDE,)}

_HAILUO_SIZES: Final = (
    Size("768P", 6, 120),
    Size("768P", 10, 200),  # the time is a guess, by length
    Size("1080P", 6, 240),
)


def _first_series(
    name: str,
    ratios: Mapping[Mode, tuple[str, ...]],
    typical_seconds: float,
    inputs: Mapping[Role, InputRules] | None = None,
    *,
    camera: bool = False,
) -> Model:
    # Their table of lengths also shows 1080P, their table of resolutions does not.
    return Model(
        name=name,
        api=Api.V1,
        ratios=ratios,
        sizes=(Size("720P", 6, typical_seconds),),
        inputs=inputs or {},
        takes_size=False,
        camera=camera,
    )


V1_MODELS: Final = (
    Model(
        name="MiniMax-Hailuo-2.3",
        api=Api.V1,
        ratios=_TEXT | _IMAGE,
        sizes=_HAILUO_SIZES,
        inputs=V1_FIRST_FRAME,
        camera=True,
    ),
    Model(
        name="MiniMax-Hailuo-2.3-Fast",
        api=Api.V1,
        ratios=_IMAGE,
        sizes=(  # the times are guesses: somewhat under those of its slower sister
            Size("768P", 6, 80),
            Size("768P", 10, 130),
            Size("1080P", 6, 160),
        ),
        inputs=V1_FIRST_FRAME,
        camera=True,
    ),
    Model(
        name="MiniMax-Hailuo-02",
        api=Api.V1,
        ratios=_TEXT | _IMAGE | _FRAMES,
        sizes=(
            *_HAILUO_SIZES,
            Size("512P", 6, 80, modes=frozenset({Mode.IMAGE})),  # these two times are guesses
            Size("512P", 10, 130, modes=frozenset({Mode.IMAGE})),
        ),
        inputs=V1_FRAMES,
        camera=True,
    ),
    _first_series("T2V-01", _TEXT, 234),
    _first_series("T2V-01-Director", _TEXT, 234, camera=True),
    _first_series("I2V-01", _IMAGE, 114, V1_FIRST_FRAME),
    _first_series("I2V-01-Director", _IMAGE, 114, V1_FIRST_FRAME, camera=True),
    _first_series("I2V-01-live", _IMAGE, 114, V1_FIRST_FRAME),
    _first_series("S2V-01", _SUBJECT, 180, V1_SUBJECT),  # size (after ArcReel's registry) and time unconfirmed
)
"""The better first."""


# --- V2 ----------------------------------------------------------------------------------------------------------

_V2_RATIOS: Final = {Mode.TEXT: RATIOS, **_IMAGE, **_FRAMES, Mode.REFERENCE: (ADAPTIVE, *RATIOS)}


def _h3(
    name: str,
    speeds: Mapping[str, float],
    shortest: int,
    *,
    ratios: Mapping[Mode, tuple[str, ...]] = _V2_RATIOS,
    enhance: Sequence[bool] = (False,),
    free_images: int = 0,
) -> Model:
    """A model of the H3 family.

    Args:
        name: As the API spells it.
        speeds: Its resolutions, its default first, with the seconds that a second of video usually takes.
        shortest: The least length in seconds; all of them make up to 15.
        ratios: See `Model`.
        enhance: See `Model`; H3 itself leaves the rewriting of prompts to a call of its own.
        free_images: See `Model`.
    """
    sizes = (
        Size(resolution, length, length * speed)
        for resolution, speed in speeds.items()
        for length in range(shortest, 16)
    )
    return Model(
        name=name,
        api=Api.V2,
        ratios=ratios,
        sizes=tuple(sizes),
        inputs=V2_INPUTS,
        prompt_limit=V2_PROMPT_LIMIT,
        enhance=tuple(enhance),
        sound=True,
        free_images=free_images,
    )


V2_MODELS: Final = (
    # The documentation's own example took 417 s for 5 s of 2K, a reseller 117 s for 4 s of 768P; the rest are guesses.
    _h3("MiniMax-H3", {"768P": 29, "2K": 83}, 4, free_images=5),
    # An earlier page leaves references out, the later one has them.
    _h3("MiniMax-H3-Max", {"768P": 29, "480P": 20}, 5, enhance=(True, False), free_images=2),
    _h3("MiniMax-H3-Highspeed", {"768P": 15}, 4, free_images=5),
    _h3("MiniMax-H3-Lite", {"768P": 20, "480P": 14}, 4, ratios=_V2_RATIOS | {Mode.REFERENCE: RATIOS}, free_images=5),
)
"""The better first."""

MODELS: Final[Mapping[str, Model]] = MappingProxyType({model.name: model for model in (*V1_MODELS, *V2_MODELS)})
"""Every model by its name, in the order in which they are preferred."""


def takes_size(model: str) -> bool:
    """Whether a request for this model may name resolution and length; a model not in the table may."""
    known = MODELS.get(model)
    return known is None or known.takes_size
