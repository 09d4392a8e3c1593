"""What tests of the settings share: the variables' names, and what is wrong with those that are set."""

from __future__ import annotations

from pathlib import Path

import pytest

from settings import Settings, SettingsError, load_settings

NAMES = {name.upper() for name in Settings.model_fields}


def problems(env_file: Path | None = None) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load_settings(env_file, needs=())
    return caught.value.problems
