"""The tables, and the indexes that keep each question cheap.

Knows SQLAlchemy only. Times are epoch seconds, money is in millionths, ids of Discord are 64-bit integers. Words such as
states are plain strings, checked when read: a CHECK would make SQLite rebuild the table for every new word.
"""

from __future__ import annotations

import re
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
    types,
)
from sqlalchemy.engine.interfaces import Dialect

metadata: Final = MetaData()

_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")


class AnyText(types.TypeDecorator[str]):
    """Text from outside: what a database cannot hold is replaced, so that no odd answer makes a job unsavable.

    PostgreSQL takes no NUL (its manual, Character Types); UTF-8 has no lone surrogates, though JSON may spell them.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replaces NUL and lone surrogates by U+FFFD."""
        del dialect
        if value is None:
            return None
        return _UNSTORABLE.sub("\ufffd", value)


jobs: Final = Table(
    "jobs",
    metadata,
    Column("id", String(25), primary_key=True),
    # Who asked, and where: never changes.
    Column("interaction_id", BigInteger, nullable=False, unique=True),
    Column("user_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("channel_id", BigInteger, nullable=False),
    Column("locale", AnyText, nullable=False),
    Column("guild_locale", AnyText),
    Column("place_upload_limit", BigInteger, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("source_id", String(25)),
    Column("derived", String),
    Column("chain", JSON, nullable=False, server_default="[]"),
    Column("private", Boolean, nullable=False, server_default=false()),
    Column("guest", Boolean, nullable=False, server_default=false()),
    Column("age_restricted", Boolean, nullable=False, server_default=false()),
    # What is to be made: never changes. Options that no query looks at share one column, so that new ones need no
    # migration.
    Column("prompt", AnyText, nullable=False),
    Column("model", String, nullable=False),
    Column("resolution", String, nullable=False),
    Column("duration", Integer, nullable=False),
    Column("mode", String, nullable=False),
    Column("options", JSON, nullable=False),
    # The engine's own.
    Column("price_micros", BigInteger, nullable=False),
    Column("currency", String, nullable=False),
    Column("charge", String, nullable=False),
    Column("state", String, nullable=False),
    Column("state_since", Double, nullable=False),
    Column("due_at", Double),
    Column("attempt", Integer, nullable=False),
    Column("waiting_for", String),
    Column("task_id", AnyText),
    Column("task_base_url", AnyText),
    Column("task_api", String),
    Column("submitted_at", Double),
    Column("asked_at", Double),
    Column("asks", Integer, nullable=False),
    Column("provider_status", AnyText),
    Column("rendered_after", Double),
    Column("rendered_at", Double),
    Column("file_id", AnyText),
    Column("link", AnyText),
    Column("link_expires_at", Double),
    Column("upload_limit", BigInteger, nullable=False),
    Column("as_link", Boolean, nullable=False),
    Column("delivery", String, nullable=False),
    Column("post_attempted", Boolean, nullable=False),
    Column("posted_channel_id", BigInteger),
    Column("posted_message_id", BigInteger),
    Column("failure_reason", String),
    Column("failure_code", BigInteger),
    Column("failure_detail", AnyText),
    Column("overdue", Boolean, nullable=False),
    Column("cancel_asked", Boolean, nullable=False),
    Column("notes", String, nullable=False),
    Column("callback_key", String),
    Column("finished_at", Double),
    # The right to change an interaction's answer: worthless after fifteen minutes.
    Column("answer_token", String),
    Column("answer_until", Double),
    # Written by whoever takes the provider's pushes; never by the engine.
    Column("pushed_at", Double),
    Column("hinted_task_id", AnyText),
    # The claim.
    Column("fence", Integer, nullable=False),
    Column("lease_owner", String),
    Column("lease_until", Double),
)

inputs: Final = Table(
    "inputs",
    metadata,
    # People's pictures, videos and sounds, as they go to the provider; their links on Discord expire within a day.
    Column("job_id", String(25), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("role", String, nullable=False),
    Column("media_type", String, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("notes", JSON, nullable=False),
)

cards: Final = Table(
    "cards",
    metadata,
    Column("job_id", String(25), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("channel_id", BigInteger),
    Column("message_id", BigInteger),
    Column("version", Integer, nullable=False),
    Column("edited_at", Double, nullable=False),
    Column("lost", Boolean, nullable=False),
    # When it is to be shown; None while it shows the truth, or is lost.
    Column("due_at", Double),
    # While somebody is showing it; apart from `due_at`, so that a change meanwhile does not let a second one in.
    Column("held_until", Double),
    # The place in the queue that it shows; None while it shows none.
    Column("place_shown", Integer),
    # 0 for the cards of ended jobs, which go first; 2 for those whose estimate has moved on and nothing else; 1 otherwise.
    Column("rank", Integer, nullable=False),
)

gate: Final = Table(
    "gate",
    metadata,
    # One row or none.
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("reason", String, nullable=False),
    Column("since", Double, nullable=False),
    Column("closed_until", Double, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("detail", AnyText, nullable=False),
)

provider_calls: Final = Table(
    "provider_calls",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("at", Double, nullable=False),
    Column("amount", Integer, nullable=False),
)

known_facts: Final = Table(
    "known_facts",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", AnyText, nullable=False),
)


favourites: Final = Table(
    "favourites",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("job_id", String(25), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("since", Double, nullable=False),
)

drafts: Final = Table(
    "drafts",
    metadata,
    # What people have begun in a form, for a day.
    Column("key", String(25), primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("content", JSON, nullable=False),
    Column("kept_at", Double, nullable=False),
)

people: Final = Table(
    "people",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("direct_note", Boolean, nullable=False),
)


def _partial(name: str, *columns: Column[Any], where: Column[Any]) -> Index:
    condition = where.is_not(None)
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


# Choosing whom to claim, whose turn it is, and when to claim next, without touching the rows; holds those only that are
# still to be acted on.
_partial(
    "jobs_due",
    jobs.c.state,
    jobs.c.due_at,
    jobs.c.lease_until,
    jobs.c.created_at,
    jobs.c.interaction_id,
    jobs.c.id,
    jobs.c.guild_id,
    jobs.c.user_id,
    jobs.c.overdue,
    where=jobs.c.due_at,
)
# What is under way.
Index("jobs_by_state", jobs.c.state, jobs.c.created_at, jobs.c.overdue)
# A person's and a server's jobs: by day and month, and those under way. A server has many: its money is in the index.
Index("jobs_of_user", jobs.c.user_id, jobs.c.created_at)
Index("jobs_open_of_user", jobs.c.user_id, jobs.c.state, jobs.c.overdue)
Index("jobs_of_guild", jobs.c.guild_id, jobs.c.created_at, jobs.c.currency, jobs.c.charge, jobs.c.price_micros)
Index("jobs_open_of_guild", jobs.c.guild_id, jobs.c.state, jobs.c.overdue)
# Everybody's money of a month.
Index("jobs_money", jobs.c.currency, jobs.c.charge, jobs.c.created_at, jobs.c.price_micros)
_partial("jobs_by_source", jobs.c.source_id, where=jobs.c.source_id)
_partial("jobs_by_task", jobs.c.task_id, where=jobs.c.task_id)
_partial("jobs_by_callback_key", jobs.c.callback_key, where=jobs.c.callback_key)
# How long such a video takes.
_partial(
    "jobs_rendered",
    jobs.c.model,
    jobs.c.resolution,
    jobs.c.duration,
    jobs.c.submitted_at,
    where=jobs.c.rendered_at,
)
Index("favourites_of_user", favourites.c.user_id, favourites.c.since)
Index("drafts_by_age", drafts.c.kept_at)
_partial("cards_due", cards.c.rank, cards.c.due_at, where=cards.c.due_at)
Index("provider_calls_by_kind", provider_calls.c.kind, provider_calls.c.at)
