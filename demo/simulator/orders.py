"""What a create asks for once it has been read and found right, whichever API it came by; and the pricing of it.

Plain data. The rules that lead here are `rules` (V1) and `rules_v2`.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from demo.simulator.codes import INVISIBLE_CHARACTERS, ServiceError
from demo.simulator.pictures import Picture

V1, V2 = APIS = ("v1", "v2")
#: What a video is made from. `ref` is V2 alone, `s2v` V1 alone.
T2V, I2V, FL2V, S2V, REF = "t2v", "i2v", "fl2v", "s2v", "ref"
CURRENCIES = ("USD", "CNY")
FPS = 24  # of every model (MiniMax docs, models; for H3 as h3check 0.1.0 has it)

MAX_INVISIBLE = 0.10  # of the prompt's characters (1042, as two public clients word it)


@dataclass(frozen=True)
class Order:
    """A create that breaks no rule, with every default filled in.

    Attributes:
        mode: `t2v`, `i2v`, `fl2v`, `s2v` or `ref`, told by the inputs that were sent.
        duration: Seconds, as asked for.
        width: Pixels of the coming video.
        height: Pixels of the coming video.
        prices: What the service charges for it, by currency.
        api: The API it came by.
        frames: Frames of the coming video, at `FPS` a second.
        ratio: As V2 reports it; empty on V1.
        sound: Whether the video has a sound track.
        first: The first frame, where one was sent and could be seen.
        last: The last frame, likewise.
        subjects: Pictures of what shall be in the video, likewise.
        image_count: Pictures that were sent in all, seen or not.
        video_seconds: Length of the reference videos that were sent and could be seen.
        audio_seconds: Length of the reference sounds, likewise.
    """

    model: str
    mode: str
    prompt: str
    resolution: str
    duration: int
    width: int
    height: int
    prices: Mapping[str, Decimal]
    callback_url: str | None = None
    api: str = V1
    frames: int = 0
    ratio: str = ""
    sound: bool = False
    first: Picture | None = None
    last: Picture | None = None
    subjects: tuple[Picture, ...] = ()
    image_count: int = 0
    video_seconds: int = 0
    audio_seconds: int = 0

    @property
    def prompt_sha256(self) -> str:
        """The prompt's digest, in hex."""
        return hashlib.sha256(self.prompt.encode("utf-8", "surrogatepass")).hexdigest()

    def price(self, currency: str) -> Decimal:
        """What the service charges for it.

        Args:
            currency: `USD` or `CNY`.
        """
        return self.prices[currency]


def is_text(value: object) -> bool:
    """Whether a JSON value is a string."""
    return isinstance(value, str)


def is_integer(value: object) -> bool:
    """Whether a JSON value is a whole number; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_switch(value: object) -> bool:
    """Whether a JSON value is true or false."""
    return isinstance(value, bool)


def is_list(value: object) -> bool:
    """Whether a JSON value is an array."""
    return isinstance(value, list)


def is_object(value: object) -> bool:
    """Whether a JSON value is an object."""
    return isinstance(value, dict)


@dataclass(frozen=True)
class Shape:
    """The fields that a JSON object may have, each with the test of its type; what is not listed is ignored.

    Attributes:
        fields: Name to test.
        required: Those that must be there.
    """

    fields: Mapping[str, Callable[[object], bool]]
    required: frozenset[str] = field(default_factory=frozenset[str])

    def read(self, body: object) -> Mapping[str, Any]:
        """The fields that were sent; null counts as left out.

        Args:
            body: The parsed JSON.

        Raises:
            ServiceError: 2013 for no object, a wrong type or a missing field.
        """
        if not isinstance(body, dict):
            raise ServiceError.invalid("the body is not a JSON object")
        sent = {name: value for name, value in cast("dict[str, Any]", body).items() if value is not None}
        for name, fits in self.fields.items():
            if name in sent and not fits(sent[name]):
                raise ServiceError.invalid(f"{name} has the wrong type")
        for name in self.required - sent.keys():
            raise ServiceError.invalid(f"{name} is required")
        return sent


def check_prompt(prompt: str, limit: int) -> None:
    """Hold a prompt against the limits that both APIs have.

    Args:
        prompt: The text.
        limit: The most characters (not bytes) it may have.

    Raises:
        ServiceError: 2013 for too long a one, 1042 for one of invisible characters.
    """
    if len(prompt) > limit:
        raise ServiceError.invalid(f"prompt is longer than {limit} characters")
    hidden = sum(1 for character in prompt if _is_invisible(character))
    if hidden > MAX_INVISIBLE * len(prompt):
        raise ServiceError(INVISIBLE_CHARACTERS)


def _is_invisible(character: str) -> bool:
    """Control, format (zero-width), private and unassigned characters; ordinary white space is none of them."""
    return character not in "\t\n\r" and unicodedata.category(character).startswith("C")
