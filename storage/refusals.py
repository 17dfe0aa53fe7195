"""Accounts that want no part, kept as salted hashes, so that we recognise them without keeping their names.

The salt lies in the same database: whoever holds the database can test whether a known account is among them,
and nobody can read the accounts out of it. That is what makes an erasure last when the same posts are read again.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, select

from storage import settings
from storage.authors import AuthorKey, key
from storage.models import SETTING
from storage.models_people import REFUSAL
from storage.types import Mention, Post
from storage.upsert import chunks, insert, upsert

SALT = "privacy.salt"


class RefusalKind(StrEnum):
    OPTED_OUT = "opted_out"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One account. `consents`: how many rows of the consent ledger an erasure took away."""

    digest: str
    kind: RefusalKind
    at: datetime
    by: str
    reason: str = ""
    consents: int = 0


def digest(connection: Connection, name: AuthorKey) -> str:
    """The account's hash; the salt is made the first time. Only inside a write."""
    row = {"name": SALT, "value": secrets.token_hex(32)}
    if settings.read(connection, SALT) is None:
        connection.execute(insert(connection, SETTING).values(row).on_conflict_do_nothing())
    return _hash(settings.read(connection, SALT) or "", name)


def write(connection: Connection, refusal: Refusal) -> None:
    """An erased account stays erased whatever is written later."""
    before = one(connection, refusal.digest)
    if before is not None and before.kind is RefusalKind.ERASED:
        return
    row = {
        "digest": refusal.digest,
        "kind": refusal.kind.value,
        "at": refusal.at,
        "by": refusal.by,
        "reason": refusal.reason,
        "consents": refusal.consents,
    }
    upsert(connection, REFUSAL, [row], key=["digest"])


def take_back(connection: Connection, of: str) -> bool:
    """The account changed its mind; False when it had refused nothing."""
    return connection.execute(delete(REFUSAL).where(REFUSAL.c.digest == of)).rowcount == 1


def one(connection: Connection, of: str) -> Refusal | None:
    return next(iter(_read(connection, [of])), None)


def those(connection: Connection, digests: Sequence[str]) -> list[Refusal]:
    """The refusals among these hashes."""
    return _read(connection, digests)


def every(connection: Connection) -> list[Refusal]:
    """The latest first."""
    names = Refusal.__dataclass_fields__
    rows = connection.execute(select(REFUSAL).order_by(REFUSAL.c.at.desc(), REFUSAL.c.digest)).mappings()
    return [Refusal(**{**{n: row[n] for n in names}, "kind": RefusalKind(row["kind"])}) for row in rows]


def among(connection: Connection, names: Iterable[AuthorKey]) -> dict[AuthorKey, RefusalKind]:
    """Those of these accounts that refused, and how."""
    salt = settings.read(connection, SALT)
    if salt is None:  # nobody ever did
        return {}
    hashes = {_hash(salt, name): name for name in names}
    return {hashes[found.digest]: found.kind for found in _read(connection, list(hashes))}


def hasher(connection: Connection) -> Callable[[AuthorKey], str]:
    """Hashes any account with this database's salt; every hash is empty where nobody ever refused."""
    salt = settings.read(connection, SALT)
    return (lambda _: "") if salt is None else (lambda name: _hash(salt, name))


def storable_posts(
    connection: Connection, mentions: Sequence[Mention], seen: Sequence[Post]
) -> tuple[tuple[Mention, ...], tuple[Post, ...]]:
    """What of a page may be stored: nothing of erased accounts."""
    people = {_name(post) for post in (*(one.post for one in mentions), *seen) if post.author is not None}
    erased = {name for name, kind in among(connection, people).items() if kind is RefusalKind.ERASED}
    if not erased:
        return tuple(mentions), tuple(seen)
    kept = tuple(one for one in mentions if _name(one.post) not in erased)
    return kept, tuple(one for one in seen if _name(one) not in erased)


def _name(post: Post) -> AuthorKey:
    return key(post.author) if post.author is not None else ("", "")


def _hash(salt: str, name: AuthorKey) -> str:
    platform, external_id = name
    said = f"{platform}:{external_id}".encode(errors="surrogatepass")
    return hmac.new(bytes.fromhex(salt), said, hashlib.sha256).hexdigest()


def _read(connection: Connection, digests: Sequence[str]) -> list[Refusal]:
    found = []
    names = Refusal.__dataclass_fields__
    for some in chunks(digests):
        rows = connection.execute(select(REFUSAL).where(REFUSAL.c.digest.in_(some))).mappings()
        found += [Refusal(**{**{n: row[n] for n in names}, "kind": RefusalKind(row["kind"])}) for row in rows]
    return found
