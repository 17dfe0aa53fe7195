"""Alembic's entry point. `storage.migrate` runs it on a connection that is inside a transaction."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from storage import (  # noqa: F401  (they name the tables)
    models,
    models_alerting,
    models_casebook,
    models_handover,
    models_people,
    models_pulses,
    models_segments,
    models_surveys,
    models_testimonials,
)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
