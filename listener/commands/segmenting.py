"""`kikimimi segments`, and `--segment` of the commands that list or hand over advocates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from alerts import segments
from alerts.advocates import Study
from alerts.segments import MicroSegment, Sum
from listener import segmenting
from listener.clock import SystemClock
from listener.commands.errors import CommandError
from listener.commands.output import err, load_config, out, print_json
from listener.config import Config
from listener.web import segment_view
from listener.web.language import Words
from storage.db import Store
from storage.segmentation import Segment, Wanted, given


def list_segments(path: Path, *, suggest: bool, least: int, as_json: bool) -> None:
    """What is saved, or what is worth saving; nothing is written."""
    config, now = load_config(path), SystemClock().now()
    with Store.open(config.database_url) as store:
        if suggest:
            groups = segmenting.found_groups(store, config, now, least)
        else:
            rows = _summed(store, config, now)
    if as_json:
        print_json(
            [segment_view.group_shape(one) for one in groups]
            if suggest
            else [segment_view.segment_shape(one, total) for one, total in rows]
        )
    elif suggest:
        _show_groups(groups, least)
    else:
        _show(rows, Words(config.language))


def named(store: Store, name: str) -> Segment:
    """Raises CommandError for one that is not saved."""
    found = store.segments.called(name)
    if found is None:
        known = (
            ", ".join(one.name for one in store.segments.every())
            or "none yet: save one at /programme/segments"
        )
        raise CommandError(f"--segment: no segment is called '{name}'; there are: {known}")
    return found


def member_ids(store: Store, config: Config, name: str, now: datetime) -> set[int]:
    """The numbers of the advocates who are in the segment now."""
    people = segmenting.members(store, config, now, named(store, name).wanted)
    return {one.advocate.id for one in people if one.advocate.id is not None}


def _summed(store: Store, config: Config, now: datetime) -> list[tuple[Segment, Sum]]:
    saved = store.segments.every()
    people = segmenting.profiles(store, config, now, [one.wanted for one in saved])
    return [(one, segments.summed(segments.members(people, one.wanted, now))) for one in saved]


def _show(rows: list[tuple[Segment, Sum]], words: Words) -> None:
    table = Table("id", "segment", "conditions", "people", "consent", "to hand over", "programmes")
    for one, total in rows:
        programmes = segment_view.programmes_line(total, words)
        figures = (
            str(total.people),
            segment_view.consent_line(total, words),
            str(total.exportable),
            programmes,
        )
        table.add_row(*map(escape, (str(one.id), one.name, _conditions(one.wanted), *figures)))
    if rows:
        out.print(table)
    else:
        err.print("No segment is saved. Make one at /programme/segments, or see --suggest.")


def _show_groups(groups: list[MicroSegment], least: int) -> None:
    table = Table("conditions", "people")
    for one in groups:
        table.add_row(escape(_conditions(one.wanted)), str(one.people))
    if groups:
        out.print(table)
    else:
        err.print(f"No group of {least} advocates or more shares an aspect, a region or a platform.")


def _conditions(wanted: Wanted) -> str:
    return ", ".join(f"{name}={value}" for name, value in given(wanted).items())


def narrowed(store: Store, config: Config, studies: Sequence[Study], name: str, now: datetime) -> list[Study]:
    """The studies with only those advocates who are in the segment, as they stood at `now`."""
    wanted = named(store, name).wanted
    found = []
    for one in studies:
        people = segmenting.members(store, config, now, wanted, one.advocates)
        inside = {(each.advocate.author.platform, each.advocate.author.external_id) for each in people}
        kept = tuple(row for row in one.advocates if (row.author.platform, row.author.external_id) in inside)
        found.append(replace(one, advocates=kept))
    return found
