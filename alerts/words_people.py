"""The words of the alerts about people in the programme. `alerts.words` takes them in."""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "title.undisclosed_programme_post": {
        "ja": "【表示漏れ】{topic}：{who}さんの投稿に、PR・提供などの表示がありません",
        "en": "[Disclosure missing] {topic}: a programme post by {who} does not say so",
    },
    "summary.undisclosed_programme_post": {
        "ja": "こちらから連絡したあとの投稿のため、自発的な口コミとしては扱えません。"
        "「#PR」などの表示を加えてもらうよう、本人に依頼してください（景品表示法・ステマ規制）。",
        "en": "It was posted after you made contact, so it does not count as unprompted praise. "
        "Ask the author to add a disclosure such as #PR (Japan's rule on hidden advertising).",
    },
    "title.detractor_recovered": {
        "ja": "【回復】{topic}：{who}さんの投稿が、ふたたび好意的になりました",
        "en": "[Recovered] {topic}: {who} speaks well of you again",
    },
    "summary.detractor_recovered": {
        "ja": "一時はネガティブでしたが、最近の投稿は{positives}件続けて好意的です。"
        "何がきっかけだったのかを確認し、必要ならお礼を伝えてください。",
        "en": "After a negative spell the latest {positives} posts are positive. "
        "Find out what helped, and say thank you where it fits.",
    },
}
