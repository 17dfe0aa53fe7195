"""What is stored about one account, its refusals, and its erasure. `Store.privacy` is the door to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, false, or_, select, text, true

from storage import addresses, erasure, people, refusals
from storage.authors import AuthorKey, author_of
from storage.authors import key as account
from storage.engine import Database
from storage.erasure import Erased
from storage.models import ADVOCATE, AUTHOR, CORRECTION, MENTION, POST
from storage.models_alerting import EVIDENCE, NOTIFICATION
from storage.models_handover import TRANSFER
from storage.models_people import CONSENT, JOURNEY, STEP
from storage.models_pulses import READING
from storage.models_surveys import REFERRAL, SURVEY
from storage.models_testimonials import CURATION, PUBLICATION
from storage.refusals import Refusal, RefusalKind
from storage.types import Author, Mention
from storage.upsert import Row

People = Iterator[tuple[Author, list[Mention]]]


class Privacy:
    """Rights of the people we read: to know, to be left alone, to be forgotten."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, name: str) -> list[Author]:
        """The accounts that `platform:external_id` or a handle, with or without @, may mean."""
        platform, _, external_id = name.partition(":")
        bare = name.removeprefix("@")
        is_account = (AUTHOR.c.platform == platform) & (AUTHOR.c.external_id == external_id)
        is_handle = AUTHOR.c.handle.in_((bare, f"@{bare}"))
        with self._database.read() as connection:
            rows = connection.execute(select(AUTHOR).where(or_(is_account, is_handle)).order_by(AUTHOR.c.id))
            return [author_of(row) for row in rows.mappings()]

    def everything(self, author: Author, now: datetime | None = None) -> dict[str, list[Row]]:
        """Every row that is about the account, by table, as stored.

        Survey responses and referrals only where a consent that stands at `now` (the clock of this machine when left
        out) lets us know that they are this person's.
        """
        with self._database.read() as connection:
            found = _everything(connection, account(author))
            return found | _answers(connection, account(author), now or datetime.now(UTC))

    def everything_of(self, address: str) -> dict[str, list[Row]]:
        """Every survey response and referral of an e-mail address, as stored."""
        with self._database.read() as connection:
            digest = refusals.hasher(connection)(addresses.name(address))
            return _of_digests(connection, {(None, digest)} if digest else set())

    def erase_address(self, address: str, now: datetime, *, by: str, reason: str = "") -> tuple[int, int]:
        """Forget what came with an e-mail address, for ever: rows with it are not stored again.

        Returns how many survey responses and referrals went.
        """
        with self._database.write(ingest=True) as connection:
            if connection.dialect.name == "sqlite":
                connection.execute(text("PRAGMA secure_delete=ON"))  # what is deleted is overwritten
            return addresses.forget(connection, address, now, by=by, reason=reason)

    def refusal(self, author: Author) -> RefusalKind | None:
        with self._database.read() as connection:
            return refusals.among(connection, [account(author)]).get(account(author))

    def refusals(self) -> list[Refusal]:
        """The latest first."""
        with self._database.read() as connection:
            return refusals.every(connection)

    def opted_out(self) -> list[tuple[Author, str]]:
        """The accounts that opted out and of which we still hold posts, with their hashes."""
        with self._database.read() as connection:
            held = {
                one.digest: one.at for one in refusals.every(connection) if one.kind is RefusalKind.OPTED_OUT
            }
            if not held:
                return []
            salted = refusals.hasher(connection)
            rows = connection.execute(select(AUTHOR).order_by(AUTHOR.c.id)).mappings()
            pairs = [(author, salted(account(author))) for author in map(author_of, rows)]
            return [(author, digest) for author, digest in pairs if digest in held]

    def opt_out(self, author: Author, now: datetime, *, by: str, reason: str = "") -> None:
        """From now on the account is in no ranking, no contacts and no export; what it posts still counts."""
        with self._database.write(ingest=True) as connection:
            digest = refusals.digest(connection, account(author))
            refusals.write(connection, Refusal(digest, RefusalKind.OPTED_OUT, now, by, reason))
            if (number := _author_id(connection, account(author))) is not None:
                people.opt(connection, number, now, by, out=True)

    def take_back(self, author: Author, now: datetime, *, by: str) -> bool:
        """The account changed its mind. A withdrawn consent stays withdrawn. False when it had refused nothing."""
        with self._database.write(ingest=True) as connection:
            done = refusals.take_back(connection, refusals.digest(connection, account(author)))
            if done and (number := _author_id(connection, account(author))) is not None:
                people.opt(connection, number, now, by, out=False)
            return done

    def erase(self, author: Author, now: datetime, *, by: str, reason: str = "") -> Erased:
        """Forget the account, for ever: its posts are not stored again. See `storage.erasure` for what stays."""
        with self._database.write(ingest=True) as connection:
            return erasure.erase(connection, account(author), now, by=by, reason=reason)

    def allowed(self, found: People) -> People:
        """Without the accounts that refused."""
        with self._database.read() as connection:
            held = {one.digest for one in refusals.every(connection)}
            salted = refusals.hasher(connection)
        for author, mentions in found:
            if not held or salted(account(author)) not in held:
                yield author, mentions


def _author_id(connection: Connection, name: AuthorKey) -> int | None:
    wanted = select(AUTHOR.c.id).where(AUTHOR.c.platform == name[0], AUTHOR.c.external_id == name[1])
    number: int | None = connection.scalar(wanted)
    return number


def _everything(connection: Connection, name: AuthorKey) -> dict[str, list[Row]]:
    number = _author_id(connection, name)
    told = f"/{':'.join(name)}/"
    posts = select(POST.c.id).where(POST.c.author_id == number)
    mentions = select(MENTION.c.id).where(MENTION.c.author_id == number)
    ids = select(ADVOCATE.c.id).where(ADVOCATE.c.author_id == number)
    wanted: dict[str, Any] = {
        "author": select(AUTHOR).where(AUTHOR.c.id == number),
        "posts": select(POST).where(POST.c.author_id == number),
        "mentions": select(MENTION).where(MENTION.c.author_id == number),
        "corrections": select(CORRECTION).where(CORRECTION.c.mention_id.in_(mentions)),
        "reactions": select(READING).where(READING.c.post_id.in_(posts)),
        "evidence": select(EVIDENCE).where(EVIDENCE.c.author == ":".join(name)),
        "advocate": select(ADVOCATE).where(ADVOCATE.c.author_id == number),
        "journey": select(JOURNEY).where(JOURNEY.c.advocate_id.in_(ids)),
        "history": select(STEP).where(STEP.c.advocate_id.in_(ids)).order_by(STEP.c.id),
        "consents": select(CONSENT).where(CONSENT.c.advocate_id.in_(ids)).order_by(CONSENT.c.id),
        "handovers": select(
            TRANSFER.c.export,
            TRANSFER.c.key,
            TRANSFER.c.remote_id,
            TRANSFER.c.state,
            TRANSFER.c.sent_at,
            TRANSFER.c.at,
            TRANSFER.c.attempts,
            TRANSFER.c.code,
            TRANSFER.c.detail,
        )
        .where(TRANSFER.c.advocate_id.in_(ids))
        .order_by(TRANSFER.c.export),
        "testimonials": select(CURATION).where(CURATION.c.mention_id.in_(mentions)),
        "publications": select(PUBLICATION).where(PUBLICATION.c.advocate_id.in_(ids)),
        "notifications": select(
            NOTIFICATION.c.channel, NOTIFICATION.c.created_at, NOTIFICATION.c.title, NOTIFICATION.c.state
        ).where(NOTIFICATION.c.alert_key.contains(told, autoescape=True)),
    }
    return {kind: [dict(row) for row in connection.execute(rows).mappings()] for kind, rows in wanted.items()}


def _answers(connection: Connection, name: AuthorKey, now: datetime) -> dict[str, list[Row]]:
    ids = select(ADVOCATE.c.id).join(AUTHOR, AUTHOR.c.id == ADVOCATE.c.author_id)
    ids = ids.where(AUTHOR.c.platform == name[0], AUTHOR.c.external_id == name[1])
    mine = set(connection.scalars(ids))
    joined = addresses.joined(connection, now).items()
    return _of_digests(connection, {place for place, number in joined if number in mine})


def _of_digests(connection: Connection, places: set[tuple[str | None, str]]) -> dict[str, list[Row]]:
    """The rows of these digests, each within its topic; None: within all."""
    surveys: ColumnElement[bool] = false()
    referrals: ColumnElement[bool] = false()
    for topic, digest in places:
        of_topic = SURVEY.c.topic == topic if topic is not None else true()
        surveys = surveys | (of_topic & (SURVEY.c.person == digest))
        of_topic = REFERRAL.c.topic == topic if topic is not None else true()
        theirs = (REFERRAL.c.referrer == digest) | (REFERRAL.c.customer == digest)
        referrals = referrals | (of_topic & theirs)
    wanted = {
        "surveys": select(SURVEY).where(surveys).order_by(SURVEY.c.id),
        "referrals": select(REFERRAL).where(referrals).order_by(REFERRAL.c.id),
    }
    return {kind: [dict(row) for row in connection.execute(rows).mappings()] for kind, rows in wanted.items()}
