"""The scan finds credentials in tracked files; the samples are put together here so that it does not find this file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCAN = ROOT / "scripts" / "scan_secrets.py"
ABC = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdEfGhIjKlMnOpQrStUvWxYz"

SAMPLES = {
    "a Discord bot token": ".".join(("M" + ABC[:23], "G" + ABC[:5], ABC[:38])),
    "a Discord webhook": "https://discord.com/api/" + "webhooks/123456789012345678/" + ABC + ABC,
    "a MiniMax key": "sk-" + "api-" + ABC,
    "a JSON web token": ".".join(("ey" + "J" + ABC[:20], ABC[:40], ABC[:20])),
    "a private key": "-----BEGIN OPENSSH " + "PRIVATE KEY-----",
    "a GitHub token": "gh" + "p_" + ABC[:36],
}


def scan(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCAN)], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)  # noqa: S607 - wherever git is
    return tmp_path


def track(repository: Path, name: str, text: str) -> None:
    (repository / name).write_text(text, encoding="utf-8")
    subprocess.run(["git", "add", "--force", name], cwd=repository, check=True)  # noqa: S607


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_credential_is_found_named_and_not_repeated(repository: Path, kind: str) -> None:
    track(repository, "notes.md", f"first line\nthe value is {SAMPLES[kind]}, keep it\n")

    result = scan(repository)

    assert result.returncode == 1
    assert f"notes.md:2: looks like {kind}" in result.stdout
    assert SAMPLES[kind] not in result.stdout


def test_a_plan_key_is_found(repository: Path) -> None:
    track(repository, "notes.md", "sk-" + "cp-" + ABC)

    assert scan(repository).returncode == 1


def test_a_tracked_env_file_is_found(repository: Path) -> None:
    track(repository, ".env", "LOG_LEVEL=DEBUG\n")

    assert ".env: holds settings of a real machine" in scan(repository).stdout


def test_hashes_placeholders_and_untracked_files_pass(repository: Path) -> None:
    track(repository, "lock.txt", f"pkg==1.0 --hash=sha256:{'0123456789abcdef' * 4}\n")
    track(repository, ".env.example", "DISCORD_TOKEN=\nMINIMAX_API_KEY=sk-api-...\n")
    (repository / "untracked").write_text(SAMPLES["a MiniMax key"], encoding="utf-8")

    result = scan(repository)

    assert (result.returncode, result.stdout) == (0, "2 files scanned for secrets, 0 found\n")


def test_this_project_holds_none() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")

    assert scan(ROOT).returncode == 0
