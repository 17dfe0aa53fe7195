"""An incident's file: its steps, its merging, its reports, later looks at its evidence.

The steps of incidents that are already there are written down as far as their rows tell them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # only INTEGER numbers itself in SQLite


def upgrade() -> None:
    _event()
    op.create_table(
        "incident_merge",
        sa.Column("incident_id", KEY, nullable=False, autoincrement=False),
        sa.Column("into_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name="fk_incident_merge_incident_id"),
        sa.ForeignKeyConstraint(["into_id"], ["incident.id"], name="fk_incident_merge_into_id"),
        sa.PrimaryKeyConstraint("incident_id", name="pk_incident_merge"),
    )
    op.create_index("ix_incident_merge_into_id", "incident_merge", ["into_id"])
    _report()
    op.create_table(
        "evidence_mark",
        sa.Column("id", KEY, nullable=False),
        sa.Column("evidence_id", KEY, nullable=False),
        sa.Column("fate", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_evidence_mark_evidence_id"),
        sa.PrimaryKeyConstraint("id", name="pk_evidence_mark"),
    )
    op.create_index("ix_evidence_mark_evidence_id", "evidence_mark", ["evidence_id"])
    _known_steps()


def _event() -> None:
    op.create_table(
        "incident_event",
        sa.Column("id", KEY, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name="fk_incident_event_incident_id"),
        sa.PrimaryKeyConstraint("id", name="pk_incident_event"),
    )
    op.create_index("ix_incident_event_incident_id_id", "incident_event", ["incident_id", "id"])


def _report() -> None:
    op.create_table(
        "incident_report",
        sa.Column("id", KEY, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("event_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name="fk_incident_report_incident_id"),
        sa.ForeignKeyConstraint(["event_id"], ["incident_event.id"], name="fk_incident_report_event_id"),
        sa.PrimaryKeyConstraint("id", name="pk_incident_report"),
        sa.UniqueConstraint("incident_id", "number", name="uq_incident_report_incident_id_number"),
    )


def _known_steps() -> None:
    """Opened, acknowledged, resolved: in the order in which they happened."""
    columns = 'INSERT INTO incident_event (incident_id, kind, at, "by", note, "values") SELECT id,'
    op.execute(f"{columns} 'opened', opened_at, '', '', '{{}}' FROM incident ORDER BY id")
    op.execute(
        f"{columns} 'acknowledged', acknowledged_at, acknowledged_by, '', '{{}}' FROM incident"
        " WHERE acknowledged_at IS NOT NULL ORDER BY id"
    )
    op.execute(
        f"{columns} CASE WHEN resolved_by = '' THEN 'all_clear' ELSE 'resolved' END, resolved_at, resolved_by,"
        " '', '{}' FROM incident WHERE resolved_at IS NOT NULL ORDER BY id"
    )
