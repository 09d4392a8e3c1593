"""Files as they go to the provider, made once: the smallest that every rule of the provider is kept with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from io import BytesIO

from PIL import Image

from jobs.model import InputFile, MediaSource, Role
from tests.demo.clips import audio, video

_KINDS = {Role.REFERENCE_VIDEO: "video/mp4", Role.REFERENCE_AUDIO: "audio/wav"}


@cache
def picture(width: int = 320, height: int = 320) -> bytes:
    content = BytesIO()
    Image.new("RGB", (width, height), (90, 120, 150)).save(content, "JPEG", quality=30)
    return content.getvalue()


@cache
def clip(role: Role) -> bytes:
    return video(2) if role is Role.REFERENCE_VIDEO else audio(2)


def a_file(role: Role, data: bytes | None = None) -> InputFile:
    kind = _KINDS.get(role, "image/jpeg")
    content = data if data is not None else clip(role) if role in _KINDS else picture()
    return InputFile(role=role, media_type=kind, data=content)


def files_for(inputs: Sequence[MediaSource]) -> list[InputFile]:
    """What the intake makes of people's files."""
    return [a_file(source.role) for source in inputs]
