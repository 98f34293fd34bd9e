"""One message to what came of sending it: taken, refused, or nobody knows."""

from __future__ import annotations

import smtplib
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from salesrules.issue import say
from salesrules.work.notices.channels import Channel, mail, request, revealed
from salesrules.work.notices.outbox import DOUBTFUL, FAILED, SENT, Message

TIMEOUT = 10.0  # seconds
_NOT_TAKEN = (ConnectionRefusedError, socket.gaierror)
_BUSY = 503


def send(channel: Channel, message: Message) -> tuple[str, str]:
    """Send a message once, and say whether it was SENT, FAILED or DOUBTFUL, with what went wrong.

    It failed if it certainly did not arrive: nobody there, or an answer that says no. If the line broke or no clear
    answer came, it may have arrived.
    """
    return _mailed(channel, message) if channel.kind == "mail" else _posted(channel, message)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A POST that is sent elsewhere would get there as a GET, without its text."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _posted(channel: Channel, message: Message) -> tuple[str, str]:
    made = request(channel, message.id, message.person, message.text, int(time.time()))
    if urllib.parse.urlsplit(made.url).scheme not in ("http", "https"):
        return FAILED, "no http address"
    post = urllib.request.Request(made.url, made.body, dict(made.headers))  # noqa: S310 - its scheme was looked at
    try:
        with urllib.request.build_opener(_NoRedirect).open(post, timeout=TIMEOUT) as answer:
            said = answer.read(100_000)
    except urllib.error.HTTPError as error:
        refused = error.code < 500 or error.code == _BUSY
        return FAILED if refused else DOUBTFUL, f"HTTP {error.code}"
    except urllib.error.URLError as error:
        return FAILED if isinstance(error.reason, _NOT_TAKEN) else DOUBTFUL, str(error.reason)
    except OSError as error:
        return DOUBTFUL, str(error) or type(error).__name__
    return (SENT, "") if made.answered(said) else (FAILED, said[:200].decode(errors="replace"))


def _mailed(channel: Channel, message: Message) -> tuple[str, str]:
    url = urllib.parse.urlsplit(revealed(channel, channel.url))
    made = mail(channel, message.id, say("notify.subject", channel.lang, person=message.person), message.text)
    client = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    try:
        with client(url.hostname or "", url.port or 0, timeout=TIMEOUT) as server:
            if url.username:
                server.login(urllib.parse.unquote(url.username), urllib.parse.unquote(url.password or ""))
            server.send_message(made)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, *_NOT_TAKEN) as error:
        return FAILED, str(error)
    except OSError as error:
        return DOUBTFUL, str(error) or type(error).__name__
    return SENT, ""
