"""What the documents point at exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
PARTS = ("jobs", "minimax", "storage", "cogs", "web", "media", "locales")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def code() -> str:
    files = [*ROOT.glob("*.py"), *(path for part in PARTS for path in (ROOT / part).rglob("*.py"))]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize("name", NAMES)
def test_every_link_into_the_project_leads_somewhere(name: str) -> None:
    links = re.findall(r"(?<!!)\[[^]]*\]\(([^)#]+)(?:#[^)]*)?\)", read(name))
    inside = [link for link in links if "://" not in link]

    assert [link for link in inside if not ((ROOT / name).parent / link).exists()] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_anchor_is_a_heading(name: str) -> None:
    broken: list[str] = []
    for target, anchor in re.findall(r"\]\(([^)#]*\.md)?#([^)]+)\)", read(name)):
        page = (ROOT / name).parent / target if target else ROOT / name
        headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        slugs = {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
        broken += [anchor] if anchor not in slugs else []

    assert broken == []


def test_the_log_lines_that_operators_read_about_are_logged() -> None:
    (table,) = re.findall(r"\| line \|.*?\n\n", read("docs/operators.md"), re.DOTALL)
    lines = [line for row in table.strip().splitlines()[2:] for line in re.findall(r"`([^`]+)`", row.split("|")[1])]
    logged = code()

    assert len(lines) > 5
    assert [line for line in lines if f'"{line}"' not in logged] == []


def test_the_files_on_the_map_exist() -> None:
    (table,) = re.findall(r"\| file \|.*?\n\n", read("docs/contributors.md"), re.DOTALL)
    missing: list[str] = []
    for row in table.strip().splitlines()[2:]:
        first, *others = re.findall(r"`([^`]+)`", row.split("|")[1])
        # The others of a row stand in the folder of the first.
        paths = [first, *(str(Path(first).parent / other) for other in others)]
        missing += [path for path in paths if not (ROOT / path).exists()]

    assert missing == []


def test_every_folder_of_tests_is_on_the_map() -> None:
    (table,) = re.findall(r"\| where \| what \|.*?\n\n", read("docs/contributors.md"), re.DOTALL)
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}

    assert set(re.findall(r"`tests/(\w+)/`", table)) == folders


def test_every_setting_the_documents_name_is_one() -> None:
    named = {
        word for page in PAGES for word in re.findall(r"`([A-Z]+(?:_[A-Z]+)+)=?`", page.read_text(encoding="utf-8"))
    }
    settings = {name.upper() for name in Settings.model_fields}

    assert named - settings == {"HTTPS_PROXY"}


def test_every_make_target_the_documents_name_is_one() -> None:
    pages = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", pages, re.MULTILINE))
    targets = set(re.findall(r"^([a-z]+):.*##", read("Makefile"), re.MULTILINE))

    assert named <= targets
    assert {"demo", "test", "check"} <= named
