"""What files MiniMax takes, and which kind of video they come to. Pure.

Sources: MiniMax docs, video-generation-{i2v,fl2v,s2v} and video-generation-v2-create; for V1's shape of pictures what
the mainland service answered in 2026-10, which is narrower than its page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from jobs.errors import InputProblem, UnfitInputs
from jobs.model import MediaSource, Mode, Role
from jobs.ports import InputRules

MB: Final = 1_000_000
"""Bytes. The stricter reading of a megabyte, so that nothing hangs on the difference."""

V2_BODY_LIMIT: Final = 64 * MB
"""The most bytes of a whole V2 request, the files written out in base64 (MiniMax docs, V2 create)."""

V2_FILES_LIMIT: Final = 47 * MB
"""The most bytes of all files of a V2 request: four thirds of it, and the longest prompt, fit into `V2_BODY_LIMIT`."""

MOST_VIDEO_SECONDS: Final = 15
"""The most seconds all reference videos of a request may have together (MiniMax docs, V2 create)."""

_PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/webp"})

_V1_PICTURE: Final = InputRules(
    media_types=_PICTURES,
    max_bytes=20 * MB - 1,  # "less than 20 MB"
    min_side=301,  # "greater than 300 px"
    min_ratio=0.5,  # The page says 2:5 to 5:2; the service refuses what lies outside of 0.5 to 2.
    max_ratio=2.0,
)
_V2_PICTURE: Final = InputRules(
    media_types=_PICTURES | {"image/heic", "image/heif"},
    max_bytes=30 * MB,
    min_side=256,
    max_side=5760,
    min_ratio=0.4,
    max_ratio=2.5,
)
_SHORTEST, _LONGEST = 2.0, 15.0  # seconds of a clip

V1_FIRST_FRAME: Final[Mapping[Role, InputRules]] = MappingProxyType({Role.FIRST_FRAME: _V1_PICTURE})
V1_FRAMES: Final[Mapping[Role, InputRules]] = MappingProxyType({**V1_FIRST_FRAME, Role.LAST_FRAME: _V1_PICTURE})
V1_SUBJECT: Final[Mapping[Role, InputRules]] = MappingProxyType({Role.SUBJECT: _V1_PICTURE})
V2_INPUTS: Final[Mapping[Role, InputRules]] = MappingProxyType(
    {
        Role.FIRST_FRAME: _V2_PICTURE,
        Role.LAST_FRAME: _V2_PICTURE,
        Role.REFERENCE_IMAGE: _V2_PICTURE,
        Role.REFERENCE_VIDEO: InputRules(
            media_types=frozenset({"video/mp4", "video/quicktime"}),
            max_bytes=V2_FILES_LIMIT,  # 50 MB on the page, which the whole request leaves no room for
            min_seconds=_SHORTEST,
            max_seconds=_LONGEST,
            min_fps=23.976,
            max_fps=60.0,
            codecs=frozenset({"h264", "hevc", "aac", "mp3"}),
        ),
        Role.REFERENCE_AUDIO: InputRules(
            media_types=frozenset({"audio/wav", "audio/mpeg"}),
            max_bytes=15 * MB,
            min_seconds=_SHORTEST,
            max_seconds=_LONGEST,
        ),
    }
)
"""What files may be to a video, by who makes it."""

MOST_OF: Final[Mapping[Role, int]] = MappingProxyType(
    {
        Role.FIRST_FRAME: 1,
        Role.LAST_FRAME: 1,
        Role.REFERENCE_IMAGE: 9,
        Role.REFERENCE_VIDEO: 3,
        Role.REFERENCE_AUDIO: 3,
    }
)
"""How many files of a role one request may have."""

MOST_FILES: Final = 12

_FRAMES: Final = frozenset({Role.FIRST_FRAME, Role.LAST_FRAME})
_CLIPS: Final = frozenset({Role.REFERENCE_VIDEO, Role.REFERENCE_AUDIO})
_SEEN: Final = frozenset({Role.REFERENCE_IMAGE, Role.REFERENCE_VIDEO})


def as_references(roles: Sequence[Role]) -> tuple[Role, ...]:
    """The roles where a subject is a picture to refer to, as it is for the models that know no subject."""
    return tuple(Role.REFERENCE_IMAGE if role is Role.SUBJECT else role for role in roles)


def modes_of(roles: Sequence[Role]) -> tuple[Mode, ...]:
    """The kinds of video that can be made from these files, the one that is closest to them first.

    Args:
        roles: What each file is to the video.

    Raises:
        UnfitInputs: No model makes a video from these together, and none ever could.
    """
    if not roles:
        return (Mode.TEXT,)
    found = frozenset(roles)
    references = as_references([role for role in roles if role not in _FRAMES])
    if references and found & _FRAMES:
        raise UnfitInputs(InputProblem.MIXED)
    _check_number(as_references(roles))
    if all(role is Role.LAST_FRAME for role in found):
        # The page of V2 allows it in one place and forbids it in another; V1 does not take it.
        raise UnfitInputs(InputProblem.LAST_FRAME_ALONE)
    if not references:
        return (Mode.FRAMES,) if Role.LAST_FRAME in found else (Mode.IMAGE,)
    if not _SEEN & frozenset(references):
        raise UnfitInputs(InputProblem.SOUND_ALONE)
    return (Mode.SUBJECT, Mode.REFERENCE) if list(roles) == [Role.SUBJECT] else (Mode.REFERENCE,)


def check_sizes(inputs: Sequence[MediaSource]) -> None:
    """Holds the clips of a V2 request together against what fits into it, by the sizes Discord gives.

    Pictures are not counted: they are made as small as need be.

    Raises:
        UnfitInputs: They are too large together.
    """
    if sum(source.size for source in inputs if source.role in _CLIPS) > V2_FILES_LIMIT:
        raise UnfitInputs(InputProblem.TOO_LARGE, limit=V2_FILES_LIMIT)


def _check_number(roles: Sequence[Role]) -> None:
    for role, number in Counter(roles).items():
        if number > MOST_OF[role]:
            raise UnfitInputs(InputProblem.TOO_MANY, role=role, limit=MOST_OF[role])
    if len(roles) > MOST_FILES:
        raise UnfitInputs(InputProblem.TOO_MANY, limit=MOST_FILES)
