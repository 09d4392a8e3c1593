"""Catalog, client and simulator agree on everything anybody could ask for.

The simulator's rules were written from the documentation a second time, without a look at the catalog.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from demo.simulator.codes import ServiceError
from demo.simulator.orders import Order
from demo.simulator.server import running
from demo.simulator.service import Simulator
from jobs.errors import RequestProblem
from jobs.model import Api, Draft, Mode, Role, VideoRequest
from jobs.prompt import clean_prompt
from minimax.catalog import MiniMaxCatalog
from minimax.models import ADAPTIVE, MODELS, RATIOS, WIDE
from minimax.session import Sessions, open_sessions
from tests.minimax.conftest import KEY
from tests.minimax.files import a_file, files_for, picture
from tests.minimax.test_simulator import a_film, client_on
from tests.minimax.verdicts import Agreement, Wish, agreement, judge, most_held, sent_body
from tests.minimax.wishes import OWN_PRICES, drafts, sources

RESOLUTIONS = ("480P", "512P", "720P", "768P", "1080P", "2K", "4K")
V1_RATIOS = (None, WIDE, ADAPTIVE, "9:16", "2:1")
V2_RATIOS = (None, ADAPTIVE, *RATIOS, "2:1")
PLAIN = MiniMaxCatalog(prices=OWN_PRICES)


def durations(model: str) -> Sequence[int]:
    """Every length the model makes, and one step outside each end of them."""
    made = {size.duration for size in MODELS[model].sizes}
    return sorted(made | {length + step for length in made for step in (-1, 1)})


def combinations(model: str) -> list[Wish]:
    ratios = V2_RATIOS if MODELS[model].api is Api.V2 else V1_RATIOS
    return [Wish(model, *rest) for rest in product(Mode, RESOLUTIONS, durations(model), ratios)]


@pytest.mark.parametrize("model", MODELS)
def test_on_every_combination_of_options_all_three_agree(
    model: str, record_property: Callable[[str, object], None]
) -> None:
    catalogs = {"USD": PLAIN, "CNY": MiniMaxCatalog(currency="CNY")}

    found = Counter(agreement(wish, catalogs) for wish in combinations(model))

    record_property("agreements", {kind.value: number for kind, number in found.items()})
    assert found[Agreement.MADE] >= len(MODELS[model].sizes)
    assert found[Agreement.REFUSED] > 0


@pytest.mark.parametrize(
    "wish",
    [
        Wish("MiniMax-Hailuo-02", Mode.TEXT, "768P", 6, None),
        Wish("MiniMax-H3", Mode.TEXT, "768P", 6, "9:16"),
    ],
)
def test_a_catalog_that_offers_too_much_or_holds_too_little_would_be_noticed(wish: Wish) -> None:
    dearer = {"USD": MiniMaxCatalog(prices=OWN_PRICES, currency="CNY")}

    with pytest.raises(AssertionError):
        agreement(wish, dearer)


async def test_what_is_offered_is_taken_over_the_wire_at_the_price_held(
    sessions: Sessions, record_property: Callable[[str, object], None]
) -> None:
    offers = [PLAIN.offer(_a_sample(model.name, mode).draft) for model in MODELS.values() for mode in model.modes]
    simulator = Simulator(keys={"tests": SecretStr(KEY)}, film_maker=a_film, currency="USD")
    async with running(simulator) as url:
        client = client_on(url, sessions)
        tasks = [await client.create(offer.request, files_for(offer.request.inputs)) for offer in offers]

    paid = simulator.ledger.paid_creates()
    record_property("agreements", {"taken over the wire": len(paid)})
    assert [(one.task_id, one.model, one.resolution, one.duration, one.price) for one in paid] == [
        (task.task_id, offer.request.model, offer.request.resolution, offer.request.duration, offer.price.amount)
        for task, offer in zip(tasks, offers, strict=True)
    ]
    assert len(paid) > len(MODELS)


def _a_sample(model: str, mode: Mode) -> Wish:
    """One of the wishes that this model makes in this way."""
    possible = [
        Wish(model, mode, size.resolution, size.duration, ratio)
        for size in MODELS[model].sizes
        if size.modes is None or mode in size.modes
        for ratio in MODELS[model].ratios[mode]
    ]
    return Random(f"{model} {mode}").choice(possible)


# --- laws over whole wishes --------------------------------------------------------------------------------------

PROMPTS = st.one_of(
    st.text(max_size=60),
    st.text(st.sampled_from("a 👩‍👧\u200b\u202e\n\t\u00adä猫"), max_size=80),
    st.integers(1900, 7100).map(lambda length: "猫" * length),
)


@settings(max_examples=400, deadline=None)
@given(drafts(PROMPTS))
@example(Draft(prompt="👩\u200d👧" + 30 * " "))
def test_nothing_the_catalog_accepts_is_refused_by_the_simulator_or_costs_more(draft: Draft) -> None:
    request = _offered(draft)
    if request is not None:
        order = judge(request.api, sent_body(request, files_for(request.inputs)))

        assert isinstance(order, Order), order
        assert (order.resolution, order.duration) == (request.resolution, request.duration)
        assert order.prompt.startswith(request.prompt)
        price = PLAIN.offer(_cleaned(draft)).price
        assert order.price("USD") <= price.amount == most_held(order, "USD")


@settings(max_examples=60, deadline=None)
@given(drafts(PROMPTS))
async def test_nothing_the_catalog_refuses_reaches_the_wire_and_all_else_is_paid_once(draft: Draft) -> None:
    simulator = Simulator(keys={"tests": SecretStr(KEY)}, film_maker=a_film)
    async with running(simulator) as url, open_sessions() as sessions:
        request = _offered(draft)
        if request is not None:
            await client_on(url, sessions).create(request, files_for(request.inputs))

    expected = 0 if request is None else 1
    assert len(simulator.requests.all()) == len(simulator.ledger.paid_creates()) == expected


def _cleaned(draft: Draft) -> Draft:
    """As the service hands it to the catalog."""
    return replace(draft, prompt=clean_prompt(draft.prompt))


def _offered(draft: Draft) -> VideoRequest | None:
    try:
        return PLAIN.offer(_cleaned(draft)).request
    except RequestProblem:
        return None


# --- the rules for pictures --------------------------------------------------------------------------------------

LIMITS = {
    Api.V1: [(301, 301), (301, 602), (602, 301)],
    Api.V2: [(256, 256), (256, 640), (640, 256), (5760, 2304), (5760, 5760)],
}
OUTSIDE = {
    Api.V1: [(300, 300), (301, 603), (603, 301)],
    Api.V2: [(255, 255), (256, 641), (641, 256), (5761, 2400)],
}


def pictured() -> list[tuple[str, Role]]:
    return [(name, role) for name, model in MODELS.items() for role in model.inputs if "image" in _kinds(name, role)]


def _kinds(model: str, role: Role) -> set[str]:
    return {kind.partition("/")[0] for kind in PLAIN.input_rules(model, role).media_types}


@pytest.mark.parametrize(("model", "role"), pictured())
def test_the_rules_for_pictures_are_the_simulators_to_the_pixel(model: str, role: Role) -> None:
    rules = PLAIN.input_rules(model, role)
    api = MODELS[model].api
    roles = (Role.FIRST_FRAME, Role.LAST_FRAME) if role is Role.LAST_FRAME else (role,)
    for sizes, taken in ((LIMITS[api], True), (OUTSIDE[api], False)):
        for width, height in sizes:
            within = (
                (rules.min_side or 0) <= min(width, height)
                and max(width, height) <= (rules.max_side or width + height)
                and (rules.min_ratio or 0) <= width / height <= (rules.max_ratio or width)
            )
            request = PLAIN.offer(Draft(prompt="a cat", model=model, inputs=sources(*roles))).request
            files = [a_file(one, picture(width, height) if one is role else None) for one in roles]
            verdict = judge(api, sent_body(request, files))

            assert within is taken, (width, height)
            assert isinstance(verdict, Order if taken else ServiceError), (width, height, verdict)


def test_a_file_goes_out_byte_for_byte_whatever_its_length() -> None:
    for length in (0, 1, 2, 3, 3 * 64 * 1024, 3 * 64 * 1024 + 1, 500_000):
        data = Random(length).randbytes(length)
        request = VideoRequest(prompt="a cat", model="I2V-01", resolution="720P", duration=6, mode=Mode.IMAGE)
        url: str = sent_body(request, [a_file(Role.FIRST_FRAME, data)])["first_frame_image"]

        assert url.startswith("data:image/jpeg;base64,")
        assert json.dumps(url).isascii()
        assert b64decode(url.partition(",")[2], validate=True) == data
