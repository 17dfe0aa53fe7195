"""How reactions grow, and what a rule remembers of a topic between two looks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # as the key that it refers to


def upgrade() -> None:
    op.create_table(
        "reading",
        sa.Column("post_id", KEY, nullable=False, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reactions", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_reading_post_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", "at", name="pk_reading"),
    )
    op.create_index("ix_reading_at", "reading", ["at"])
    op.create_table(
        "rule",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("topic", "name", name="pk_rule"),
    )
