"""The locks and pyproject.toml say the same, and the locks name no place to download from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
TO_RUN = "requirements.lock"
TO_DEVELOP = "requirements-dev.lock"
PIN = re.compile(r"^(?P<name>[a-z0-9.-]+)==(?P<version>[^ ;]+)", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {canonicalize_name(pin["name"]): pin["version"] for pin in PIN.finditer(text)}


def declared(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines: list[str] = list(project["dependencies"])
    for extra in extras:
        lines.extend(project["optional-dependencies"][extra])
    return [Requirement(line) for line in lines]


def asked_for_by_us(lock: str) -> set[str]:
    """The pins that uv notes as wanted by pyproject.toml itself."""
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text(encoding="utf-8"))
    return {canonicalize_name(entry.partition("==")[0]) for entry in entries if "(pyproject.toml)" in entry}


@pytest.mark.parametrize("lock", [TO_RUN, TO_DEVELOP])
def test_a_lock_holds_no_address_and_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert re.findall(r"://|--(?:extra-)?index-url|--find-links|--trusted-host| @ ", text) == []


@pytest.mark.parametrize("lock", [TO_RUN, TO_DEVELOP])
def test_every_pin_has_a_hash(lock: str) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text(encoding="utf-8"))[1:]

    assert len(entries) == len(pins(lock))
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize(
    ("lock", "extras"), [(TO_RUN, ("heic", "postgres")), (TO_DEVELOP, ("heic", "postgres", "dev"))]
)
def test_a_lock_pins_what_the_project_asks_for_and_nothing_else(lock: str, extras: tuple[str, ...]) -> None:
    locked = pins(lock)
    wanted = {canonicalize_name(requirement.name): requirement for requirement in declared(*extras)}

    assert asked_for_by_us(lock) == wanted.keys()
    assert [str(one) for name, one in wanted.items() if not one.specifier.contains(locked[name])] == []


def test_what_runs_is_what_was_tested() -> None:
    assert pins(TO_RUN).items() <= pins(TO_DEVELOP).items()
