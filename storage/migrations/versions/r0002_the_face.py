"""What the face needs: where a video comes from, who may see it, favourites, drafts and people's wishes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Adds columns to the jobs and makes favourites, drafts and people."""
    for column in (
        sa.Column("derived", sa.String),
        sa.Column("chain", sa.JSON, nullable=False, server_default="[]"),
        sa.Column("private", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("guest", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("age_restricted", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("answer_token", sa.String),
        sa.Column("answer_until", sa.Double),
    ):
        op.add_column("jobs", column)
    # Until now *Try again* was the only way to derive a job.
    jobs = sa.table("jobs", sa.column("source_id"), sa.column("derived"))
    op.execute(jobs.update().where(jobs.c.source_id.is_not(None)).values(derived="retry"))
    op.create_table(
        "favourites",
        sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("job_id", sa.String(25), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("since", sa.Double, nullable=False),
    )
    op.create_index("favourites_of_user", "favourites", ["user_id", "since"])
    op.create_table(
        "drafts",
        sa.Column("key", sa.String(25), primary_key=True),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("kept_at", sa.Double, nullable=False),
    )
    op.create_index("drafts_by_age", "drafts", ["kept_at"])
    op.create_table(
        "people",
        sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("direct_note", sa.Boolean, nullable=False),
    )
