"""Which settings are refused, how that is said, and that no secret is told by it."""

from __future__ import annotations

import pytest

from settings import Settings, SettingsError, load_settings
from tests.settings.reading import NAMES, problems


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "DISCORD_TOKEN",
            "Bot hunter2",
            "must be the bare secret: one word, without spaces or a prefix such as `Bot`.",
        ),
        (
            "MINIMAX_API_KEY",
            "密钥hunter2",
            "must be the bare secret: one word, without spaces or a prefix such as `Bot`.",
        ),
        (
            "DISCORD_PROXY",
            "https://someone:hunter2@proxy:1080",
            "must be a proxy such as http://127.0.0.1:7890 or socks5://user:password@host:1080.",
        ),
        (
            "MINIMAX_PROXY",
            "socks5://hunter2@proxy:port",
            "must be a proxy such as http://127.0.0.1:7890 or socks5://user:password@host:1080.",
        ),
        (
            "MINIMAX_BASE_URL",
            "api.minimax.io",
            "must be an address such as https://api.minimaxi.com or https://api.minimax.io.",
        ),
        (
            "MINIMAX_BASE_URL",
            "https://api.minimax.io #global",
            "must be an address such as https://api.minimaxi.com or https://api.minimax.io.",
        ),
        ("MINIMAX_BASE_URL", "https://api.minimax.io/v1", "must end before the version: the bot adds /v1 itself."),
        ("PUBLIC_URL", "http://videos.example.com", "must be an address such as https://videos.example.com."),
        ("PUBLIC_URL", "videos.example.com", "must be an address such as https://videos.example.com."),
        (
            "PUBLIC_URL",
            "https://me:hunter2@videos.example.com",
            "must be an address such as https://videos.example.com.",
        ),
        ("PUBLIC_URL", "https://videos.example.com/?a=1", "must be an address such as https://videos.example.com."),
        (
            "PUBLIC_URL",
            "https://videos.example.com",
            "needs WEB_PORT as well: the port of this machine that its requests come to.",
        ),
        ("PUBLIC_URL", "https://videos..example.com", "must be an address such as https://videos.example.com."),
        ("WEB_PORT", "http", "must be a whole number."),
        ("WEB_PORT", "0", "must be more than 0."),
        ("WEB_PORT", "65536", "must be a smaller number."),
        (
            "WEB_HOST",
            "http://127.0.0.1",
            "must be an address of this machine such as 127.0.0.1 or 0.0.0.0.",
        ),
        (
            "WEB_HOST",
            "127..0.1",
            "must be an address of this machine such as 127.0.0.1 or 0.0.0.0.",
        ),
        (
            "DATABASE_URL",
            "postgres://bot:hunter2@db/bot",
            "must look like sqlite+aiosqlite:///data/bot.db or postgresql+asyncpg://user:password@host/database.",
        ),
        ("MINIMAX_SUBMITS_PER_MINUTE", "0", "must be more than 0."),
        ("MINIMAX_TASKS_IN_FLIGHT", "three", "must be a whole number."),
        ("MINIMAX_QUERIES_PER_MINUTE", "1.5", "must be a whole number."),
        ("JOB_GIVE_UP_DAYS", "1" + "0" * 400, "must be a smaller number."),
        ("UPLOAD_LIMIT_MIB", "1" + "0" * 16, "must be a smaller number."),
        ("USER_VIDEOS_PER_DAY", "-1", "must be 0 (for none) or more."),
        ("USER_SPEND_PER_MONTH", "$5", "must be an amount such as 12.50."),
        ("GUILD_SPEND_PER_MONTH", "NaN", "must be an amount such as 12.50."),
        ("TOTAL_SPEND_PER_MONTH", "inf", "must be an amount such as 12.50."),
        ("TOTAL_SPEND_PER_MONTH", "1e999999", "must be a smaller number."),
        ("CURRENCY", "EUR", "must be 'CNY' or 'USD'."),
        ("TIMEZONE", "Beijing", "must be a time zone such as UTC, Asia/Shanghai or Europe/Berlin."),
        ("TIMEZONE", "Asia", "must be a time zone such as UTC, Asia/Shanghai or Europe/Berlin."),
        ("TIMEZONE", "../../etc/passwd", "must be a time zone such as UTC, Asia/Shanghai or Europe/Berlin."),
        ("AIGC_WATERMARK", "perhaps", "must be true or false."),
        ("ALLOW_USER_INSTALLS", "everywhere", "must be true or false."),
        ("LOG_LEVEL", "loud", "must be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'."),
        ("DEV_GUILD_ID", "9" * 30, "must be a smaller number."),
    ],
)
def test_a_senseless_value_is_one_sentence_that_names_the_variable(
    name: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    assert problems() == (f"{name} {sentence}",)


def test_an_entry_of_a_list_is_named_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_GUILD_IDS", "123, my server")

    assert problems() == ("Entry 2 of ALLOWED_GUILD_IDS must be a whole number.",)


def test_every_problem_is_told_at_once_and_none_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIMAX_BASE_URL", "nonsense")  # CURRENCY follows it
    monkeypatch.setenv("LOG_LEVEL", "loud")

    assert [sentence.split()[0] for sentence in problems()] == ["MINIMAX_BASE_URL", "LOG_LEVEL"]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_no_message_shows_a_value(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "http://hunter2 hunter2")

    try:
        shown = repr(load_settings(None, needs=()))
    except SettingsError as error:
        shown = f"{error} {error!r} {error.__cause__}"

    any_text_will_do = {"DATA_DIR", "DEFAULT_MODEL", "DEFAULT_RESOLUTION", "ENABLED_MODELS", "MINIMAX_PRICES"}
    assert ("hunter2" in shown.lower()) is (name in any_text_will_do)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DISCORD_TOKEN", "hunter2"),
        ("MINIMAX_API_KEY", "hunter2"),
        ("DISCORD_PROXY", "socks5://someone:hunter2@127.0.0.1:1080"),
        ("MINIMAX_PROXY", "http://someone:hunter2@proxy.example:8080/"),
        ("DATABASE_URL", "postgresql+asyncpg://bot:hunter2@db/bot"),
    ],
)
def test_settings_that_are_logged_show_no_secret(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)

    settings = Settings()

    assert "hunter2" not in f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"
