"""What the service demands of an input image, and how it measures one.

Judges data URLs by their content. A public link is taken unseen: the simulator never leaves loopback.
"""

import base64
import binascii
import ipaddress
import re
import warnings
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import urlsplit

from demo.simulator.codes import UNKNOWN, ServiceError

#: MiniMax docs, I2V: "less than 20 MB". The stricter reading of a megabyte, so that no client lives on the difference.
MAX_BYTES = 20 * 1000 * 1000
#: MiniMax docs, I2V: the short side is *greater than* 300 px.
MIN_SHORT_SIDE = 301
#: The page says 2:5 to 5:2; the live mainland service refused everything outside 0.5 to 2 (seen 2026-10-02).
ASPECTS = (0.5, 2.0)
FORMATS = ("JPEG", "PNG", "WEBP")

_DATA_URL = re.compile(r"data:image/[a-z0-9.+-]+;base64,(?P<content>.*)", re.DOTALL)


@dataclass(frozen=True)
class Picture:
    """The size of an input image in pixels."""

    width: int
    height: int

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height


def look_at(url: object) -> Picture | None:
    """Check one image the way the service does.

    Args:
        url: What the request holds: `data:image/…;base64,…` or a public http(s) link.

    Returns:
        Its size, or None for a link, which is taken unseen.

    Raises:
        ServiceError: 2013 for an unusable image, 1000 `disallowed image url` for an address that is not public.
    """
    if not isinstance(url, str):
        raise ServiceError.invalid("invalid image url")
    match = _DATA_URL.fullmatch(url)
    if match is None:
        _check_link(url)
        return None
    try:
        content = base64.b64decode(match["content"], validate=True)
    except binascii.Error as error:
        raise ServiceError.invalid("invalid image url") from error
    if len(content) >= MAX_BYTES:
        raise ServiceError.invalid("image size exceeds 20MB")
    picture = _measure(content)
    if min(picture.width, picture.height) < MIN_SHORT_SIDE:
        raise ServiceError.invalid("minimum pixel on the short side of the image: 300px")
    if not ASPECTS[0] <= picture.aspect <= ASPECTS[1]:
        raise ServiceError.invalid("aspect ratio not between 0.5 and 2")
    return picture


def _check_link(url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise ServiceError.invalid("invalid image url") from error
    if parts.scheme not in ("http", "https") or not host:
        raise ServiceError.invalid("invalid image url")
    try:
        public = ipaddress.ip_address(host).is_global
    except ValueError:  # a name, not an address
        public = "." in host and not host.endswith((".local", ".internal", ".localhost"))
    if not public:
        raise ServiceError(UNKNOWN, "disallowed image url")


def _measure(content: bytes) -> Picture:
    from PIL import Image  # noqa: PLC0415 -- heavy, and not needed for text to video

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=FORMATS) as image:
                image.load()
                return Picture(*image.size)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ServiceError.invalid("invalid image") from error
