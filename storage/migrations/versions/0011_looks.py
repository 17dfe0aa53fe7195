"""When the posts of locked evidence are asked for again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "evidence_look",
        sa.Column("evidence_id", KEY, autoincrement=False, nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("next_at", TIME, nullable=False),
        sa.Column("missing_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_evidence_look_evidence_id"),
        sa.PrimaryKeyConstraint("evidence_id", name="pk_evidence_look"),
    )
