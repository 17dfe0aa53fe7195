"""Teams, Discord, LINE and Chatwork as far as a sender meets them: their rules, on a loopback server.

Each `…_problems` says what the vendor would refuse about a payload; each class answers requests by those rules.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers import HttpServer, Reply, Request, json_reply, text


def u16(some: str) -> int:
    return len(some.encode("utf-16-le")) // 2


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for one in tree.values():
            yield from nodes(one)
    if isinstance(tree, list):
        for one in tree:
            yield from nodes(one)


def is_web(url: str) -> bool:
    return url.isascii() and " " not in url and urlsplit(url).scheme in ("http", "https")


# ------------------------------------------------------------------ Teams


def teams_problems(body: bytes) -> list[str]:
    found = []
    payload = json.loads(body)
    if max(len(body), len(body.decode().encode("utf-16-le"))) > 28 * 1024:
        found.append("message too large")
    for one in payload["attachments"]:
        if one["contentType"] != "application/vnd.microsoft.card.adaptive":
            found.append("no card")
        if not one["content"]["body"] or one["content"]["version"] > "1.5":
            found.append("no body, or a version Teams does not know")
    for node in nodes(payload):
        if node.get("type") == "TextRun" and not node["text"]:
            found.append("empty run")
        if node.get("type") == "Action.OpenUrl" and not is_web(node["url"]):
            found.append(f"no URL: {node['url']}")
        if node.get("type") in ("TextBlock", "FactSet"):
            found.append("markdown: a post could smuggle in links")
    return found


class Teams:
    """A workflow: 202 on start; what Teams refuses afterwards is only seen in `failed_runs`."""

    path = "/powerautomate/automations/direct/workflows/0a1b2c3d4e5f/triggers/manual/paths/invoke"

    def __init__(self, server: HttpServer) -> None:
        self.url = server.url(f"{self.path}?api-version=1&sp=%2Ftriggers&sv=1.0&sig=TOPSECRET-signature1")
        self.cards: list[dict[str, Any]] = []
        self.failed_runs: list[str] = []
        server.route(f"POST {self.path}", self.answer)

    def answer(self, request: Request) -> Reply:
        if request.query.get("sig") != "TOPSECRET-signature1":
            return json_reply({"error": {"code": "DirectApiAuthorizationRequired"}}, status=401)
        problems = teams_problems(request.body)
        self.failed_runs += problems
        if not problems:
            self.cards += [one["content"] for one in request.json()["attachments"]]
        return Reply(status=202, headers={"x-ms-workflow-run-id": f"run{len(self.cards)}"})


# ------------------------------------------------------------------ Discord


def discord_problems(payload: dict[str, Any]) -> list[str]:
    found, total = [], 0
    embeds = payload.get("embeds", [])
    if u16(payload.get("content", "")) > 2000:
        found.append("content")
    if len(embeds) > 10:
        found.append("embeds")
    for one in embeds:
        fields = one.get("fields", [])
        texts = [one.get("title", ""), one.get("description", ""), one.get("footer", {}).get("text", "")]
        limits = (256, 4096, 2048)
        found += [f"over {limit}" for words, limit in zip(texts, limits, strict=True) if u16(words) > limit]
        if len(fields) > 25 or any(not f["name"] or not f["value"] for f in fields):
            found.append("fields")
        found += ["field" for f in fields if u16(f["name"]) > 256 or u16(f["value"]) > 1024]
        total += sum(map(u16, texts)) + sum(u16(f["name"]) + u16(f["value"]) for f in fields)
        if not any(texts) and not fields:
            found.append("empty embed")
    if total > 6000:
        found.append("MAX_EMBED_SIZE_EXCEEDED")
    return found


class Discord:
    path = "/api/webhooks/123456789012345678/TOPSECRET_token_0"

    def __init__(self, server: HttpServer) -> None:
        self.url = server.url(self.path)
        self.messages: list[dict[str, Any]] = []
        self.remaining = 5
        server.route(f"POST {self.path}", self.answer)

    def answer(self, request: Request) -> Reply:
        payload = request.json()
        if not payload.get("content") and not payload.get("embeds"):
            return json_reply({"message": "Cannot send an empty message", "code": 50006}, status=400)
        if self.remaining == 0:
            said = {"message": "You are being rate limited.", "retry_after": 0.75, "global": False}
            return json_reply(said, status=429, headers={"X-RateLimit-Remaining": "0"})
        if discord_problems(payload):
            errors = {"code": 50035, "errors": discord_problems(payload)}
            return json_reply(errors, status=400)
        self.messages.append(payload)
        self.remaining -= 1
        headers = {"X-RateLimit-Remaining": str(self.remaining), "X-RateLimit-Reset-After": "1.5"}
        if request.query.get("wait") != "true":
            return Reply(status=204, headers=headers)
        return json_reply({"id": f"99{len(self.messages)}"}, headers=headers)


# ------------------------------------------------------------------ LINE


def line_problems(messages: list[dict[str, Any]]) -> list[str]:
    found = [] if 1 <= len(messages) <= 5 else ["number of messages"]
    for one in messages:
        if one["type"] == "text" and not 0 < u16(one["text"]) <= 5000:
            found.append("text")
        if one["type"] == "flex":
            if not 0 < u16(one["altText"]) <= 400:
                found.append("altText")
            if len(json.dumps(one["contents"], ensure_ascii=False).encode()) > 30 * 1024:
                found.append("bubble over 30 KB")
        for node in nodes(one.get("contents", {})):
            found += flex_problems(node)
    return found


def flex_problems(node: dict[str, Any]) -> list[str]:
    match node.get("type"):
        case "text":
            return [] if node.get("text") else ["empty text"]
        case "box":
            return [] if node["contents"] else ["empty box"]
        case "uri":
            fits = is_web(node["uri"]) and len(node["uri"]) <= 1000 and 0 < len(node["label"]) <= 20
            return [] if fits else [f"invalid uri action: {node}"]
    return []


class Line:
    to = "C0123456789abcdef0123456789abcdef"
    token = "TOPSECRET-channel-token+/="

    def __init__(self, server: HttpServer, *, quota: int = 200) -> None:
        self.url = server.url("")
        self.pushes: list[list[dict[str, Any]]] = []
        self.keys: dict[str, str] = {}
        self.quota = quota
        server.route("*", self.answer)

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return json_reply({"message": "Authentication failed."}, status=401)
        answers = {
            "/v2/bot/message/push": self.push,
            "/v2/bot/message/validate/push": lambda _: json_reply({}),
            "/v2/bot/message/quota": lambda _: json_reply({"type": "limited", "value": self.quota}),
            "/v2/bot/message/quota/consumption": lambda _: json_reply({"totalUsage": len(self.pushes)}),
            f"/v2/bot/group/{self.to}/summary": lambda _: json_reply({"groupName": "広報当番"}),
        }
        unknown = json_reply({"message": "Not found"}, status=404)
        return answers.get(request.path, lambda _: unknown)(request)

    def push(self, request: Request) -> Reply:
        content, key = request.json(), request.headers.get("x-line-retry-key", "")
        if key in self.keys:
            said = {
                "message": "The retry key is already accepted",
                "sentMessages": [{"id": self.keys[key], "quoteToken": "q"}],
            }
            return json_reply(said, status=409, headers={"X-Line-Accepted-Request-Id": "r1"})
        if content["to"] != self.to:
            return json_reply({"message": "Failed to send messages"}, status=400)
        if line_problems(content["messages"]):
            return json_reply({"message": f"{line_problems(content['messages'])}"}, status=400)
        if len(self.pushes) >= self.quota:
            return json_reply({"message": "You have reached your monthly limit."}, status=429)
        self.pushes.append(content["messages"])
        self.keys[key] = f"46{len(self.pushes)}"
        return json_reply({"sentMessages": [{"id": self.keys[key], "quoteToken": "q"}]})


# ------------------------------------------------------------------ Chatwork


class Chatwork:
    room = "123456"
    token = "TOPSECRET0123456789abcdef"

    def __init__(self, server: HttpServer) -> None:
        self.url = server.url("/v2")
        self.bodies: list[str] = []
        self.remaining = 300
        server.route("*", self.answer)

    def answer(self, request: Request) -> Reply:
        if request.headers.get("x-chatworktoken") != self.token:
            return json_reply({"errors": ["Invalid API Token"]}, status=401)
        if not request.path.startswith(f"/v2/rooms/{self.room}"):
            return json_reply({"errors": ["You don't have permission to get this room"]}, status=403)
        if request.method == "GET":
            return json_reply({"room_id": 123456, "name": "広報"})
        reset = {"x-ratelimit-limit": "300", "x-ratelimit-reset": str(int(time.time()) + 120)}
        if self.remaining <= 0:
            headers = {**reset, "x-ratelimit-remaining": "0"}
            return json_reply({"errors": ["Rate limit exceeded"]}, status=429, headers=headers)
        body = parse_qs(request.body.decode(), keep_blank_values=True)["body"][0]
        if not 0 < len(body.encode()) <= 65_535:
            return text("body", status=400)
        self.bodies.append(body)
        self.remaining -= 1
        headers = {**reset, "x-ratelimit-remaining": str(self.remaining)}
        return json_reply({"message_id": f"77{len(self.bodies)}"}, headers=headers)
