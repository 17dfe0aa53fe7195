"""Looking back for posts that arrived late, and for new counts, with the pages that new posts left over (pure).

A look back begins just above the newest post that was known when a collect began, and goes down over the overlap.
What one collect has no pages left for, the next one goes on with: new posts never wait for old ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class LookBack:
    """Posts with ids below `at` and above `to` are still to be looked at again."""

    at: str
    to: str

    def after(self, ids: Sequence[str], order: Callable[[str], Any]) -> LookBack | None:
        """What is left when the page below `at` held these ids; None when nothing is.

        Also when a server ignores the position, which would go on for ever.
        """
        oldest = min(ids, key=order, default=self.to)
        done = order(oldest) <= order(self.to) or order(oldest) >= order(self.at)
        return None if done else LookBack(oldest, self.to)


def of_cursor(cursor: Mapping[str, Any]) -> LookBack | None:
    """The look back that the last collect began."""
    kept = cursor.get("late")
    return LookBack(str(kept["at"]), str(kept["to"])) if kept else None


def to_cursor(look: LookBack | None) -> dict[str, Any]:
    return {"late": asdict(look)} if look else {}


def behind(max_pages: int) -> str:
    """The note for a source that brings more than its pages hold."""
    return (
        f"max_pages ({max_pages}) に達したため、続きは次回に読みます。毎回続くときは interval を短くするか "
        "max_pages を増やしてください / more was there than max_pages "
        f"({max_pages}) hold; the rest follows next time. If this lasts, shorten interval or raise max_pages"
    )
