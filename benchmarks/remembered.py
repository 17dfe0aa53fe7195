"""A sentiment model that keeps what it said on disk, by the hash of what it was asked: a benchmark run twice reads
its posts once. The answers are the model's own, to the bit."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from hashlib import blake2b
from pathlib import Path

from nlp.sentiment import Prediction, SentimentModel, Thresholds

BATCH = 256  # texts asked for, and kept, at a time: an interrupted run loses no more


class Remembered:
    """`model` with a memory in the file `path`. Another model's answers are never given."""

    def __init__(self, model: SentimentModel, path: Path) -> None:
        self._model = model
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._file() as file:
            file.execute("CREATE TABLE IF NOT EXISTS said (asked TEXT PRIMARY KEY, answer TEXT NOT NULL)")

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def thresholds(self) -> Thresholds:
        return self._model.thresholds

    def predict(self, texts: Sequence[tuple[str, str | None]]) -> list[Prediction]:
        keys = [self._key(*one) for one in texts]
        asked = dict(zip(keys, texts, strict=True))
        known = self._known(asked)
        missing = sorted(asked.keys() - known.keys(), key=lambda key: len(asked[key][0]))  # less padding
        for first in range(0, len(missing), BATCH):
            part = missing[first : first + BATCH]
            said = dict(zip(part, self._model.predict([asked[key] for key in part]), strict=True))
            known |= said
            with self._file() as file:
                file.executemany(
                    "INSERT OR REPLACE INTO said VALUES (?, ?)",
                    [(key, _written(one)) for key, one in said.items()],
                )
        return [known[key] for key in keys]

    def _known(self, keys: dict[str, tuple[str, str | None]]) -> dict[str, Prediction]:
        with self._file() as file:
            rows = [
                file.execute("SELECT asked, answer FROM said WHERE asked = ?", (key,)).fetchone()
                for key in keys
            ]
        return {row[0]: _read(row[1]) for row in rows if row}

    def _key(self, text: str, target: str | None) -> str:
        asked = json.dumps([self._model.name, text, target], ensure_ascii=False)
        return blake2b(asked.encode("utf-8", "replace"), digest_size=20).hexdigest()

    @contextmanager
    def _file(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=60)) as connection, connection:
            yield connection


def _written(one: Prediction) -> str:
    return json.dumps([one.sentiment, one.emotion, one.signals, one.disclosure, one.sarcasm])


def _read(written: str) -> Prediction:
    sentiment, emotion, signals, disclosure, sarcasm = json.loads(written)
    return Prediction(tuple(sentiment), tuple(emotion), tuple(signals), disclosure, sarcasm)
