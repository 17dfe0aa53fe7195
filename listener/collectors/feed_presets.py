"""Well-known feeds by name: where each lies, which parameter it takes, and where its authors write. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlencode, urlsplit

PresetName = Literal["google-news", "hatena-bookmark", "note-hashtag", "yahoo-news", "prtimes-company"]


@dataclass(frozen=True, slots=True)
class Preset:
    """`parameter` is the key that the preset takes; `path` makes the address from its value and language."""

    origin: str
    parameter: str
    path: Callable[[str, str], str]
    platform: str
    default: str = ""


def _google_news(query: str, lang: str) -> str:
    region = {"hl": "ja", "gl": "JP", "ceid": "JP:ja"}
    if lang == "en":
        region = {"hl": "en-US", "gl": "US", "ceid": "US:en"}
    return "/rss/search?" + urlencode({"q": query, **region})


def _hatena(query: str, lang: str) -> str:
    options = {"mode": "rss", "sort": "recent", "target": "text", "users": "1", "safe": "on"}
    return f"/q/{quote(query, safe='')}?" + urlencode(options)


def _note(tag: str, lang: str) -> str:
    return f"/hashtag/{quote(tag.lstrip('#＃'), safe='')}/rss"


def _yahoo(category: str, lang: str) -> str:
    if category.startswith("media/"):
        return f"/rss/{quote(category)}/all.xml"
    return f"/rss/topics/{quote(category, safe='')}.xml"


def _prtimes(company: str, lang: str) -> str:
    return "/companyrdf.php?" + urlencode({"company_id": company})


PRESETS: dict[str, Preset] = {
    "google-news": Preset("https://news.google.com", "query", _google_news, "news"),
    "hatena-bookmark": Preset("https://b.hatena.ne.jp", "query", _hatena, "hatena"),
    "note-hashtag": Preset("https://note.com", "tag", _note, "note"),
    "yahoo-news": Preset("https://news.yahoo.co.jp", "category", _yahoo, "news", "top-picks"),
    "prtimes-company": Preset("https://prtimes.jp", "company_id", _prtimes, "news"),
}


def preset_of(url: str) -> str:
    """The preset whose site `url` is on, "" for any other: a pasted address is read like the preset."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    for name, preset in PRESETS.items():
        if host == urlsplit(preset.origin).hostname:
            return name
    return ""
