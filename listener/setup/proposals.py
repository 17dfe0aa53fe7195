"""The sources that need no key, as `init` proposes them, and one try at each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from listener.collectors import collector_class
from listener.http import Fetcher

Value = str | int | bool | Sequence[str]
Block = Mapping[str, Value]  # one block of config.yaml, keys in the order in which they are written


@dataclass(frozen=True, slots=True)
class Proposal:
    """One source. `server` is the suggestion when a person chooses the server; "" when there is nothing to choose."""

    label: str
    block: Block
    server: str = ""
    wanted: bool = True


def proposals(brand: str, aliases: Sequence[str], *, language: str) -> list[Proposal]:
    """What to read about our own brand, in the order of usefulness in Japan."""
    names = [brand, *aliases]
    query = " OR ".join(f'"{name}"' if " " in name else name for name in names)
    tag = re.sub(r"\W|・", "", brand)  # a hashtag is letters only
    latin = next((name for name in names if name.isascii()), "")
    japanese = language == "ja"
    return [
        Proposal("Google News", {"name": "Google News", "kind": "feed", "preset": "google-news", "query": query,
                                 "lang": language, "interval": "15m"}),
        Proposal("はてなブックマーク", {"name": "はてなブックマーク", "kind": "feed", "preset": "hatena-bookmark",
                                 "query": brand, "interval": "30m"}, wanted=japanese),
        Proposal("note", {"name": "note", "kind": "feed", "preset": "note-hashtag", "tag": tag, "interval": "1h"},
                 wanted=japanese),
        Proposal("Mastodon", {"name": "Mastodon", "kind": "mastodon", "instance": "", "tag": tag, "interval": "15m"},
                 "https://mstdn.jp" if japanese else "https://mastodon.social"),
        Proposal("Misskey", {"name": "Misskey", "kind": "misskey", "instance": "", "tag": tag, "interval": "15m"},
                 "https://misskey.io", wanted=japanese),
        Proposal("Hacker News", {"name": "Hacker News", "kind": "hackernews", "query": f'"{latin or brand}"',
                                 "interval": "30m"}, wanted=bool(latin) and not japanese),
    ]  # fmt: skip


def competitor_sources(names: Sequence[str], *, language: str) -> Iterator[Block]:
    """News about each competitor: enough to compare, and no burden for small servers."""
    for name in names:
        query = f'"{name}"' if " " in name else name
        yield {"name": f"Google News {name}", "kind": "feed", "preset": "google-news", "query": query,
               "lang": language, "interval": "1h"}  # fmt: skip


def app_store(app_id: str, brand: str) -> Block:
    """Reviews of our own app are about us, whatever they say."""
    return {"name": "App Store", "kind": "appstore", "app_id": app_id, "interval": "1h", "topics": [brand],
            "match": "all"}  # fmt: skip


def tried(block: Block, *, http: Fetcher, now: datetime) -> int:
    """The number of posts on the first page. Raises CollectError, or ValidationError for a block that is wrong."""
    made = collector_class(str(block["kind"]))
    page = next(iter(made(made.Config.model_validate(block), http=http).collect({}, now=now)), None)
    return len(page.posts) if page else 0
