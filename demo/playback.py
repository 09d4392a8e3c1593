"""How a posted MP4 gets to the demo's page: as it is.

Left to itself, simcord 3.2.1 decodes every video and encodes it anew as VP9 in a process of 512 MiB: nine seconds for six
seconds of 768P, and no 1080P at all. Every browser that people use plays H.264, so such files pass; all else goes its way.
"""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Final, cast

from simcord import Preview
from simcord.preview._media import MediaError, MediaInfo, MediaWorker

if TYPE_CHECKING:
    from PIL.Image import Image

MP4: Final = "video/mp4"
_BRAND: Final = b"ftyp"
"""What an MP4 file has from its fifth byte on (ISO 14496-12)."""


def play_as_posted(preview: Preview) -> None:
    """Lets a page show H.264 videos as the bot posted them.

    Args:
        preview: The page's server, not entered yet.
    """
    # simcord has no setting for this; its version is pinned, and the tests play a 1080P video.
    preview._media_worker = AsPosted()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


class AsPosted(MediaWorker):
    """Checks media for the page; H.264 in MP4 is neither converted nor copied."""

    async def validate(self, key: str, blob: bytes, *, media_time: float | None = None) -> MediaInfo:
        """What the page is to show for a file.

        Args:
            key: The file's digest.
            blob: The file.
            media_time: The time in seconds of the frame wanted as a picture; None or 0 for the first.

        Raises:
            MediaError: The file cannot be shown.
        """
        if blob[4:8] == _BRAND and not media_time:
            passed = await asyncio.to_thread(_inspect, blob)
            if passed is not None:
                return passed
        return await super().validate(key, blob, media_time=media_time)


def _inspect(blob: bytes) -> MediaInfo | None:
    """What the file is, with its first frame; None if it is not H.264."""
    import av  # noqa: PLC0415 - carries FFmpeg: half a second to import
    from av.error import FFmpegError  # noqa: PLC0415 - as above

    poster = io.BytesIO()
    try:
        with av.open(io.BytesIO(blob), mode="r") as container:
            stream = next(iter(container.streams.video), None)
            if stream is None or stream.codec_context.name != "h264":
                return None
            # PyAV leaves the arguments and the picture untyped.
            picture = cast("Image", next(container.decode(stream)).to_image())  # pyright: ignore[reportUnknownMemberType]
            picture.save(poster, format="PNG", compress_level=1)
            duration = (container.duration or 0) / av.time_base
            frames = stream.frames
    except (FFmpegError, StopIteration) as error:
        raise MediaError("the video cannot be decoded") from error
    return MediaInfo(
        format="mp4",
        width=picture.width,
        height=picture.height,
        frames=max(1, frames),
        decoded_bytes=picture.width * picture.height * 4,
        normalized=blob,
        content_type=MP4,
        kind="video",
        duration=duration,
        capture=poster.getvalue(),
        poster=poster.getvalue(),
        source_codecs={"video": "h264"},
        display_codecs={"video": "h264"},
        transformation="preserved",
        # Not so, but otherwise the page warns of hostile media, and this is our own bot's.
        memory_limited=True,
    )
