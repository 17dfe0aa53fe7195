"""What went out, what waits and why, how the channels are; a test, and once more what did not arrive."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from alerts import health
from alerts.dispatch import Dispatcher
from listener.web.site import Site
from listener.web.view import View
from storage.notices import ChannelHealth, Delivery, Notification
from storage.types import Reason

SHOWN = 200
DONE = ("test_queued", "resend_queued", "resend_late")
NO_HEALTH = ChannelHealth("")


@dataclass(frozen=True, slots=True)
class ChannelCard:
    """A channel of config.yaml, how it is, and how many messages wait for it."""

    name: str
    kind: str
    state: str
    health: ChannelHealth
    waiting: int


def router(site: Site) -> APIRouter:
    pages = APIRouter()

    @pages.get("/notifications", response_class=HTMLResponse)
    def notifications(request: Request) -> HTMLResponse:
        view = site.view(request)
        asked = request.query_params.get("state", "")
        state = asked if asked in set(Delivery) else ""
        found = site.store.notifications(1000 if state else SHOWN)
        shown = [one for one in found if not state or one.state.value == state][:SHOWN]
        done = request.query_params.get("done", "")
        return site.page(
            request,
            "notifications.html",
            view=view,
            notifications=[(one, why_words(view, one)) for one in shown],
            state=state,
            channels=channel_cards(site),
            done=view.words(f"done.{done}") if done in DONE else "",
        )

    @pages.post("/notifications/{number}/resend")
    def resend(number: int) -> RedirectResponse:
        again = 0 < number < 2**63 and site.store.alerting.resend(number, site.clock.now())
        return RedirectResponse(f"/notifications?done={'resend_queued' if again else 'resend_late'}", 303)

    @pages.post("/channels/{name}/test")
    def test(name: str) -> RedirectResponse:
        if name not in {one.name for one in site.config.channels}:
            raise HTTPException(404)
        site.store.alerting.begin([_queued_test(site, name)])
        return RedirectResponse("/notifications?done=test_queued", 303)

    return pages


def _queued_test(site: Site, channel: str) -> Notification:
    """A test that the watch sends at its next look: the page itself talks to no channel."""
    config, now = site.config, site.clock.now()
    desk = Dispatcher(
        site.store, {}, (), lang=config.language, timezone=config.timezone, base_url=config.base_url
    )
    return replace(desk.trial(channel, now), state=Delivery.RETRY, attempts=0, next_at=now, owner="")


def channel_cards(site: Site) -> list[ChannelCard]:
    known, waiting = site.store.alerting.health(), site.store.alerting.queue()
    return [
        ChannelCard(
            one.name,
            one.kind,
            health.state(known.get(one.name)),
            known.get(one.name, NO_HEALTH),
            waiting.get(one.name, 0),
        )
        for one in site.config.channels
    ]


def why_words(view: View, one: Notification) -> str:
    """Why it waits, or was not sent; "" where there is nothing to say."""
    return _why(view, one.why) if one.why is not None else ""


def _why(view: View, why: Reason) -> str:
    t, values = view.words, why.values
    if why.code == "silenced":
        return t("told.silenced", by=values["by"], until=view.clock(datetime.fromisoformat(values["until"])))
    if why.code == "quiet_hours":
        return t("told.quiet_hours", until=view.clock(datetime.fromisoformat(values["until"])))
    if why.code == "acknowledged":
        return t("told.acknowledged", by=values["by"])
    if why.code == "unanswered":
        return t("told.unanswered", length=view.duration(timedelta(seconds=values["seconds"])))
    return t.name("told", why.code)
