"""Clients that nobody here wrote, each installed from the package index into an environment of its own, and driven from outside."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uv

from demo.simulator.tls import Identity

INSTALL_SECONDS = 300
_OFFLINE = ("error trying to connect", "dns error", "timed out", "connection refused", "failed to fetch", "unreachable")
#: Calls functions of a module, one a line, each named with its arguments in JSON; answers each with a line of JSON.
_DRIVER = """
import importlib, json, sys

answers, sys.stdout = sys.stdout, sys.stderr
module = importlib.import_module(sys.argv[1])
for line in sys.stdin:
    function, arguments = json.loads(line)
    answer = getattr(module, function)(**arguments)
    print(json.dumps(getattr(answer, "text", answer), default=str), file=answers, flush=True)
"""


class Conversation:
    """A client at work: a process that does what it is told and says what came of it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def __call__(self, function: str, **arguments: Any) -> Any:
        """What one of its functions returns."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([function, arguments]).encode() + b"\n")
        answer = await self._process.stdout.readline()
        assert answer, "the client ended; its last words are above"
        return json.loads(answer)


@dataclass(frozen=True)
class Stranger:
    """An installed client.

    Args:
        python: The interpreter of its environment.
        home: A folder of its own.
    """

    python: Path
    home: Path

    @asynccontextmanager
    async def at_work(self, module: str, **settings: str | Path) -> AsyncGenerator[Conversation]:
        """The client in a process of its own.

        Args:
            module: The one whose functions are called.
            settings: Its environment.
        """
        told = {name: str(value) for name, value in settings.items()}
        process = await asyncio.create_subprocess_exec(
            *(self.python, "-c", _DRIVER, module),
            env={"PATH": os.defpath, "HOME": str(self.home), "NO_PROXY": "127.0.0.1", **told},
            cwd=self.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        try:
            yield Conversation(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            await process.wait()


def install(requirement: str, folder: Path) -> Stranger:
    """The client in an environment of its own; skips the test where the package index cannot be reached.

    Args:
        requirement: Name and exact version.
        folder: An empty one.
    """
    environment, home = folder / "environment", folder / "home"
    home.mkdir()
    tool = uv.find_uv_bin()
    subprocess.run([tool, "venv", "--quiet", "--python", sys.executable, environment], check=True)
    python = environment / "bin" / "python"
    done = subprocess.run(
        [tool, "pip", "install", "--quiet", "--python", python, requirement],
        env={**os.environ, "UV_HTTP_TIMEOUT": "10"},
        stderr=subprocess.PIPE,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
    )
    if done.returncode and any(word in done.stderr.lower() for word in _OFFLINE):
        pytest.skip(f"the package index cannot be reached to install {requirement}")
    assert done.returncode == 0, done.stderr
    return Stranger(python, home)


def write_authority(identity: Identity, folder: Path) -> Path:
    """A file that tells a client whom to trust."""
    file = folder / "authority.pem"
    file.write_bytes(identity.authority)
    return file
