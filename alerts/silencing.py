"""Which silence covers an alert (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from storage.notices import AlertKind, Notification, Silence
from storage.types import Severity

# Alerts about channels are of the kind `source`.
NEVER_SILENT = (AlertKind.TEST, AlertKind.DIGEST, AlertKind.SOURCE)


def silence_of(row: Notification, silences: Sequence[Silence]) -> Silence | None:
    """The first of the silences in force that mutes `row`; None where it is told."""
    if row.kind in NEVER_SILENT:
        return None
    return next((one for one in silences if _covers(one, row) and not _is_broken(one, row)), None)


def _covers(silence: Silence, row: Notification) -> bool:
    return (
        silence.topic in ("", row.topic)
        and silence.kind in (None, row.kind)
        and (not silence.tag or silence.tag in row.tags)
        and row.severity.rank <= silence.up_to.rank
    )


def _is_broken(silence: Silence, row: Notification) -> bool:
    """An incident has become more severe than it was when it was silenced, or when it opened under the silence.

    One that opens as a crisis is more severe than anything that the person at the page knew of.
    """
    if not silence.breaks or row.kind is not AlertKind.INCIDENT:
        return False
    opened_as = min(row.began_as, Severity.WARNING, key=lambda one: one.rank)
    return row.severity.rank > silence.severities.get(row.thread, opened_as).rank
