"""What V2 demands of a reference video or sound, and how long one is (MiniMax docs, V2 create)."""

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from demo.simulator.codes import ServiceError

if TYPE_CHECKING:
    from av.container import InputContainer

#: Each clip, and all of a kind together.
SHORTEST, LONGEST = 2.0, 15.0
#: Encoders pad a track by up to a few frames: a clip cut at 15 s still counts as one of 15 s.
TOLERANCE = 0.1
MAX_VIDEO_BYTES = 50_000_000
MAX_AUDIO_BYTES = 15_000_000
FRAME_RATES = (23.976, 60.0)
VIDEO_CODECS = frozenset({"h264", "hevc"})
SOUND_CODECS = frozenset({"aac", "mp3", "mp3float"})
_MP4, _AUDIO = "mov,mp4", ("wav", "mp3")
_RATE_TOLERANCE = 0.01  # 24000/1001 is a little more than 23.976


@dataclass(frozen=True)
class Clip:
    """A reference video or sound.

    Attributes:
        seconds: Its length.
    """

    seconds: float


def judge_video(content: bytes) -> Clip:
    """Hold a reference video against the rules.

    Args:
        content: The file.

    Raises:
        ServiceError: 2013, with what is wrong.
    """
    import av  # noqa: PLC0415 -- carries FFmpeg: half a second to import
    from av.error import FFmpegError  # noqa: PLC0415 -- as above

    if len(content) > MAX_VIDEO_BYTES:
        raise ServiceError.invalid("video size exceeds 50MB")
    try:
        with av.open(BytesIO(content), "r") as container:
            if not container.format.name.startswith(_MP4) or not container.streams.video:
                raise ServiceError.invalid("video must be MP4 or MOV")
            picture = container.streams.video[0]
            sounds = {stream.codec_context.name for stream in container.streams.audio}
            if picture.codec_context.name not in VIDEO_CODECS or not sounds <= SOUND_CODECS:
                raise ServiceError.invalid("video must be H.264 or H.265 with AAC or MP3")
            rate = float(picture.average_rate or 0)
            if not FRAME_RATES[0] - _RATE_TOLERANCE <= rate <= FRAME_RATES[1] + _RATE_TOLERANCE:
                raise ServiceError.invalid("video must have 23.976 to 60 fps")
            return _of_length(container, "video")
    except (FFmpegError, ValueError) as error:
        raise ServiceError.invalid("invalid video") from error


def judge_audio(content: bytes) -> Clip:
    """Hold a reference sound against the rules.

    Args:
        content: The file.

    Raises:
        ServiceError: 2013, with what is wrong.
    """
    import av  # noqa: PLC0415 -- as above
    from av.error import FFmpegError  # noqa: PLC0415 -- as above

    if len(content) > MAX_AUDIO_BYTES:
        raise ServiceError.invalid("audio size exceeds 15MB")
    try:
        with av.open(BytesIO(content), "r") as container:
            if container.format.name not in _AUDIO:
                raise ServiceError.invalid("audio must be WAV or MP3")
            return _of_length(container, "audio")
    except (FFmpegError, ValueError) as error:
        raise ServiceError.invalid("invalid audio") from error


def check_total(clips: list[Clip], kind: str) -> None:
    """Hold all clips of a kind together against the limit.

    Raises:
        ServiceError: 2013: they are longer than 15 s in all.
    """
    if sum(clip.seconds for clip in clips) > LONGEST + TOLERANCE:
        raise ServiceError.invalid(f"reference {kind} is longer than 15 s in all")


def _of_length(container: "InputContainer", kind: str) -> Clip:
    seconds = (container.duration or 0) / 1_000_000
    if not SHORTEST - TOLERANCE <= seconds <= LONGEST + TOLERANCE:
        raise ServiceError.invalid(f"reference {kind} must be 2 to 15 s long")
    return Clip(seconds)
