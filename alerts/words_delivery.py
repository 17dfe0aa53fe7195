"""What an alert says about its own delivery: several in one message, and nobody has answered."""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "group.advocate": {
        "ja": "【推奨者】{topic}：新しいお知らせが{n}件あります",
        "en": "[Advocates] {topic}: {n} alerts",
    },
    "group.mention": {
        "ja": "【影響大】{topic}：注意が必要な投稿が{n}件あります",
        "en": "[High reach] {topic}: {n} posts need a look",
    },
    "group.incident": {
        "ja": "【{severity}】{topic}：炎上・異変のお知らせが{n}件あります",
        "en": "[{severity}] {topic}: {n} alerts about incidents",
    },
    "group.source": {
        "ja": "【収集】収集元についてのお知らせが{n}件あります",
        "en": "[Sources] {n} alerts about sources",
    },
    "group.trend": {
        "ja": "【動向】{topic}：話題や評価の変化が{n}件あります",
        "en": "[Trends] {topic}: {n} changes in talk or ratings",
    },
    "group.summary": {
        "ja": "続けて発生した{n}件のアラートを、1通にまとめてお知らせします。",
        "en": "{n} alerts came together; this message lists them all.",
    },
    "group.quiet": {
        "ja": "通知を控える時間帯に発生した{n}件のアラートを、1通にまとめてお知らせします。",
        "en": "{n} alerts came during quiet hours; this message lists them all.",
    },
    "group.list": {"ja": "内訳", "en": "Alerts"},
    "group.more": {"ja": "ほか{n}件は詳細画面で確認してください。", "en": "{n} more are on the page."},
    "title.still_open_for": {
        "ja": "【{length}経過・未対応】{topic}：ネガティブな投稿が続いています",
        "en": "[{length}, nobody assigned] {topic}: negative posts continue",
    },
    "summary.still_open_for": {
        "ja": "検知から{length}たちましたが、まだ担当者が付いていません。{rest}",
        "en": "Detected {length} ago and nobody has taken it yet. {rest}",
    },
    "unanswered.title": {"ja": "【{length}対応者なし】{rest}", "en": "[Nobody for {length}] {rest}"},
    "unanswered.summary": {
        "ja": "最初の通知から{length}たちましたが、まだ誰も「対応中」にしていません。"
        "そのため、この通知先にもお知らせします。{rest}",
        "en": "Nobody has acknowledged this within {length} of the first alert, so you are told as well. {rest}",
    },
}
