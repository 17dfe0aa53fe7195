"""What a text says that makes its author right for a programme: friends told, figures, work, answers, a field. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from alerts.advocacy.wording import folded

FORUMS = frozenset(
    {
        "reddit",
        "hackernews",
        "qa",
        "forum",
        "chiebukuro",
        "stackoverflow",
        "teratail",
        "qiita",
        "kakaku",
        "discord",
    }
)
APP_SHOPS = frozenset({"appstore", "googleplay"})


@dataclass(frozen=True, slots=True)
class Marks:
    """Which of the cues one text holds."""

    friends: bool
    figures: bool
    business: bool
    answers: bool
    field: bool
    product: bool
    app: bool


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_FRIENDS = _words(
    r"(?:友達|友人|友だち|母|父|親|家族|同僚|妹|弟|姉|兄|夫|妻|旦那|彼女|彼氏|ママ友|後輩|先輩|上司|知り合い|職場|近所|祖母|祖父|仲間|部下|いとこ)"
    r"[^。\n]{0,18}(?:教え|紹介|誘|連れ|すすめ|勧め|薦め|広め|布教|配|贈|あげ)",
    r"常連に(?:した|なった)|デビューさせ|\b(?:told|brought|introduced) (?:my|a) (?:friend|colleague|family)",
)
_FIGURES = _words(
    r"[0-9０-９一二三四五六七八九十百半]+\s?(?:%|％|割|倍|分|時間|円|回|年|か月|ヶ月|カ月|週間|キロ|kg|人|件|杯|台)",
    r"\b[0-9]+\s?(?:%|percent|minutes?|hours?|days?|months?|years?|times|users?)",
)
_BUSINESS = _words(
    r"導入(?:し|後|前|して|を|事例|企業|先)|社内|業務|工数|運用|法人|部署|稟議|決裁|請求書|経費精算|顧客管理|取引先|商談|現場の|月次|全社|"
    r"\b(?:dx|roi|saas|kpi|crm|erp)\b",
    r"\b(?:rolled out|roll-out|workflow|enterprise|onboarded our|at work we)\b",
)
_ANSWERS = _words(
    r"できますよ|ますよ[。!！〜~]|すると(?:いい|良い|直り|解決)|れば(?:いい|大丈夫|解決|直り)|大丈夫ですよ|(?:コツ|方法|やり方|手順)は|試してみて|"
    r"参考になれば|ご参考|お答え|回答(?:し|です)|こうすると|設定から|注文できます|聞いてみると",
    r"\byou can\b|\btry (?:this|the)\b|\bhere'?s how\b|\bhope (?:this|that) helps\b",
)
_FIELD = _words(
    r"巡り|めぐり|食べ比べ|飲み比べ|比較|レビュー|開封|まとめ(?:まし|記事|ました)|歴[0-9０-９一二三四五六七八九十]+|(?:好き|マニア|オタク|沼|部)の|"
    r"ランキング|軒目|店目|今月の(?:一杯|[0-9]+)|新作(?:チェック|レポ)",
    r"\breview(?:ed|ing)?\b|\bcompar(?:ed|ison)\b|\branking\b",
)
_PRODUCT = _words(
    r"機能|設定|アップデート|バージョン|バグ|不具合|画面|連携|ダッシュボード|ショートカット|プラグイン|アプリ|使い方|ログイン|検索性|同期|対応して(?:ほしい|くれ)|"
    r"\b(?:ui|ux|api|feature|features|update|release|plugin|integration|dashboard)\b",
)
_APP = _words(
    r"アプリ|ソフト(?!クリーム|な)|ツール|クラウド|オンラインサービス|\b(?:app|apps|software|saas|tool)\b"
)


@lru_cache(maxsize=50_000)
def marks(text: str) -> Marks:
    said = folded(text)
    patterns = (_FRIENDS, _FIGURES, _BUSINESS, _ANSWERS, _FIELD, _PRODUCT, _APP)
    return Marks(*(pattern.search(said) is not None for pattern in patterns))
