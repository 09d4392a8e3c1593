"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Makes jobs, their inputs, cards, the gate, the provider's calls and the known facts."""
    _jobs()
    _inputs()
    _cards()
    op.create_table(
        "gate",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("since", sa.Double, nullable=False),
        sa.Column("closed_until", sa.Double, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_table(
        "provider_calls",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("amount", sa.Integer, nullable=False),
    )
    op.create_index("provider_calls_by_kind", "provider_calls", ["kind", "at"])
    op.create_table(
        "known_facts",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(25), primary_key=True),
        sa.Column("interaction_id", sa.BigInteger, nullable=False, unique=True),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("guild_locale", sa.Text),
        sa.Column("place_upload_limit", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("source_id", sa.String(25)),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("resolution", sa.String, nullable=False),
        sa.Column("duration", sa.Integer, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("price_micros", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("charge", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("state_since", sa.Double, nullable=False),
        sa.Column("due_at", sa.Double),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("waiting_for", sa.String),
        sa.Column("task_id", sa.Text),
        sa.Column("task_base_url", sa.Text),
        sa.Column("task_api", sa.String),
        sa.Column("submitted_at", sa.Double),
        sa.Column("asked_at", sa.Double),
        sa.Column("asks", sa.Integer, nullable=False),
        sa.Column("provider_status", sa.Text),
        sa.Column("rendered_after", sa.Double),
        sa.Column("rendered_at", sa.Double),
        sa.Column("file_id", sa.Text),
        sa.Column("link", sa.Text),
        sa.Column("link_expires_at", sa.Double),
        sa.Column("upload_limit", sa.BigInteger, nullable=False),
        sa.Column("as_link", sa.Boolean, nullable=False),
        sa.Column("delivery", sa.String, nullable=False),
        sa.Column("post_attempted", sa.Boolean, nullable=False),
        sa.Column("posted_channel_id", sa.BigInteger),
        sa.Column("posted_message_id", sa.BigInteger),
        sa.Column("failure_reason", sa.String),
        sa.Column("failure_code", sa.BigInteger),
        sa.Column("failure_detail", sa.Text),
        sa.Column("overdue", sa.Boolean, nullable=False),
        sa.Column("cancel_asked", sa.Boolean, nullable=False),
        sa.Column("notes", sa.String, nullable=False),
        sa.Column("callback_key", sa.String),
        sa.Column("finished_at", sa.Double),
        sa.Column("pushed_at", sa.Double),
        sa.Column("hinted_task_id", sa.Text),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("lease_owner", sa.String),
        sa.Column("lease_until", sa.Double),
    )
    _partial_index(
        "jobs_due",
        "jobs",
        [
            "state",
            "due_at",
            "lease_until",
            "created_at",
            "interaction_id",
            "id",
            "guild_id",
            "user_id",
            "overdue",
        ],
        where="due_at IS NOT NULL",
    )
    _partial_index("jobs_by_source", "jobs", ["source_id"], where="source_id IS NOT NULL")
    _partial_index("jobs_by_task", "jobs", ["task_id"], where="task_id IS NOT NULL")
    _partial_index("jobs_by_callback_key", "jobs", ["callback_key"], where="callback_key IS NOT NULL")
    _partial_index(
        "jobs_rendered", "jobs", ["model", "resolution", "duration", "submitted_at"], where="rendered_at IS NOT NULL"
    )
    op.create_index("jobs_by_state", "jobs", ["state", "created_at", "overdue"])
    op.create_index("jobs_of_user", "jobs", ["user_id", "created_at"])
    op.create_index("jobs_open_of_user", "jobs", ["user_id", "state", "overdue"])
    op.create_index("jobs_of_guild", "jobs", ["guild_id", "created_at", "currency", "charge", "price_micros"])
    op.create_index("jobs_open_of_guild", "jobs", ["guild_id", "state", "overdue"])
    op.create_index("jobs_money", "jobs", ["currency", "charge", "created_at", "price_micros"])


def _inputs() -> None:
    op.create_table(
        "inputs",
        sa.Column("job_id", sa.String(25), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("media_type", sa.String, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("notes", sa.JSON, nullable=False),
    )


def _cards() -> None:
    op.create_table(
        "cards",
        sa.Column("job_id", sa.String(25), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("channel_id", sa.BigInteger),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("edited_at", sa.Double, nullable=False),
        sa.Column("lost", sa.Boolean, nullable=False),
        sa.Column("due_at", sa.Double),
        sa.Column("held_until", sa.Double),
        sa.Column("place_shown", sa.Integer),
        sa.Column("rank", sa.Integer, nullable=False),
    )
    _partial_index("cards_due", "cards", ["rank", "due_at"], where="due_at IS NOT NULL")


def _partial_index(name: str, table: str, columns: list[str], *, where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)
