"""バックテストの文言。backtest_en.py と同じキーを持つ。"""

WORDS: dict[str, str] = {
    "backtest.title": "バックテスト: {topic}",
    "backtest.intro": (
        "{since}〜{until} の言及 {n} 件をもう一度監視した場合に、設定ごとにいつアラートが出たかを示します。"
        "{learned} までの期間は「ふだん」を学ぶためだけに使いました。"
    ),
    "backtest.volume": "1日の言及数（赤はネガティブ）",
    "backtest.lane": "誤報の許容 月 {budget} 件",
    "backtest.current": "現在の設定",
    "backtest.crises": "実際にあった炎上・異変",
    "backtest.column.budget": "誤報の許容（月）",
    "backtest.column.incidents": "アラート",
    "backtest.column.per_month": "1か月あたり",
    "backtest.column.found": "検知",
    "backtest.column.delay": "検知までの中央値",
    "backtest.column.false": "誤報（月あたり）",
    "backtest.of": "{of} 件中 {found} 件",
    "backtest.minutes": "{n} 分",
    "backtest.listed": "現在の設定で出たアラート",
    "backtest.opened": "検知",
    "backtest.severity": "深刻度",
    "backtest.people": "人数",
    "backtest.usual": "通常",
    "backtest.after": "最初の投稿から",
    "backtest.verdict": "判定",
    "backtest.false": "誤報",
    "backtest.missed": "見逃し {name}",
    "backtest.nothing": "この設定ではアラートは出ませんでした。",
    "backtest.note": (
        "ここでの件数は、保存されている言及だけから計算したものです。収集していなかった投稿は含みません。"
    ),
}
