"""Survey responses and referrals, their people as salted digests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # only INTEGER numbers itself in SQLite
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "survey_response",
        sa.Column("id", KEY, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("low", sa.Float(), nullable=False),
        sa.Column("high", sa.Float(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("properties", sa.JSON(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("imported_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_survey_response"),
        sa.UniqueConstraint(
            "topic", "kind", "source", "external_id", name="uq_survey_response_topic_kind_source_external_id"
        ),
    )
    op.create_index("ix_survey_response_topic_at", "survey_response", ["topic", "at"])
    op.create_index("ix_survey_response_person", "survey_response", ["person"])
    op.create_table(
        "referral",
        sa.Column("id", KEY, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("referrer", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("imported_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_referral"),
        sa.UniqueConstraint(
            "topic", "kind", "source", "external_id", name="uq_referral_topic_kind_source_external_id"
        ),
    )
    op.create_index("ix_referral_topic_at", "referral", ["topic", "at"])
    op.create_index("ix_referral_referrer", "referral", ["referrer"])
    op.create_index("ix_referral_customer", "referral", ["customer"])
