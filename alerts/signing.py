"""Standard Webhooks: the signature by which a receiver knows that a request is ours (pure)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr


def sign(key: bytes, webhook_id: str, stamp: str, body: bytes) -> str:
    """The v1 signature. `stamp` is the time in whole seconds."""
    signed = b".".join((webhook_id.encode(), stamp.encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def key_of(secret: SecretStr) -> bytes:
    """The key's bytes: base64 after "whsec_", else the text itself. Raises ValueError."""
    text = secret.get_secret_value()
    if not text.startswith("whsec_"):
        return text.encode()
    try:
        return base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise ValueError("after whsec_ the secret must be base64") from error


def _web(url: str) -> str:
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ValueError("not a web address: it must begin with https:// (or http://)")
    return url


def _usable(secret: SecretStr) -> SecretStr:
    key_of(secret)
    return secret


HookUrl = Annotated[str, AfterValidator(_web)]
HookSecret = Annotated[SecretStr, AfterValidator(_usable)]
"""A receiver's address and the secret that signs what it gets, as config.yaml may have them."""
