"""The check of MiniMax: the key, the way there, and an account without money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from checkup import Level
from demo.simulator.service import Limits, Simulator
from tests.checkup.surroundings import KEY, FakeDiscord, check, problems
from tests.minimax.wire import free_port


async def test_a_key_that_the_provider_refuses_is_a_problem_and_the_two_platforms_are_named(
    values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    values["minimax_api_key"] = "another-fake-key"

    findings = await check(values, discord_api)

    (finding,) = (finding for finding in findings if finding.level is Level.PROBLEM)
    assert "does not accept MINIMAX_API_KEY" in finding.text
    assert "https://api.minimaxi.com" in finding.remedy
    assert "https://api.minimax.io" in finding.remedy


async def test_a_provider_out_of_reach_is_a_problem(values: dict[str, Any], discord_api: FakeDiscord) -> None:
    values["minimax_base_url"] = f"http://127.0.0.1:{free_port()}"

    (problem,) = problems(await check(values, discord_api))

    assert "cannot be asked about MINIMAX_API_KEY" in problem


class TestEmptyAccount:
    @pytest.fixture
    def simulator(self) -> Simulator:
        return Simulator(keys={"check": SecretStr(KEY)}, limits=Limits(balance=Decimal(0)))

    async def test_is_a_problem(self, values: dict[str, Any], discord_api: FakeDiscord) -> None:
        (problem,) = problems(await check(values, discord_api))

        assert "nothing left to pay with" in problem
