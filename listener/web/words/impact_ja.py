"""プログラムの効果の画面の文言。impact_en.py と同じキーを持つ。"""

WORDS: dict[str, str] = {
    "impact.month": "月",
    "impact.show": "表示",
    "impact.lead": "参加している推奨者の投稿と反応、炎上時の擁護、紹介、声をかける前と後の変化を月ごとにまとめます。",
    "impact.as_file": "月次報告のファイル",
    "impact.running": "{month}（途中）",
    "impact.enrolled": "参加者",
    "impact.mentions": "参加者の投稿",
    "impact.share": "好意的な投稿に占める割合",
    "impact.reach": "リーチ",
    "impact.engagement": "反応",
    "impact.undisclosed": "明示のない投稿",
    "impact.defence": "炎上・異変時の擁護",
    "impact.customers": "紹介で来た人",
    "impact.before": "前月 {value}",
    "impact.before_running": "前月同期間 {value}",
    "impact.people": "{n}人",
    "impact.posts": "{n}件",
}
