"""Ends with 1 if a tracked file holds something that looks like a real credential.

Knows only what such credentials look like; run by `make check` and CI.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SHAPES: Final[dict[str, re.Pattern[bytes]]] = {
    # Discord docs, Authentication: the user id, a time stamp and a signature, each in base64.
    "a Discord bot token": re.compile(rb"\b[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40}\b"),
    "a Discord webhook": re.compile(rb"discord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d{17,20}/[\w-]{60,}"),
    "a MiniMax key": re.compile(rb"\bsk-(?:api|cp)-[\w-]{16,}"),
    "a JSON web token": re.compile(rb"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"),
    "a private key": re.compile(rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "a GitHub token": re.compile(rb"\b(?:gh[pousr]_\w{36,}|github_pat_\w{40,})"),
}
"""What a credential is called, and what it looks like."""


def findings(path: Path) -> Iterator[str]:
    """One line for each credential in the file, without the credential."""
    content = path.read_bytes()
    for name, shape in SHAPES.items():
        for match in shape.finditer(content):
            line = content.count(b"\n", 0, match.start()) + 1
            yield f"{path}:{line}: looks like {name}"


def tracked_files() -> Iterator[Path]:
    """Every file that git has, below the current folder."""
    listed = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True).stdout
    for name in listed.decode().split("\0"):
        path = Path(name)
        if name and path.is_file():
            yield path


def main() -> int:
    """Prints what was found; 1 if there was anything."""
    files = list(tracked_files())
    found = [line for path in files for line in findings(path)]
    found += [f"{path}: holds settings of a real machine" for path in files if path.name == ".env"]
    for line in found:
        print(line)
    print(f"{len(files)} files scanned for secrets, {len(found)} found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
