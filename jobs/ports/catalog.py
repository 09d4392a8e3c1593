"""What can be made, from what, and at what price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from jobs.model import (
    Draft,
    Money,
    Role,
    VideoRequest,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the catalog makes of a draft: the whole request, and its price."""

    request: VideoRequest
    price: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class InputRules:
    """What the provider takes in one role; None means no such rule.

    Args:
        media_types: MIME types it takes.
        max_bytes: The most bytes.
        min_side: Pixels the shorter side must have at least.
        max_side: Pixels the longer side may have at most.
        min_ratio: The least width divided by height.
        max_ratio: The most.
        min_seconds: The least length of a video or sound.
        max_seconds: The most.
        min_fps: Frames per second a video must have at least.
        max_fps: The most.
        codecs: What picture and sound of a video may be coded with, by FFmpeg's names (`h264`, `aac`).
    """

    media_types: frozenset[str]
    max_bytes: int
    min_side: int | None = None
    max_side: int | None = None
    min_ratio: float | None = None
    max_ratio: float | None = None
    min_seconds: float | None = None
    max_seconds: float | None = None
    min_fps: float | None = None
    max_fps: float | None = None
    codecs: frozenset[str] | None = None


class Catalog(Protocol):
    """What can be made, and at what price."""

    def input_rules(self, model: str, role: Role) -> InputRules:
        """What files this model takes in this role."""
        ...

    def disable(self, model: str, reason: str) -> None:
        """Stops offering a model that the operator's plan lacks.

        Args:
            model: The provider's name of it.
            reason: The provider's words, for the operator.
        """
        ...

    def offer(self, draft: Draft) -> Offer:
        """Completes a draft: options left out follow those given.

        Raises:
            InvalidPrompt: The prompt is empty or too long for the model.
            NotOffered: Two options contradict one another, or no enabled model makes it.
            UnfitInputs: The files cannot be used together, or no enabled model takes them.
        """
        ...

    def typical_seconds(self, request: VideoRequest) -> float:
        """How long such a video usually takes, until we have learned better."""
        ...
