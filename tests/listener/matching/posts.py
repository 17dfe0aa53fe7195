"""Posts for the matching tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from storage.types import Post

AT = datetime(2026, 11, 1, tzinfo=UTC)


def post(text: str = "", **fields: Any) -> Post:
    known = {
        "platform": "mastodon",
        "external_id": "1",
        "source": "toots",
        "created_at": AT,
        "fetched_at": AT,
    }
    return Post(text=text, **{**known, **fields})
