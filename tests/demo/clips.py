"""Reference videos and sounds for tests, as bytes and as data URLs."""

import base64
from fractions import Fraction
from io import BytesIO

import av
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.filter import Graph
from av.video.frame import VideoFrame

RATE = 32_000
SIDE = 64
QUICK = {"libx264": {"preset": "ultrafast"}, "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"}}


def video(
    seconds: float = 3,
    *,
    rate: int | Fraction = 24,
    codec: str = "libx264",
    kind: str = "mp4",
    sound: str | None = None,
) -> bytes:
    target = BytesIO()
    with av.open(target, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=Fraction(rate), options=QUICK.get(codec, {}))  # pyright: ignore[reportUnknownMemberType] -- PyAV leaves **kwargs untyped
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = SIDE, SIDE, "yuv420p"
        voice = container.add_stream(sound, rate=RATE) if sound else None  # pyright: ignore[reportUnknownMemberType] -- as above
        for number in range(round(seconds * rate)):
            frame = VideoFrame(SIDE, SIDE, "yuv420p")
            frame.pts, frame.time_base = number, 1 / Fraction(rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if isinstance(voice, av.AudioStream):
            _hum(container, voice, seconds)
    return target.getvalue()


def audio(seconds: float = 3, *, kind: str = "wav") -> bytes:
    codec = {"wav": "pcm_s16le", "mp3": "libmp3lame", "ogg": "libopus"}[kind]
    target = BytesIO()
    with av.open(target, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=48_000 if kind == "ogg" else RATE)  # pyright: ignore[reportUnknownMemberType] -- as above
        assert isinstance(stream, av.AudioStream)
        _hum(container, stream, seconds)
    return target.getvalue()


def as_url(content: bytes, media_type: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def _hum(container: OutputContainer, stream: av.AudioStream, seconds: float) -> None:
    """Silence of that length."""
    graph = Graph()
    rate, layout = stream.rate, stream.layout.name
    source = graph.add("anullsrc", f"r={rate}:cl={layout}:d={seconds}")
    shape = graph.add("aformat", f"sample_fmts={stream.format.name}:sample_rates={rate}:channel_layouts={layout}")
    size = graph.add("asetnsamples", f"n={stream.codec_context.frame_size or 1024}:p=0")
    sink = graph.add("abuffersink")
    graph.link_nodes(source, shape, size, sink).configure()
    while True:
        try:
            frame = graph.pull()
        except (BlockingIOError, EOFError):
            break
        assert isinstance(frame, AudioFrame)
        container.mux(stream.encode(frame))
    container.mux(stream.encode())
