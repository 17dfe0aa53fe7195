"""推奨プログラムの各画面に共通する文言。programme_en.py と同じキーを持つ。"""

WORDS: dict[str, str] = {
    "tabs.label": "推奨プログラムの画面",
    "tabs.advocates": "推奨者",
    "tabs.prospects": "推奨者の見込み",
    "tabs.segments": "セグメント",
    "tabs.surveys": "アンケートと紹介",
    "tabs.impact": "プログラムの効果",
    "tabs.testimonials": "お客様の声",
    "tabs.handover": "外部連携",
}
