"""The words about advocates: the parts of a score, and the implied NPS."""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "part.praise_months": {"ja": "好意的な投稿が続いた月", "en": "Months with praise"},
    "part.sentiment": {
        "ja": "ブランドへの好感（最近の投稿ほど重視）",
        "en": "Sentiment, the newest counting most",
    },
    "part.affiliate": {"ja": "紹介報酬つきのリンク・コード", "en": "Links or codes with a reward"},
    "part.doubt": {"ja": "確証のない気がかりな点", "en": "Signs that prove nothing"},
    "nps.implied": {
        "ja": "投稿から推定したNPS {nps}（95%区間 {low}〜{high}）。推奨{for_us}人、中立{passive}人、批判{against}人、"
        "対象外{out}人。",
        "en": "implied NPS {nps} (95 % interval {low} to {high}): {for_us} promoters, {passive} passives, "
        "{against} detractors, {out} not counted.",
    },
    "nps.note": {
        "ja": "アンケートではありません。投稿しない人の気持ちは含まれません。",
        "en": "Not a survey: it says nothing about those who do not post.",
    },
}
