"""A small soak keeps the promise, its judge would see if it did not, and a seed always draws the same plan."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.soak.plan import EndKind, Plan, draw_plan
from tests.soak.run import History, Run
from tests.soak.town import Town, open_town
from tests.soak.verdict import Judge, Verdict
from tests.wire.fake_discord import Contract, Message
from tests.wire.studio import Order

pytestmark = pytest.mark.wire

SMALL = draw_plan(3, jobs=15, kills=4)


def judged(plan: Plan, town: Town, history: History) -> Verdict:
    return Judge(plan, town, history).judge()


def delivered(history: History) -> Iterator[tuple[Order, Message]]:
    """What has arrived unchanged and still stands there."""
    for wish in SMALL.wishes:
        for order in history.orders[wish.number]:
            if not wish.too_large and order.state == "done" and (results := order.results):
                yield order, results[0]


async def test_a_small_soak_keeps_the_promise_and_its_judge_sees_every_breach(tmp_path: Path) -> None:
    async with open_town(SMALL, Contract.load(), tmp_path) as town:
        history = await Run(SMALL, town, tell=print).carry_out(seconds=60)
        verdict = judged(SMALL, town, history)
        print(town.studio.bot.log)  # noqa: T201 - pytest shows it where a test failed

        assert verdict.kept, verdict
        assert verdict.delivered + verdict.told.total() == len(SMALL.wishes)
        assert history.kills == SMALL.kills

        order, result = next(delivered(history))
        ledger = town.studio.simulator.ledger
        twin = replace(result, id=result.id + 1)
        result.channel.messages[twin.id] = twin
        assert len(judged(SMALL, town, history).posted_twice) == 1

        del result.channel.messages[twin.id], result.channel.messages[result.id]
        assert len(judged(SMALL, town, history).lost) == 1

        result.channel.messages[result.id] = result
        result.files = [replace(file, sha256="other bytes") for file in result.files]
        assert len(judged(SMALL, town, history).lost) == 1

        ledger.write(ledger.paid_creates(order.prompt)[0])
        assert len(judged(SMALL, town, history).paid_twice) == 1


def test_a_seed_always_draws_the_same_plan_and_another_one_another() -> None:
    first, again, other = (draw_plan(seed, jobs=500, kills=100) for seed in (1, 1, 2))

    assert first == again
    assert first.digest == again.digest != other.digest


def test_a_plan_has_what_was_asked_for() -> None:
    plan = draw_plan(1, jobs=500, kills=100)

    assert [wish.number for wish in plan.wishes] == list(range(500))
    assert plan.kills == 100
    assert all(not life.wishes for life in plan.lives if life.end.kind is EndKind.KILL_STARTING)
