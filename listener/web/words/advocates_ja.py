"""推奨者のページの文言。advocates_en.py と同じキーを持つ。"""

WORDS: dict[str, str] = {
    "organic_reason.affiliate": (
        "{of}件のうち{count}件に、紹介報酬につながるリンクやコードがあります（「{words}」）。"
    ),
    "organic_reason.ring": (
        "{of}件のうち{count}件が、数時間のうちに複数のアカウントから投稿された、ほぼ同じ文面です。"
    ),
    "organic_reason.looks_like_staff": (
        "投稿の時間帯や言葉づかいが関係者に似ています（「{words}」）。確証はありません。"
    ),
    "organic_reason.looks_paid": (
        "{of}件のうち{count}件が、表示のない広告のように読めます（「{words}」）。確証はありません。"
    ),
    "organic_reason.looks_automatic": "投稿の間隔が、機械のように規則的です。確証はありません。",
    "organic_reason.telling_name": "名前に、気がかりな言葉があります（「{words}」）。確証はありません。",
}
