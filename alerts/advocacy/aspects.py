"""Which side of a brand somebody praises: a small word list an aspect, found in the clauses of a text. Pure.

The lists hold what people write in reviews of shops, goods and software; they are no dictionary. A clause that finds
fault praises nothing: 「味はいいけど接客は最悪」 praises the taste alone. What this does not do: tell which of two
brands in one clause is meant, or read praise that names no side (「最高！」).
"""

from __future__ import annotations

import re
from functools import lru_cache

from alerts.advocacy.wording import folded

ASPECTS: dict[str, str] = {
    "taste": (
        r"(?<![意興趣地気嫌曖])味(?![方付])|味付け|美味し|おいし|旨い|うまい|うまか|風味|香り|コク|焙煎|"
        r"深煎り|浅煎り|濃厚|甘さ|\btast(?:e|y|es)\b|\bdelicious\b|\bflavou?r"
    ),
    "service": (
        r"接客|店員|スタッフ|店長|応対|笑顔|おもてなし|親切|丁寧|気配り|気さく|\bstaff\b|\bfriendly\b|"
        r"\bcustomer service\b|\bhospitality\b"
    ),
    "price": (
        r"価格|値段|コスパ|安い|安く|安さ|手頃|お得|リーズナブル|良心的|料金|\bprice[ds]?\b|\bcheap\b|"
        r"\baffordable\b|\bgood value\b"
    ),
    "atmosphere": (
        r"雰囲気|居心地|落ち着|おしゃれ|お洒落|内装|インテリア|店内|静か|bgm|\batmosphere\b|\bcozy\b|"
        r"\bcosy\b|\bvibes?\b"
    ),
    "location": (
        r"立地|駅近|駅前|駅から|駅チカ|アクセス|徒歩|駐車場|通いやす|寄りやす|行きやす|"
        r"\bnear (?:the )?station\b|\bparking\b|\bwalking distance\b"
    ),
    "quality": (
        r"品質|質が|質の|高品質|上質|丈夫|長持ち|耐久|しっかりした|作りが|壊れな|素材|鮮度|新鮮|"
        r"\bquality\b|\bdurable\b|\bsturdy\b"
    ),
    "ease": (
        r"使いやす|使い勝手|操作|直感的|分かりやす|わかりやす|簡単|便利|見やす|サクサク|軽快|手軽|"
        r"\beasy to\b|\bintuitive\b|\busab|\bconvenient\b"
    ),
    "support": (
        r"サポート|問い合わせ|問合せ|カスタマー|返信が|返答|アフターケア|アフターサービス|ヘルプ|"
        r"交換対応|返品対応|\bsupport(?: team)?\b|\bhelpdesk\b"
    ),
    "delivery": (
        r"配送|配達|届く|届いた|届き|発送|梱包|宅配|お届け|納期|\bdeliver|\bshipp(?:ed|ing)\b|"
        r"\bpackag(?:ed|ing)\b"
    ),
}
"""An aspect's code → its words, as a pattern over the folded text."""

_CLAUSE = re.compile(
    r"[。.!?！？\n、,]|けれども?|けど|(?<=[いたるだす])が[、 ]?|のに|しかし|ただし?[、 ]|でも[、 ]|一方"
    r"|\bbut\b|\bthough\b"
)
_BLAME = re.compile(
    r"最悪|残念|微妙|イマイチ|いまいち|ひど[いく]|酷[いく]|まず[いく]|不味|悪[いくかす]|がっかり|不満|期待外れ|雑[でなす]|遅[いくす]|"
    r"高[いく]て|高すぎ|高め|値上げ|足りない|うるさ|汚[いく]|不便|失礼|不親切|(?:し|やす|く|が|は|も|では|じゃ)な(?:い|かった)|ません|"
    r"\bbad\b|\bpoor\b|\bterrible\b|\bslow\b|\bexpensive\b|\bnot\b|\bn't\b|\brude\b"
)
_NO_BLAME = re.compile(
    r"悪くな|文句(?:の付けよう)?(?:が|も)?な|申し分な|間違いな|しかな|壊れな|忘れな|欠かせな|手放せな|飽きな|変わらな"
)
_FOUND = {code: re.compile(words) for code, words in ASPECTS.items()}


@lru_cache(maxsize=50_000)
def praised(text: str) -> frozenset[str]:
    """Codes of the aspects that a favourable text speaks of without finding fault."""
    found: set[str] = set()
    for clause in _CLAUSE.split(folded(text)):
        if clause and not _BLAME.search(_NO_BLAME.sub("", clause)):
            found |= {code for code, pattern in _FOUND.items() if pattern.search(clause)}
    return frozenset(found)
