"""推奨者の見込みの文言。prospects_en.py と同じキーを持つ。"""

WORDS: dict[str, str] = {
    "prospects.title": "推奨者の見込み",
    "prospects.lead": (
        "好意的な投稿はあるものの、まだ基準に届いていない人のうち、60日以内に推奨者の基準に届きそうな順に並べています。"
        "連絡済みの人、利用停止中の人、データを削除した人、自発的とは言えない人は含みません。"
    ),
    "prospects.computed": "{when}時点・候補{n}人",
    "prospects.wait": "まだ計算していません",
    "prospects.wait_hint": "収集が始まり、推奨者のスコアが付くと、1日1回自動で計算します。",
    "prospects.none": "見込みのある人はいません",
    "prospects.none_hint": "好意的な投稿が増えると、ここに表示されます。",
    "prospects.likely": "60日以内に届く可能性",
    "prospects.chance": "{value}（実績{low}〜{high}）",
    "prospects.for": "可能性を高めていること",
    "prospects.against": "可能性を下げていること",
    "prospects.still": "基準まで",
    "prospects.posts": "根拠の投稿",
    "prospects.score_now": "現在{value}点",
    "prospects.right": (
        "{first}〜{last}の予測を当時の情報だけでやり直すと、毎月の上位10人（のべ{listed}人）のうち{hits}人"
        "（{share}）が60日以内に基準に届きました。候補全体では{usual}です。"
    ),
    "prospects.how": "予測はどのくらい当たったか",
    "prospects.plot": "予測と実績",
    "prospects.plot_hint": (
        "点線の上にあるほど、予測と実績が一致しています。縦の線は95%の区間で、同じ人は1人として数えています。"
    ),
    "prospects.axis_said": "予測した可能性",
    "prospects.axis_happened": "実際に届いた割合",
    "prospects.bin": "予測{said}: 実績{happened}（{low}〜{high}、{people}人）",
    "prospects.column.range": "予測の範囲",
    "prospects.column.said": "予測の平均",
    "prospects.column.happened": "実績",
    "prospects.column.interval": "95%の区間",
    "prospects.column.people": "人数",
    "prospects.column.by": "並べ方",
    "prospects.column.auc": "判別力（AUC）",
    "prospects.column.brier": "Brierスコア",
    "prospects.column.skill": "改善率",
    "prospects.column.precision": "平均適合率",
    "prospects.by.model": "この予測",
    "prospects.by.score": "現在のスコアだけ",
    "prospects.by.mentions": "直近30日の投稿数だけ",
    "prospects.columns_hint": (
        "AUC: 届いた人を届かなかった人より上に置けた割合（0.5は当てずっぽう）。"
        "Brierスコア: 予測の二乗誤差（小さいほどよい）。"
        "改善率: 全員に平均の割合を答えた場合から、Brierスコアをどれだけ減らせたか。"
    ),
    "prospects.fallback.short_history": (
        "履歴がまだ{days}日分のため、可能性は計算していません（{least}日分から計算します）。"
        "スコアの高い順に並べています。"
    ),
    "prospects.fallback.few_outcomes": (
        "これまでに基準に届いた人が{made}人と少ないため、可能性は計算していません（{least}人から計算します）。"
        "スコアの高い順に並べています。"
    ),
    "prospects.fallback.untried": (
        "基準に届いた人は{made}人いますが、予測が当たるかどうかを過去で確かめるには履歴が足りません。"
        "スコアの高い順に並べています。"
    ),
    "prospects.fallback.no_better": (
        "過去で試したところ、予測は平均の割合を答えるより当たりませんでした（改善率{skill}）。"
        "そのため可能性は表示せず、スコアの高い順に並べています。"
    ),
    "prospects.missing.praise": "あと{n}週の好意的な投稿で基準に届きます",
    "prospects.missing.sooner": "（人にすすめる投稿なら、あと{n}週）",
    "prospects.missing.recommend": (
        "好意的な投稿だけでは届きませんが、人にすすめる投稿があれば、あと{n}週で基準に届きます"
    ),
    "prospects.missing.far": "好意的な投稿や人にすすめる投稿があと{weeks}週続いても、基準には届きません",
    "prospects.trait.score": "現在のスコアは{value}点",
    "prospects.trait.heading": "いまの調子が続くと、60日後のスコアは{value}点",
    "prospects.trait.weeks": "好意的な投稿のあった週が{value}週",
    "prospects.trait.lately": "直近30日の好意的な投稿が{value}件",
    "prospects.without.lately": "直近30日に好意的な投稿がない",
    "prospects.trait.trend": "直近30日の好意的な投稿が、その前の30日とくらべて{value}件",
    "prospects.without.trend": "好意的な投稿の数は、その前の30日と同じ",
    "prospects.trait.silence": "最後の好意的な投稿から{value}日",
    "prospects.trait.gap": "好意的な投稿の間隔が、ふだん{value}日",
    "prospects.trait.recommends": "人にすすめる投稿が約{value}件",
    "prospects.without.recommends": "人にすすめる投稿がまだない",
    "prospects.trait.testimonials": "実体験の紹介が約{value}件",
    "prospects.without.testimonials": "実体験の紹介がまだない",
    "prospects.trait.defends": "批判に対する擁護が約{value}件",
    "prospects.without.defends": "批判に対する擁護はまだない",
    "prospects.trait.attitude": "ブランドへの好感が{value}（−1〜+1）",
    "prospects.trait.criticism": "批判的な投稿が全体の{value}",
    "prospects.without.criticism": "批判的な投稿がない",
    "prospects.trait.own_words": "自分の言葉で書いた投稿が全体の{value}",
    "prospects.trait.places": "発信の場が{value}か所",
    "prospects.trait.talks": "質問や返信が全体の{value}",
    "prospects.without.talks": "質問や返信がない",
    "prospects.trait.doubt": "宣伝や関係者を思わせる点がある（強さ{value}）",
    "prospects.without.doubt": "宣伝や関係者を思わせる点がない",
    "prospects.trait.since": "最初の好意的な投稿から{value}日",
    "prospects.trait.pace": "好意的な投稿のある週が、30日あたり{value}週",
    "prospects.trait.mentions": "直近30日の投稿が{value}件",
    "prospects.without.mentions": "直近30日に投稿がない",
    "prospects.backtest.title": "推奨者の見込み: 過去での検証（{topic}）",
    "prospects.backtest.intro": (
        "{first}〜{last}の毎月、その時点までの投稿だけから予測し、60日後の結果とくらべました"
        "（のべ{cases}件、{people}人。基準に届いたのは{made}人）。"
    ),
}
