"""Laws of the catalog over everything anybody could type and attach, and what it suggests meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.errors import NotOffered, RequestProblem
from jobs.model import Draft, Role, VideoRequest
from jobs.request import draft_of
from minimax.camera import CAMERA_MOVES
from minimax.catalog import MiniMaxCatalog
from minimax.models import MODELS, RATIOS
from tests.minimax.counter import everything, values
from tests.minimax.wishes import ANY_ROLES, drafts, sources

LAW = settings(deadline=None)  # how busy the machine is says nothing about the catalog
OPTION_NAMES = ["model", "resolution", "duration", "ratio"]


def outcome(catalog: MiniMaxCatalog, draft: Draft) -> VideoRequest | RequestProblem:
    try:
        return catalog.offer(draft).request
    except RequestProblem as refusal:
        return refusal


def with_option(draft: Draft, option: str, value: str) -> Draft:
    if option == "camera":
        others = tuple(name for name in draft.camera if name in CAMERA_MOVES and name != value)
        return replace(draft, camera=(*others, value)[-3:])
    converted: dict[str, Any] = {option: value}
    if option == "duration":
        converted = {option: int(value)}
    elif option == "enhance":
        converted = {option: value == "true"}
    return replace(draft, **converted)


def given_options(draft: Draft) -> dict[str, Any]:
    names = (*OPTION_NAMES, "camera", "enhance")
    return {name: value for name in names if (value := getattr(draft, name)) not in (None, ())}


@LAW
@given(drafts())
def test_every_offer_is_in_the_tables_and_keeps_what_was_given(draft: Draft) -> None:
    offered = outcome(everything(), draft)
    if isinstance(offered, VideoRequest):
        model = MODELS[offered.model]
        (size,) = [
            one for one in model.sizes if (one.resolution, one.duration) == (offered.resolution, offered.duration)
        ]

        assert offered.mode in (size.modes or model.modes)
        assert (draft.model or offered.model).casefold() == offered.model.casefold()
        assert (draft.resolution or offered.resolution).upper() == offered.resolution
        assert (draft.duration or offered.duration) == offered.duration
        assert draft.enhance in {None, offered.prompt_optimizer}
        assert len(offered.camera) == len({*offered.camera}) <= len(draft.camera)


@LAW
@given(drafts())
def test_asking_again_for_what_was_made_gives_the_same(draft: Draft) -> None:
    offered = outcome(everything(), draft)
    if isinstance(offered, VideoRequest):
        assert outcome(everything(), draft_of(offered)) == offered


@LAW
@given(drafts())
def test_an_error_is_a_value_nobody_makes_or_two_given_options_that_contradict(draft: Draft) -> None:
    catalog = everything()
    refusal = outcome(catalog, draft)
    if isinstance(refusal, NotOffered):
        stated = given_options(draft)
        alone: dict[str, Any] = {refusal.option: stated[refusal.option]}
        nobody_makes_it = isinstance(outcome(catalog, Draft(prompt="a cat", inputs=draft.inputs, **alone)), NotOffered)

        assert nobody_makes_it or len(stated) > 1
        assert refusal.value not in refusal.allowed


@LAW
@given(drafts())
def test_every_value_named_instead_mends_the_fault(draft: Draft) -> None:
    catalog = everything()
    refusal = outcome(catalog, draft)
    if isinstance(refusal, NotOffered) and len(draft.camera) <= 3:
        for value in refusal.allowed:
            again = outcome(catalog, with_option(draft, refusal.option, value))

            assert not isinstance(again, NotOffered) or again.option != refusal.option


@LAW
@given(drafts(), st.sampled_from(OPTION_NAMES))
def test_every_choice_shown_leads_to_what_it_shows(draft: Draft, option: str) -> None:
    catalog = everything()

    for choice in catalog.choices(option, draft):
        if len(draft.camera) <= 3:
            offer = catalog.offer(with_option(draft, option, choice.value))

            assert (choice.model, choice.resolution, choice.duration) == (
                offer.request.model,
                offer.request.resolution,
                offer.request.duration,
            )
            assert choice.price == offer.price


@LAW
@given(drafts(), st.sampled_from(["model", "resolution", "duration"]))
def test_what_is_offered_is_among_the_choices(draft: Draft, option: str) -> None:
    catalog = everything()
    offered = outcome(catalog, draft)
    if isinstance(offered, VideoRequest):
        taken = getattr(offered, option)

        assert str(taken) in [choice.value for choice in catalog.choices(option, draft)]


def test_choices_fit_the_options_already_given_and_begin_with_the_default() -> None:
    catalog = MiniMaxCatalog()

    assert values(catalog, "resolution") == ["1080P", "768P", "2K", "480P"]
    assert values(catalog, "resolution", duration=10) == ["768P", "2K", "480P"]
    assert values(catalog, "duration", resolution="1080P") == ["6"]
    assert values(catalog, "model") == [
        "MiniMax-Hailuo-02",
        "MiniMax-Hailuo-2.3",
        "MiniMax-H3",
        "MiniMax-H3-Max",
    ]
    assert values(catalog, "model", Role.FIRST_FRAME, Role.LAST_FRAME) == [
        "MiniMax-Hailuo-02",
        "MiniMax-H3",
        "MiniMax-H3-Max",
    ]
    assert values(catalog, "ratio") == list(RATIOS)
    assert values(catalog, "ratio", Role.FIRST_FRAME) == ["adaptive"]
    assert values(catalog, "ratio", model="MiniMax-Hailuo-02") == ["16:9"]
    assert values(catalog, "duration", resolution="4K") == []
    assert values(catalog, "model", Role.LAST_FRAME) == []


def test_camera_choices_are_the_moves_that_can_be_made_beside_those_given() -> None:
    catalog = MiniMaxCatalog()

    assert values(catalog, "camera") == list(CAMERA_MOVES) == list(catalog.camera_moves)
    assert len(values(catalog, "camera", camera=("推进", "Shake"))) == 13
    assert values(catalog, "camera", camera=("Shake", "Zoom in", "Tilt up")) == []
    assert values(catalog, "camera", model="MiniMax-H3") == []
    assert values(catalog, "camera", camera=("wobble",)) == []


@LAW
@given(ANY_ROLES)
def test_every_file_of_an_offer_has_rules(roles: list[Role]) -> None:
    catalog = everything()
    offered = outcome(catalog, Draft(prompt="a cat", inputs=sources(*roles)))
    if isinstance(offered, VideoRequest):
        assert len(offered.inputs) == len(roles)
        assert all(catalog.input_rules(offered.model, source.role).max_bytes > 0 for source in offered.inputs)
