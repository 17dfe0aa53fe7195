"""What people say of the model's judgements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # only INTEGER numbers itself in SQLite


def upgrade() -> None:
    op.create_table(
        "correction",
        sa.Column("id", KEY, nullable=False),
        sa.Column("mention_id", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name="fk_correction_mention_id"),
        sa.PrimaryKeyConstraint("id", name="pk_correction"),
    )
    op.create_index("ix_correction_mention_id", "correction", ["mention_id"])
    op.add_column("mention", sa.Column("said", sa.JSON(), nullable=True))
    op.add_column("mention", sa.Column("irrelevant", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("mention", sa.Column("correction_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_mention_correction_id", "mention", ["correction_id"])
