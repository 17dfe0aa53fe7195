"""What a reader of an alert may do, and what was done."""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "action.acknowledge": {"ja": "「対応中」にする", "en": "Acknowledge"},
    "action.silence": {"ja": "{hours}時間、通知を止める", "en": "Silence for {hours} h"},
    "acted.acknowledge": {"ja": "{by}さんが「対応中」にしました。", "en": "{by} has acknowledged this."},
    "acted.acknowledge.late": {
        "ja": "すでに対応中、または収束しています。変更はありません。",
        "en": "It is already acknowledged or resolved; nothing was changed.",
    },
    "acted.silence": {
        "ja": "{by}さんが「{topic}」の通知を{until}まで止めました。これより深刻になった場合は通知します。",
        "en": "{by} has silenced “{topic}” until {until}. If it gets more severe, you are told.",
    },
    "acted.wrong": {
        "ja": "このボタンは使えません。詳細画面から操作してください。",
        "en": "This button cannot be used; use the page instead.",
    },
    "acted.expired": {
        "ja": "このボタンの有効期限（7日間）が過ぎました。詳細画面から操作してください。",
        "en": "This button is more than seven days old; use the page instead.",
    },
    "acted.gone": {"ja": "この炎上・異変は見つかりません。", "en": "This incident is not known any more."},
}
