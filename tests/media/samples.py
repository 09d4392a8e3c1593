"""People's files, made in code: sound ones, odd ones and broken ones."""

from __future__ import annotations

import struct
import zipfile
import zlib
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import av
from PIL import Image, ImageCms

from jobs.ports import InputRules

MB = 1_000_000
ORIENTATION = 0x0112
GPS_ALTITUDE = (0x8825, 6)

FRAME = InputRules(
    media_types=frozenset({"image/jpeg", "image/png", "image/webp"}),
    max_bytes=20 * MB - 1,
    min_side=301,
    min_ratio=0.5,
    max_ratio=2.0,
)
"""What the provider takes for a first frame."""

VIDEO = InputRules(
    media_types=frozenset({"video/mp4", "video/quicktime"}),
    max_bytes=47 * MB,
    min_seconds=2.0,
    max_seconds=15.0,
    min_fps=23.976,
    max_fps=60.0,
    codecs=frozenset({"h264", "hevc", "aac", "mp3"}),
)
SOUND = InputRules(
    media_types=frozenset({"audio/wav", "audio/mpeg"}), max_bytes=15 * MB, min_seconds=2.0, max_seconds=15.0
)


# --- pictures ----------------------------------------------------------------------------------------------------


def a_picture(width: int = 800, height: int = 600, mode: str = "RGB") -> Image.Image:
    """Its left half is red, its right half blue, and its lower half darker: every turn of it can be told."""
    picture = Image.new("RGB", (width, height), (200, 30, 30))
    picture.paste((30, 30, 200), (width // 2, 0, width, height))
    picture.paste((100, 15, 15), (0, height // 2, width // 2, height))
    picture.paste((15, 15, 100), (width // 2, height // 2, width, height))
    return picture if mode == "RGB" else picture.convert(mode)


def noise(width: int, height: int) -> Image.Image:
    """A picture that no encoder makes small."""
    return Image.merge("RGB", [Image.effect_noise((width, height), 120) for _ in range(3)])


def saved(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


def with_exif(picture: Image.Image, orientation: int = 1, kind: str = "JPEG", **options: Any) -> bytes:
    """With the place it was taken at, the camera's name, and how it was held."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(GPS_ALTITUDE[0])[GPS_ALTITUDE[1]] = 35.0
    return saved(picture, kind, exif=exif, **options)


def png_of_one_colour(
    width: int, height: int, *, bits: int = 8, colour_type: int = 2, sample: bytes = b"\x80"
) -> bytes:
    """A PNG written by hand: Pillow writes neither huge ones in little memory nor colours of 16 bits."""
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour_type]
    row = b"\0" + sample * (width * channels * bits // 8 // len(sample))
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def bomb() -> bytes:
    """20,000 x 20,000 pixels in less than 100 KB."""
    return png_of_one_colour(20_000, 20_000, bits=1, colour_type=0, sample=b"\0")


def a_zip() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("picture.png", b"not a picture")
    return file.getvalue()


def animation(kind: str) -> bytes:
    frames = [Image.new("RGB", (400, 400), colour) for colour in ("red", "green", "blue")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def swapped_profile() -> bytes:
    """A colour profile that calls red what everybody else calls blue."""
    usual: Any = ImageCms
    profile = bytearray(usual.ImageCmsProfile(usual.createProfile("sRGB")).tobytes())
    table = {bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * 20, 12)}
    red, blue = (profile[table[name] + 4 : table[name] + 12] for name in (b"rXYZ", b"bXYZ"))
    profile[table[b"rXYZ"] + 4 : table[b"rXYZ"] + 12] = blue
    profile[table[b"bXYZ"] + 4 : table[b"bXYZ"] + 12] = red
    return bytes(profile)


def heic(width: int = 640, height: int = 480) -> bytes:
    """One frame of H.265 in HEIF's boxes (ISO/IEC 23008-12), as telephones write pictures."""
    film = a_film(frames=4, codec="libx265", size=(width, height), sound=None)
    at = film.index(b"hvcC") - 4
    settings = film[at : at + struct.unpack(">I", film[at : at + 4])[0]]
    with av.open(BytesIO(film), "r") as opened_film:
        frame = next(bytes(packet) for packet in opened_film.demux(video=0) if packet.size)

    def meta(offset: int) -> bytes:
        return _full_box(
            b"meta",
            _full_box(b"hdlr", bytes(4), b"pict", bytes(13)),
            _full_box(b"pitm", struct.pack(">H", 1)),
            _full_box(b"iloc", b"\x44\x00", struct.pack(">HHHHII", 1, 1, 0, 1, offset, len(frame))),
            _full_box(
                b"iinf", struct.pack(">H", 1), _full_box(b"infe", struct.pack(">HH", 1, 0), b"hvc1\0", version=2)
            ),
            _box(
                b"iprp",
                _box(b"ipco", settings, _full_box(b"ispe", struct.pack(">II", width, height))),
                _full_box(b"ipma", struct.pack(">IHBBB", 1, 1, 2, 0x81, 0x02)),
            ),
        )

    kind = _box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    return kind + meta(len(kind) + len(meta(0)) + 8) + _box(b"mdat", frame)


def _box(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I", len(content) + 8) + kind + content


def _full_box(kind: bytes, *parts: bytes, version: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", version << 24), *parts)


# --- clips -------------------------------------------------------------------------------------------------------


def a_film(
    *,
    frames: int = 72,
    size: tuple[int, int] = (320, 240),
    rate: int = 24,
    codec: str = "libx264",
    kind: str = "mp4",
    sound: str | None = "aac",
    pixels: str = "yuv420p",
    told: dict[str, str] | None = None,
) -> bytes:
    """A film of one grey, with silence."""
    file = BytesIO()
    quiet = {"x265-params": "log-level=none:bframes=0"} if codec == "libx265" else {}
    with av.open(file, "w", format=kind) as film:
        film.metadata.update(told or {})
        add_stream = cast("Any", film).add_stream
        picture = add_stream(codec, rate=rate, options=quiet)
        picture.width, picture.height = size
        picture.pix_fmt = pixels
        voice = add_stream(sound, rate=44100) if sound else None
        for number in range(frames):
            frame = av.VideoFrame(*size, pixels)
            for plane in frame.planes:
                plane.update(bytes([128]) * plane.buffer_size)
            frame.pts, frame.time_base = number, Fraction(1, rate)
            film.mux(picture.encode(frame))
        film.mux(picture.encode(None))
        if voice is not None:
            _add_silence(film, voice, seconds=frames / rate)
    return file.getvalue()


def index_first(film: bytes) -> bytes:
    """The same film with its index before its pictures, as for streaming."""
    with TemporaryDirectory() as folder, av.open(BytesIO(film), "r") as given:
        path = Path(folder) / "film.mp4"
        with av.open(path, "w", options={"movflags": "+faststart"}) as moved:
            copies = {track.index: cast("Any", moved).add_stream_from_template(track) for track in given.streams}
            for packet in given.demux():
                if packet.dts is not None:
                    packet.stream = copies[packet.stream.index]
                    moved.mux(packet)
        return path.read_bytes()


def a_sound(
    *, seconds: float = 3.0, kind: str = "wav", codec: str = "pcm_s16le", told: dict[str, str] | None = None
) -> bytes:
    file = BytesIO()
    with av.open(file, "w", format=kind) as sound:
        sound.metadata.update(told or {})
        _add_silence(sound, cast("Any", sound).add_stream(codec, rate=44100), seconds=seconds)
    return file.getvalue()


def _add_silence(container: Any, voice: Any, *, seconds: float) -> None:
    total = int(44100 * seconds)
    for at in range(0, total, 1024):
        frame = av.AudioFrame(format=voice.format.name, layout="mono", samples=min(1024, total - at))
        frame.rate, frame.pts = 44100, at
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        container.mux(voice.encode(frame))
    container.mux(voice.encode(None))
