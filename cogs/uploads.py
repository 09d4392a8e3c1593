"""Files people attach: what Discord says of them, and the refusals that can be made on its word alone.

Nothing of that word is proof. What a file really is, the step `received → queued` finds out by looking into it.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol

import discord

from jobs.errors import Reason, RequestProblem
from jobs.model import MediaSource, Role, VideoRequest
from jobs.ports import InputRules

REFERENCES: Final[dict[str, Role]] = {
    "image": Role.REFERENCE_IMAGE,
    "video": Role.REFERENCE_VIDEO,
    "audio": Role.REFERENCE_AUDIO,
}
"""What a file of each kind is to a video that is made from references."""

LARGEST_PICTURE: Final = 50 * 1024**2
"""Bytes a picture may have whatever the model takes, for it is made smaller before it is sent."""

LARGEST_FILM: Final = 500 * 1024**2
"""Bytes a video may have of which only the last frame is used: what a person can upload at most (Discord's help pages,
File Attachments FAQ: 500 MB with Nitro)."""

HIDDEN: Final = "SPOILER_"
"""What the name of a hidden file begins with (Discord docs, Uploading Files)."""

_FRAMES: Final = (Role.FIRST_FRAME, Role.LAST_FRAME)

_PICTURE: Final = frozenset({"image"})
_FILM: Final = frozenset({"video"})
_SAYS_NOTHING: Final = "application/octet-stream"


class FileRefused(RequestProblem):
    """A file that cannot be used, by what Discord itself says of it.

    Args:
        filename: Its name.
        reason: One of the `INPUT_…` reasons.
        limit: The most bytes it may have, where that is the reason.
    """

    def __init__(self, filename: str, reason: Reason, *, limit: int | None = None) -> None:
        super().__init__(f"{filename}: {reason}")
        self.filename = filename
        self.reason = reason
        self.limit = limit


class NoReferences(RequestProblem):
    """A video is to be made after references, but there are none."""


class NoPicture(RequestProblem):
    """A message's picture is to be animated, but there is none in it."""


class NoVideo(RequestProblem):
    """A message's video is to be continued, but there is none in it."""


class VideoOutOfReach(RequestProblem):
    """A job's video is to be continued, but it is not where it can be seen, or only a link to it."""


class Rules(Protocol):
    """What the catalog knows of files."""

    def input_rules(self, model: str, role: Role) -> InputRules:
        """What files this model takes in this role."""
        ...


def source_of(attachment: discord.Attachment | discord.Object, role: Role) -> MediaSource:
    """An attached file; while a command is still being typed, Discord tells no more of it than that it is there."""
    if isinstance(attachment, discord.Object):
        return MediaSource(role=role, url="", filename="", size=0)
    return MediaSource(
        role=role,
        url=attachment.url,
        filename=attachment.filename,
        size=attachment.size,
        media_type=attachment.content_type,
        spoiler=attachment.is_spoiler(),
    )


def reference_of(uploaded: Mapping[str, Any]) -> MediaSource:
    """A file uploaded in a form, in the role that goes with its kind; what has none counts as a picture, and is judged as one.

    Args:
        uploaded: Discord's own description of it (Discord docs, Attachment object).
    """
    source = _uploaded(uploaded, Role.REFERENCE_IMAGE)
    kind = kind_of(source.media_type, source.filename) or "image"
    return replace(source, role=REFERENCES.get(kind, Role.REFERENCE_IMAGE))


def frames_of(uploaded: Sequence[Mapping[str, Any]]) -> tuple[MediaSource, ...]:
    """Files uploaded in a form: the picture a video begins with, and the one it ends with.

    Args:
        uploaded: Discord's own descriptions of them, in the order in which they were put there.
    """
    return tuple(_uploaded(one, role) for one, role in zip(uploaded, _FRAMES, strict=False))


def _uploaded(uploaded: Mapping[str, Any], role: Role) -> MediaSource:
    return MediaSource(
        role=role,
        url=uploaded["url"],
        filename=uploaded["filename"],
        size=uploaded["size"],
        media_type=uploaded.get("content_type"),
        spoiler=uploaded["filename"].startswith(HIDDEN),
    )


def check_files(request: VideoRequest, rules: Rules) -> None:
    """Refuses at once what is certain to be refused later.

    Raises:
        FileRefused: The first file that cannot be used.
    """
    for one in request.inputs:
        kinds, limit = _taken(one, rules.input_rules(request.model, one.role))
        kind = kind_of(one.media_type, one.filename)
        if kind is not None and kind not in kinds:
            raise FileRefused(one.filename, Reason.INPUT_WRONG_KIND)
        if one.size > limit:
            raise FileRefused(one.filename, Reason.INPUT_TOO_LARGE, limit=limit)


def _taken(source: MediaSource, rule: InputRules) -> tuple[frozenset[str], int]:
    """The kinds of file that are taken in the place of this one, and the most bytes."""
    if source.last_frame:
        return _FILM, LARGEST_FILM
    kinds = frozenset(media_type.partition("/")[0] for media_type in rule.media_types)
    return kinds, max(rule.max_bytes, LARGEST_PICTURE) if kinds <= _PICTURE else rule.max_bytes


def kind_of(media_type: str | None, filename: str) -> str | None:
    """What sort of file it is: `image`, `video`, `audio` or another; None where neither Discord nor the name says.

    Args:
        media_type: As Discord says; None where it says nothing.
        filename: Its name.
    """
    if media_type is None or media_type.startswith(_SAYS_NOTHING):
        media_type = mimetypes.guess_type(filename)[0]
    return None if media_type is None else media_type.partition("/")[0]
