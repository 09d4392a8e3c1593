"""The report of a check: what it says of a setup as a whole and of its settings, and what it never tells or does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from checkup import PERMISSIONS, Finding, Level, exit_code, invite_link, report
from demo.simulator.service import Simulator
from settings import Settings
from tests.checkup.surroundings import INVITE, KEY, TOKEN, FakeDiscord, check, problems
from tests.minimax.wire import free_port

# --- all is well ---------------------------------------------------------------------------------------------------


async def test_where_all_is_well_it_says_so_and_prints_the_invite_link(
    values: dict[str, Any], discord_api: FakeDiscord, minimax_url: str
) -> None:
    findings = await check(values, discord_api)

    assert exit_code(findings) == 0
    assert [finding.text for finding in findings] == [
        "The settings are complete.",
        f"The data folder {values['data_dir']} will be made at the first start.",
        "The database is to be made or brought up to date.",
        "DISCORD_TOKEN works: it belongs to Reel.",
        "This link adds the bot to a server:",
        f"MINIMAX_API_KEY works on {minimax_url}.",
        "There are no share pages: a video too large for its channel goes out as MiniMax's link, which ends within hours.",
    ]
    assert INVITE in report(findings)


async def test_it_pays_nothing_and_leaves_nothing_behind(
    values: dict[str, Any], discord_api: FakeDiscord, simulator: Simulator, tmp_path: Path
) -> None:
    await check(values, discord_api)

    assert list(simulator.ledger.paid_creates()) == []
    assert list(tmp_path.iterdir()) == []


async def test_no_finding_shows_a_secret(values: dict[str, Any], discord_api: FakeDiscord) -> None:
    discord_api.status = 401
    values["minimax_proxy"] = f"http://someone:hunter2@127.0.0.1:{free_port()}"

    text = report(await check(values, discord_api))

    assert [secret for secret in (TOKEN, KEY, "hunter2") if secret in text] == []


def test_the_link_asks_for_the_least_that_posting_a_video_takes() -> None:
    granted = {name for name, value in PERMISSIONS if value}

    assert granted == {
        "read_messages",  # discord.py's name of "view channel"
        "send_messages",
        "send_messages_in_threads",
        "embed_links",
        "attach_files",
        "read_message_history",
    }
    assert invite_link(100) == INVITE


def test_a_report_puts_the_remedy_below_its_finding() -> None:
    finding = Finding(level=Level.PROBLEM, text="It is broken.", remedy="Mend it.")

    assert report([finding]) == "problem  It is broken.\n         Mend it."


@pytest.mark.parametrize(("level", "code"), [(Level.OK, 0), (Level.WARNING, 0), (Level.PROBLEM, 1)])
def test_only_a_problem_fails_the_check(level: Level, code: int) -> None:
    assert exit_code([Finding(level=Level.OK, text=""), Finding(level=level, text="")]) == code


# --- settings ------------------------------------------------------------------------------------------------------


async def test_missing_secrets_are_named_and_the_rest_is_looked_at_all_the_same(
    values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    del values["discord_token"], values["minimax_api_key"]

    findings = await check(values, discord_api)

    assert problems(findings) == ["DISCORD_TOKEN is not set.", "MINIMAX_API_KEY is not set."]
    assert "The database is to be made or brought up to date." in [finding.text for finding in findings]


async def test_a_start_without_any_limit_is_warned_of(values: dict[str, Any], discord_api: FakeDiscord) -> None:
    del values["total_spend_per_month"]

    findings = await check(values, discord_api)

    assert [finding.text for finding in findings if finding.level is Level.WARNING] == list(
        Settings(**values).warnings()
    )
    assert exit_code(findings) == 0


async def test_defaults_that_the_catalog_does_not_have_are_a_problem(
    values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    values["default_duration"] = 7

    (problem,) = problems(await check(values, discord_api))

    assert problem.startswith("DEFAULT_DURATION is 7")


async def test_a_price_of_something_that_is_not_made_is_a_problem(
    values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    values["minimax_prices"] = ("Sora:768P:6=1",)

    (problem,) = problems(await check(values, discord_api))

    assert problem.startswith("MINIMAX_PRICES names Sora")
