"""Every setting of the bot, typed and checked, read from the environment and `.env`.

The only file that reads the environment. Knows nothing of the other parts; what it refuses, it refuses in one plain
sentence that names the variable and never shows a value (values may be secrets).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

EX_CONFIG: Final = 78
"""The exit code of a start that its settings ended (sysexits.h)."""

TO_RUN: Final = ("DISCORD_TOKEN", "MINIMAX_API_KEY")
"""What must be set to run the bot; the demo and the simulator need neither."""

MAINLAND_HOSTS: Final = frozenset({"api.minimaxi.com", "api.minimax.cn"})
"""Where prices are in yuan (MiniMax docs, API hosts)."""

THIS_MACHINE: Final = frozenset({"127.0.0.1", "localhost", "::1"})
DATABASE_SCHEMES: Final = frozenset({"sqlite+aiosqlite", "postgresql+asyncpg"})
PROXY_SCHEMES: Final = frozenset({"http", "socks5"})


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class LogFormat(StrEnum):
    """How a log line looks: for people, or for machines."""

    TEXT = "text"
    JSON = "json"


class Currency(StrEnum):
    """What prices and budgets are counted in: the currencies of the provider's price lists."""

    CNY = "CNY"
    USD = "USD"


class SettingsError(Exception):
    """The settings cannot be used.

    Args:
        problems: One plain sentence each, naming the variable.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


_Amount = TypeVar("_Amount", int, Decimal)
_COMMA: Final = "[,\N{FULLWIDTH COMMA}]"  # Chinese keyboards type the second

_OPEN_TO_ALL: Final = (
    "Neither a limit nor ALLOWED_GUILD_IDS is set: Discord apps are public, so whoever adds this one to a server "
    "spends your money; set TOTAL_SPEND_PER_MONTH or ALLOWED_GUILD_IDS."
)
_IN_THE_CLEAR: Final = "MINIMAX_BASE_URL begins with http:// and is not this machine: the key would travel unencrypted."


# --- what a value may look like ----------------------------------------------------------------------------------


def _one_word(secret: SecretStr) -> SecretStr:
    value = secret.get_secret_value()
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise ValueError("must be the bare secret: one word, without spaces or a prefix such as `Bot`")
    return secret


def _split(value: str) -> SplitResult | None:
    """The parts of a URL; None where it is none (no host, a port that is no number, or a space inside)."""
    if len(value.split()) != 1:
        return None
    try:
        parts = urlsplit(value)
        usable = bool(parts.hostname) and _can_be_looked_up(parts.hostname or "") and parts.port != 0
    except ValueError:
        return None
    return parts if usable else None


def _can_be_looked_up(host: str) -> bool:
    """Whether a resolver can be asked about it: Python's own raises over empty and endless parts between dots."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True


def _proxy(secret: SecretStr) -> SecretStr:
    parts = _split(secret.get_secret_value())
    if parts is None or parts.scheme not in PROXY_SCHEMES or not parts.port or parts.path.strip("/") or parts.query:
        raise ValueError("must be a proxy such as http://127.0.0.1:7890 or socks5://user:password@host:1080")
    return secret


def _base_url(value: str) -> str:
    parts = _split(value)
    if parts is None or parts.scheme not in {"http", "https"} or parts.query or parts.fragment or parts.username:
        raise ValueError("must be an address such as https://api.minimaxi.com or https://api.minimax.io")
    base = value.rstrip("/")
    if base.endswith(("/v1", "/v2")):
        raise ValueError("must end before the version: the bot adds /v1 itself")
    return base


def _public_url(value: str) -> str:
    parts = _split(value)
    here = parts is not None and parts.scheme == "http" and parts.hostname in THIS_MACHINE
    if parts is None or not (parts.scheme == "https" or here) or parts.query or parts.fragment or parts.username:
        raise ValueError("must be an address such as https://videos.example.com")
    return value.rstrip("/")


def _needs_a_port(value: str, info: ValidationInfo) -> str:
    if info.data.get("web_port", "wrong") is None:  # one that is wrong is missing here, and has its own sentence
        raise ValueError("needs WEB_PORT as well: the port of this machine that its requests come to")
    return value


def _host(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:-]+", value) or not _can_be_looked_up(value):
        raise ValueError("must be an address of this machine such as 127.0.0.1 or 0.0.0.0")
    return value


def _database_url(secret: SecretStr) -> SecretStr:
    scheme, found, rest = secret.get_secret_value().partition("://")
    if scheme not in DATABASE_SCHEMES or not found or not rest:
        raise ValueError(
            "must look like sqlite+aiosqlite:///data/bot.db or postgresql+asyncpg://user:password@host/database"
        )
    return secret


def _zone(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, OSError):  # unknown, malformed, or a folder of the time zone database
        raise ValueError("must be a time zone such as UTC, Asia/Shanghai or Europe/Berlin") from None


def _items(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(item.strip() for item in re.split(_COMMA, value) if item.strip())


def _none_if_zero(value: _Amount | None) -> _Amount | None:
    return value or None


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Word = Annotated[str, StringConstraints(min_length=1)]
Token = Annotated[SecretStr, AfterValidator(_one_word)]
Proxy = Annotated[SecretStr, AfterValidator(_proxy)]
Positive = Annotated[int, Field(gt=0, lt=2**31)]
Port = Annotated[int, Field(gt=0, lt=65536)]
Snowflake = Annotated[int, Field(gt=0, lt=2**63)]
Snowflakes = Annotated[tuple[Snowflake, ...], NoDecode, BeforeValidator(_items)]
Words = Annotated[tuple[Word, ...], NoDecode, BeforeValidator(_items)]
CountLimit = Annotated[int | None, Field(ge=0), AfterValidator(_none_if_zero)]
SpendLimit = Annotated[Decimal | None, Field(ge=0, lt=2**31), AfterValidator(_none_if_zero)]


def _home_currency(known: dict[str, Any]) -> Currency:
    base_url: str = known["minimax_base_url"]
    return Currency.CNY if urlsplit(base_url).hostname in MAINLAND_HOSTS else Currency.USD


def _home_database(known: dict[str, Any]) -> SecretStr:
    path: Path = known["data_dir"] / "bot.db"
    return SecretStr(f"sqlite+aiosqlite:///{path.as_posix()}")


class Settings(BaseSettings):
    """The bot's settings; each field is the variable of the same name in capitals, explained in `.env.example`.

    Limits are None where there is none. Spending is in whole units of `currency`.

    Args:
        env_file: A file to read beside the environment, which wins over it.
        **values: Settings given outright, which win over both.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        env_file_encoding="utf-8-sig",  # editors on Windows put a mark in front
        hide_input_in_errors=True,
    )

    discord_token: Token = SecretStr("")
    discord_proxy: Proxy | None = None
    dev_guild_id: Snowflake | None = None
    owner_ids: Snowflakes = ()
    allowed_guild_ids: Snowflakes = ()
    allow_user_installs: bool = False

    minimax_api_key: Token = SecretStr("")
    minimax_base_url: Annotated[str, AfterValidator(_base_url)] = "https://api.minimaxi.com"
    minimax_proxy: Proxy | None = None
    minimax_submits_per_minute: Positive = 5
    minimax_tasks_in_flight: Positive = 3
    minimax_queries_per_minute: Positive = 600

    enabled_models: Words = ()
    default_model: Word = "MiniMax-Hailuo-02"
    default_resolution: Annotated[Word, BeforeValidator(_upper)] = "1080P"
    default_duration: Positive = 6
    minimax_prices: Words = ()
    aigc_watermark: bool = False
    job_deadline_minutes: Positive = 30
    job_give_up_days: Positive = 7
    upload_limit_mib: Positive = 10

    user_videos_per_day: CountLimit = None
    user_videos_at_once: CountLimit = None
    guild_videos_at_once: CountLimit = None
    user_spend_per_month: SpendLimit = None
    guild_spend_per_month: SpendLimit = None
    total_spend_per_month: SpendLimit = None
    currency: Annotated[Currency, BeforeValidator(_upper)] = Field(default_factory=_home_currency)
    timezone: Annotated[ZoneInfo, BeforeValidator(_zone)] = Field(default_factory=lambda: ZoneInfo("UTC"))

    web_port: Port | None = None
    web_host: Annotated[str, AfterValidator(_host)] = "127.0.0.1"
    public_url: Annotated[str, AfterValidator(_public_url), AfterValidator(_needs_a_port)] | None = None
    metrics_port: Port | None = None

    data_dir: Path = Path("data")
    database_url: Annotated[SecretStr, AfterValidator(_database_url)] = Field(default_factory=_home_database)
    log_level: Annotated[LogLevel, BeforeValidator(_upper)] = LogLevel.INFO
    log_format: Annotated[LogFormat, BeforeValidator(_lower)] = LogFormat.TEXT

    def __init__(self, env_file: Path | None = None, **values: Any) -> None:
        super().__init__(_env_file=env_file, **values)

    @model_validator(mode="before")
    @classmethod
    def _blank_is_not_set(cls, values: dict[str, Any]) -> dict[str, Any]:
        trimmed = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        return {name: value for name, value in trimmed.items() if value != ""}

    @property
    def limited(self) -> bool:
        """Whether anything keeps strangers from spending the operator's money."""
        limits = (
            self.user_videos_per_day,
            self.user_videos_at_once,
            self.guild_videos_at_once,
            self.user_spend_per_month,
            self.guild_spend_per_month,
            self.total_spend_per_month,
        )
        return bool(self.allowed_guild_ids) or any(limit is not None for limit in limits)

    def missing(self, needs: Collection[str]) -> tuple[str, ...]:
        """Those of the named variables (of secrets) that are not set."""
        return tuple(name for name in needs if not getattr(self, name.lower()).get_secret_value())

    def warnings(self) -> tuple[str, ...]:
        """What is allowed but unwise, one plain sentence each."""
        parts = urlsplit(self.minimax_base_url)
        in_the_clear = parts.scheme == "http" and parts.hostname not in THIS_MACHINE
        return tuple(
            sentence
            for sentence, applies in ((_OPEN_TO_ALL, not self.limited), (_IN_THE_CLEAR, in_the_clear))
            if applies
        )


# --- reading them ------------------------------------------------------------------------------------------------

_WORDS: Final[dict[str, str]] = {
    "bool_parsing": "must be true or false",
    "decimal_parsing": "must be an amount such as 12.50",
    "enum": "must be {expected}",
    "finite_number": "must be an amount such as 12.50",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be 0 (for none) or more",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a smaller number",
    "less_than": "must be a smaller number",
    "value_error": "{error}",
}
"""Pydantic's kinds of error in our words."""

_FOLLOWS_ANOTHER: Final = "default_factory_not_called"
"""No error of its own: a default could not be made because the setting it follows is wrong."""


def _sentence(error: ErrorDetails) -> str:
    name, *entry = error["loc"]
    subject = str(name).upper()
    if entry:
        subject = f"Entry {int(entry[0]) + 1} of {subject}"
    words = _WORDS.get(error["type"], "cannot be read").format_map(error.get("ctx", {}))
    return f"{subject} {words}."


def load_settings(env_file: Path | None = Path(".env"), *, needs: Collection[str] = TO_RUN) -> Settings:
    """Reads the settings; variables of the environment win over the file, and an empty one counts as not set.

    Args:
        env_file: The `.env` file; it need not exist. None reads the environment only.
        needs: Variables that must be set for what is about to start.

    Raises:
        SettingsError: With every problem found, one sentence each.
    """
    try:
        settings = Settings(env_file)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise SettingsError(tuple(_sentence(one) for one in details if one["type"] != _FOLLOWS_ANOTHER)) from None
    except UnicodeDecodeError:
        raise SettingsError((f"{env_file} is not UTF-8 text: save it again with that encoding.",)) from None
    except OSError as error:
        raise SettingsError((f"{env_file} cannot be read: {error.strerror}.",)) from None
    missing = settings.missing(needs)
    if missing:
        raise SettingsError(tuple(f"{name} is not set: put it into .env or the environment." for name in missing))
    return settings
