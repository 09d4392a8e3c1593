"""The files that accounts upload: kept in memory, judged where they are meant for a V2 video (MiniMax docs, file management)."""

from dataclasses import dataclass, field

from demo.simulator.clips import judge_audio, judge_video
from demo.simulator.codes import ServiceError
from demo.simulator.pictures import is_heif
from demo.simulator.rules_v2 import judge_picture

INPUT = "video_generation_input"
OUTPUT = "video_generation"
#: What a file may be uploaded for, and listed by.
PURPOSES = ("voice_clone", "prompt_audio", "t2a_async_input", "video_understanding", INPUT)
INPUT_SECONDS = 7 * 24 * 3600.0  # so long is an input for a video kept


@dataclass(frozen=True)
class StoredFile:
    """One upload.

    Attributes:
        file_id: 15 digits.
        account: The name of the key that sent it.
        created_at: Epoch seconds.
        expires_at: Epoch seconds; None if it stays.
    """

    file_id: int
    account: str
    filename: str
    purpose: str
    content: bytes = field(repr=False)
    created_at: float
    expires_at: float | None

    def is_there(self, now: float) -> bool:
        """Whether it has not expired at a time in epoch seconds."""
        return self.expires_at is None or now < self.expires_at


@dataclass
class FileStore:
    """All uploads by id."""

    _files: dict[int, StoredFile] = field(default_factory=dict[int, StoredFile])

    def add(self, file: StoredFile) -> None:
        """Keep a file."""
        self._files[file.file_id] = file

    def get(self, file_id: int, account: str, now: float) -> StoredFile | None:
        """A file of an account, unless it has expired.

        Args:
            file_id: Which.
            account: Who asks.
            now: Epoch seconds.
        """
        file = self._files.get(file_id)
        return file if file and file.account == account and file.is_there(now) else None

    def of(self, account: str, purpose: str | None, now: float) -> list[StoredFile]:
        """The files of an account, oldest first.

        Args:
            account: Who asks.
            purpose: Only those for this; None for all.
            now: Epoch seconds.
        """
        return [
            file
            for file in self._files.values()
            if file.account == account and purpose in (None, file.purpose) and file.is_there(now)
        ]

    def remove(self, file_id: int) -> None:
        """Forget a file."""
        del self._files[file_id]


def judge_input(content: bytes) -> None:
    """Hold an upload that is meant for a V2 video against the rules for its kind, told by its first bytes.

    Args:
        content: The file.

    Raises:
        ServiceError: 2013, with what is wrong.
    """
    if _is_sound(content):
        judge_audio(content)
    elif content[4:8] == b"ftyp" and not is_heif(content):
        judge_video(content)
    elif content:
        judge_picture(content)
    else:
        raise ServiceError.invalid("file is empty")


def _is_sound(content: bytes) -> bool:
    """Whether a file begins as WAV, or as MP3 with or without a tag, does."""
    if content[:4] == b"RIFF":
        return content[8:12] == b"WAVE"
    return content[:3] == b"ID3" or (content[:1] == b"\xff" and content[1:2] >= b"\xe0")
