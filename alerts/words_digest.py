"""What a digest says."""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "digest.title.daily": {
        "ja": "【日報】{day}：言及{volume}件、うちネガティブ{negative}件",
        "en": "[Daily] {day}: {volume} mentions, {negative} negative",
    },
    "digest.title.weekly": {
        "ja": "【週報】{day}：言及{volume}件、うちネガティブ{negative}件",
        "en": "[Weekly] {day}: {volume} mentions, {negative} negative",
    },
    "digest.nothing.daily": {
        "ja": "【日報】{day}：新しい言及はありませんでした",
        "en": "[Daily] {day}: nothing was said",
    },
    "digest.nothing.weekly": {
        "ja": "【週報】{day}：新しい言及はありませんでした",
        "en": "[Weekly] {day}: nothing was said",
    },
    "digest.calm": {
        "ja": "炎上・異変はありませんでした。",
        "en": "There were no incidents.",
    },
    "digest.incidents": {
        "ja": "炎上・異変が{n}件ありました（対応中・未対応 {open}件）。",
        "en": "Incidents: {n}, of which {open} are not resolved yet.",
    },
    "digest.topic": {
        "ja": "{topic}：{volume}件（{change}）、ポジティブ{positive}、ネガティブ{negative}（前回{before}）",
        "en": "{topic}: {volume} mentions ({change}), {positive} positive, {negative} negative (before: {before})",
    },
    "digest.competitor": {
        "ja": "競合 {topic}：{volume}件（{change}）、ポジティブ{positive}、ネガティブ{negative}（前回{before}）",
        "en": "Competitor {topic}: {volume} mentions ({change}), {positive} positive, {negative} negative"
        " (before: {before})",
    },
    "digest.change.change": {"ja": "前回比{percent:+.0f}%", "en": "{percent:+.0f}%"},
    "digest.change.new": {"ja": "前回は0件", "en": "none before"},
    "digest.change.none": {"ja": "前回も0件", "en": "none before either"},
    "digest.incident": {
        "ja": "{topic}：{severity}、{state}（{when}〜）",
        "en": "{topic}: {severity}, {state} (since {when})",
    },
    "digest.state.open": {"ja": "未対応", "en": "open"},
    "digest.state.acknowledged": {"ja": "対応中", "en": "acknowledged"},
    "digest.state.resolved": {"ja": "収束", "en": "resolved"},
    "field.incidents": {"ja": "炎上・異変", "en": "Incidents"},
    "field.advocates": {"ja": "新しい推奨者", "en": "New advocates"},
    "field.waiting": {"ja": "要確認の言及", "en": "Mentions to review"},
    "field.failing": {"ja": "読めない収集元", "en": "Sources that fail"},
    "digest.waiting": {"ja": "{n}件", "en": "{n}"},
    "digest.join": {"ja": "、", "en": ", "},
    "digest.more": {"ja": "ほか{n}人", "en": "and {n} more"},
}
