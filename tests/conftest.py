"""What holds for every test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder in it is made, with a name nobody knows
MUCH = 512 * 1024**2


def pytest_configure() -> None:
    """How busy the machine is says nothing about a law: no example has a deadline."""
    settings.register_profile("tests", deadline=None)
    settings.load_profile("tests")


@pytest.fixture
def quick_path() -> Iterator[Path]:
    """A folder in memory, where there is room: for small databases, whose every commit would wait for a disk."""
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MUCH
    with TemporaryDirectory(dir=MEMORY if in_memory else None, prefix="tests-") as folder:
        yield Path(folder)


Shown = Callable[[str, Mapping[str, str]], None]


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str], record_property: Callable[[str, object], None]) -> Shown:
    """Prints what a test has measured under a title, whether or not output is captured, and records it in the report."""

    def show(title: str, figures: Mapping[str, str]) -> None:
        for name, value in figures.items():
            record_property(name, value)
        with capsys.disabled():
            print(f"\n{title}:", ", ".join(f"{name} {value}" for name, value in figures.items()))  # noqa: T201 - it is to be seen

    return show
