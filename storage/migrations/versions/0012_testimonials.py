"""What people decided about quotable sentences, and where sentences were published."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # only INTEGER numbers itself in SQLite
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "testimonial",
        sa.Column("mention_id", KEY, autoincrement=False, nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["mention_id"], ["mention.id"], name="fk_testimonial_mention_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mention_id", name="pk_testimonial"),
    )
    op.create_table(
        "publication",
        sa.Column("id", KEY, nullable=False),
        sa.Column("advocate_id", KEY, nullable=False),
        sa.Column("mention_id", KEY, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("down_at", TIME, nullable=True),
        sa.Column("down_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["advocate_id"], ["advocate.id"], name="fk_publication_advocate_id"),
        sa.PrimaryKeyConstraint("id", name="pk_publication"),
    )
    op.create_index("ix_publication_advocate_id", "publication", ["advocate_id"])
    op.create_index("ix_publication_mention_id", "publication", ["mention_id"])
