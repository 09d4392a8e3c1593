"""Our programs as processes of their own: started with an environment made from scratch, stopped or killed by a test.

Knows nothing of what the program does, beyond how a Discord bot is pointed at the fake.
"""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.wire.fake_discord import FakeDiscord

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = ROOT / "tests" / "wire" / "launcher.py"
# What any Python program needs from the machine; nothing of ours, so that a developer's settings stay out.
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT")


class Program:
    """A Python program of ours in a process group of its own; may be started again after it ended.

    Args:
        arguments: What follows ``python``.
        env: The program's environment beside the machine's own.
        folder: Its working folder, for its log too.
        name: Names the log.
    """

    def __init__(self, arguments: list[str], *, env: Mapping[str, str], folder: Path, name: str) -> None:
        self.arguments = arguments
        machine = {key: os.environ[key] for key in INHERITED if key in os.environ}
        self.env = {**machine, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", **env}
        self.folder = folder
        self.log_file = folder / f"{name}.log"
        self.starts = 0
        self._process: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> str:
        """Everything it printed so far, over all its starts."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    @property
    def running(self) -> bool:
        """Whether it is alive."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None, "never started"
        return self._process.pid

    async def start(self) -> None:
        """Start it; returns at once."""
        assert not self.running, "it is running already"
        self.starts += 1
        with self.log_file.open("a") as sink:
            sink.write(f"--- start {self.starts}: python {' '.join(self.arguments)}\n")
            sink.flush()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self.arguments,
                cwd=self.folder,
                env=self.env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )

    async def printed(self, pattern: str, *, within: float = 20.0) -> re.Match[str]:
        """Wait until it has printed something that matches.

        Args:
            pattern: A regular expression, searched for in the log.
            within: Seconds.

        Raises:
            AssertionError: It ended first, or did not print it in time.
        """
        async with asyncio.timeout(within):
            while (found := re.search(pattern, self.log)) is None:
                assert self.running, f"it ended before printing {pattern!r}:\n{self.log}"
                await asyncio.sleep(0.02)
        return found

    async def sigkill(self) -> None:
        """Kill it and everything it started, as a crash or a power cut would."""
        self._signal(signal.SIGKILL)
        await self.exited()

    def sigterm(self) -> None:
        """Ask it to stop."""
        assert self._process is not None, "never started"
        self._process.terminate()

    async def exited(self, *, within: float = 15.0) -> int:
        """Wait for its end and return the exit code.

        Args:
            within: Seconds.
        """
        assert self._process is not None, "never started"
        async with asyncio.timeout(within):
            return await self._process.wait()

    async def stop(self) -> None:
        """Make sure that nothing of it is left, whatever state it is in."""
        if self._process is None:
            return
        self._signal(signal.SIGKILL)
        await self.exited()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "never started"
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


class BotProcess(Program):
    """A bot as its own process, pointed at a fake Discord.

    Args:
        discord: The fake.
        folder: Working folder; ``DATA_DIR`` is its ``data``.
        program: The file to run, below the project's root.
        arguments: Its arguments.
        env: More environment variables.
    """

    def __init__(
        self,
        discord: FakeDiscord,
        folder: Path,
        *,
        program: str = "bot.py",
        arguments: tuple[str, ...] = ("run",),
        env: Mapping[str, str] | None = None,
    ) -> None:
        pointed = {
            "FAKE_DISCORD_PROGRAM": program,
            "FAKE_DISCORD_API": discord.api,
            "FAKE_DISCORD_GATEWAY": discord.gateway.url,
            "FAKE_DISCORD_CDN": discord.cdn,
            "DISCORD_TOKEN": discord.token,
            "DATA_DIR": str(folder / "data"),
        }
        super().__init__(
            [str(LAUNCHER), *arguments], env={**pointed, **(env or {})}, folder=folder, name=Path(program).stem
        )
        self._discord = discord
        self._identifies_before = 0

    async def start(self) -> None:
        """Start it; returns at once."""
        self._identifies_before = len(self._discord.gateway.identifies)
        await super().start()

    async def wait_ready(self, *, within: float = 20.0) -> None:
        """Wait until it has identified and takes interactions.

        Args:
            within: Seconds.

        Raises:
            AssertionError: It ended, or did not identify in time; its log is in the text.
        """
        gateway = self._discord.gateway
        ready = asyncio.ensure_future(gateway.ready(identifies=self._identifies_before + gateway.shards, within=within))
        ended = asyncio.ensure_future(self.exited(within=within))
        await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
        came_up = ready.done() and ready.exception() is None
        for task in (ready, ended):
            task.cancel()
        await asyncio.gather(ready, ended, return_exceptions=True)
        assert came_up, f"the bot is not ready:\n{self.log}"

    async def start_ready(self, *, within: float = 20.0) -> None:
        """Start it and wait until it takes interactions.

        Args:
            within: Seconds.
        """
        await self.start()
        await self.wait_ready(within=within)
