from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.jobs.world import World, a_world


@pytest.fixture
async def world(quick_path: Path) -> AsyncGenerator[World]:
    async with a_world(quick_path) as made:
        yield made
