"""An advocate's page: the steps a person takes, consent, tasks, whose doing a post is, opting out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from storage.db import MentionFilter, Store
from storage.types import Disclosure, DisclosureKind, Stage
from tests.listener.web.seed import NOW

BY = {"by": "佐藤"}
YES = {**BY, "scopes": ["contact", "quote"], "evidence": "6月2日のメール", "wording": "同意します"}


def do(client: TestClient, what: str, **fields: object) -> str:
    return client.post(f"/advocates/1/{what}", data={**BY, **fields}).text


def contacted(client: TestClient) -> None:
    do(client, "stage", stage="reviewed")
    do(client, "stage", stage="contacted")


def stage(store: Store) -> Stage | None:
    found = store.advocate(1)
    return found.stage if found else None


def test_only_the_next_steps_are_offered(own_client: TestClient) -> None:
    page = own_client.get("/advocates/1").text
    assert "「確認済み」にする" in page
    assert "「離脱」にする" in page
    assert "「活動中」にする" not in page
    assert "「同意済み」にする" not in page
    assert "「連絡済み」にしたあとに記録できます" in page


def test_a_step_that_does_not_follow_is_explained(own_client: TestClient, own_store: Store) -> None:
    assert "進めません" in do(own_client, "stage", stage="active")
    assert "同意を記録すると進みます" in do(own_client, "stage", stage="consented")
    assert stage(own_store) is Stage.CANDIDATE
    assert own_client.post("/advocates/1/stage", data={"stage": "reviewed"}).status_code == 400
    assert own_client.post("/advocates/99/owner", data=BY).status_code == 404


def test_a_consent_is_recorded_shown_and_withdrawn(own_client: TestClient, own_store: Store) -> None:
    contacted(own_client)
    page = do(own_client, "consent", **YES, email="hikari@mail.example")
    assert "同意を記録しました" in page
    assert "6月2日のメール" in page
    assert stage(own_store) is Stage.CONSENTED
    (one,) = own_store.people.contacts(None, "contact", NOW)
    assert one.email == "hikari@mail.example"
    assert "撤回を記録しました" in do(own_client, "withdraw", evidence="電話")
    assert stage(own_store) is Stage.LEFT
    assert own_store.people.contacts(None, "contact", NOW) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"scopes": []}, "1つ以上"), ({"evidence": ""}, "同意の証跡"), ({"on": "2099-01-01"}, "未来の日付"),
    ],
)  # fmt: skip
def test_half_a_consent_is_none(
    own_client: TestClient, own_store: Store, fields: dict[str, object], said: str
) -> None:
    contacted(own_client)
    assert said in do(own_client, "consent", **{**YES, **fields})
    assert own_store.people.ledger(1) == []


def test_owner_notes_and_tasks(own_client: TestClient, own_store: Store) -> None:
    do(own_client, "owner", owner="鈴木")
    assert "新店のことを聞かれた" in do(own_client, "note", kind="contact", text="新店のことを聞かれた")
    page = do(own_client, "task", title="お礼のDM", due="2020-01-01")
    assert "お礼のDM" in page
    assert "期限超過" in page
    (task,) = [one for one in own_store.people.history(1) if one.kind.value == "task"]
    assert "完了にしました" in do(own_client, f"task/{task.id}/done")
    assert "すでに完了しています" in do(own_client, f"task/{task.id}/done")
    assert "ひかり" in own_client.get("/advocates?owner=鈴木").text
    assert "グルメ案内人" not in own_client.get("/advocates?owner=鈴木").text


def test_programme_posts_are_marked(own_client: TestClient, own_store: Store) -> None:
    contacted(own_client)
    found = own_store.advocate(1)
    assert found is not None
    theirs = MentionFilter(author=f"{found.author.platform}:{found.author.external_id}")
    last = own_store.mentions(theirs, 1)[0]
    late = NOW + timedelta(minutes=1)
    hidden = replace(last.post, external_id="hidden", created_at=late, fetched_at=late)
    honest = replace(last.post, external_id="honest", created_at=late, fetched_at=late)
    evidence = replace(last.matched[0], why="hashtag")
    said = Disclosure(DisclosureKind.SPONSORED, 0.98, evidence)
    own_store.save_page(
        source=last.post.source, kind="mastodon", seen=(), cursor={}, at=late,
        mentions=[
            replace(last, post=hidden, id=None),
            replace(last, post=honest, id=None, analysis=replace(last.analysis, disclosure=said)),
        ],
    )  # fmt: skip
    page = own_client.get("/advocates/1").text
    assert page.count("プログラム投稿・表示なし") == 1
    assert page.count('role">プログラム投稿<') == 1


def test_who_opts_out_is_in_no_list_and_no_answer(own_client: TestClient, own_store: Store) -> None:
    contacted(own_client)
    do(own_client, "consent", **YES, email="hikari@mail.example")
    for path in ("/api/advocates", "/advocates", "/advocates/1"):
        assert "hikari@mail.example" not in own_client.get(path).text
    assert "利用停止にしました" in do(own_client, "opt-out")
    assert "ひかり" not in own_client.get("/advocates").text
    assert all(one["id"] != 1 for one in own_client.get("/api/advocates").json()["advocates"])
    assert "利用停止（オプトアウト）中" in own_client.get("/advocates/1").text
    assert own_store.people.contacts(None, "contact", NOW) == []
    assert "取り消しました" in do(own_client, "opt-in")
    assert "ひかり" in own_client.get("/advocates").text
