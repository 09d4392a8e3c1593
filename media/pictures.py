"""Makes a person's picture into one that a model takes: judged by content, upright, plain, in shape, in sRGB.

Knows Pillow and no network. What it is given may be hostile, so `apart` runs it in a process of its own.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from io import BytesIO
from typing import Any, BinaryIO, Final, cast

from PIL import Image, ImageCms, ImageFilter, ImageOps

from jobs.errors import BadInput, Reason
from jobs.ports import InputRules
from jobs.request import Note

from .orders import Fitted
from .shape import Layout, Size, lay_out

LARGEST_SIDES: Final = (4096, 3072, 2304, 1728, 1296, 972, 729)
"""Longest sides to try, in pixels, until the file is small enough. Videos have 2560 at most, so the first loses nothing."""

COMFORTABLE: Final = 5_000_000
"""Bytes a fitted picture has at most, whatever the rules allow: nine of them must fit into one request of 64 MB, in
base64 (MiniMax docs, V2 create), and a paid call should not hang on a slow line."""

IN_BASE64: Final = 3 / 4
"""The part of a limit that is left for the bytes themselves: nobody says whether it is held against the data URL."""

MOST_DECODED: Final[Mapping[str, int]] = {
    "JPEG": 50_000_000,
    "PNG": 50_000_000,
    "GIF": 50_000_000,
    "HEIF": 50_000_000,
    "WEBP": 32_000_000,
}
"""Pixels that are decoded at most, by Pillow's name of the format: with any of them the process stays below about 600
MB. WebP's decoder holds several copies of the picture."""

MOST_SCALED: Final = 200_000_000
"""Pixels a JPEG may have that the decoder can scale down on the way: what the largest telephone cameras make."""

PAPER: Final = "white"
"""What shows through where a picture is transparent."""

_HEIF_PLUGIN: Final = "pi_heif"

_SIGNATURES: Final = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8")
_WEBP: Final = b"WEBP"  # after RIFF and a length
_HEIC: Final = b"ftypheic"  # after a length

_ANIMATED: Final = frozenset({"GIF", "PNG", "WEBP"})
"""Formats whose further pictures are an animation; in a JPEG or a HEIC they are previews and depth maps."""

_ORIENTATION: Final = 0x0112
_UPRIGHT: Final[Mapping[int, Image.Transpose]] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture upright, by its orientation (Exif 2.32, tag 0x0112)."""

_ON_ITS_SIDE: Final = frozenset({5, 6, 7, 8})

_ENCODINGS: Final[Mapping[str, tuple[str, tuple[dict[str, Any], ...]]]] = {
    "image/jpeg": (
        "JPEG",
        (
            {"quality": 95, "subsampling": 0},
            {"quality": 90, "subsampling": 0},
            {"quality": 85},
            {"quality": 75},
        ),
    ),
    "image/webp": ("WEBP", ({"quality": 90}, {"quality": 75})),
    "image/png": ("PNG", ({},)),
}
"""How a picture is written, best first; the first type that the rules name is taken."""

_BACKDROP: Final = 16
"""The backdrop of a padded picture is made at this fraction of its size: it is only a blur."""


def fit_picture(file: BinaryIO, rules: InputRules) -> Fitted:
    """Makes a picture that meets the rules of a person's file.

    Args:
        file: The file, from its beginning.
        rules: What the model takes.

    Raises:
        BadInput: It is no picture, is broken or too large, or cannot be brought into shape.
    """
    media_type = next((one for one in _ENCODINGS if one in rules.media_types), None)
    if media_type is None:
        raise BadInput(Reason.INPUT_WRONG_KIND, f"no way to write any of {sorted(rules.media_types)}")
    with _open(file) as image:
        orientation = _orientation(image)
        size = Size(*image.size)
        upright = size.turned if orientation in _ON_ITS_SIDE else size
        layout = lay_out(upright, rules, largest=LARGEST_SIDES[0])
        animated = _is_animated(image)
        profile: bytes | None = image.info.get("icc_profile")
        picture = _decode(image, _lying(layout.picture, orientation))
    picture = _resize(picture, _lying(layout.picture, orientation))
    if orientation in _UPRIGHT:
        picture = picture.transpose(_UPRIGHT[orientation])
    picture = _in_srgb(picture, profile)
    layout, data = _write(picture, upright, rules, media_type)
    return Fitted(media_type=media_type, data=data, notes=_notes(layout, animated=animated))


def allow_large_pictures() -> None:
    """Lets Pillow open, in this process, what `fit_picture` judges by limits of its own."""
    Image.MAX_IMAGE_PIXELS = MOST_SCALED
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)


def _notes(layout: Layout, *, animated: bool) -> tuple[Note, ...]:
    done = {
        Note.FIRST_PICTURE_ONLY: animated,
        Note.PICTURE_PADDED: layout.padded,
        Note.PICTURE_ENLARGED: layout.scale > 1,
        Note.PICTURE_REDUCED: layout.scale < 1,
    }
    return tuple(note for note, is_true in done.items() if is_true)


# --- in ----------------------------------------------------------------------------------------------------------


@contextmanager
def _hostile() -> Generator[None]:
    """Around whatever reads the file: decoders raise nearly anything when bytes are made to break them."""
    try:
        yield
    except BadInput:
        raise
    except (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadInput(Reason.INPUT_TOO_LARGE, f"too many pixels: {error or type(error).__name__}") from error
    except Exception as error:
        raise BadInput(Reason.INPUT_UNREADABLE, f"{type(error).__name__}: {error}") from error


@contextmanager
def _open(file: BinaryIO) -> Generator[Image.Image]:
    formats = [name for name in MOST_DECODED if name != "HEIF" or _takes_heif()]
    start = file.read(12)
    file.seek(0)
    if not start:
        raise BadInput(Reason.INPUT_UNREADABLE, "the file is empty")
    with _hostile():
        try:
            image = Image.open(file, formats=formats)
        except Image.UnidentifiedImageError as error:
            reason = Reason.INPUT_UNREADABLE if _is_of_ours(start) else Reason.INPUT_WRONG_KIND
            raise BadInput(reason, f"no picture begins with {start.hex(' ')}") from error
    with image:
        _check_pixels(image)
        yield image


def _is_of_ours(start: bytes) -> bool:
    """Whether a file begins like one that we take: it is broken then, and not of another kind."""
    return start.startswith(_SIGNATURES) or start[8:] == _WEBP or (start[4:] == _HEIC and _takes_heif())


def _takes_heif() -> bool:
    """Whether the plug-in for HEIC and HEIF is there; it is optional."""
    try:
        import_module(_HEIF_PLUGIN).register_heif_opener()
    except ImportError:
        return False
    return True


def _check_pixels(image: Image.Image) -> None:
    """By what the header says, before anything is decoded."""
    size = Size(*image.size)
    # The coefficients of a progressive JPEG are all held at once, so scaling on the way saves nothing.
    scaled = image.format in {"JPEG", "MPO"} and not image.info.get("progressive")
    most = MOST_SCALED if scaled else MOST_DECODED.get(image.format or "", MOST_DECODED["JPEG"])
    if size.pixels > most:
        raise BadInput(Reason.INPUT_TOO_LARGE, f"{image.format}: {size.width} x {size.height} pixels")


def _is_animated(image: Image.Image) -> bool:
    with _hostile():
        return image.format in _ANIMATED and bool(getattr(image, "is_animated", False))


def _orientation(image: Image.Image) -> int:
    with _hostile():
        with suppress(
            SyntaxError, ValueError, TypeError, KeyError, struct.error
        ):  # a picture is fine without its notes
            return int(image.getexif().get(_ORIENTATION, 1))
        return 1


def _decode(image: Image.Image, target: tuple[int, int]) -> Image.Image:
    """The first picture in one of the modes L, RGB and CMYK, not yet reduced unless its decoder can do that."""
    with _hostile():
        image.draft(None, target)
        if image.width * image.height > MOST_DECODED["JPEG"]:
            raise BadInput(Reason.INPUT_TOO_LARGE, f"{image.width} x {image.height} pixels after scaling")
        image.load()
        if image.mode.startswith("I"):
            # Sixteen bits: a plain conversion would cut everything above 255.
            return image.point(lambda value: value / 256).convert("L")  # pyright: ignore[reportUnknownMemberType] - as in `_resize`
        if image.has_transparency_data:
            seen = image if image.mode == "RGBA" else image.convert("RGBA")
            paper = Image.new("RGB", seen.size, PAPER)
            paper.paste(seen, mask=seen.getchannel("A"))
            return paper
        return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _lying(size: Size, orientation: int) -> tuple[int, int]:
    lying = size.turned if orientation in _ON_ITS_SIDE else size
    return lying.width, lying.height


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours as they were meant; a profile that cannot be used is left out."""
    if profile:
        with suppress(ImageCms.PyCMSError, OSError):
            given = ImageCms.ImageCmsProfile(BytesIO(profile))
            meant = ImageCms.profileToProfile(picture, given, _srgb(), outputMode="RGB")
            if meant is not None:
                return meant
    return picture.convert("RGB")


def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(cast("Any", ImageCms).createProfile("sRGB"))


# --- out ---------------------------------------------------------------------------------------------------------


def _write(picture: Image.Image, upright: Size, rules: InputRules, media_type: str) -> tuple[Layout, bytes]:
    """The best quality, then the most pixels, that stay within the bytes."""
    budget = min(int(rules.max_bytes * IN_BASE64), COMFORTABLE)
    kind, options = _ENCODINGS[media_type]
    layouts = dict.fromkeys(lay_out(upright, rules, largest=largest) for largest in LARGEST_SIDES)
    for layout in layouts:
        shown = _on_canvas(picture, layout)
        for option in options:
            file = BytesIO()
            shown.save(file, kind, **option)
            if file.tell() <= budget:
                return layout, file.getvalue()
    raise BadInput(Reason.INPUT_TOO_LARGE, f"{upright.width} x {upright.height} pixels do not fit into {budget} bytes")


def _on_canvas(picture: Image.Image, layout: Layout) -> Image.Image:
    """The picture on a fresh canvas, to which no metadata clings; around it a blur of itself."""
    size, whole = layout.picture, layout.canvas
    picture = _resize(picture, (size.width, size.height))
    canvas = Image.new("RGB", (whole.width, whole.height))
    if layout.padded:
        small = (max(1, whole.width // _BACKDROP), max(1, whole.height // _BACKDROP))
        backdrop = ImageOps.fit(picture, small).filter(ImageFilter.GaussianBlur(3))
        canvas.paste(_resize(backdrop, canvas.size))
    canvas.paste(picture, ((whole.width - size.width) // 2, (whole.height - size.height) // 2))
    return canvas


def _resize(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    if picture.size == size:
        return picture
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)  # pyright: ignore[reportUnknownMemberType] - one of its types is numpy's, which is not installed
