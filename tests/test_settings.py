from __future__ import annotations

import os
import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dotenv import dotenv_values
from pydantic import SecretStr

from settings import Currency, LogFormat, LogLevel, Settings, SettingsError, load_settings

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / ".env.example"
NAMES = {name.upper() for name in Settings.model_fields}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper() in NAMES:
            monkeypatch.delenv(name)


@pytest.fixture
def dotenv(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def problems(env_file: Path | None = None) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load_settings(env_file, needs=())
    return caught.value.problems


# --- the example and the settings are one list ---------------------------------------------------------------------


def test_the_example_lists_every_setting_and_no_other() -> None:
    assert dotenv_values(EXAMPLE).keys() == NAMES


def test_the_example_is_the_defaults() -> None:
    assert Settings(EXAMPLE) == Settings()


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_default_that_the_example_leaves_empty_is_nothing_or_follows_another_setting(name: str) -> None:
    shown = dotenv_values(EXAMPLE)[name]
    default = getattr(Settings(), name.lower())
    follows_another = Settings.model_fields[name.lower()].default_factory_takes_validated_data
    nothing = default in (None, (), SecretStr(""))

    assert bool(shown) is not bool(nothing or follows_another)


def test_every_setting_of_the_example_is_explained_on_the_line_above() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    settings = [(above, line) for above, line in pairwise(lines) if line.partition("=")[0] in NAMES]

    assert len(settings) == len(NAMES)
    assert [line for above, line in settings if not above.startswith("# ")] == []


def test_nothing_but_the_settings_reads_the_environment() -> None:
    product = [path for path in ROOT.glob("*.py") if path.name != "settings.py"]
    for folder in ("jobs", "minimax", "storage", "cogs", "web", "locales"):
        product.extend((ROOT / folder).rglob("*.py"))

    assert [path.name for path in product if re.search(r"os\.(environ|getenv)", path.read_text(encoding="utf-8"))] == []


# --- where values come from ----------------------------------------------------------------------------------------


def test_a_variable_of_the_environment_wins_over_the_file(dotenv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dotenv.write_text("MINIMAX_TASKS_IN_FLIGHT=7\nDEFAULT_DURATION=10\n", encoding="utf-8")
    monkeypatch.setenv("MINIMAX_TASKS_IN_FLIGHT", "9")

    settings = load_settings(dotenv, needs=())

    assert (settings.minimax_tasks_in_flight, settings.default_duration) == (9, 10)


@pytest.mark.parametrize("nothing", ["", "   "])
def test_an_empty_variable_counts_as_not_set(nothing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.setenv(name, nothing)

    settings = Settings()

    monkeypatch.undo()
    assert Settings() == settings


def test_an_empty_variable_does_not_hide_the_file(dotenv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dotenv.write_text("DEFAULT_DURATION=10\n", encoding="utf-8")
    monkeypatch.setenv("DEFAULT_DURATION", "")

    assert load_settings(dotenv, needs=()).default_duration == 10


def test_unknown_names_in_the_file_are_ignored(dotenv: Path) -> None:
    dotenv.write_text("SOMEBODY_ELSES=1\n", encoding="utf-8")

    assert load_settings(dotenv, needs=()) == Settings()


def test_a_file_with_a_byte_order_mark_is_read(dotenv: Path) -> None:
    dotenv.write_text("\ufeffDEFAULT_DURATION=10\n", encoding="utf-8")

    assert load_settings(dotenv, needs=()).default_duration == 10


def test_a_file_that_is_no_text_is_said_so(dotenv: Path) -> None:
    dotenv.write_bytes(b"DEFAULT_MODEL=\xff\xfe\n")

    assert problems(dotenv) == (f"{dotenv} is not UTF-8 text: save it again with that encoding.",)


def test_a_missing_file_is_no_problem(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "absent", needs=()) == Settings()


# --- what is needed ------------------------------------------------------------------------------------------------


def test_each_missing_secret_is_named() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(None)

    assert caught.value.problems == (
        "DISCORD_TOKEN is not set: put it into .env or the environment.",
        "MINIMAX_API_KEY is not set: put it into .env or the environment.",
    )


def test_with_the_two_secrets_alone_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", " obviously-fake-token\n")
    monkeypatch.setenv("MINIMAX_API_KEY", "obviously-fake-key")

    settings = load_settings(None)

    assert settings.discord_token.get_secret_value() == "obviously-fake-token"
    assert settings.minimax_api_key.get_secret_value() == "obviously-fake-key"


# --- what values mean ----------------------------------------------------------------------------------------------


def test_limits_of_zero_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER_VIDEOS_PER_DAY", "0")
    monkeypatch.setenv("TOTAL_SPEND_PER_MONTH", "0.00")

    settings = Settings()

    assert (settings.user_videos_per_day, settings.total_spend_per_month) == (None, None)


def test_money_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER_SPEND_PER_MONTH", "0.1")

    assert Settings().user_spend_per_month == Decimal("0.1")


def test_lists_are_separated_by_commas_of_either_keyboard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWNER_IDS", "11, 22，33,")
    monkeypatch.setenv("ENABLED_MODELS", "MiniMax-Hailuo-02 , MiniMax-Hailuo-2.3")
    monkeypatch.setenv("MINIMAX_PRICES", "S2V-01:720P:6=0.43，MiniMax-H3:768P:s=0.08")

    settings = Settings()

    assert settings.owner_ids == (11, 22, 33)
    assert settings.enabled_models == ("MiniMax-Hailuo-02", "MiniMax-Hailuo-2.3")
    assert settings.minimax_prices == ("S2V-01:720P:6=0.43", "MiniMax-H3:768P:s=0.08")


@pytest.mark.parametrize(
    ("base_url", "currency"),
    [
        ("https://api.minimaxi.com", Currency.CNY),
        ("https://api.minimax.cn/", Currency.CNY),
        ("https://api.minimax.io", Currency.USD),
        ("http://127.0.0.1:8123", Currency.USD),
    ],
)
def test_the_currency_follows_the_host(base_url: str, currency: Currency, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIMAX_BASE_URL", base_url)

    assert Settings().currency == currency


def test_a_given_currency_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURRENCY", "usd")

    assert Settings().currency == Currency.USD


@pytest.mark.parametrize(
    ("data_dir", "url"),
    [("data", "sqlite+aiosqlite:///data/bot.db"), ("/var/lib/bot", "sqlite+aiosqlite:////var/lib/bot/bot.db")],
)
def test_the_database_lies_in_the_data_folder(data_dir: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", data_dir)

    assert Settings().database_url.get_secret_value() == url


def test_reading_settings_creates_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    load_settings(needs=())

    assert list(tmp_path.iterdir()) == []


def test_names_may_be_written_in_either_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    monkeypatch.setenv("LOG_FORMAT", "JSON")
    monkeypatch.setenv("DEFAULT_RESOLUTION", "768p")
    monkeypatch.setenv("TIMEZONE", "Asia/Shanghai")

    settings = Settings()

    assert (
        settings.log_level,
        settings.log_format,
        settings.default_resolution,
    ) == (LogLevel.DEBUG, LogFormat.JSON, "768P")
    assert settings.timezone == ZoneInfo("Asia/Shanghai")


def test_the_address_of_the_provider_ends_without_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIMAX_BASE_URL", "https://api.minimax.io/")

    assert Settings().minimax_base_url == "https://api.minimax.io"


@pytest.mark.parametrize("url", ["https://videos.example.com", "https://example.com/bot/", "http://127.0.0.1:8080"])
def test_the_public_address_ends_without_a_slash_and_may_be_this_machine(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEB_PORT", "8080")
    monkeypatch.setenv("PUBLIC_URL", url)

    assert Settings().public_url == url.rstrip("/")


def test_a_wrong_port_is_one_problem_even_where_the_public_address_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_PORT", "http")
    monkeypatch.setenv("PUBLIC_URL", "https://videos.example.com")

    assert problems() == ("WEB_PORT must be a whole number.",)


# --- what is refused, and how it is said ---------------------------------------------------------------------------


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
        ("WEB_PORT", "http", "must be a whole number."),
        ("WEB_PORT", "0", "must be more than 0."),
        ("WEB_PORT", "65536", "must be a smaller number."),
        (
            "WEB_HOST",
            "http://127.0.0.1",
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
        ("USER_VIDEOS_PER_DAY", "-1", "must be 0 (for none) or more."),
        ("USER_SPEND_PER_MONTH", "$5", "must be an amount such as 12.50."),
        ("GUILD_SPEND_PER_MONTH", "NaN", "must be an amount such as 12.50."),
        ("TOTAL_SPEND_PER_MONTH", "inf", "must be an amount such as 12.50."),
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


# --- what is unwise ------------------------------------------------------------------------------------------------


def test_neither_a_limit_nor_an_allow_list_is_warned_of() -> None:
    (sentence,) = Settings().warnings()

    assert "TOTAL_SPEND_PER_MONTH" in sentence
    assert "ALLOWED_GUILD_IDS" in sentence


@pytest.mark.parametrize(
    "name",
    [
        "ALLOWED_GUILD_IDS",
        "USER_VIDEOS_PER_DAY",
        "USER_VIDEOS_AT_ONCE",
        "GUILD_VIDEOS_AT_ONCE",
        "USER_SPEND_PER_MONTH",
        "GUILD_SPEND_PER_MONTH",
        "TOTAL_SPEND_PER_MONTH",
    ],
)
def test_one_limit_or_an_allow_list_is_enough(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "5")

    assert Settings().warnings() == ()


def test_a_key_that_would_travel_in_the_clear_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER_VIDEOS_AT_ONCE", "1")
    monkeypatch.setenv("MINIMAX_BASE_URL", "http://relay.example")

    assert Settings().warnings() == (
        "MINIMAX_BASE_URL begins with http:// and is not this machine: the key would travel unencrypted.",
    )


def test_the_simulator_on_this_machine_needs_no_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER_VIDEOS_AT_ONCE", "1")
    monkeypatch.setenv("MINIMAX_BASE_URL", "http://127.0.0.1:9000")

    assert Settings().warnings() == ()
