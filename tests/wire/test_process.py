"""Programs under test: what they inherit, and how they are seen to end."""

import asyncio
import signal
import socket
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from tests.wire.conftest import Serve
from tests.wire.fake_discord import FakeDiscord
from tests.wire.process import BotProcess, Program


async def test_a_program_sees_nothing_of_the_developers_settings(
    discord: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINIMAX_API_KEY", "the-developers-own")
    program = tmp_path / "tell.py"
    program.write_text("import os, sys; print(sorted(os.environ), sys.path[0], sys.argv, __name__)")
    process = BotProcess(discord, tmp_path, program=str(program), arguments=("run",))
    await process.start()

    assert await process.exited() == 0
    assert "MINIMAX_API_KEY" not in process.log
    assert "FAKE_DISCORD" not in process.log
    root = str(Path(__file__).resolve().parents[2])
    assert f"{root} ['{program}', 'run'] __main__" in process.log


CHILD = (
    "import socket, time; s = socket.create_server(('127.0.0.1', 0)); print('port', s.getsockname()[1]); time.sleep(60)"
)


def listens(port: int) -> bool:
    """Whether anybody takes connections there."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


async def test_a_killed_program_takes_its_children_with_it_and_can_be_started_again(tmp_path: Path) -> None:
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}])"
    program = Program(["-c", parent], env={}, folder=tmp_path, name="parent")
    await program.start()
    port = int((await program.printed(r"port (\d+)\n"))[1])

    await program.sigkill()

    assert await program.exited() == -signal.SIGKILL
    assert not program.running
    async with asyncio.timeout(5):
        while listens(port):  # noqa: ASYNC110 - no event tells of the end of a grandchild
            await asyncio.sleep(0.01)
    await program.start()
    assert program.running
    await program.stop()


async def test_a_program_that_ends_before_saying_what_is_awaited_fails_at_once(tmp_path: Path) -> None:
    program = Program(["-c", "print('bye')"], env={}, folder=tmp_path, name="short")
    await program.start()

    with pytest.raises(AssertionError, match="ended before printing"):
        await program.printed("hello", within=5)


async def test_any_application_can_be_served_for_a_program(serve: Serve) -> None:
    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", hello)
    async with ClientSession() as session, session.get(await serve(app)) as response:
        assert await response.text() == "hello"
