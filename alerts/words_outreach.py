"""The words of letters to advocates, in Japanese and English.

Every letter says who writes and why, with the post that it is about; how to say no; how long we keep what; and
how to disclose anything of value that is ever given (景品表示法のステマ規制, in force since 2023-10-01).
None promises anything for praise, and none asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping

JA: Mapping[str, str] = {
    "subject.quote": "【{brand}】ご投稿の掲載についてのお願い",
    "subject.ambassador": "【{brand}】アンバサダープログラムのご案内",
    "subject.community": "【{brand}】コミュニティのご案内",
    "subject.referral": "【{brand}】ご紹介プログラムのご案内",
    "subject.thanks": "【{brand}】ご投稿へのお礼",
    "subject.disclosure": "【{brand}】ご投稿への「PR」表示のお願い",
    "greeting": "{name} 様\n\n突然のご連絡、失礼いたします。{brand}の{sender}です。",
    "greeting.known": "{name} 様\n\nいつもお世話になっております。{brand}の{sender}です。",
    "sender": "担当者",
    "why": "{date}に{platform}で公開されていたご投稿を拝見し、ご連絡いたしました。\n\n「{quote}」\n{url}",
    "body.quote": (
        "このご投稿を、お客様の声として当社のウェブサイトや店頭などでご紹介したく、掲載のご許可をいただけないでしょうか。\n\n"
        "・文章は変えずに、出典（投稿へのリンク）を添えてご紹介します。\n"
        "・お名前（アカウント名）を出すかどうかは、お選びいただけます。\n"
        "・謝礼のない、任意のお願いです。今後のご投稿について何かをお願いすることもありません。\n"
        "・ご許可は、いつでも取り消していただけます。ご連絡をいただきしだい、掲載を終了します。\n\n"
        "ご許可いただける場合は、掲載してよい場所（例：ウェブサイトのみ）と、お名前の表示の有無をご返信ください。"
    ),
    "body.ambassador": (
        "{brand}では、アンバサダープログラムを行っています。商品や取り組みをいち早く知っていただき、率直なご意見を"
        "お聞かせいただくものです。よろしければ、ご参加をご検討いただけないでしょうか。\n\n"
        "・参加は任意です。いつでもおやめいただけます。\n"
        "・ご感想は、これまでどおりご自身の言葉で自由にお書きください。気になる点も歓迎します。\n"
        "・投稿の有無や評価によって、参加の条件やご提供するものが変わることはありません。\n\n"
        "ご関心をお持ちいただけましたら、このご連絡にご返信ください。内容と条件を書面でお送りします。"
    ),
    "body.community": (
        "{brand}では、お客様同士で情報を交換したり、私たちに直接ご意見をお寄せいただいたりできるコミュニティを運営しています。"
        "よろしければ、のぞいてみていただけないでしょうか。\n\n"
        "・参加は任意です。いつでも退会できます。\n"
        "・投稿の義務はありません。気になる点やご要望もお聞かせください。\n"
        "・発言の内容によって、扱いが変わることはありません。\n\n"
        "ご関心をお持ちいただけましたら、このご連絡にご返信ください。参加の方法をお送りします。"
    ),
    "body.referral": (
        "{brand}では、お知り合いをご紹介いただける「ご紹介プログラム」を行っています。よろしければ、ご案内をお送りしてもよろしいでしょうか。\n\n"
        "・参加は任意です。いつでもおやめいただけます。\n"
        "・紹介特典の条件は、事前に書面でお知らせします。特典は実際のご紹介に対するもので、ご感想や評価の内容とは関係がありません。\n"
        "・紹介リンクやコードを載せる投稿は、広告にあたります。表示については下記をご覧ください。\n\n"
        "ご関心をお持ちいただけましたら、このご連絡にご返信ください。"
    ),
    "body.thanks": (
        "率直なご感想を、ありがとうございました。関わるスタッフにも共有いたしました。\n\n"
        "お礼をお伝えしたく、ご連絡したものです。ご返信や、今後のご投稿は必要ありません。"
    ),
    "body.disclosure": (
        "このご投稿は、当社からの商品の提供やプログラムへのご参加など、当社との関係があるものと存じます。"
        "読む方に広告であることが伝わるよう、表示を加えていただけないでしょうか。\n\n"
        "・本文の最初など、すぐに目に入る場所に「#PR」「{brand}より商品提供」などとお書きください。\n"
        "・多くのハッシュタグの中や「続きを読む」の先では、表示として足りません。\n"
        "・ご感想の内容を変えていただく必要はありません。気になる点も、そのままで結構です。\n"
        "・編集できない投稿のときや、関係がないと思われるときは、お知らせください。\n\n"
        "表示は、事業者である当社に求められている義務です。ご説明が足りず、お手数をおかけします。"
    ),
    "rule.none": (
        "【関係性の表示について】このお願いに、金銭や商品などの提供はありません。今後、当社から商品やサービス、割引などの提供を受けて"
        "投稿される場合は、「#PR」など関係性がわかる表示を必ずお願いいたします（景品表示法によるものです）。"
    ),
    "rule.value": (
        "【関係性の表示について】プログラムへのご参加中や、商品・サービス・割引・紹介特典などの提供を受けて当社について投稿される場合は、"
        "本文のはじめに「#PR」「{brand}より商品提供」など、関係性がわかる表示を必ずお願いいたします（景品表示法によるものです）。"
    ),
    "decline": (
        "【お断りになる場合】ご返信がなければ、こちらから重ねてご連絡することはありません。今後の連絡が不要な場合は、その旨を"
        "ご返信いただくか、{contact} までお知らせください。以後はご連絡しません。"
    ),
    "decline.disclosure": (
        "【ご連絡の停止について】プログラムをおやめになる場合や、今後の連絡が不要な場合は、その旨を"
        "ご返信いただくか、{contact} までお知らせください。"
    ),
    "privacy": (
        "【個人情報の取り扱い】このご連絡のために、公開されているアカウント名とご投稿を記録しています。ご連絡と、ご返信への対応にのみ使い、"
        "収集したご投稿は投稿日から{days}日で削除します。開示・訂正・削除のご希望は {contact} で承ります。"
    ),
    "signature": "{brand}\n{sender}\n{contact}",
}  # fmt: skip

EN: Mapping[str, str] = {
    "subject.quote": "{brand}: may we quote your post?",
    "subject.ambassador": "{brand}: our ambassador programme",
    "subject.community": "{brand}: our community",
    "subject.referral": "{brand}: our referral programme",
    "subject.thanks": "{brand}: thank you for your post",
    "subject.disclosure": "{brand}: please add a disclosure to your post",
    "greeting": "Dear {name},\n\nForgive us for writing out of the blue. This is {sender} at {brand}.",
    "greeting.known": "Dear {name},\n\nThis is {sender} at {brand}.",
    "sender": "the team",
    "why": "We are writing because of a public post of yours on {platform}, of {date}:\n\n“{quote}”\n{url}",
    "body.quote": (
        "May we show it as the voice of a customer, on our website or in our shops?\n\n"
        "- We would leave your words as they are, and link to your post.\n"
        "- You choose whether your account's name appears.\n"
        "- There is no payment, and it is entirely up to you. We ask nothing of your future posts.\n"
        "- You can take your permission back at any time; we then take the quote down.\n\n"
        "If you agree, please reply and say where we may show it, and whether with your name."
    ),
    "body.ambassador": (
        "We run an ambassador programme: its members hear early about what we make, and tell us frankly what "
        "they think. Would you consider joining?\n\n"
        "- It is up to you, and you can leave at any time.\n"
        "- Write freely and in your own words, as you do now; what bothers you is welcome too.\n"
        "- Nothing about membership, or what comes with it, depends on whether or how favourably you post.\n\n"
        "If you are interested, please reply; we will send you the terms in writing."
    ),
    "body.community": (
        "We run a community in which customers exchange tips and tell us directly what they think. "
        "Would you like to have a look?\n\n"
        "- It is up to you, and you can leave at any time.\n"
        "- Nobody has to post. Tell us what bothers you too.\n"
        "- What you say changes nothing in how you are treated.\n\n"
        "If you are interested, please reply; we will send you the way in."
    ),
    "body.referral": (
        "We run a programme by which you can refer people you know. May we send you the details?\n\n"
        "- It is up to you, and you can leave at any time.\n"
        "- The terms come in writing beforehand. A referral bonus is for referrals that happen; it has nothing "
        "to do with what you say or think of us.\n"
        "- A post with a referral link or code is an advertisement: see below how to mark it.\n\n"
        "If you are interested, please reply."
    ),
    "body.thanks": (
        "Thank you for your frank words. We passed them on to the people concerned.\n\n"
        "This is only to say thank you: no reply, and no further post, is needed."
    ),
    "body.disclosure": (
        "We believe that this post has a connection with us, such as a product we provided or a programme you "
        "take part in. Could you please mark it, so that readers see it is advertising?\n\n"
        "- Write “#ad”, or “Product provided by {brand}”, where it is seen at once, at the beginning.\n"
        "- Among many hashtags, or behind “read more”, it does not count.\n"
        "- You need not change what you say; what bothers you can stay as it is.\n"
        "- If the post cannot be edited, or there is no connection, please tell us.\n\n"
        "It is our duty as the company to see to this. We are sorry for the trouble."
    ),
    "rule.none": (
        "About disclosure: nothing of value is given for this request. Should you ever post about us after "
        "receiving a product, a service, a discount or the like, please mark it clearly, with “#ad” for "
        "example (in Japan “#PR”): the law asks for it."
    ),
    "rule.value": (
        "About disclosure: whenever you post about us while taking part, or after receiving a product, a "
        "service, a discount or a referral bonus, please mark it at the beginning, with “#ad” or “Product "
        "provided by {brand}” (in Japan “#PR”): the law asks for it."
    ),
    "decline": (
        "If you would rather not: without a reply we will not write again. To be left alone for good, reply so, "
        "or tell {contact}."
    ),
    "decline.disclosure": (
        "To leave the programme, or to be left alone for good, reply so, or tell {contact}."
    ),
    "privacy": (
        "Your data: for this letter we keep your public account name and posts. We use them only to write to "
        "you and to deal with your reply; posts we collected are deleted {days} days after they were written. To "
        "see, correct or erase them, write to {contact}."
    ),
    "signature": "{sender}\n{brand}\n{contact}",
}


def words(lang: str) -> Mapping[str, str]:
    return JA if lang == "ja" else EN
