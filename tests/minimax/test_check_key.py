"""Looking at a key without paying: what each answer tells the operator."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from minimax.client import KeyVerdict, MiniMaxClient
from minimax.session import Sessions
from tests.minimax.conftest import ClientFor, StoppedClock
from tests.minimax.wire import Peer, Reply, answer, free_port, reset, says, silence

ACCEPTED = says(2013, "invalid params")


def balance(amount: str) -> Reply:
    return says(0, available_amount=amount)


@pytest.mark.parametrize(
    ("replies", "verdict", "words"),
    [
        ([ACCEPTED, balance("12.50")], KeyVerdict.OK, ""),
        ([ACCEPTED, balance("0.01")], KeyVerdict.OK, ""),
        ([ACCEPTED, answer(b"<html>not found</html>", status=404)], KeyVerdict.OK, ""),
        ([ACCEPTED, says(1004)], KeyVerdict.OK, ""),
        ([ACCEPTED, says(0)], KeyVerdict.OK, ""),
        ([ACCEPTED, reset, reset], KeyVerdict.OK, ""),
        ([says(0, status=""), balance("1")], KeyVerdict.OK, ""),
        ([says(4711), balance("1")], KeyVerdict.OK, ""),
        ([says(1026), balance("1")], KeyVerdict.OK, ""),
        ([ACCEPTED, balance("0.00")], KeyVerdict.NO_CREDIT, "available_amount 0.00"),
        ([ACCEPTED, balance("-3.20")], KeyVerdict.NO_CREDIT, "available_amount -3.20"),
        ([says(1008, "insufficient balance")], KeyVerdict.NO_CREDIT, "1008 insufficient balance"),
        ([says(2056, "usage limit exceeded")], KeyVerdict.NO_CREDIT, "2056 usage limit exceeded"),
        ([says(1004, "login fail")], KeyVerdict.BAD_KEY, "1004 login fail"),
        ([says(2049, "invalid api key")], KeyVerdict.BAD_KEY, "2049 invalid api key"),
        ([says(2038, "real-name")], KeyVerdict.BAD_KEY, "2038 real-name"),
        ([answer(b"no", status=401)], KeyVerdict.BAD_KEY, "401 no"),
        ([says(1000, "unknown error")], KeyVerdict.UNREACHABLE, "1000 unknown error"),
        ([says(1002, "rate limit")], KeyVerdict.UNREACHABLE, "1002 rate limit"),
        ([answer(b"<html>", status=502)], KeyVerdict.UNREACHABLE, "502 <html>"),
        ([answer(b"nothing here", status=404)], KeyVerdict.UNREACHABLE, "check MINIMAX_BASE_URL"),
        ([answer({"hello": "world"})], KeyVerdict.UNREACHABLE, "could not be read"),
        ([silence], KeyVerdict.UNREACHABLE, "Timeout"),
    ],
)
async def test_each_answer_tells_what_the_key_is_worth(
    client_for: ClientFor, replies: list[Reply], verdict: KeyVerdict, words: str
) -> None:
    async with Peer(replies) as peer:
        check = await client_for(peer.url).check_key()

    assert check.verdict is verdict
    assert words in check.text
    assert all(received.method == "GET" for received in peer.requests)


async def test_a_host_that_is_not_there_is_unreachable(client_for: ClientFor) -> None:
    check = await client_for(f"http://127.0.0.1:{free_port()}").check_key()

    assert check.verdict is KeyVerdict.UNREACHABLE


async def test_the_balance_says_nothing_about_a_plans_key(sessions: Sessions) -> None:
    async with Peer([ACCEPTED, balance("0")]) as peer:
        client = MiniMaxClient(sessions, base_url=peer.url, api_key=SecretStr("sk-cp-fake"), clock=StoppedClock())
        check = await client.check_key()

    assert check.verdict is KeyVerdict.OK
