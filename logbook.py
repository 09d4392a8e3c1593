"""How the log looks: one line an event, for people or for machines, with the job's id on every line that has one.

Libraries that log the standard way (discord.py, aiohttp, SQLAlchemy) come out in the same form.
"""

from __future__ import annotations

import logging
import sys
from typing import Final, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from jobs.errors import without_passwords

_QUIET: Final = {
    "aiohttp.access": logging.WARNING,
    "aiosqlite": logging.INFO,
    "alembic": logging.WARNING,
    "asyncio": logging.WARNING,
    "discord": logging.INFO,
    # Its INFO and DEBUG lines hold request bodies: people's prompts.
    "discord.http": logging.WARNING,
    "discord.gateway": logging.WARNING,
}


def open_logbook(level: str, *, as_json: bool, stream: TextIO = sys.stderr) -> None:
    """Sends everything that is logged to one stream in one form.

    Args:
        level: `DEBUG`, `INFO`, `WARNING` or `ERROR`.
        as_json: One JSON object a line, instead of text for people.
        stream: Where it goes.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    last: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json
        # Its own choice, where rich is installed, shows the values of variables: prompts, and perhaps secrets.
        else [structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)]
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last, _without_passwords],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(least, root.level))


def _without_passwords(_logger: WrappedLogger, _method: str, line: str | EventDict) -> str:
    """The last step: what libraries log, traces of theirs included, may quote a proxy with its password."""
    return without_passwords(str(line))
