"""Who sits at the page: the name a person last gave, kept in a cookie and filled in for them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from fastapi.responses import Response
from pydantic import StringConstraints

from listener.web.site import Site

WHO = "kikimimi_who"
LONGEST = 60
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)]


def remember(site: Site, response: Response, name: str) -> None:
    # A cookie holds Latin letters only; the name may be 佐藤.
    site.remember(response, WHO, name.encode().hex())


def remembered(request: Request) -> str:
    try:
        return bytes.fromhex(request.cookies.get(WHO, "")).decode()[:LONGEST]
    except ValueError:
        return ""
