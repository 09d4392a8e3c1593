from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from locales import Texts

from .world import FILM, World, open_world


@pytest.fixture
async def world(quick_path: Path) -> AsyncGenerator[World]:
    async with open_world(quick_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def texts() -> Texts:
    return Texts.load()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(FILM)
    return path
