"""The programme: where advocates stand, their consents, and the accounts that want no part."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # as the key that it refers to
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "journey",
        sa.Column("advocate_id", KEY, nullable=False, autoincrement=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("contacted_at", TIME, nullable=True),
        sa.Column("opted_out_at", TIME, nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["advocate_id"], ["advocate.id"], name="fk_journey_advocate_id"),
        sa.PrimaryKeyConstraint("advocate_id", name="pk_journey"),
    )
    _rows_of_an_advocate(
        "journey_step",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
    )
    _rows_of_an_advocate(
        "consent",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("until", TIME, nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name_given", sa.Text(), nullable=False),
        sa.Column("written_at", TIME, nullable=False),
    )
    _refusals()


def _refusals() -> None:
    op.create_table(
        "refusal",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("consents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_refusal"),
    )
    counts = (
        "volume",
        "positive",
        "neutral",
        "negative",
        "score_millionths",
        "authors",
        "reach",
        "engagement",
    )
    op.create_table(
        "erased_count",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("hour", TIME, nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in counts),
        sa.PrimaryKeyConstraint("topic", "hour", "platform", name="pk_erased_count"),
    )


def _rows_of_an_advocate(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("id", KEY, nullable=False),
        sa.Column("advocate_id", KEY, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["advocate_id"], ["advocate.id"], name=f"fk_{name}_advocate_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    op.create_index(f"ix_{name}_advocate_id_id", name, ["advocate_id", "id"])
