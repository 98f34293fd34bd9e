"""A channel of salesrules.toml and a text to the request that it takes: group robots, any webhook, or mail."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from salesrules.issue import Issue, PackError, Span
from salesrules.sources.settings.bindings import FILE
from salesrules.sources.settings.settings_schema import FROM_ENVIRONMENT


@dataclass(frozen=True, slots=True)
class Channel:
    """Where reminders go: which kind of robot stands behind which address, in which language, and what it is told.

    `do` names what speaks here: the clocks remind, escalate, recycle and task, and violation. `to` and `sender` are for
    mail.
    """

    name: str
    kind: str
    url: str
    lang: str = "zh"
    secret: str | None = None
    do: tuple[str, ...] = ("remind", "escalate", "recycle", "task", "violation")
    to: tuple[str, ...] = ()
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What is posted, and where; `answered` says whether the answer means that it was taken."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    answered: Callable[[bytes], bool]


def channels(notify: Mapping[str, Mapping[str, Any]]) -> tuple[Channel, ...]:
    """The channels of the settings."""
    found = []
    for name, said in notify.items():
        lists = {key: tuple(said[key]) for key in ("do", "to") if key in said}
        found.append(Channel(name, **{**{"sender" if k == "from" else k: v for k, v in said.items()}, **lists}))
    return tuple(found)


def revealed(channel: Channel, text: str) -> str:
    """An address or a secret, out of the environment where it says so.

    Raises: PackError if the variable is not set.
    """
    if not text.startswith(FROM_ENVIRONMENT):
        return text
    name = text.removeprefix(FROM_ENVIRONMENT)
    if not os.environ.get(name):
        raise PackError([Issue("notify.no_variable", Span(FILE), {"name": name, "channel": channel.name})])
    return os.environ[name]


def request(channel: Channel, id: str, person: str, text: str, seconds: int) -> Request:
    """The POST by which a channel takes a text.

    Args: id: of the message, which a webhook is told so that it can leave out one that it had; seconds: since 1970,
        which two of the robots want signed.
    """
    url, secret = revealed(channel, channel.url), revealed(channel, channel.secret or "")
    body: dict[str, Any]
    headers = {"Content-Type": "application/json; charset=utf-8"}
    match channel.kind:
        case "wecom":
            body = {"msgtype": "text", "text": {"content": text, "mentioned_list": [person]}}
        case "dingtalk":
            body = {"msgtype": "text", "text": {"content": text}, "at": {"atUserIds": [person]}}
            url = _signed_by_dingtalk(url, secret, seconds) if secret else url
        case "feishu":
            body = {"msg_type": "text", "content": {"text": text}}
            body |= {"timestamp": str(seconds), "sign": _feishu(secret, seconds)} if secret else {}
        case _:
            body = {"id": id, "person": person, "text": text}
            headers |= {"Idempotency-Key": id}
            written = json.dumps(body, ensure_ascii=False).encode()
            headers |= {"X-Signature": hmac.new(secret.encode(), written, hashlib.sha256).hexdigest()} if secret else {}
            return Request(url, written, headers, lambda _: True)
    return Request(url, json.dumps(body, ensure_ascii=False).encode(), headers, _taken)


def mail(channel: Channel, id: str, subject: str, text: str) -> EmailMessage:
    """The mail by which a channel takes a text; servers that know its id leave out one that they had."""
    found = EmailMessage()
    found["From"], found["To"], found["Subject"] = channel.sender, ", ".join(channel.to), subject
    found["Message-ID"] = f"<{id}@salesrules>"
    found.set_content(text)
    return found


def _taken(answer: bytes) -> bool:
    """Whether a robot took a message: they say so in the answer, whatever its status is."""
    try:
        said = json.loads(answer)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("errcode", said.get("code", said.get("StatusCode"))) == 0


def _signed_by_dingtalk(url: str, secret: str, seconds: int) -> str:
    stamp = str(seconds * 1000)
    made = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return f"{url}&{urllib.parse.urlencode({'timestamp': stamp, 'sign': base64.b64encode(made)})}"


def _feishu(secret: str, seconds: int) -> str:
    made = hmac.new(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return base64.b64encode(made).decode()
