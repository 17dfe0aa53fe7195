"""Alembic's entry point. `storage.migrate` runs it on a connection that is inside a transaction."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from storage import models, models_alerting  # noqa: F401  (they name the tables)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
