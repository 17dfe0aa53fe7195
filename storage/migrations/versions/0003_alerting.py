"""What an alert waits for, which channels work, and what a silence covers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # What was begun before is taken for a crisis: it is neither held back nor muted for a lesser rank.
    for name, before in (
        ("kind", "incident"),
        ("severity", "crisis"),
        ("began_as", "crisis"),
        ("thread", ""),
        ("incident_kind", ""),
        ("group", ""),
        ("owner", ""),
    ):
        op.add_column("notification", sa.Column(name, sa.Text(), nullable=False, server_default=before))
    op.add_column("notification", sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("notification", sa.Column("step", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("notification", sa.Column("leader", sa.BigInteger(), nullable=True))
    op.add_column("notification", sa.Column("why", sa.JSON(), nullable=True))
    op.create_index("ix_notification_leader", "notification", ["leader"])
    op.create_index("ix_notification_thread", "notification", ["thread"])
    op.create_table(
        "channel",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("rest_until", MOMENT, nullable=True),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.Column("last_ok_at", MOMENT, nullable=True),
        sa.Column("last_failed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_channel"),
    )
    for name, before in (("kind", ""), ("tag", ""), ("up_to", "crisis")):
        op.add_column("silence", sa.Column(name, sa.Text(), nullable=False, server_default=before))
    op.add_column("silence", sa.Column("breaks", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("silence", sa.Column("severities", sa.JSON(), nullable=False, server_default="{}"))
