"""What the service meets while its latency is measured: a social network where posts appear, and Slack's webhook.

Every post is made beforehand: number `n` is visible from `zero + n / rate` on, so nothing but the clock decides what
an answer holds. The network speaks as much of Mastodon's API as the collector asks for, one hashtag a source. The
texts and people are invented.
"""

from __future__ import annotations

import json
import random
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

BRAND, OTHER = "ミナモ珈琲", "トマリギコーヒー"
LIMIT = 40
HOOK = "/services/T0/B0/latency"
_INSTANCE = json.dumps({"domain": "latency.example", "version": "4.4.0"}).encode()

_WHEN = (
    "出勤前に", "雨宿りのついでに", "会議と会議のあいだに", "娘の送り迎えの帰りに", "友人に誘われて",
    "駅で電車を待ちながら", "三年ぶりに", "夜勤明けに", "引っ越した先の近くで", "図書館の帰りに",
    "散髪のあとで", "妹と二人で",
)  # fmt: skip
_CALM = (
    "窓ぎわの席で本を読んだ", "新しい店舗の場所を調べている", "持ち帰りのカップの色が変わっていた",
    "店の前を通りかかった", "朝の営業は七時からだった", "豆の挽き方を聞いてきた",
    "駅前の店は二階にも席がある", "春の品書きを眺めている", "紙袋をもらって帰った",
    "電源のある席をさがしている", "ポイントカードを財布に入れ直した", "店内で待ち合わせをしている",
    "氷の量を選べると知った", "今日は豆だけ買って帰る", "レジが新しい機械になっていた",
    "隣の席で編み物をしている人がいた",
)  # fmt: skip
_CALM_END = (
    "。",
    "。これから家に帰る。",
    "。外は曇り。",
    "。いつもの時間。",
    "。今週は二回目。",
    "。午後は仕事。",
    "。人は少なめ。",
    "。記録。",
)
_BLAME = (
    "注文した品が一時間たっても出てこない", "店員にどなりつけられて娘が泣いた",
    "床がべたついて座れたものではない", "会計を二度も間違えられて謝罪もない",
    "冷めたスープに髪の毛が浮いていた", "予約したのに席がないと追い返された", "返金を頼んだら鼻で笑われた",
    "電話口の対応があまりに乱暴", "腐ったような臭いの牛乳を出された",
    "割れたカップで唇を切ったのに知らん顔", "客の悪口を大声で話していた",
    "頼んだものと違うのに取り替えてもくれない", "値段だけ上げて量は半分になっていた",
    "トイレが汚くて吐きそうになった", "店長が客を無視して私語ばかり",
    "傘を盗まれたのに警察を呼ぶなと言われた",
)  # fmt: skip
_BLAME_END = (
    "。最悪。",
    "。二度と行かない。",
    "。本当に腹が立つ。",
    "。ひどすぎる。",
    "。がっかりした。",
    "。許せない。",
    "。不愉快だ。",
    "。信じられない。",
)


@dataclass(frozen=True)
class Script:
    """Who says what, when: `rate` posts a second for `seconds`, ordinary talk about the other brand.

    From `wave` seconds on every second post blames the first one, of which nobody spoke before.
    """

    rate: float
    seconds: float
    wave: float
    sources: int
    seed: int = 20261122

    @property
    def posts(self) -> int:
        return int(self.rate * self.seconds)

    def texts(self) -> list[str]:
        """One text a post; none comes twice before all have come once."""
        dice = random.Random(self.seed)
        calm = _deck(dice, OTHER, _CALM, _CALM_END)
        blame = _deck(dice, BRAND, _BLAME, _BLAME_END)
        first = int(self.rate * self.wave)
        texts = [calm[n % len(calm)] for n in range(min(first, self.posts))]
        for n in range(self.posts - len(texts)):
            texts.append(blame[n // 2 % len(blame)] if n % 2 else calm[(first + n // 2) % len(calm)])
        return texts


def _deck(dice: random.Random, brand: str, what: tuple[str, ...], end: tuple[str, ...]) -> list[str]:
    made = [f"{when}{brand}、{deed}{close}" for when, deed, close in product(_WHEN, what, end)]
    dice.shuffle(made)
    return made


@dataclass(frozen=True)
class Asked:
    """One request for a source's timeline: when, and the posts that were answered; none ends a poll."""

    at: float
    source: int
    posts: tuple[int, ...]


@dataclass
class Log:
    """What was asked and what arrived. Times are seconds after zero, on the monotonic clock."""

    asked: list[Asked] = field(default_factory=list)
    slack: list[tuple[float, str]] = field(default_factory=list)


class Stage:
    """The network and the webhook on one loopback port. Posts begin to appear at the first question for them."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.log = Log()
        self.begun = threading.Event()
        self.zero_at = datetime.now(UTC)
        self._zero = 0.0
        self._texts = script.texts()
        self._statuses: list[bytes] = []
        self._ids: list[int] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Connection, self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def now(self) -> float:
        """Seconds after zero; negative before the first question."""
        return time.monotonic() - self._zero if self.begun.is_set() else -1.0

    def visible(self, n: int) -> float:
        return n / self.script.rate

    def number(self, external_id: str) -> int:
        """Which post a stored one is."""
        return int(external_id.rpartition("/")[2])

    # -------------------------------------------------------------- answers

    def answer(self, path: str, query: dict[str, list[str]], body: bytes) -> bytes:
        if path == HOOK:
            self.log.slack.append((self.now(), body.decode()))
            return b"ok"
        if path == "/api/v2/instance":  # asked once, before the pages of a poll
            return _INSTANCE
        return self._timeline(int(path.rpartition("_")[2]), query)

    def _timeline(self, source: int, query: dict[str, list[str]]) -> bytes:
        self._begin()
        at = self.now()
        after, before = (int(query.get(name, ["0"])[0]) for name in ("min_id", "max_id"))
        here = range(source, min(int(at * self.script.rate) + 1, self.script.posts), self.script.sources)
        found = [n for n in here if self._ids[n] > after and (not before or self._ids[n] < before)]
        page = found[:LIMIT] if after else found[-LIMIT:]
        self.log.asked.append(Asked(at, source, tuple(page)))
        return b"[" + b",".join(self._statuses[n] for n in reversed(page)) + b"]"

    def _begin(self) -> None:
        with self._lock:
            if self.begun.is_set():
                return
            self.zero_at, self._zero = datetime.now(UTC), time.monotonic()
            for n, text in enumerate(self._texts):
                made = self.zero_at + timedelta(seconds=self.visible(n))
                self._ids.append((int(made.timestamp() * 1000) << 16) + n % 65_536)
                self._statuses.append(json.dumps(_status(n, self._ids[n], made, text)).encode())
            self.begun.set()


def _status(n: int, native: int, made: datetime, text: str) -> dict[str, Any]:
    home = "https://latency.example"
    return {
        "id": str(native),
        "created_at": made.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "visibility": "public",
        "language": "ja",
        "uri": f"{home}/statuses/{n}",
        "url": f"{home}/@guest{n}/{native}",
        "replies_count": 0,
        "reblogs_count": 0,
        "favourites_count": n % 3,
        "content": f"<p>{text}</p>",
        "reblog": None,
        "account": {"acct": f"guest{n}", "display_name": f"客{n}", "followers_count": 10 + n % 300},
        "tags": [{"name": BRAND}],
    }


class _Connection(BaseHTTPRequestHandler):
    def __init__(self, stage: Stage, *given: Any) -> None:
        self._stage = stage
        super().__init__(*given)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        sent = self._stage.answer(unquote(parts.path), parse_qs(parts.query), body)
        self.send_response(200)
        self.send_header("Content-Type", "text/plain" if sent == b"ok" else "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """The stage keeps its own log."""
