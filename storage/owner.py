"""Which process is sending: its name on a row, and whether it is still there."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import timedelta

# The longest delivery is ten parts with a time limit of 20 s each; then its process is taken for dead.
LEASE = timedelta(minutes=5)
_BIRTH = secrets.token_hex(4)  # tells two processes with one number apart: in a container all are number 1


def me() -> str:
    """This process: machine, number, birth."""
    return f"{socket.gethostname()}/{os.getpid()}/{_BIRTH}"


def is_dead(owner: str) -> bool:
    """True only when it is certain: a process of this machine that is not there any more, or a nameless one."""
    host, _, rest = owner.rpartition("/")[0].rpartition("/")
    birth = owner.rpartition("/")[2]
    if not owner:
        return True
    if host != socket.gethostname() or not rest.isdecimal():
        return False
    if int(rest) == os.getpid():
        return birth != _BIRTH
    return os.name == "posix" and not _runs(int(rest))


def _runs(number: int) -> bool:
    try:
        os.kill(number, 0)  # signal 0 only asks
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
