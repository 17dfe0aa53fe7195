"""The words for the 47 prefectures: names, capitals and big cities, and what only looks like one of them.

`PLACES`: a prefecture's code (its name in Latin letters) → its words, spaces between, without 県 and 市 where
they are usually left out. A word that is also a family name or a common word stands in `DOUBTFUL` and counts only
beside a word for a place. `LOOK_ALIKES` are longer words in which a place's name means no place; they win over it.
Small towns, most stations and whole regions (関西, 九州) are not in the lists.
"""

from __future__ import annotations

PLACES: dict[str, str] = {
    "hokkaido": "北海道 札幌 旭川 函館 小樽 帯広 釧路 苫小牧 北広島 千歳市 すすきの",
    "aomori": "青森 弘前 八戸",
    "iwate": "岩手 盛岡 奥州市 一関",
    "miyagi": "宮城 仙台 石巻",
    "akita": "秋田 横手市 大仙市",
    "yamagata": "山形 米沢 酒田 鶴岡",
    "fukushima": "福島 郡山 いわき市 会津 会津若松",
    "ibaraki": "茨城 水戸 つくば 日立市",
    "tochigi": "栃木 宇都宮 小山市 足利市 那須",
    "gunma": "群馬 草津温泉 前橋 高崎 太田市 伊勢崎",
    "saitama": "埼玉 さいたま市 大宮 浦和 川口市 川越 所沢 越谷",
    "chiba": "千葉 船橋 松戸 柏市 市川市 浦安 幕張",
    "tokyo": (
        "東京 東京都 新宿 渋谷 池袋 銀座 上野 秋葉原 品川 浅草 吉祥寺 八王子 立川 町田 中野区 世田谷 "
        "自由が丘 恵比寿 代官山 表参道 六本木 丸の内 神保町 下北沢 高円寺 北千住"
    ),
    "kanagawa": "神奈川 横浜 川崎 相模原 横須賀 鎌倉 藤沢 湘南 小田原",
    "niigata": "新潟 長岡 上越市",
    "toyama": "富山 高岡市",
    "ishikawa": "石川 金沢 小松市",
    "fukui": "福井 敦賀",
    "yamanashi": "山梨 甲府 富士吉田",
    "nagano": "長野 松本 軽井沢 上田市 諏訪",
    "gifu": "岐阜 大垣 高山市 飛騨",
    "shizuoka": "静岡 浜松 沼津 富士市 熱海",
    "aichi": "愛知 名古屋 豊田市 岡崎 豊橋 一宮市 栄駅",
    "mie": "三重 津市 四日市 伊勢市 松阪",
    "shiga": "滋賀 大津市 草津 彦根",
    "kyoto": "京都 宇治 祇園 河原町 嵐山 舞鶴",
    "osaka": "大阪 東大阪 新大阪 梅田 難波 なんば 心斎橋 天王寺 堺市 豊中 高槻 枚方 福島区",
    "hyogo": "兵庫 神戸 三宮 姫路 尼崎 西宮 明石 芦屋",
    "nara": "奈良 橿原 生駒",
    "wakayama": "和歌山 田辺市 白浜町 南紀白浜",
    "tottori": "鳥取 米子 倉吉",
    "shimane": "島根 松江 出雲 浜田市",
    "okayama": "岡山 倉敷 津山",
    "hiroshima": "広島 東広島 福山 呉市 尾道",
    "yamaguchi": "山口 下関 宇部 防府 岩国 周南",
    "tokushima": "徳島 鳴門 阿南市",
    "kagawa": "香川 高松 丸亀",
    "ehime": "愛媛 松山 今治 新居浜 宇和島",
    "kochi": "高知 四万十 南国市",
    "fukuoka": "福岡 博多 天神 北九州 小倉 久留米 大牟田",
    "saga": "佐賀 唐津 鳥栖",
    "nagasaki": "長崎 佐世保 諫早 ハウステンボス",
    "kumamoto": "熊本 八代市 天草",
    "oita": "大分 別府 中津市 由布院 湯布院",
    "miyazaki": "宮崎 都城 延岡",
    "kagoshima": "鹿児島 霧島 奄美 屋久島",
    "okinawa": "沖縄 那覇 石垣島 宮古島 名護",
}

DOUBTFUL = (
    "福島 山口 石川 千葉 宮崎 長野 香川 福井 富山 秋田 徳島 宮城 高松 松山 福山 松本 川崎 大宮 上野 "
    "岡崎 長岡 水戸 米沢 品川 町田 立川 藤沢 小倉 津山 高崎 明石 難波 三重 大分 会津 郡山 豊中 "
    "諏訪 山形 岡山"
)
"""Also a family name, a given name or a common word (「三重に」, 「大分よくなった」)."""

LOOK_ALIKES = (
    "千葉ロッテ 広島カープ 広島東洋 広島焼 広島風お好み 横浜denaベイスターズ 横浜dena "
    "横浜ベイスターズ 横浜f・マリノス 横浜家系 福岡ソフトバンク 東京ヤクルト 北海道日本ハム "
    "札幌一番 大阪王将 京都議定書 京都アニメーション 東京リベンジャーズ 東京喰種 東京卍 "
    "東京ばな奈 東京ディズニー 東京電力 東京ガス 東京海上 三菱東京 秋田犬 秋田こまち 名古屋コーチン "
    "神戸牛 神戸ビーフ 松阪牛 松坂牛 米沢牛 仙台牛 飛騨牛 佐賀牛 宮崎牛 博多ラーメン 札幌ラーメン "
    "熊本ラーメン 徳島ラーメン 和歌山ラーメン 宇都宮餃子 浜松餃子 長崎ちゃんぽん 長崎カステラ 奈良漬 "
    "宇治抹茶 宇治金時 静岡茶 草津の湯の素 神奈川沖浪裏 新潟コシヒカリ 那須塩原牛乳 高崎だるま"
)
