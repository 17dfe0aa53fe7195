"""Segments and programmes in a reader's words, and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from alerts.advocacy.fit import MIN_PRAISE, MIN_WEEKS, QUIET, Fit, FitReason, Suggestion
from alerts.segments import MicroSegment, Profile, Sum
from listener.web.formats import number, percent
from listener.web.language import Words
from listener.web.shapes import plain
from listener.web.view import View
from storage.segmentation import Segment, Wanted, given

Shape = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """One reason for a programme: a sentence, the newest words that show it, the mentions."""

    text: str
    quote: str
    evidence: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FitCard:
    """One programme that suits, in words."""

    code: str
    name: str
    fit: float
    reasons: tuple[ReasonLine, ...]


# ------------------------------------------------------------------ words


def fit_cards(suggestion: Suggestion, words: Words) -> list[FitCard]:
    return [
        FitCard(fit.programme.value, programme(fit.programme.value, words), fit.fit, _lines(fit, words))
        for fit in suggestion.fits
    ]


def _lines(fit: Fit, words: Words) -> tuple[ReasonLine, ...]:
    """The reasons in words; what was quoted for a weightier one is not quoted again."""
    quoted: set[str] = set()
    lines = []
    for one in fit.reasons:
        lines.append(
            ReasonLine(reason_text(one, words), "" if one.quote in quoted else one.quote, one.evidence)
        )
        quoted.add(one.quote)
    return tuple(lines)


def programme(code: str, words: Words) -> str:
    return words.name("programme_name", code)


def reason_text(one: FitReason, words: Words) -> str:
    values = {name: number(value) if value >= 1000 else value for name, value in one.values.items()}
    return words(f"fit_reason.{one.code}", **values)


def none_text(suggestion: Suggestion, words: Words) -> str:
    """Why no programme is suggested; "" where one is."""
    if suggestion.fits:
        return ""
    return words(f"fit_none.{suggestion.none}", praise=MIN_PRAISE, weeks=MIN_WEEKS, days=QUIET.days)


def conditions(wanted: Wanted, view: View) -> list[str]:
    """What a segment asks for, one phrase a condition; the most telling first."""
    t = view.words
    chips = [view.brand(wanted.topic)] if wanted.topic else []
    chips += [t("segments.chip.aspect", value=t(f"aspect.{wanted.aspect}"))] if wanted.aspect else []
    chips += [t(f"region.{wanted.region}")] if wanted.region else []
    chips += [view.platform(wanted.platform)] if wanted.platform else []
    chips += [programme(wanted.programme, t)] if wanted.programme else []
    chips += [t(f"stage.{wanted.stage}")] if wanted.stage else []
    chips += [t("organic.yes" if wanted.organic else "organic.no")] if wanted.organic is not None else []
    for code, value, usual in (("min", wanted.min_score, 0), ("max", wanted.max_score, 100)):
        chips += [t(f"segments.chip.{code}", value=f"{value:g}")] if value != usual else []
    chips += [t("segments.chip.owner", value=wanted.owner)] if wanted.owner else []
    chips += [t("segments.chip.tag", value=wanted.tag)] if wanted.tag else []
    chips += [t.name("language", wanted.lang)] if wanted.lang else []
    chips += [t("segments.chip.within", value=wanted.within_days)] if wanted.within_days else []
    return chips


def group_name(one: MicroSegment, view: View) -> str:
    """The name under which a suggested group is saved."""
    t, wanted = view.words, one.wanted
    parts = [view.brand(wanted.topic)]
    parts += [t(f"aspect.{wanted.aspect}")] if wanted.aspect else []
    parts += [t(f"region.{wanted.region}")] if wanted.region else []
    parts += [view.platform(wanted.platform)] if wanted.platform else []
    return t("segments.joiner").join(parts)[:60]


def programmes_line(total: Sum, words: Words) -> str:
    """For how many each programme is suggested."""
    return words("people.comma").join(f"{programme(code, words)} {n}" for code, n in total.programmes)


# ------------------------------------------------------------------ JSON


def fit_shape(one: Fit) -> Shape:
    return {
        "programme": one.programme.value,
        "fit": one.fit,
        "reasons": [
            {
                "code": reason.code,
                "share": reason.share,
                "values": plain(reason.values),
                "evidence": list(reason.evidence),
                "quote": reason.quote,
            }
            for reason in one.reasons
        ],
    }


def suggestion_shape(one: Suggestion) -> Shape:
    """`none` is why there is no programme to suggest, "" where there is one."""
    return {"programmes": [fit_shape(fit) for fit in one.fits], "none": one.none}


def segment_shape(one: Segment, total: Sum) -> Shape:
    return {
        "id": one.id,
        "name": one.name,
        "filter": given(one.wanted),
        "by": one.by,
        "at": plain(one.at),
        **sum_shape(total),
    }


def sum_shape(total: Sum) -> Shape:
    return {
        "people": total.people,
        "consenting": total.consenting,
        "exportable": total.exportable,
        "programmes": dict(total.programmes),
    }


def group_shape(one: MicroSegment) -> Shape:
    return {"filter": given(one.wanted), "people": one.people}


def profile_shape(one: Profile) -> Shape:
    """What a segment adds to an advocate."""
    return {
        "fit": suggestion_shape(one.suggestion),
        "aspects": {code: list(ids) for code, ids in sorted(one.aspects.items())},
        "regions": {code: list(ids) for code, ids in sorted(one.regions.items())},
        "platforms": sorted(one.platforms),
        "lang": one.lang,
        "consents": sorted(one.consents),
    }


def consent_line(total: Sum, words: Words) -> str:
    """How many of the people a consent stands for, and their share."""
    return (
        f"{words('segments.people_of', n=total.consenting)} ({percent(total.share)})" if total.people else ""
    )
