"""Laws that hold for whatever picture and whatever rules: it is refused with a reason, or keeps every rule; nothing breaks."""

from __future__ import annotations

import math
from io import BytesIO

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.errors import BadInput, Reason
from jobs.ports import InputRules
from media.orders import Fitted
from media.pictures import fit_picture
from tests.media.samples import FRAME, MB, a_picture, opened, saved, with_exif

KINDS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
STORED = [
    ("RGB", "JPEG"),
    ("L", "JPEG"),
    ("CMYK", "JPEG"),
    ("RGB", "PNG"),
    ("RGBA", "PNG"),
    ("P", "PNG"),
    ("LA", "PNG"),
    ("1", "PNG"),
    ("RGBA", "WEBP"),
    ("RGB", "GIF"),
]


def outcome(data: bytes, rules: InputRules = FRAME) -> Fitted | Reason:
    try:
        return fit_picture(BytesIO(data), rules)
    except BadInput as error:
        return error.reason


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]), st.data())
def test_damaged_bytes_are_refused_or_fitted_but_never_break_anything(kind: str, data: st.DataObject) -> None:
    broken = bytearray(saved(a_picture(320, 320), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    fitted = outcome(bytes(broken))

    if isinstance(fitted, Fitted):
        opened(fitted.data)
    else:
        assert fitted.startswith("input_")


@st.composite
def rules_of_a_model(draw: st.DrawFn) -> InputRules:
    min_side = draw(st.none() | st.integers(1, 400))
    lowest = draw(st.none() | st.floats(0.1, 1.2))
    highest = draw(st.none() | st.floats((lowest or 0.5) * 1.05, (lowest or 0.5) * 20))
    return InputRules(
        media_types=frozenset(draw(st.sets(st.sampled_from(sorted(KINDS)), min_size=1))),
        max_bytes=draw(st.integers(30_000, 2 * MB) | st.integers(500, 30_000)),
        min_side=min_side,
        max_side=draw(st.none() | st.integers((min_side or 1) * 2, 1200)),
        min_ratio=lowest,
        max_ratio=highest,
    )


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rules=rules_of_a_model(),
    width=st.integers(100, 900) | st.integers(1, 100),
    height=st.integers(100, 900) | st.integers(1, 100),
    stored=st.sampled_from(STORED),
    orientation=st.integers(0, 9),
)
def test_whatever_goes_out_keeps_every_rule_and_can_be_read(
    rules: InputRules, width: int, height: int, stored: tuple[str, str], orientation: int
) -> None:
    mode, kind = stored
    picture = a_picture(width, height, mode)
    data = saved(picture, kind) if kind == "GIF" else with_exif(picture, orientation, kind)
    fitted = outcome(data, rules)
    if isinstance(fitted, Reason):
        assert fitted in {Reason.INPUT_TOO_LARGE, Reason.INPUT_TOO_SMALL, Reason.INPUT_WRONG_SHAPE}
        return

    picture = opened(fitted.data)
    assert fitted.media_type in rules.media_types
    assert picture.format == KINDS[fitted.media_type]
    assert len(fitted.data) * 4 / 3 <= rules.max_bytes
    assert min(picture.size) >= (rules.min_side or 0)
    assert max(picture.size) <= (rules.max_side or math.inf)
    assert (rules.min_ratio or 0) <= picture.width / picture.height <= (rules.max_ratio or math.inf)
    assert picture.mode == "RGB"
    assert dict(picture.getexif()) == {}
