"""The programme's people: where each stands, what was done, what they allow. `Store.people` is the door to it.

A stage moves only along `storage.journeys.MOVES`, by a conditional update, in the transaction that writes the
step; `consented` is reached only by writing a consent. Ledger and history are append-only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select, update

from storage import advocates, refusals
from storage.authors import AuthorKey
from storage.authors import key as account
from storage.consents import Consent, ConsentKind, Contact, Scope, standing
from storage.engine import Database
from storage.journeys import MOVES, PEOPLE_WRITE, Journey, Step, StepKind
from storage.models import ADVOCATE, AUTHOR
from storage.models_alerting import NOTIFICATION
from storage.models_people import CONSENT, JOURNEY, STEP
from storage.types import Advocate, Stage
from storage.upsert import Row, chunks, insert, upsert


class JourneyError(ValueError):
    """A step that may not be taken; `code` says why.

    unknown, move (not from this stage), consent (write a consent instead), future, scopes, evidence, not_contacted,
    nothing_stands, opted_out, task.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class People:
    """Advocates on their way through the programme."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ---------------------------------------------------------------- whom we may hand over

    def contacts(self, topic: str | None, scope: str, now: datetime) -> list[Contact]:
        """ONLY people whose consent for that scope stands at `now`, best score first; who opted out is never here."""
        wanted = Scope(scope).value
        with self._database.read() as connection:
            ids = select(CONSENT.c.advocate_id).distinct()
            found = advocates.some(connection, topic, ids)
            consents = ledgers(connection, [one.id or 0 for one in found])
            journeys = _journeys(connection, [one.id or 0 for one in found])
            refused = refusals.among(connection, (account(one.author) for one in found))
        contacts = []
        for one in found:
            number = one.id or 0
            stands = standing(consents.get(number, ()), now)
            if stands is None or wanted not in stands.scopes or account(one.author) in refused:
                continue
            email = stands.email if Scope.CONTACT in stands.scopes else ""
            contacts.append(
                Contact(
                    number, one.topic, one.author, one.score, one.organic, one.stage, stands.scopes, stands.at,
                    stands.evidence, email, stands.name_given, journeys[number].tags,
                )
            )  # fmt: skip
        return contacts

    def contacted_at(self, topic: str | None = None) -> dict[AuthorKey, datetime]:
        """Since when each account's posts are programme posts: the first contact, whatever happened since."""
        first = select(AUTHOR.c.platform, AUTHOR.c.external_id, JOURNEY.c.contacted_at).select_from(
            JOURNEY.join(ADVOCATE, ADVOCATE.c.id == JOURNEY.c.advocate_id).join(
                AUTHOR, AUTHOR.c.id == ADVOCATE.c.author_id
            )
        )
        first = first.where(JOURNEY.c.contacted_at.is_not(None))
        if topic is not None:
            first = first.where(ADVOCATE.c.topic == topic)
        found: dict[AuthorKey, datetime] = {}
        with self._database.read() as connection:
            for platform, external_id, at in connection.execute(first):
                found[platform, external_id] = min(at, found.get((platform, external_id), at))
        return found

    # ---------------------------------------------------------------- reading

    def journeys(self, ids: Iterable[int]) -> dict[int, Journey]:
        """One for each of these advocates, also for those about whom nothing was written yet."""
        with self._database.read() as connection:
            return _journeys(connection, list(ids))

    def history(self, advocate_id: int) -> list[Step]:
        """Every step, in the order in which it was written."""
        wanted = select(STEP).where(STEP.c.advocate_id == advocate_id).order_by(STEP.c.id)
        with self._database.read() as connection:
            return [_step_of(row) for row in connection.execute(wanted).mappings()]

    def ledger(self, advocate_id: int) -> list[Consent]:
        """Every row about consent, in the order in which it was written."""
        with self._database.read() as connection:
            return ledgers(connection, [advocate_id]).get(advocate_id, [])

    def owners(self) -> list[str]:
        wanted = select(JOURNEY.c.owner).distinct().where(JOURNEY.c.owner != "").order_by(JOURNEY.c.owner)
        with self._database.read() as connection:
            return list(connection.scalars(wanted))

    def programme(self, topic: str) -> list[Advocate]:
        """Everybody of a topic who was ever contacted, has not left and has not opted out."""
        ids = select(JOURNEY.c.advocate_id).where(
            JOURNEY.c.contacted_at.is_not(None), JOURNEY.c.opted_out_at.is_(None)
        )
        with self._database.read() as connection:
            found = advocates.some(connection, topic, ids)
        return [one for one in found if one.stage is not Stage.LEFT]

    def told_turned(self, topic: str) -> list[Advocate]:
        """The advocates of whom somebody was told that they turned negative."""
        start = f"advocate/{topic}/"
        keys = select(NOTIFICATION.c.alert_key).where(
            NOTIFICATION.c.alert_key.startswith(start, autoescape=True),
            NOTIFICATION.c.alert_key.contains("/advocate_turned/"),
        )
        with self._database.read() as connection:
            told = {key[len(start) :].rsplit("/advocate_turned/", 1)[0] for key in connection.scalars(keys)}
            if not told:
                return []
            found = advocates.some(connection, topic, select(ADVOCATE.c.id))
            refused = refusals.among(connection, (account(one.author) for one in found))
        return [
            one
            for one in found
            if f"{one.author.platform}:{one.author.external_id}" in told
            and account(one.author) not in refused
        ]

    # ---------------------------------------------------------------- steps

    def move(
        self,
        advocate_id: int,
        stage: Stage,
        *,
        by: str,
        now: datetime,
        at: datetime | None = None,
        note: str = "",
    ) -> Advocate:
        """A person takes the next step; `at` is when it really happened. Raises JourneyError."""
        if stage is Stage.CONSENTED:
            raise JourneyError("consent")
        when = at or now
        if when > now:
            raise JourneyError("future")
        with self._database.write() as connection:
            before = _known(connection, advocate_id)
            _move(connection, before, stage, Step(advocate_id, StepKind.MOVED, when, by, note))
            return _known(connection, advocate_id)

    def write(self, step: Step) -> Step:
        """What a person adds: a note, a talk with the advocate, a task, the end of a task. Raises JourneyError."""
        if step.kind not in PEOPLE_WRITE:
            raise ValueError(f"{step.kind.value} is not written by itself: the change that makes it true is")
        with self._database.write() as connection:
            _known(connection, step.advocate_id)
            if step.kind is StepKind.DONE:
                _check_task(connection, step)
            return _append(connection, step)

    def set_owner(self, advocate_id: int, owner: str, *, by: str, now: datetime) -> None:
        """Who looks after the advocate; empty for nobody."""
        with self._database.write() as connection:
            _known(connection, advocate_id)
            if _put(connection, advocate_id, owner=owner):
                _append(connection, Step(advocate_id, StepKind.OWNER, now, by, values={"owner": owner}))

    def set_tags(self, advocate_id: int, tags: Sequence[str], *, by: str, now: datetime) -> None:
        words = sorted({tag.strip() for tag in tags if tag.strip()})
        with self._database.write() as connection:
            _known(connection, advocate_id)
            if _put(connection, advocate_id, tags=words):
                _append(connection, Step(advocate_id, StepKind.TAGS, now, by, values={"tags": words}))

    # ---------------------------------------------------------------- consent

    def record(self, consent: Consent, now: datetime) -> Consent:
        """One more row of the ledger, and what follows from it; returns it as stored. Raises JourneyError.

        A yes needs scopes, evidence and the wording shown, and somebody who was contacted; it moves `contacted` to
        `consented`. When nothing stands any more after a no, an enrolled advocate has left.
        """
        _check_consent(consent, now)
        with self._database.write() as connection:
            before = _known(connection, consent.advocate_id)
            ledger = ledgers(connection, [consent.advocate_id]).get(consent.advocate_id, [])
            _check_fits(connection, consent, before, ledger, now)
            stored = _write_consent(connection, consent, now)
            said = {"consent": stored.id, "kind": consent.kind.value, "scopes": sorted(consent.scopes)}
            _append(
                connection, Step(consent.advocate_id, StepKind.CONSENT, consent.at, consent.by, values=said)
            )
            step = Step(consent.advocate_id, StepKind.MOVED, consent.at, consent.by)
            if before.stage is Stage.CONTACTED and consent.kind is ConsentKind.GRANTED:
                _move(connection, before, Stage.CONSENTED, step)
            elif consent.kind is ConsentKind.WITHDRAWN and standing([*ledger, stored], now) is None:
                _leave(connection, before, step)
            return stored

    def expire(self, now: datetime) -> int:
        """Write a row for every consent whose end has come, once. Returns how many."""
        ending = select(CONSENT.c.advocate_id).distinct().where(CONSENT.c.until <= now)
        with self._database.read() as connection:
            if not (ids := list(connection.scalars(ending))):
                return 0
        with self._database.write() as connection:
            consents = ledgers(connection, ids)
            over = [end for rows in consents.values() if (end := _over(rows, now)) is not None]
            for one in over:
                stored = _write_consent(connection, one, now)
                said: Row = {"consent": stored.id, "kind": one.kind.value, "scopes": []}
                _append(connection, Step(one.advocate_id, StepKind.CONSENT, one.at, "", values=said))
        return len(over)


# ------------------------------------------------------------------ inside a transaction


def _known(connection: Connection, advocate_id: int) -> Advocate:
    found = advocates.one(connection, advocate_id)
    if found is None:
        raise JourneyError("unknown")
    return found


def _move(connection: Connection, before: Advocate, stage: Stage, step: Step) -> None:
    """Stage, history, and the first contact, together."""
    if (
        account(before.author) in refusals.among(connection, [account(before.author)])
        and stage is not Stage.LEFT
    ):
        raise JourneyError("opted_out")
    moving = update(ADVOCATE).where(ADVOCATE.c.id == before.id, ADVOCATE.c.stage == before.stage.value)
    if stage not in MOVES[before.stage] or not connection.execute(moving.values(stage=stage.value)).rowcount:
        raise JourneyError("move")
    said = {"from": before.stage.value, "to": stage.value}
    _append(connection, Step(step.advocate_id, step.kind, step.at, step.by, step.note, said))
    if stage is Stage.CONTACTED:
        first = _journeys(connection, [step.advocate_id])[step.advocate_id].contacted_at
        _put(connection, step.advocate_id, contacted_at=min(step.at, first or step.at))


def _leave(connection: Connection, before: Advocate, step: Step) -> None:
    if before.stage is not Stage.LEFT and Stage.LEFT in MOVES[before.stage]:
        _move(connection, before, Stage.LEFT, step)


def _append(connection: Connection, step: Step) -> Step:
    row = {
        "advocate_id": step.advocate_id,
        "kind": step.kind.value,
        "at": step.at,
        "by": step.by,
        "note": step.note,
        "values": dict(step.values),
    }
    stored = connection.execute(insert(connection, STEP).values(row).returning(STEP)).mappings().one()
    return _step_of(stored)


def opt(connection: Connection, author_id: int, now: datetime, by: str, *, out: bool) -> None:
    """The account of these advocates opted out, or changed its mind; who was in the programme has left it."""
    for number in connection.scalars(select(ADVOCATE.c.id).where(ADVOCATE.c.author_id == author_id)).all():
        if _put(connection, number, opted_out_at=now if out else None):
            kind = StepKind.OPT_OUT if out else StepKind.OPT_IN
            _append(connection, Step(number, kind, now, by))
        if out:
            rows = ledgers(connection, [number]).get(number, [])
            if standing(rows, now) is not None:
                ending = Consent(number, ConsentKind.WITHDRAWN, frozenset(), now, by, "opt-out")
                _write_consent(connection, ending, now)
            _leave(connection, _known(connection, number), Step(number, StepKind.MOVED, now, by))


def _put(connection: Connection, advocate_id: int, **changes: object) -> bool:
    """Change a journey's row; False when it says so already."""
    row = (
        connection.execute(select(JOURNEY).where(JOURNEY.c.advocate_id == advocate_id))
        .mappings()
        .one_or_none()
    )
    before: Row = (
        dict(row)
        if row
        else {"advocate_id": advocate_id, "owner": "", "contacted_at": None, "opted_out_at": None, "tags": []}
    )
    if all(before[name] == value for name, value in changes.items()):
        return False
    upsert(connection, JOURNEY, [{**before, **changes}], key=["advocate_id"])
    return True


def _write_consent(connection: Connection, consent: Consent, now: datetime) -> Consent:
    names = ("advocate_id", "at", "by", "evidence", "wording", "until", "email", "name_given")
    row: Row = {name: getattr(consent, name) for name in names}
    row |= {"kind": consent.kind.value, "scopes": sorted(consent.scopes), "written_at": now}
    stored = connection.execute(insert(connection, CONSENT).values(row).returning(CONSENT)).mappings().one()
    return _consent_of(stored)


def _check_consent(consent: Consent, now: datetime) -> None:
    if consent.at > now:
        raise JourneyError("future")
    if not consent.scopes <= frozenset(Scope):
        raise JourneyError("scopes")
    if consent.kind in (ConsentKind.GRANTED, ConsentKind.CHANGED):
        if not consent.scopes:
            raise JourneyError("scopes")
        if not consent.evidence.strip() or not consent.wording.strip() or not consent.by.strip():
            raise JourneyError("evidence")


def _check_fits(
    connection: Connection, consent: Consent, before: Advocate, ledger: Sequence[Consent], now: datetime
) -> None:
    stands = standing(ledger, now)
    if consent.kind is ConsentKind.GRANTED:
        if before.stage in (Stage.CANDIDATE, Stage.REVIEWED, Stage.LEFT):
            raise JourneyError("not_contacted")
        if refusals.among(connection, [account(before.author)]):
            raise JourneyError("opted_out")
    elif stands is None:
        raise JourneyError("nothing_stands")


def _check_task(connection: Connection, step: Step) -> None:
    """A task is ended once, by whoever does it first."""
    rows = connection.execute(select(STEP).where(STEP.c.advocate_id == step.advocate_id)).mappings().all()
    wanted = step.values.get("task")
    there = any(row["id"] == wanted and row["kind"] == StepKind.TASK.value for row in rows)
    ended = any(row["kind"] == StepKind.DONE.value and row["values"].get("task") == wanted for row in rows)
    if not there or ended:
        raise JourneyError("task")


def _over(rows: Sequence[Consent], now: datetime) -> Consent | None:
    """The row that says that a consent's end has come; None when it was written, or does not matter any more."""
    last = max((one for one in rows if one.at <= now), key=lambda one: (one.at, one.id or 0), default=None)
    if last is None or last.until is None or last.until > now:
        return None
    return Consent(last.advocate_id, ConsentKind.EXPIRED, frozenset(), last.until, "")


# ------------------------------------------------------------------ rows and values


def ledgers(connection: Connection, ids: Sequence[int]) -> dict[int, list[Consent]]:
    """The consent ledgers of these advocates, in the order of writing; who has none is left out."""
    found: dict[int, list[Consent]] = {}
    for some in chunks(ids):
        wanted = select(CONSENT).where(CONSENT.c.advocate_id.in_(some)).order_by(CONSENT.c.id)
        for row in connection.execute(wanted).mappings():
            found.setdefault(row["advocate_id"], []).append(_consent_of(row))
    return found


def _journeys(connection: Connection, ids: Sequence[int]) -> dict[int, Journey]:
    found = {number: Journey(number) for number in ids}
    for some in chunks(ids):
        for row in connection.execute(select(JOURNEY).where(JOURNEY.c.advocate_id.in_(some))).mappings():
            found[row["advocate_id"]] = Journey(**{**row, "tags": tuple(row["tags"])})
    return found


def _consent_of(row: RowMapping) -> Consent:
    return Consent(**{**row, "kind": ConsentKind(row["kind"]), "scopes": frozenset(row["scopes"])})


def _step_of(row: RowMapping) -> Step:
    return Step(**{**row, "kind": StepKind(row["kind"])})
