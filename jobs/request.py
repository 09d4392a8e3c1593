"""What a person asks for, and the files it is made from. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """What a video is made from."""

    TEXT = "text"
    IMAGE = "image"
    FRAMES = "frames"
    SUBJECT = "subject"
    REFERENCE = "reference"


class Role(StrEnum):
    """What a file is to a video."""

    FIRST_FRAME = "first_frame"
    LAST_FRAME = "last_frame"
    SUBJECT = "subject"
    REFERENCE_IMAGE = "reference_image"
    REFERENCE_VIDEO = "reference_video"
    REFERENCE_AUDIO = "reference_audio"


class Api(StrEnum):
    """The provider's two interfaces; a task belongs to the one it was made with."""

    V1 = "v1"
    V2 = "v2"


class Note(StrEnum):
    """What was done to a person's files, or to the video, for the card."""

    PICTURE_PADDED = "picture_padded"
    PICTURE_ENLARGED = "picture_enlarged"
    PICTURE_REDUCED = "picture_reduced"
    FIRST_PICTURE_ONLY = "first_picture_only"
    LAST_FRAME_TAKEN = "last_frame_taken"
    VIDEO_REENCODED = "video_reencoded"
    VIDEO_CONVERTED = "video_converted"
    VIDEO_TOO_LARGE = "video_too_large"


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSource:
    """A file somebody gave us, as Discord describes it; nothing of this is to be believed but the address.

    Args:
        role: What it is to the video.
        url: Where it can be downloaded for a while.
        filename: Its name.
        size: Bytes, as Discord says.
        media_type: Its MIME type, as Discord says; None where it says nothing.
        last_frame: Whether it is a video of which only the last frame counts, as a picture.
        spoiler: Whether it was hidden behind a spoiler.
    """

    role: Role
    url: str
    filename: str
    size: int
    media_type: str | None = None
    last_frame: bool = False
    spoiler: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a person asked for, options left out being None; the catalog makes a `VideoRequest` of it.

    Args:
        prompt: The text.
        model: The provider's name of the model.
        resolution: Such as `768P`.
        duration: Seconds.
        ratio: Such as `16:9`, for models that take one.
        camera: Camera moves to make at once, by their English names.
        enhance: Whether the provider may rewrite the prompt.
        inputs: Pictures, videos and sounds to make it from.
    """

    prompt: str
    model: str | None = None
    resolution: str | None = None
    duration: int | None = None
    ratio: str | None = None
    camera: tuple[str, ...] = ()
    enhance: bool | None = None
    inputs: tuple[MediaSource, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoRequest:
    """What the provider is asked to make; complete, and already held against the catalog.

    Args:
        prompt: The text, cleaned, in characters the provider takes.
        model: The provider's name of the model.
        resolution: The provider's name of the size, such as `768P`.
        duration: Length in seconds.
        mode: What the video is made from.
        prompt_optimizer: Whether the provider may rewrite the prompt.
        watermark: Whether the provider marks the video as AI-made.
        ratio: Width to height, such as `16:9`; None where the model decides.
        camera: Camera moves, by their English names; the client writes them into the text.
        inputs: The files it is made from, in order.
        api: The provider's interface that makes it.
    """

    prompt: str
    model: str
    resolution: str
    duration: int
    mode: Mode = Mode.TEXT
    prompt_optimizer: bool = True
    watermark: bool = False
    ratio: str | None = None
    camera: tuple[str, ...] = ()
    inputs: tuple[MediaSource, ...] = ()
    api: Api = Api.V1


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """A file as it goes to the provider: judged by its content, fitted, its metadata dropped.

    Args:
        role: What it is to the video.
        media_type: Its MIME type, as found by looking.
        data: The bytes.
        notes: What was done to it.
    """

    role: Role
    media_type: str
    data: bytes
    notes: tuple[Note, ...] = ()


def draft_of(request: VideoRequest) -> Draft:
    """What somebody would have to ask for to get this very request again."""
    return Draft(
        prompt=request.prompt,
        model=request.model,
        resolution=request.resolution,
        duration=request.duration,
        ratio=request.ratio,
        camera=request.camera,
        enhance=request.prompt_optimizer,
        inputs=request.inputs,
    )
