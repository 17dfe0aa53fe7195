"""The file collector on real files: what people export, in the encodings and with the mistakes they have."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import tracemalloc
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from listener.collectors import CollectError, Page, collector_class
from listener.collectors.columns import COLUMNS
from listener.collectors.file import FileCollector, FileConfig
from listener.http import Fetcher
from storage.types import Engagement, Post

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HTTP = Fetcher(min_gap_s=0)
DOCS = Path(__file__).parents[3] / "docs" / "file-format.md"
HEADER = "id,text,created_at"


def collector(path: Path, **keys: Any) -> FileCollector:
    config = FileConfig.model_validate({"name": "shop", "path": path, **keys})
    return FileCollector(config, http=HTTP)


def collect(path: Path, cursor: Mapping[str, Any] | None = None, **keys: Any) -> list[Page]:
    return list(collector(path, **keys).collect(stored(cursor or {}), now=NOW))


def stored(cursor: Mapping[str, Any]) -> dict[str, Any]:
    """The cursor as it comes back from the store."""
    return dict(json.loads(json.dumps(cursor)))


def posts(pages: Iterable[Page]) -> list[Post]:
    return [post for page in pages for post in page.posts]


def ids(pages: Iterable[Page]) -> list[str]:
    return [post.external_id for post in posts(pages)]


def write(path: Path, *lines: str, encoding: str = "utf-8", end: str = "\n") -> Path:
    path.write_bytes("".join(line + end for line in lines).encode(encoding))
    return path


def touch_later(path: Path) -> None:
    """Make sure that the change shows in the time of the file."""
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 5_000_000_000))


def row(number: int, text: str = "おいしい") -> str:
    return f"{number},{text} {number},2026-11-20 12:{number % 60:02d}"


def one(tmp_path: Path, header: str, cells: str, **keys: Any) -> Post:
    pages = collect(write(tmp_path / "a.csv", header, cells), **keys)
    assert pages[-1].note == ""
    (post,) = posts(pages)
    return post


def refused(tmp_path: Path, header: str, cells: str, **keys: Any) -> str:
    pages = collect(write(tmp_path / "a.csv", header, cells), **keys)
    assert posts(pages) == []
    return pages[-1].note


# ------------------------------------------------------------------ one row


def test_a_row_with_every_column_becomes_a_post(tmp_path: Path) -> None:
    sent = {
        "id": "r-1",
        "text": "ラテがおいしい\n店員さんも親切",
        "created_at": "2026-11-20T12:00:00+09:00",
        "author": "@aoi",
        "author_id": "u-7",
        "author_followers": "1,234",
        "url": "https://review.example/r/1",
        "source": "rakuten",
        "lang": "JA",
        "rating": "4.5",
        "likes": "１２",
        "reposts": "0",
        "replies": "3.0",
        "title": "また行きます",
    }
    assert tuple(sent) == COLUMNS
    out = io.StringIO()
    csv.writer(out).writerows([COLUMNS, sent.values()])
    (tmp_path / "a.csv").write_text(out.getvalue(), "utf-8", newline="")
    (post,) = posts(collect(tmp_path / "a.csv"))
    assert (post.platform, post.external_id, post.source) == ("rakuten", "r-1", "shop")
    assert (post.title, post.text) == ("また行きます", "ラテがおいしい\n店員さんも親切")
    assert post.created_at == datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
    assert (post.fetched_at, post.url, post.lang, post.rating) == (
        NOW,
        "https://review.example/r/1",
        "ja",
        4.5,
    )
    assert post.engagement == Engagement(likes=12, reposts=0, replies=3)
    assert post.author is not None
    assert (post.author.platform, post.author.external_id) == ("rakuten", "u-7")
    assert (post.author.name, post.author.handle, post.author.followers) == ("aoi", "aoi", 1234)


def test_an_empty_cell_is_unknown_and_not_zero(tmp_path: Path) -> None:
    post = one(tmp_path, ",".join(COLUMNS), ",おいしい,2026-11-20,,,,,,,,,-,N/A,")
    assert post.engagement == Engagement()
    assert (post.platform, post.author, post.lang, post.rating, post.title, post.url) == (
        "shop", None, None, None, "", "",
    )  # fmt: skip


def test_only_text_and_time_are_needed(tmp_path: Path) -> None:
    post = one(tmp_path, "text,created_at", "おいしい,2026-11-20")
    assert post.external_id.startswith("sha256:")
    assert post.engagement == Engagement()


def test_without_an_id_the_same_words_at_the_same_time_are_one_post(tmp_path: Path) -> None:
    lines = [
        "text,created_at,author",
        "朝,2026-11-20,a",
        "朝,2026-11-20,a",
        "朝,2026-11-20,b",
        "朝,2026-11-21,a",
    ]
    found = [post.external_id for post in posts(collect(write(tmp_path / "a.csv", *lines)))]
    assert len(found) == 4
    assert len(set(found)) == 3


def test_the_ids_of_two_exports_do_not_meet_unless_they_name_the_platform(tmp_path: Path) -> None:
    plain = write(tmp_path / "a.csv", "id,text,created_at,author", "1,朝,2026-11-20,田中")
    named = write(tmp_path / "b.csv", "id,text,created_at,author,source", "1,朝,2026-11-20,田中,x")
    (left,), (right,) = posts(collect(plain)), posts(collect(plain, name="other"))
    assert (left.platform, left.external_id) != (right.platform, right.external_id)
    assert left.author is not None
    assert right.author is not None
    assert left.author.platform != right.author.platform
    assert left.author.name == right.author.name == "田中"
    (left,), (right,) = posts(collect(named)), posts(collect(named, name="other"))
    assert (left.platform, left.external_id) == (right.platform, right.external_id) == ("x", "1")


def test_the_platform_of_a_source_can_be_said_once(tmp_path: Path) -> None:
    assert one(tmp_path, HEADER, row(1), platform="tabelog").platform == "tabelog"


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-11-22T09:05:00+09:00", "2026-11-22 00:05:00"),
        ("2026-11-22T00:05:00Z", "2026-11-22 00:05:00"),
        ("2026-11-22T00:05:00.250Z", "2026-11-22 00:05:00.250000"),
        ("2026-11-22 09:05", "2026-11-22 00:05:00"),
        ("20261122T090500", "2026-11-22 00:05:00"),
        ("2026/11/22 9:05", "2026-11-22 00:05:00"),
        ("2026/11/22 9:05:30", "2026-11-22 00:05:30"),
        ("2026/1/2", "2026-01-01 15:00:00"),
        ("2026.11.22 9:05", "2026-11-22 00:05:00"),
        ("2026年11月22日 9時5分", "2026-11-22 00:05:00"),
        ("2026年11月22日9時5分30秒", "2026-11-22 00:05:30"),
        ("2026年11月22日 9時", "2026-11-22 00:00:00"),
        ("2026年11月22日", "2026-11-21 15:00:00"),
        ("2026年11月22日(日) 09:05", "2026-11-22 00:05:00"),
        ("2026年11月22日（日曜日）午後9時5分", "2026-11-22 12:05:00"),
        ("2026/11/22 午前0:05", "2026-11-21 15:05:00"),
        ("2026/11/22 12:05 AM", "2026-11-21 15:05:00"),
        ("2026/11/22 9:05 PM", "2026-11-22 12:05:00"),
        ("2026/11/22 午後12:30", "2026-11-22 03:30:00"),
        ("2026/11/22 午後0:30", "2026-11-22 03:30:00"),
        ("２０２６／１１／２２　９：０５", "2026-11-22 00:05:00"),
        ("令和8年11月22日 9時5分", "2026-11-22 00:05:00"),
        ("令和元年5月1日", "2019-04-30 15:00:00"),
        ("2026-11-22 09:05 JST", "2026-11-22 00:05:00"),
        ("2026-11-22 09:05 +0000", "2026-11-22 09:05:00"),
        ("1795305900", "2026-11-22 00:05:00"),
        ("1795305900000", "2026-11-22 00:05:00"),
    ],
)
def test_times_are_read_as_people_write_them(tmp_path: Path, written: str, utc: str) -> None:
    post = one(tmp_path, HEADER, f'1,おいしい,"{written}"')
    assert post.created_at.replace(tzinfo=None).isoformat(sep=" ") == utc
    assert post.created_at.tzinfo is UTC


def test_times_without_a_zone_are_meant_in_the_zone_of_the_source(tmp_path: Path) -> None:
    post = one(tmp_path, HEADER, "1,tasty,2026-07-01 12:00", timezone="Europe/Berlin")
    assert post.created_at == datetime(2026, 7, 1, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    ["x", "11/22/2026", "2026-13-01", "2026年11月31日", "昨日", "2026/11/22 25:00", "12:00", "午後3時", "0"],
)
def test_what_is_not_a_time_is_said(tmp_path: Path, written: str) -> None:
    assert f"line 2: created_at '{written}' is not a time" in refused(
        tmp_path, HEADER, f"1,おいしい,{written}"
    )


@pytest.mark.parametrize(
    ("column", "written", "words"),
    [
        ("likes", "abc", "likes 'abc' is not a number"),
        ("likes", "1,23", "likes '1,23' is not a number"),
        ("likes", "-1", "likes '-1' is not a count"),
        ("reposts", "1.5", "reposts '1.5' is not a count"),
        ("author_followers", "many", "author_followers 'many' is not a number"),
        ("rating", "10", "rating '10' is not between 1 and 5"),
        ("rating", "0", "rating '0' is not between 1 and 5"),
        ("url", "javascript:alert(1)", "url 'javascript:alert(1)' is not an http(s) address"),
        ("url", "review.example", "url 'review.example' is not"),
        ("lang", "日本語", "lang '日本語' is not a language code"),
        ("rating", "9" * 90, "999…' is not between"),
    ],
)
def test_a_wrong_value_is_said_with_its_column(tmp_path: Path, column: str, written: str, words: str) -> None:
    assert words in refused(tmp_path, f"{HEADER},{column}", f'1,おいしい,2026-11-20,"{written}"')


@pytest.mark.parametrize(
    ("written", "rating"), [("5", 5.0), ("３", 3.0), ("4.0", 4.0), ("★★★☆☆", 3.0), ("★★★★★", 5.0), ("", None)]
)
def test_ratings(tmp_path: Path, written: str, rating: float | None) -> None:
    assert one(tmp_path, f"{HEADER},rating", f"1,おいしい,2026-11-20,{written}").rating == rating


def test_a_row_without_time_or_words_is_left_out(tmp_path: Path) -> None:
    assert "line 2: created_at is empty" in refused(tmp_path, HEADER, "1,おいしい,")
    assert "line 2: text is empty" in refused(tmp_path, HEADER, "1,  ,2026-11-20")
    assert one(tmp_path, f"{HEADER},title", "1,,2026-11-20,題だけ").full_text == "題だけ"


def test_characters_that_cannot_be_stored_are_taken_out(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "お\\u0000い\\ud800", "created_at": "2026-11-20"}\n', "utf-8")
    (post,) = posts(collect(tmp_path / "a.jsonl"))
    assert post.text == "おい?"


# ------------------------------------------------------------------ columns and files


def test_other_column_names_are_mapped(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "投稿日時, 口コミ本文 ,評価", "2026/11/20 12:00,おいしい,★★★★★")
    names = {"text": "口コミ本文", "created_at": "投稿日時", "rating": "評価"}
    (post,) = posts(collect(path, columns=names))
    assert (post.text, post.rating) == ("おいしい", 5.0)


def test_a_missing_column_is_said_with_the_columns_there_are(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "投稿日時,口コミ本文", "2026/11/20,おいしい")
    with pytest.raises(CollectError, match=r"no column text, created_at.*投稿日時, 口コミ本文.*columns"):
        collect(path)


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("cp932", b""), ("euc_jp", b""),
     ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"), ("utf-16-le", b"")],
)  # fmt: skip
@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_encodings_are_recognised(tmp_path: Path, encoding: str, mark: bytes, suffix: str) -> None:
    words = (
        "美味しいコーヒー、また行きたい。ਊ"
        if encoding.startswith("utf")
        else "美味しいコーヒー、また行きたい。"
    )
    if suffix == "csv":
        content = f'id,text,created_at\r\n1,"{words}\r\n二行目",2026年11月20日\r\n2,{words},2026-11-21\r\n'
    else:
        lines = [{"id": n, "text": words, "created_at": "2026-11-20"} for n in (1, 2)]
        content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(mark + content.encode(encoding))
    pages = collect(path)
    assert pages[-1].note == ""
    assert [post.text.splitlines()[0] for post in posts(pages)] == [words, words]


def test_cp932_has_characters_that_shift_jis_has_not(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEADER, "1,①髙島屋〜～,2026-11-20".replace("〜", ""), encoding="cp932")
    assert posts(collect(path))[0].text == "①髙島屋～"


def test_an_encoding_may_be_given(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEADER, "1,ｱｲｽ,2026-11-20", encoding="cp932")
    assert posts(collect(path, encoding="cp932"))[0].text == "ｱｲｽ"


def test_one_line_in_another_encoding_stops_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    good = [f"{HEADER}\n".encode(), f"{row(1)}\n".encode(), f"{row(3)}\n".encode()]
    path.write_bytes(good[0] + good[1] + f"{row(2)}\n".encode("cp932") + good[2])
    pages = collect(path)
    assert ids(pages) == ["1", "3"]
    assert "line 3: bytes that do not fit" in pages[-1].note


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_delimiters_are_recognised(tmp_path: Path, delimiter: str) -> None:
    lines = [delimiter.join(cells) for cells in (["id", "text", "created_at"], ["1", "朝", "2026-11-20"])]
    assert ids(collect(write(tmp_path / "a.csv", *lines))) == ["1"]


def test_quotes_and_line_breaks_in_cells(tmp_path: Path) -> None:
    content = (
        f"{HEADER}\r\n"
        '1,"一行目\r\n二行目, ""引用"" 付き",2026-11-20\r\n'
        '2,幅は 5" です,2026-11-20\r\n'
        "\r\n"
        ",,\r\n"
        '3,"最後",2026-11-20'
    )
    (tmp_path / "a.csv").write_bytes(content.encode())
    pages = collect(tmp_path / "a.csv")
    assert [post.text for post in posts(pages)] == ['一行目\r\n二行目, "引用" 付き', '幅は 5" です', "最後"]
    assert pages[-1].note == ""


def test_a_quotation_mark_that_never_closes_costs_one_row(tmp_path: Path) -> None:
    lines = [HEADER, row(1), '2,"閉じない,2026-11-20', row(3), row(4)]
    pages = collect(write(tmp_path / "a.csv", *lines))
    assert ids(pages) == ["1", "3", "4"]
    assert "1 row skipped: line 3: a quotation mark is never closed" in pages[-1].note


def test_rows_with_too_many_cells_are_left_out_and_short_ones_kept(tmp_path: Path) -> None:
    lines = [f"{HEADER},likes", "1,a,b,2026-11-20,3", "2,朝,2026-11-20", "3,昼,2026-11-20,3,,", row(4)]
    pages = collect(write(tmp_path / "a.csv", *lines))
    assert ids(pages) == ["2", "3", "4"]
    assert "line 2: 5 cells, but the header names 4" in pages[-1].note


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"id,text,created_at\r1,a,2026-11-20\r", "CR only"), (b'id,"text', "never closed")],
)
def test_a_file_that_is_no_table_is_said(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(CollectError, match=words) as caught:
        collect(tmp_path / "a.csv")
    assert not caught.value.permanent


def test_json_lines(tmp_path: Path) -> None:
    lines = [
        json.dumps(
            {"id": 1, "text": "朝", "created_at": "2026-11-20", "likes": 3, "rating": 4.5, "reposts": None}
        ),
        "",
        "{broken",
        "[1, 2]",
        json.dumps({"id": 2, "text": "昼"}),
        json.dumps({"id": 3, "text": {"ja": "夜"}, "created_at": "2026-11-20"}),
        json.dumps({"id": 4, "text": "夜", "created_at": 1795305900, "likes": True}),
        json.dumps({"id": 5, "text": "夜", "created_at": 1795305900, "extra": {"any": 1}}),
    ]
    pages = collect(write(tmp_path / "a.jsonl", *lines))
    assert ids(pages) == ["1", "5"]
    first = posts(pages)[0]
    assert (first.engagement, first.rating) == (Engagement(likes=3), 4.5)
    assert "5 rows skipped: line 3: not JSON" in pages[-1].note
    assert "line 4: not a JSON object" in pages[-1].note
    assert "line 5: created_at is empty" in pages[-1].note
    assert "and 2 more" in pages[-1].note


# ------------------------------------------------------------------ reading on


def test_a_file_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEADER, row(1))
    cursor = collect(path)[-1].cursor
    (page,) = collect(path, cursor)
    assert (page.posts, page.unchanged) == ((), True)
    assert page.cursor == stored(cursor)


def test_a_file_that_grew_is_read_on(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEADER, row(1), row(2))
    cursor = collect(path)[-1].cursor
    with path.open("a") as out:
        out.write(row(3) + "\n" + "4,朝,x\n")
    pages = collect(path, cursor)
    assert ids(pages) == ["3"]
    assert "line 5: created_at 'x'" in pages[-1].note
    assert collect(path, pages[-1].cursor)[-1].unchanged


def test_a_file_that_was_cut_in_a_row_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{HEADER}\n{row(1)}\n2,途中,2026-11-2", "utf-8")
    cursor = collect(path)[-1].cursor
    with path.open("a") as out:
        out.write("0\n")
    found = {post.external_id: post.created_at.day for post in posts(collect(path, cursor))}
    assert found == {"1": 20, "2": 19}


def test_a_quoted_cell_that_was_cut_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'{HEADER}\n{row(1)}\n2,"一行目\n', "utf-8")
    first = collect(path)
    assert ids(first) == ["1"]
    with path.open("a") as out:
        out.write('二行目",2026-11-20\n')
    second = collect(path, first[-1].cursor)
    assert [post.text for post in posts(second)] == ["おいしい 1", "一行目\n二行目"]
    assert second[-1].note == ""


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEADER, row(1), row(2))
    cursor = collect(path)[-1].cursor
    write(path, HEADER, row(1, "まずい"), row(2))
    touch_later(path)
    again = posts(collect(path, cursor))
    assert [post.text for post in again] == ["まずい 1", "おいしい 2"]


def test_a_file_that_was_only_touched_brings_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEADER, row(1))
    cursor = collect(path)[-1].cursor
    touch_later(path)
    pages = collect(path, cursor)
    assert posts(pages) == []
    assert collect(path, pages[-1].cursor)[-1].unchanged


def test_a_cursor_of_another_version_reads_again(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEADER, row(1))
    assert ids(collect(path, {"a.csv": {"size": 1, "mtime": 2, "colour": "red"}})) == ["1"]


def test_pages_hold_500_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEADER, *(row(n) for n in range(1, 1101)))
    pages = collect(path)
    assert [len(page.posts) for page in pages] == [500, 500, 100]
    assert [page.cursor["a.csv"]["line"] for page in pages] == [501, 1001, 1101]


@pytest.mark.parametrize("killed_after", [1, 2, 3])
def test_killed_between_pages_loses_nothing_and_reads_nothing_twice(
    tmp_path: Path, killed_after: int
) -> None:
    lines = [row(n, '"二行の\nセル"') if n % 7 else f"{n},朝,x" for n in range(1, 1301)]
    lines = [re.sub(r'"(.*)" (\d+),', r'"\1 \2",', line, flags=re.DOTALL) for line in lines]
    write(tmp_path / "a.csv", HEADER, *lines)
    first = list(islice(collector(tmp_path).collect({}, now=NOW), killed_after))
    second = collect(tmp_path, first[-1].cursor)
    assert ids(first + second) == [str(n) for n in range(1, 1301) if n % 7]
    rejected = (tmp_path / "a.csv.rejected.jsonl").read_text("utf-8").splitlines()
    assert len(rejected) == 1300 // 7
    assert "185 rows skipped" in second[-1].note


def test_many_rows_do_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8") as out:
        out.write(f"{HEADER}\n")
        out.writelines(f"{row(n)}\n" for n in range(8_000))
    tracemalloc.start()
    count = sum(len(page.posts) for page in collector(path).collect({}, now=NOW))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 8_000
    assert peak < 4_000_000  # all posts at once are some 12 MB


# ------------------------------------------------------------------ a folder


def test_a_folder_is_read_file_by_file(tmp_path: Path) -> None:
    write(tmp_path / "b.csv", HEADER, row(2))
    write(tmp_path / "a.CSV", HEADER, row(1))
    write(tmp_path / "c.jsonl", json.dumps({"id": 3, "text": "朝", "created_at": "2026-11-20"}))
    for name in ("d.txt", ".e.csv", "~$f.csv", "a.CSV.rejected.jsonl"):
        write(tmp_path / name, HEADER, row(9))
    (tmp_path / "g.csv").mkdir()
    pages = collect(tmp_path)
    assert ids(pages) == ["1", "2", "3"]
    write(tmp_path / "h.csv", HEADER, row(4))
    assert ids(collect(tmp_path, pages[-1].cursor)) == ["4"]


def test_one_bad_file_stops_no_other(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "本文", "おいしい")
    write(tmp_path / "b.csv", HEADER, row(1))
    pages = collect(tmp_path)
    assert ids(pages) == ["1"]
    assert "a.csv: no column text, created_at" in pages[-1].note
    assert "a.csv: no column" in collect(tmp_path, pages[-1].cursor)[-1].note
    write(tmp_path / "a.csv", HEADER, row(2))
    fixed = collect(tmp_path, pages[-1].cursor)
    assert ids(fixed) == ["2"]
    assert fixed[-1].note == ""


def test_rejected_rows_are_written_beside_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEADER, row(1), "2,朝,x", "3,,2026-11-20")
    pages = collect(tmp_path)
    written = [
        json.loads(line) for line in (tmp_path / "a.csv.rejected.jsonl").read_text("utf-8").splitlines()
    ]
    assert [(each["line"], each["row"]) for each in written] == [(3, "2,朝,x"), (4, "3,,2026-11-20")]
    assert "'x' is not a time" in written[0]["reason"]
    assert (
        "a.csv: 2行を読み飛ばしました / 2 rows skipped: line 3: created_at 'x' is not a time"
        in pages[-1].note
    )
    assert "a.csv.rejected.jsonl" in pages[-1].note
    still = collect(tmp_path, pages[-1].cursor)
    assert still[-1].unchanged
    assert still[-1].note == pages[-1].note  # said until the file is put right
    write(path, HEADER, row(1), row(2), row(3))
    touch_later(path)
    assert collect(tmp_path, still[-1].cursor)[-1].note == ""
    assert not (tmp_path / "a.csv.rejected.jsonl").exists()


def test_a_single_file_gets_nothing_beside_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEADER, "1,朝,x")
    assert "1 row skipped" in collect(path)[-1].note
    assert [each.name for each in tmp_path.iterdir()] == ["a.csv"]


def test_a_file_that_went_away_is_forgotten(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEADER, row(1))
    cursor = collect(tmp_path)[-1].cursor
    path.unlink()
    (page,) = collect(tmp_path, cursor)
    assert (page.cursor, page.unchanged) == ({}, True)


def test_a_path_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CollectError, match="no file or folder"):
        collect(tmp_path / "missing")


def test_an_empty_folder_is_fine(tmp_path: Path) -> None:
    (page,) = collect(tmp_path)
    assert page.unchanged


# ------------------------------------------------------------------ configuration and documentation


@pytest.mark.parametrize(
    "keys",
    [
        {"columns": {"body": "本文"}},
        {"timezone": "Tokyo"},
        {"encoding": "latin-1"},
        {"x": 1},
    ],
)
def test_wrong_keys_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FileConfig.model_validate({"name": "shop", "path": "a.csv", **keys})


def test_the_registry_knows_it() -> None:
    assert collector_class("file").__name__ == "FileCollector"


def test_the_documentation_names_every_column_and_its_examples_are_read(tmp_path: Path) -> None:
    manual = DOCS.read_text("utf-8")
    assert [name for name in COLUMNS if f"`{name}`" not in manual] == []
    for kind in ("csv", "jsonl"):
        (example,) = set(re.findall(rf"```{kind}\n(.*?)```", manual, re.DOTALL))
        (tmp_path / f"example.{kind}").write_text(example, "utf-8")
        pages = collect(tmp_path / f"example.{kind}", platform="rakuten")
        assert pages[-1].note == ""
        assert len(posts(pages)) >= 2
        assert all(post.created_at > NOW - timedelta(days=30) for post in posts(pages))
