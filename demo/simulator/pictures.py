"""What the service demands of an input image, on either API, and how it measures one.

Judges by content, never by name; a public link is taken unseen.
"""

import warnings
from dataclasses import dataclass, field
from io import BytesIO

from demo.simulator.codes import UNKNOWN, ServiceError
from demo.simulator.sources import is_link, is_public, read_data_url


@dataclass(frozen=True)
class PictureRule:
    """What an API demands of an image.

    Attributes:
        max_bytes: The most bytes it may have.
        formats: Pillow's names of the formats it takes.
        sides: Least and most pixels of each side.
        aspects: Least and most of width over height.
        too_small: What is said of a side that is too short.
    """

    max_bytes: int
    formats: tuple[str, ...]
    sides: tuple[int, int]
    aspects: tuple[float, float]
    too_small: str


#: MiniMax docs, I2V: less than 20 MB (the stricter reading of a megabyte, so that no client lives on the difference), the short
#: side *greater than* 300 px. The page allows 2:5 to 5:2; the live mainland service refused all outside 0.5 to 2 (2026-10-02).
V1_PICTURE = PictureRule(
    max_bytes=20_000_000 - 1,
    formats=("JPEG", "PNG", "WEBP"),
    sides=(301, 1 << 16),
    aspects=(0.5, 2.0),
    too_small="minimum pixel on the short side of the image: 300px",
)
#: MiniMax docs, V2 create.
V2_PICTURE = PictureRule(
    max_bytes=30_000_000,
    formats=("JPEG", "PNG", "WEBP"),
    sides=(256, 5760),
    aspects=(0.4, 2.5),
    too_small="image width and height must be between 256 and 5760 px",
)

#: The brands in the first box of a HEIC or HEIF file.
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"})


@dataclass(frozen=True)
class Picture:
    """An input image.

    Attributes:
        width: Pixels.
        height: Pixels.
        content: The file.
    """

    width: int
    height: int
    content: bytes = field(default=b"", repr=False)

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height


def look_at(url: object) -> Picture | None:
    """Check one image the way V1 does.

    Args:
        url: What the request holds: `data:image/…;base64,…` or a public http(s) link.

    Returns:
        The image, or None for a link, which is taken unseen.

    Raises:
        ServiceError: 2013 for an unusable image, 1000 `disallowed image url` for an address that is not public.
    """
    if not isinstance(url, str):
        raise ServiceError.invalid("invalid image url")
    try:
        found = read_data_url(url)
    except ValueError as error:
        raise ServiceError.invalid("invalid image url") from error
    if found is None:
        if not is_link(url):
            raise ServiceError.invalid("invalid image url")
        if not is_public(url):
            raise ServiceError(UNKNOWN, "disallowed image url")
        return None
    media_type, content = found
    if not media_type.startswith("image/"):
        raise ServiceError.invalid("invalid image url")
    return judge(content, V1_PICTURE)


def judge(content: bytes, rule: PictureRule) -> Picture:
    """Measure an image and hold it against a rule.

    Args:
        content: The file.
        rule: What is demanded.

    Raises:
        ServiceError: 2013, with what is wrong.
    """
    if len(content) > rule.max_bytes:
        raise ServiceError.invalid(f"image size exceeds {round(rule.max_bytes / 1_000_000)}MB")
    width, height = _measure(content, rule.formats)
    least, most = rule.sides
    if min(width, height) < least or max(width, height) > most:
        raise ServiceError.invalid(rule.too_small)
    flattest, steepest = rule.aspects
    if not flattest <= width / height <= steepest:
        raise ServiceError.invalid(f"aspect ratio not between {flattest:g} and {steepest:g}")
    return Picture(width, height, content)


def is_heif(content: bytes) -> bool:
    """Whether a file says that it is HEIC or HEIF, which Pillow alone cannot look into."""
    return content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS


def _measure(content: bytes, formats: tuple[str, ...]) -> tuple[int, int]:
    from PIL import Image  # noqa: PLC0415 -- heavy, and not needed for text to video

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=formats) as image:
                image.load()
                return image.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ServiceError.invalid("invalid image") from error
