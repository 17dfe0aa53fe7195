"""Why an advocate was not handed over, in Japanese and English, each with what to do."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "reddit": (
        "Redditの規約が、投稿者の照合・引き渡しを禁じているため送りません。",
        "Reddit's terms forbid matching its authors with people: they are never handed over.",
    ),
    "no_email": (
        "メールアドレスがありません。本人から連絡の同意とともに受け取り、同意の記録に加えてください。",
        "No e-mail address: ask them for it with a consent to be contacted, and record it with the consent.",
    ),
    "unchanged": ("前回から変わっていません。", "Nothing has changed since it was last sent."),
    "sent_once": ("すでに招待済みです。二重には送りません。", "Invited already: nobody is invited twice."),
    "same_account": (
        "同じアカウントを別のトピックの推奨者として送ります。",
        "The same account goes as an advocate of another topic.",
    ),
    "unsure": (
        "前回、届いたかどうか確認できませんでした。送信先で確かめ、届いていなければ --again を付けて実行してください。",
        "Nobody knows whether the last attempt arrived: look there, and run with --again if it did not.",
    ),
    "withdrawn": ("同意が撤回されました。送っていません。", "The consent was withdrawn: nothing was sent."),
    "another_run": (
        "別の処理が送信中です。終わってから実行してください。",
        "Another run is sending it: wait until that has ended.",
    ),
    "not_tried": (
        "途中で止まったため、まだ送っていません。もう一度実行してください。",
        "Not sent yet, because the run was stopped: run it again.",
    ),
    "stopped": (
        "送信先が受け付けませんでした。下の理由を確認してください。",
        "Not taken: see what stopped the run.",
    ),
    "refused": (
        "送信先に断られました。表示された理由に従って修正し、もう一度実行してください。",
        "Refused: mend what they say, then run it again.",
    ),
    "conflict": (
        "送信先に同じ人（同じメールアドレス）の別の記録があります。そちらに統合するか、アドレスで照合する設定にしてください。",
        "There is another record with the same address: merge the two there, or match by e-mail address.",
    ),
    "missing": (
        "送信先の必須項目が足りません。fields か fixed で加えてください。",
        "A field that they require is missing: add it under `fields` or `fixed`.",
    ),
    "bad_email": (
        "メールアドレスの形式が正しくありません。同意の記録を直してください。",
        "The e-mail address is not valid: put it right in the record of the consent.",
    ),
    "no_such_field": (
        "送信先にその項目がありません。項目を作るか、fields で別の名前を指定してください。",
        "They have no such field: create it, or name another one under `fields`.",
    ),
    "too_large": (
        "送信先の上限を超える長さです。fields で長い項目を外してください。",
        "Longer than they take: leave the long field out under `fields`.",
    ),
    "busy": (
        "送信先が一時的に混み合っています。少し待って、もう一度実行してください。",
        "They are busy with this record: run it again in a few minutes.",
    ),
    "still_running": (
        "送信先の処理がまだ続いています。後でもう一度実行してください。二重登録にはなりません。",
        "Their job still runs: run it again later; nobody will be there twice.",
    ),
    "unprocessed": (
        "送信先の処理が途中で終わりました。もう一度実行してください。二重登録にはなりません。",
        "Their job ended before this row: run it again; nobody will be there twice.",
    ),
    "unsaid": (
        "送信先がこの人の結果を返しませんでした。もう一度実行してください。二重登録にはなりません。",
        "They said nothing of this row: run it again; nobody will be there twice.",
    ),
    "there_already": ("すでに登録されています。", "They know this person already."),
    "gone": (
        "以前に渡しましたが、いまは同意がありません。送信先からも削除してください。",
        "Handed over earlier, but consents no longer: delete them there too.",
    ),
}


def explain(code: str, lang: str) -> str:
    """The reason and what to do about it; "" for none."""
    if not code:
        return ""
    return WORDS[code][0 if lang == "ja" else 1]
