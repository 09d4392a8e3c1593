"""Images for tests, as data URLs."""

import base64
from io import BytesIO

from PIL import Image


def data_url(width: int = 640, height: int = 360, kind: str = "JPEG") -> str:
    content = BytesIO()
    Image.new("RGB", (width, height), (90, 120, 150)).save(content, kind)
    return as_url(content.getvalue(), kind)


def as_url(content: bytes, kind: str = "JPEG") -> str:
    return f"data:image/{kind.lower()};base64,{base64.b64encode(content).decode()}"
