"""Bring the tables of an open connection to this version's, inside its transaction: all steps or none."""

from __future__ import annotations

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.errors import StoreError

MIGRATE_LOCK = 4_747_002  # advisory lock of PostgreSQL: two processes starting at once take turns
_log = logging.getLogger("kikimimi.storage")


def migrate(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATE_LOCK})
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    current, head = MigrationContext.configure(connection).get_current_revision(), scripts.get_current_head()
    if current == head:
        return
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreError(
            f"the database was written by a newer kikimimi: its version is {current}, this one knows up to"
            f" {head}; install the newer one again, or restore the backup made before it"
        )
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells every step; one line of ours is enough
    command.upgrade(config, "head")
    _log.info("database tables brought from %s to %s", current or "nothing", head)
