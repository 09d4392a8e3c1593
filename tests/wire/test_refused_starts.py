"""Starts that cannot be: each ends with one plain sentence and an exit code, and never with a trace of Python's."""

import socket
from pathlib import Path

import pytest

from tests.wire.process import ROOT, Program

SETTINGS = {"DISCORD_TOKEN": "obviously-fake", "MINIMAX_API_KEY": "obviously-fake", "TOTAL_SPEND_PER_MONTH": "1"}
NO_SERVER = "postgresql+asyncpg://bot:not-a-real-password@127.0.0.1:1/bot"

EX_CONFIG = 78


async def refusal(folder: Path, *arguments: str, **env: str) -> tuple[int, str]:
    """The exit code of a start, and the last line it printed."""
    program = Program([str(ROOT / "bot.py"), *arguments], env=SETTINGS | env, folder=folder, name="bot")
    await program.start()
    code = await program.exited()
    assert "Traceback" not in program.log, program.log
    return code, program.log.splitlines()[-1]


async def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").touch()

    code, told = await refusal(tmp_path)

    assert (code, told.split(" (")[0]) == (EX_CONFIG, "Nothing can be written beside the database data/bot.db")


async def test_a_folder_of_videos_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "watch").touch()

    assert await refusal(tmp_path) == (
        EX_CONFIG,
        f"The data folder {tmp_path / 'data'} cannot be written (File exists): mend DATA_DIR.",
    )


@pytest.mark.parametrize("command", ["run", "migrate"])
async def test_an_option_of_another_driver_in_the_databases_address(tmp_path: Path, command: str) -> None:
    code, told = await refusal(tmp_path, command, DATABASE_URL=f"{NO_SERVER}?sslmode=require")

    assert code == EX_CONFIG
    assert told.startswith("The database's driver does not take what stands behind the question mark")
    assert "not-a-real-password" not in told


@pytest.mark.parametrize("setting", ["WEB_PORT", "METRICS_PORT"])
async def test_a_port_that_somebody_else_has(tmp_path: Path, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, told = await refusal(tmp_path, **{setting: str(port)})

    assert code == EX_CONFIG
    assert told.startswith(f"Port {port} of 127.0.0.1 cannot be used (Address already in use): mend {setting}")


@pytest.mark.parametrize("arguments", [("simulate", "--port", "65536"), ("simulate", "--seconds", "nan")])
async def test_a_command_line_that_makes_no_sense(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, told = await refusal(tmp_path, *arguments)

    assert code == 2  # argparse's own
    assert told.startswith(f"python bot.py simulate: error: argument {arguments[1]}: must be a number")
