"""E-mail addresses as salted digests, and the one way from a digest to an advocate: a consent that stands.

The digests are those of `storage.refusals` (the salt lies in the same database), so that an erased address is
recognised when a file brings it again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, func, or_, select

from storage import refusals
from storage.authors import AuthorKey
from storage.consents import Consent, ConsentKind, Scope, standing
from storage.models import ADVOCATE, AUTHOR
from storage.models_people import CONSENT
from storage.models_surveys import REFERRAL, SURVEY
from storage.platforms import forbids_matching
from storage.refusals import Refusal, RefusalKind
from storage.scrub import BLACK
from storage.upsert import chunks

_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+[@＠][A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
EMAIL = "email"  # the platform under which an address is among the refusals
Joined = dict[tuple[str, str], int]  # (topic, digest) → advocate


def plain(address: str) -> str:
    """The address as it is compared: letters' case, width and spaces around it do not matter."""
    return unicodedata.normalize("NFKC", address).strip().casefold()


def hidden(words: str) -> str:
    """The words of a stranger without any e-mail address in them."""
    return _ADDRESS.sub(BLACK, words)


def name(address: str) -> AuthorKey:
    return EMAIL, plain(address)


def digester(connection: Connection) -> Callable[[str], str]:
    """Digests of addresses; the salt is made the first time. Only inside a write."""
    refusals.digest(connection, name(""))
    salted = refusals.hasher(connection)
    return lambda address: salted(name(address)) if plain(address) else ""


def erased(connection: Connection, digests: Iterable[str]) -> set[str]:
    """Those of these digests whose person was erased."""
    wanted = sorted({one for one in digests if one})
    return {one.digest for one in refusals.those(connection, wanted) if one.kind is RefusalKind.ERASED}


def joined(connection: Connection, now: datetime) -> Joined:
    """Who may be recognised by their address at `now`, and nobody else.

    Only addresses given with a consent that stands and lets us make contact; never of who opted out, nor where a
    platform forbids to match accounts with people. Where one person has two accounts among a topic's advocates, it is
    the one that came first.
    """
    ledgers: dict[int, list[Consent]] = {}
    for row in connection.execute(select(CONSENT).order_by(CONSENT.c.id)).mappings():
        consent = Consent(**{**row, "kind": ConsentKind(row["kind"]), "scopes": frozenset(row["scopes"])})
        ledgers.setdefault(consent.advocate_id, []).append(consent)
    given = {}
    for number, rows in ledgers.items():
        stands = standing(rows, now)
        if stands is not None and Scope.CONTACT in stands.scopes and plain(stands.email):
            given[number] = name(stands.email)
    return _by_digest(connection, given)


def _by_digest(connection: Connection, given: dict[int, AuthorKey]) -> Joined:
    salted = refusals.hasher(connection)
    people = {}
    for some in chunks(sorted(given)):
        wanted = select(
            ADVOCATE.c.id, ADVOCATE.c.topic, AUTHOR.c.platform, AUTHOR.c.external_id, AUTHOR.c.url
        )
        wanted = wanted.join(AUTHOR, AUTHOR.c.id == ADVOCATE.c.author_id).where(ADVOCATE.c.id.in_(some))
        for number, topic, platform, external_id, url in connection.execute(wanted.order_by(ADVOCATE.c.id)):
            if not forbids_matching(platform, url):
                people[number] = (topic, (platform, external_id))
    refused = refusals.among(connection, {account for _, account in people.values()})
    found: Joined = {}
    for number, (topic, account) in people.items():
        digest = salted(given[number])
        if digest and account not in refused:
            found.setdefault((topic, digest), number)
    return found


def given_by(connection: Connection, advocates: Iterable[int]) -> set[str]:
    """Every address that these people ever gave, whether the consent still stands or not."""
    found: set[str] = set()
    for some in chunks(advocates):
        wanted = select(CONSENT.c.email).where(CONSENT.c.advocate_id.in_(some), CONSENT.c.email != "")
        found |= {plain(one) for one in connection.scalars(wanted)}
    return found - {""}


def forget(connection: Connection, address: str, now: datetime, *, by: str, reason: str) -> tuple[int, int]:
    """Away with every survey response and referral of an address, which is refused from now on; how many of each."""
    digest = digester(connection)(address)
    mine = or_(REFERRAL.c.referrer == digest, REFERRAL.c.customer == digest)
    surveys = connection.scalar(select(func.count()).where(SURVEY.c.person == digest)) or 0
    referrals = connection.scalar(select(func.count()).where(mine)) or 0
    connection.execute(delete(SURVEY).where(SURVEY.c.person == digest))
    connection.execute(delete(REFERRAL).where(mine))
    refusals.write(connection, Refusal(digest, RefusalKind.ERASED, now, by, reason))
    return surveys, referrals
