"""Which prefectures a text speaks of, by their names and the names of their cities. Pure.

A place somebody writes about is a hint of where they are, no address: 「東京に旅行」 counts as much as 「東京在住」.
"""

from __future__ import annotations

import re
from functools import lru_cache

from alerts.advocacy.region_words import DOUBTFUL, LOOK_ALIKES, PLACES
from alerts.advocacy.wording import folded

REGIONS = tuple(PLACES)
_OF = {folded(word): code for code, words in PLACES.items() for word in words.split()}
_ODD = {folded(word) for word in LOOK_ALIKES.split()}
_UNSURE = {folded(word) for word in DOUBTFUL.split()}
# 東京都 before 京都, 東大阪 before 大阪, 千葉ロッテ before 千葉: the longest word wins.
_WORDS = re.compile("|".join(map(re.escape, sorted({*_OF, *_ODD}, key=lambda word: (-len(word), word)))))
_NOT_A_PLACE = re.compile(
    r"さん|くん|君|ちゃん|氏|先生|先輩|後輩|様|選手|店長|監督|部長|課長|社長|県?産(?!業)|太郎|花子|弁(?!当)|銀行|大学|高校|放送|新聞|県?警"
)
_A_PLACE = re.compile(
    r"県|市|区(?!別)|駅|城|港|空港|店|支店|本店|市内|県内|市民|県民|在住|出身|住み|住ま|住ん|生まれ|育ち|旅行|観光|出張|遠征|帰省|方面|周辺|近郊|"
    r"エリア|限定|土産|の(?:店|お店|カフェ|街|駅|実家|会社|職場|名物)|に(?:行|来|住|着|あ[るり]|でき|出来|旅|引っ越|も店)|へ(?:行|来|旅|向)|で(?:も|の)?"
    r"(?:見つけ|飲|食|買|働|暮ら|開|会|人気|オープン|一番)|まで(?:行|来|足)|から(?:来|通|遠征|車|電車|新幹線)"
)
_CITY_OR_PREFECTURE = re.compile(r"県|市|駅|店|空港|在住|出身|旅行")
_COMMON = {"大分", "三重"}  # 大分よくなった, 三重に包む


@lru_cache(maxsize=50_000)
def regions(text: str) -> frozenset[str]:
    """Codes of the prefectures that a text names."""
    said = folded(text)
    return frozenset(
        _OF[word]
        for match in _WORDS.finditer(said)
        if (word := match[0]) in _OF and _is_place(word, said[: match.start()][-1:], said[match.end() :][:8])
    )


def _is_place(word: str, before: str, after: str) -> bool:
    if word in _COMMON:
        return _CITY_OR_PREFECTURE.match(after) is not None
    if _NOT_A_PLACE.match(after):
        return False
    return word not in _UNSURE or before == "#" or _A_PLACE.match(after) is not None
