"""The example of an environment and the settings are one list, and nothing else reads the environment."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from dotenv import dotenv_values
from pydantic import SecretStr

from settings import Settings
from tests.settings.reading import NAMES

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / ".env.example"


def test_the_example_lists_every_setting_and_no_other() -> None:
    assert dotenv_values(EXAMPLE).keys() == NAMES


def test_the_example_is_the_defaults() -> None:
    assert Settings(EXAMPLE) == Settings()


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_default_that_the_example_leaves_empty_is_nothing_or_follows_another_setting(name: str) -> None:
    shown = dotenv_values(EXAMPLE)[name]
    default = getattr(Settings(), name.lower())
    follows_another = Settings.model_fields[name.lower()].default_factory_takes_validated_data
    nothing = default in (None, (), SecretStr(""))

    assert bool(shown) is not bool(nothing or follows_another)


def test_every_setting_of_the_example_is_explained_on_the_line_above() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    settings = [(above, line) for above, line in pairwise(lines) if line.partition("=")[0] in NAMES]

    assert len(settings) == len(NAMES)
    assert [line for above, line in settings if not above.startswith("# ")] == []


def test_nothing_but_the_settings_reads_the_environment() -> None:
    product = [path for path in ROOT.glob("*.py") if path.name != "settings.py"]
    for folder in ("jobs", "minimax", "storage", "cogs", "web", "locales"):
        product.extend((ROOT / folder).rglob("*.py"))

    assert [path.name for path in product if re.search(r"os\.(environ|getenv)", path.read_text(encoding="utf-8"))] == []
