"""A request's JSON, written out with its files in base64: slice by slice, so that nothing else has to wait. Pure.

A reference video makes a body of tens of megabytes. Encoding one in a single call would hold Python's lock, and with
it every acknowledgement on Discord, for as long as it takes, in a thread too.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Final, cast

from jobs.model import InputFile

_SLICE: Final = 3 * 64 * 1024  # bytes; a multiple of three, so that slices in base64 join without padding


def encode_body(body: Mapping[str, object]) -> BytesIO:
    """The bytes of a request, to be read from the start.

    Args:
        body: Anything JSON can say, and `InputFile` wherever a data URL is to stand.
    """
    written = BytesIO()
    for part in _parts(body):
        written.write(part)
    written.seek(0)
    return written


def _parts(value: object) -> Iterator[bytes]:
    if isinstance(value, InputFile):
        # MiniMax docs: `data:<mime>;base64,…`, in lower case.
        yield f'"data:{value.media_type.lower()};base64,'.encode()
        yield from (b64encode(value.data[start : start + _SLICE]) for start in range(0, len(value.data), _SLICE))
        yield b'"'
    elif isinstance(value, Mapping):
        yield b"{"
        for number, (name, inner) in enumerate(cast("Mapping[str, object]", value).items()):
            yield (b", " if number else b"") + json.dumps(name).encode() + b": "
            yield from _parts(inner)
        yield b"}"
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield b"["
        for number, inner in enumerate(cast("Sequence[object]", value)):
            yield b", " if number else b""
            yield from _parts(inner)
        yield b"]"
    else:
        yield json.dumps(value).encode()
