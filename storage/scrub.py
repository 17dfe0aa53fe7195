"""Taking one account's traces out of texts that are kept: names, addresses and words become ■ (pure).

A handle or an address is taken out wherever it stands as a word of its own. A display name is a common word too
often, so it goes only where it stands alone or is followed by さん or by a handle.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

BLACK = "■"
SHORTEST_WORD, SHORTEST_TEXT = 3, 6


class Scrub:
    """`words` go as words, `names` as people's names, `texts` as quotations, also when cut short."""

    def __init__(self, *, words: Iterable[str], names: Iterable[str] = (), texts: Iterable[str] = ()) -> None:
        self._alone = {one for one in (*words, *names) if one}
        long = sorted((one for one in {*words} if len(one) >= SHORTEST_WORD), key=lambda one: -len(one))
        known = sorted((one for one in {*names} if one), key=lambda one: -len(one))
        parts = [rf"(?<![A-Za-z0-9_]){re.escape(one)}(?![A-Za-z0-9_])" for one in long]
        parts += [rf"{re.escape(one)}(?=さん|様| \(@| \({BLACK}|（@)" for one in known]
        self._pattern = re.compile("|".join(parts), re.IGNORECASE) if parts else None
        self._texts = [text for one in texts if len(text := _squeezed(one)) >= SHORTEST_TEXT]

    def text(self, said: str) -> str:
        """The text without the account."""
        if said.strip() in self._alone:
            return BLACK
        flat = _squeezed(said)
        start = flat.rstrip("…").strip()
        for text in self._texts:
            if text in flat:
                said = flat = flat.replace(text, BLACK)
            elif len(start) >= SHORTEST_TEXT and start in text:
                return BLACK
        return self.words(said)

    def words(self, said: str) -> str:
        """The text without handles, addresses and names; what was written stays."""
        return said if self._pattern is None else self._pattern.sub(BLACK, said)

    def value(self, value: Any) -> Any:
        """JSON without the account: every text in it, names of fields too."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(name)): self.value(inner) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(inner) for inner in value]
        return value

    def written(self, said: str) -> str:
        """A text that may be JSON: it stays JSON, and the same when there is nothing to take out."""
        if not said.startswith(("{", "[")):
            return self.text(said)
        try:
            before = json.loads(said)
        except ValueError:
            return self.text(said)
        after = self.value(before)
        return said if after == before else json.dumps(after, ensure_ascii=False)


def _squeezed(text: str) -> str:
    return " ".join(text.split())
