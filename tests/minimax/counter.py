"""The catalog as a person meets it: asked for something, it makes an offer or refuses."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.errors import NotOffered, UnfitInputs
from jobs.model import Draft, Role, VideoRequest
from minimax.catalog import MiniMaxCatalog
from tests.minimax.wishes import OWN_PRICES, sources


def everything() -> MiniMaxCatalog:
    """A catalog in which every model has a price."""
    return MiniMaxCatalog(prices=OWN_PRICES)


def asked(catalog: MiniMaxCatalog, *roles: Role, **options: Any) -> VideoRequest:
    return catalog.offer(Draft(prompt="a cat", inputs=sources(*roles), **options)).request


def chosen(catalog: MiniMaxCatalog, *roles: Role, **options: Any) -> tuple[str, str, int]:
    request = asked(catalog, *roles, **options)
    return request.model, request.resolution, request.duration


def refused(catalog: MiniMaxCatalog, *roles: Role, **options: Any) -> NotOffered:
    with pytest.raises(NotOffered) as refusal:
        asked(catalog, *roles, **options)
    return refusal.value


def unfit(*roles: Role) -> UnfitInputs:
    with pytest.raises(UnfitInputs) as refusal:
        asked(everything(), *roles)
    return refusal.value


def values(catalog: MiniMaxCatalog, option: str, *roles: Role, **options: Any) -> list[str]:
    draft = Draft(prompt="", inputs=sources(*roles), **options)
    return [choice.value for choice in catalog.choices(option, draft)]
