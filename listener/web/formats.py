"""Numbers, times and links as a reader sees them, in Japanese and English. Pure.

A value that is not known is a dash or 「不明」, never 0.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from urllib.parse import urlsplit

MINUS = "\N{MINUS SIGN}"
DASH = "—"
WEEKDAYS_JA = "月火水木金土日"
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def number(value: float | None) -> str:
    """1,234 or a dash."""
    return DASH if value is None else f"{value:,.0f}".replace("-", MINUS)


def compact(value: float | None, lang: str) -> str:
    """12,300 as 1.2万 or 12.3K."""
    if value is None:
        return DASH
    units = ((10**8, "億"), (10**4, "万")) if lang == "ja" else ((10**9, "B"), (10**6, "M"), (10**3, "K"))
    for size, unit in units:
        if abs(value) >= size:
            return f"{value / size:.1f}".removesuffix(".0") + unit
    return number(value)


def score(value: float | None) -> str:
    """A sentiment score −1…1 with its sign."""
    if value is None:
        return DASH
    rounded = round(value, 2)
    if rounded == 0:
        return "0.00"
    return f"{'+' if rounded > 0 else MINUS}{abs(rounded):.2f}"


def points(value: float) -> str:
    """Points of an advocate's score with their sign."""
    rounded = round(value, 1)
    sign = "+" if rounded > 0 else MINUS if rounded < 0 else "±"
    return f"{sign}{abs(rounded):.1f}"


def percent(share: float | None) -> str:
    return DASH if share is None else f"{share * 100:.0f}%"


def change(now: float, before: float) -> str:
    """By how much in percent; a dash when there was nothing before."""
    if not before:
        return DASH
    moved = round((now - before) / before * 100)
    sign = "+" if moved > 0 else MINUS if moved < 0 else "±"
    return f"{sign}{abs(moved):,}%"


def day(moment: datetime, zone: tzinfo, lang: str) -> str:
    local = moment.astimezone(zone)
    if lang == "ja":
        return f"{local.month}月{local.day}日"
    return f"{local.day} {MONTHS_EN[local.month - 1]}"


def clock(moment: datetime, zone: tzinfo, lang: str, now: datetime) -> str:
    """11月22日(土) 23:50 / Sat 22 Nov 23:50, with the year when it is not this one."""
    local = moment.astimezone(zone)
    other_year = local.year != now.astimezone(zone).year
    if lang == "ja":
        year = f"{local.year}年" if other_year else ""
        return f"{year}{local.month}月{local.day}日({WEEKDAYS_JA[local.weekday()]}) {local:%H:%M}"
    year = f" {local.year}" if other_year else ""
    return f"{WEEKDAYS_EN[local.weekday()]} {local.day} {MONTHS_EN[local.month - 1]}{year} {local:%H:%M}"


def full_clock(moment: datetime, zone: tzinfo) -> str:
    """2025-11-22 23:50:12 JST, for a tooltip."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"


def duration(length: timedelta, lang: str) -> str:
    """In days from two days on, else in hours and minutes."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes >= 48 * 60:
        return f"{minutes // 1440}日" if lang == "ja" else f"{minutes // 1440} days"
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(f"{hours}時間" if lang == "ja" else f"{hours} h")
    if rest or not hours:
        parts.append(f"{rest}分" if lang == "ja" else f"{rest} min")
    return ("" if lang == "ja" else " ").join(parts)


def ago(moment: datetime, now: datetime, lang: str) -> str:
    """3時間前 / in 5 min; in one unit, because it is read at a glance."""
    seconds = (now - moment).total_seconds()
    size, past = abs(seconds), seconds >= 0
    if size < 60:
        return {"ja": ("まもなく", "たった今"), "en": ("shortly", "just now")}[lang][past]
    if size < 3600:
        amount, ja, en = size // 60, "分", "min"
    elif size < 172800:
        amount, ja, en = size // 3600, "時間", "h"
    else:
        amount, ja, en = size // 86400, "日", "days"
    if lang == "ja":
        return f"{amount:.0f}{ja}{'前' if past else '後'}"
    return f"{amount:.0f} {en} ago" if past else f"in {amount:.0f} {en}"


def web_link(url: str) -> str:
    """The URL when a browser may follow it (http or https with a host), else ""."""
    try:
        parts = urlsplit(url)
        return url if parts.scheme in {"http", "https"} and parts.hostname else ""
    except ValueError:
        return ""
