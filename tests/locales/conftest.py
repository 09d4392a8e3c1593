from __future__ import annotations

import pytest

from locales import Texts


@pytest.fixture(scope="session")
def texts() -> Texts:
    return Texts.load()
