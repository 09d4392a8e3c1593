"""Files people attach: what Discord says of them, and the refusals that can be made on its word alone.

Nothing of that word is proof. What a file really is, the step `received → queued` finds out by looking into it.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
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
    )


def reference_of(uploaded: Mapping[str, Any]) -> MediaSource:
    """A file uploaded in a form, in the role that goes with its kind; where that is not known, it counts as a picture.

    Args:
        uploaded: Discord's own description of it (Discord docs, Attachment object).

    Raises:
        FileRefused: It is neither picture, video nor sound.
    """
    filename, media_type = uploaded["filename"], uploaded.get("content_type")
    role = REFERENCES.get(_kind(media_type, filename) or "image")
    if role is None:
        raise FileRefused(filename, Reason.INPUT_WRONG_KIND)
    return MediaSource(role=role, url=uploaded["url"], filename=filename, size=uploaded["size"], media_type=media_type)


def check_files(request: VideoRequest, rules: Rules) -> None:
    """Refuses at once what is certain to be refused later.

    Raises:
        FileRefused: The first file that cannot be used.
    """
    for one in request.inputs:
        rule = rules.input_rules(request.model, one.role)
        kinds = {media_type.partition("/")[0] for media_type in rule.media_types}
        kind = _kind(one.media_type, one.filename)
        if kind is not None and kind not in kinds:
            raise FileRefused(one.filename, Reason.INPUT_WRONG_KIND)
        limit = max(rule.max_bytes, LARGEST_PICTURE) if kinds == {"image"} else rule.max_bytes
        if one.size > limit:
            raise FileRefused(one.filename, Reason.INPUT_TOO_LARGE, limit=limit)


def _kind(media_type: str | None, filename: str) -> str | None:
    """`image`, `video`, `audio` or another; None where neither Discord nor the name says."""
    if media_type is None or media_type.startswith(_SAYS_NOTHING):
        media_type = mimetypes.guess_type(filename)[0]
    return None if media_type is None else media_type.partition("/")[0]
