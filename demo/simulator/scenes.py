"""What is seen and heard in a film, frame by frame, as FFmpeg's filters draw it.

Knows what a film must be, and nothing of how it is written down.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from demo.simulator.films import FilmOrder
from demo.simulator.orders import FPS

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.filter import FilterContext, Graph
    from av.video.frame import VideoFrame

SOUND_RATE = 32_000
#: The background is drawn at a quarter of the size and scaled up: it is smooth, and that saves nine tenths of the time.
COARSE = 4
_BAR_SHARE = 96  # the progress bar's height is this part of the film's
_ZOOM = 0.12  # how much nearer a picture comes
_FINE = 2  # pictures are kept larger than the film by this, or the slow zoom would tremble
_FADE = (0.35, 0.9)  # of the film's length: when the last picture begins to show, and when it is all there
_BARE = 0.25  # seconds at the end without letters and bar: a next part begins with the last frame, and has its own
_AAC_SAMPLES = 1024
#: Dark enough for white letters on each. The prompt decides which.
_PALETTES = (
    ("0x10204f", "0x6d3f8c", "0xc8566b"),
    ("0x0b3c49", "0x197278", "0xd99b6c"),
    ("0x1d1b4c", "0x3f5fb0", "0x61b3a8"),
    ("0x3b1637", "0x8c2f5a", "0xd98b4a"),
    ("0x14342b", "0x2f6f4f", "0xb5a642"),
)
#: Hertz, of a chord that offends nobody; each side hears the other order.
_CHORD = (220.0, 277.18, 329.63, 440.0)


def fingerprint(order: FilmOrder) -> bytes:
    """The digest of what a film is made from."""
    digest = hashlib.sha256(order.prompt.encode("utf-8", "surrogatepass"))
    for picture in (order.first, order.last, *order.subjects):
        digest.update(hashlib.sha256(picture).digest() if picture else b"")
    return digest.digest()


def draw_scene(order: FilmOrder, width: int, height: int, overlay: bytes | None) -> "Iterator[VideoFrame]":
    """The frames, one by one.

    Args:
        order: What the film must be.
        width: Pixels.
        height: Pixels.
        overlay: RGBA pixels of that size that lie over all.
    """
    from av.filter import Graph  # noqa: PLC0415 -- carries FFmpeg: half a second to import

    drawing = _Drawing(Graph(), order, width, height)
    return drawing.frames(overlay)


def play_sound(order: FilmOrder) -> "Iterator[AudioFrame]":
    """A soft chord in stereo, as long as the film, in pieces that AAC takes."""
    from av.audio.frame import AudioFrame  # noqa: PLC0415 -- as above
    from av.error import EOFError as EndOfStream  # noqa: PLC0415 -- as above
    from av.filter import Graph  # noqa: PLC0415 -- as above

    pitch = 0.75 + fingerprint(order)[2] / 512
    sides = (_CHORD, _CHORD[::-1])
    left, right = (
        "+".join(
            f"{0.06 / (number + 1)}*sin({tone * pitch:.2f}*2*PI*t)*(1+sin(t*{number + 1}/2))"
            for number, tone in enumerate(tones)
        )
        for tones in sides
    )
    graph = Graph()
    source = graph.add("aevalsrc", f"{left}|{right}:s={SOUND_RATE}:d={order.duration}:c=stereo")
    fading = graph.add("afade", f"t=out:st={max(0.0, order.duration - 1)}:d=1")
    shape = graph.add("aformat", f"sample_fmts=fltp:sample_rates={SOUND_RATE}:channel_layouts=stereo")
    pieces = graph.add("asetnsamples", f"n={_AAC_SAMPLES}:p=0")
    graph.link_nodes(source, fading, shape, pieces, graph.add("abuffersink")).configure()
    while True:
        try:
            frame = graph.pull()
        except EndOfStream:
            return
        if isinstance(frame, AudioFrame):
            yield frame


@dataclass
class _Drawing:
    """A filter graph that grows until it draws a film.

    Attributes:
        graph: The graph.
        order: What the film must be.
        width: Pixels.
        height: Pixels.
    """

    graph: "Graph"
    order: FilmOrder
    width: int
    height: int
    _pushes: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])

    @property
    def steps(self) -> int:
        """Frames of the film."""
        return round(self.order.duration * FPS)

    def frames(self, overlay: bytes | None) -> "Iterator[VideoFrame]":
        """Put everything together and draw, frame by frame without end."""
        order, graph = self.order, self.graph
        scene = self._gradient() if order.first is None else self._still(order.first, "on")
        if order.last is not None:
            scene = self._end_with(scene, order.last)
        bar = graph.add("color", f"c=white@0.8:s={self._thin_bar()}:r={FPS}:d={order.duration}")
        lettered = f"enable='lt(n,{self.steps - round(_BARE * FPS)})'"
        scene = self._lay_over(scene, bar, f"x=-W+W*(n+1)/{self.steps}:y=H-h:{lettered}")
        if overlay is not None:
            letters = self._source(overlay, self.width, self.height)
            scene = self._lay_over(scene, letters, f"0:0:eof_action=repeat:{lettered}")
        scene.link_to(graph.add("buffersink"))
        graph.configure()
        for push in self._pushes:
            push()
        while True:
            yield graph.vpull()

    def _gradient(self) -> "FilterContext":
        digest = hashlib.sha256(self.order.prompt.encode("utf-8", "surrogatepass")).digest()
        colours = _PALETTES[digest[0] % len(_PALETTES)]
        named = ":".join(f"c{number}={colour}" for number, colour in enumerate(colours))
        across, down = max(self.width // COARSE, 16), max(self.height // COARSE, 16)
        turning = f"s={across}x{down}:r={FPS}:d={self.order.duration}:x0=0:y0=0:x1={across}:y1={down}:speed=0.015"
        gradient = self.graph.add("gradients", f"{turning}:n={len(colours)}:{named}:seed={digest[1]}")
        scaled = self.graph.add("scale", f"{self.width}:{self.height}:flags=bilinear")
        planar = self.graph.add("format", "yuv420p")
        self.graph.link_nodes(gradient, scaled, planar)
        return planar

    def _end_with(self, scene: "FilterContext", content: bytes) -> "FilterContext":
        """Let a picture take over, which stands whole in the last frame."""
        start, end = (share * self.order.duration for share in _FADE)
        clear = self.graph.add("format", "yuva420p")
        fading = self.graph.add("fade", f"t=in:st={start}:d={end - start}:alpha=1")
        self.graph.link_nodes(self._still(content, f"({self.steps}-1-on)"), clear, fading)
        return self._lay_over(scene, fading, "0:0")

    def _still(self, content: bytes, nearness: str) -> "FilterContext":
        """A picture that fills the frame; it comes the nearer, the greater an expression of the frame's number `on` is."""
        from demo.simulator.overlay import fill_frame  # noqa: PLC0415 -- Pillow, only where pictures are shown

        large = (self.width * _FINE, self.height * _FINE)
        source = self._source(fill_frame(content, *large), *large)
        planar = self.graph.add("format", "yuv420p")
        zoom = f"z=1+{_ZOOM}*{nearness}/{self.steps}:x=iw/2-iw/zoom/2:y=ih/2-ih/zoom/2"
        moving = self.graph.add("zoompan", f"{zoom}:d={self.steps}:s={self.width}x{self.height}:fps={FPS}")
        self.graph.link_nodes(source, planar, moving)
        return moving

    def _source(self, pixels: bytes, width: int, height: int) -> "FilterContext":
        """A source of one picture in RGBA, which goes in once the graph stands."""
        import av  # noqa: PLC0415 -- as above

        picture = av.VideoFormat("rgba")
        source = self.graph.add_buffer(width=width, height=height, format=picture, time_base=Fraction(1, FPS))

        def push() -> None:
            # Not `from_image`: it drops the transparency.
            frame = av.VideoFrame.from_bytes(pixels, width, height, format="rgba")
            frame.pts, frame.time_base = 0, Fraction(1, FPS)
            source.push(frame)
            source.push(None)

        self._pushes.append(push)
        return source

    def _lay_over(self, below: "FilterContext", above: "FilterContext", how: str) -> "FilterContext":
        both = self.graph.add("overlay", how)
        below.link_to(both, 0, 0)
        above.link_to(both, 0, 1)
        return both

    def _thin_bar(self) -> str:
        return f"{self.width}x{max(2, self.height // _BAR_SHARE)}"
