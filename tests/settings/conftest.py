"""The environment of tests of the settings: nothing of this machine is in it, and the file to read is their own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.settings.reading import NAMES


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper() in NAMES:
            monkeypatch.delenv(name)


@pytest.fixture
def dotenv(tmp_path: Path) -> Path:
    return tmp_path / ".env"
