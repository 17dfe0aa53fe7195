"""What people say of the model's judgements: `Store.judgements`. Every method is one transaction, as in `Store`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from storage import corrections
from storage.engine import Database
from storage.types import Mention
from storage.verdicts import Correction, Doubtful, Lesson


class Judgements:
    def __init__(self, database: Database) -> None:
        self._database = database

    def correct(self, correction: Correction, *, target: str | None = None) -> Mention | None:
        """Write a person's word down; lists, roll-ups and rankings follow it at once, no analysis undoes it.

        `target` is what the model was asked about. Returns the mention as it now counts; None when it is not
        stored (any more), or when there is no word to take back. A CORRECT without labels is a ValueError.
        """
        with self._database.write(ingest=True) as connection:
            return corrections.add(connection, correction, target)

    def corrections_of(self, mention_id: int) -> list[Correction]:
        """All that people said of a mention, oldest first; what was taken back is still there."""
        with self._database.read() as connection:
            return corrections.of_mention(connection, mention_id)

    def corrected(self, topics: Sequence[str], limit: int = 100) -> list[Mention]:
        """The mentions about which a person's word stands, the latest word first."""
        with self._database.read() as connection:
            return corrections.corrected_mentions(connection, tuple(topics), limit)

    def corrections(self) -> Iterator[Lesson]:
        """Every mention that people labelled, to learn from. Streams. Those set aside are left out."""
        return corrections.lessons(self._database)

    def waiting(self, ask: Doubtful, limit: int) -> list[Mention]:
        """The mentions that wait for a person, one a story, newest first."""
        with self._database.read() as connection:
            return corrections.waiting(connection, ask, limit)

    def count_waiting(self, ask: Doubtful, limit: int) -> int:
        """How many of them there are, counted up to `limit`."""
        with self._database.read() as connection:
            return corrections.count_waiting(connection, ask, limit)
