"""Where an input comes from: a data URL, a link, or a file uploaded before. Knows nothing of what is in it.

A link is taken unseen: the simulator never leaves loopback.
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from urllib.parse import urlsplit

#: The bytes of an uploaded file by its id; None if there is none that may be used.
FileLookup = Callable[[str], bytes | None]

_DATA_URL = re.compile(r"data:(?P<type>[^;,]*);base64,(?P<content>.*)", re.DOTALL)
_FILE = re.compile(r"mm_file://(?P<id>[0-9]+)")
_PRIVATE_ENDINGS = (".local", ".internal", ".localhost")


def nothing_uploaded(_: str) -> None:
    """The lookup of an account without files."""
    return


def read_data_url(url: str) -> tuple[str, bytes] | None:
    """The media type and the bytes of a data URL; None if it is none.

    Args:
        url: Any text.

    Raises:
        ValueError: It is one, but its base64 is broken.
    """
    match = _DATA_URL.fullmatch(url)
    if match is None:
        return None
    try:
        return match["type"], base64.b64decode(match["content"], validate=True)
    except binascii.Error as error:
        raise ValueError("broken base64") from error


def file_id_of(url: str) -> str | None:
    """The id in a reference such as `mm_file://123`; None if it is none."""
    match = _FILE.fullmatch(url)
    return match["id"] if match else None


def is_link(url: str) -> bool:
    """Whether a text is an http(s) address."""
    return _host_of(url) is not None


def is_public(url: str) -> bool:
    """Whether a link leads to a host that the internet can reach, as far as its name tells."""
    host = _host_of(url) or ""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:  # a name, not an address
        return "." in host and not host.endswith(_PRIVATE_ENDINGS)


def _host_of(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return host if parts.scheme in ("http", "https") else None
