"""Reminders leave by a real line, each once: whatever the other side answers, and whoever dies on the way."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import signal
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from email import message_from_string
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from salesrules.issue import PackError
from salesrules.sources.settings.bindings import read_settings
from salesrules.working import Working
from tests import working_company
from tests.conftest import ROOT

NOON = datetime(2026, 3, 12, 4, 0)
EVENING = datetime(2026, 3, 12, 12, 0)  # two reminders are due, both to li


@dataclass
class Robot:
    """A server that answers what it is told to, one answer after the other, and keeps what it was sent."""

    url: str
    answers: list[tuple[int, str]] = field(default_factory=list)
    got: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def robot() -> Iterator[Robot]:
    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((self.path, dict(self.headers), json.loads(body)))
            found.arrived.set()
            status, text = found.answers.pop(0) if found.answers else (200, '{"errcode":0}')
            if status == 0:  # hangs until it is let go
                found.go.wait(60)
                status = 200
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    found = Robot(f"http://127.0.0.1:{server.server_port}/hook?key=k")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    found.go.set()
    server.shutdown()
    server.server_close()


def channel(folder: Path, kind: str, more: str = "") -> None:
    with (folder / "salesrules.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[notify.{kind}]\nkind = "{kind}"\nurl = "env:ROBOT"\nlang = "en"\n{more}\n')


@pytest.fixture
def folder(tmp_path: Path, robot: Robot, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ROBOT", robot.url)
    return working_company.make(tmp_path)


def due(folder: Path) -> Working:
    """A workspace in which two reminders are due to li, and one channel or more."""
    working = replace(Working.open(folder), now=lambda: NOON)
    working.sync()
    return replace(working, now=lambda: EVENING)


TEXT = "\n".join(
    f"2026-03-12  li  follow up Deal D-{n}: nothing since 2026-03-12 (sales.offer.remind 1)" for n in (4, 5)
)
BODIES: dict[str, Any] = {
    "wecom": {"msgtype": "text", "text": {"content": TEXT, "mentioned_list": ["li"]}},
    "dingtalk": {"msgtype": "text", "text": {"content": TEXT}, "at": {"atUserIds": ["li"]}},
    "feishu": {"msg_type": "text", "content": {"text": TEXT}},
}


@pytest.mark.parametrize("kind", BODIES)
def test_a_group_robot_gets_its_own_form(folder: Path, robot: Robot, kind: str) -> None:
    channel(folder, kind)
    robot.answers = [(200, '{"code":0}' if kind == "feishu" else '{"errcode":0,"errmsg":"ok"}')]
    working = due(folder)
    assert len(working.run_clocks()) == 2
    assert robot.got == []  # nothing leaves before it is noted
    assert [message.fate for message in working.send()] == ["sent"]
    assert [(path, body) for path, _, body in robot.got] == [("/hook?key=k", BODIES[kind])]
    assert (working.run_clocks(), working.send()) == ((), ())
    assert len(robot.got) == 1
    events = [event.kind for event in working.store.events(entity="#message")]
    assert events == ["queued", "sending", "sent"]


def test_robots_that_want_it_get_a_signature(folder: Path, robot: Robot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "SEC1")
    for kind in ("dingtalk", "feishu", "webhook"):
        channel(folder, kind, 'secret = "env:KEY"')
    robot.answers = [(200, '{"errcode":0}'), (200, '{"code":0}'), (200, "")]
    working = due(folder)
    working.run_clocks()
    assert [message.fate for message in working.send()] == ["sent"] * 3
    asked = parse_qs(urlsplit(robot.got[0][0]).query)
    stamp = asked["timestamp"][0]
    made = hmac.new(b"SEC1", f"{stamp}\nSEC1".encode(), hashlib.sha256).digest()
    assert asked["sign"] == [base64.b64encode(made).decode()]
    body = robot.got[1][2]
    made = hmac.new(f"{body['timestamp']}\nSEC1".encode(), b"", hashlib.sha256).digest()
    assert body["sign"] == base64.b64encode(made).decode()
    _, headers, body = robot.got[2]
    assert body == {"id": headers["Idempotency-Key"], "person": "li", "text": TEXT}
    written = json.dumps(body, ensure_ascii=False).encode()
    assert headers["X-Signature"] == hmac.new(b"SEC1", written, hashlib.sha256).hexdigest()


ANSWERS = [  # what the robot answers, and what becomes of the message
    (200, '{"errcode":0}', "sent"),
    (200, '{"errcode":45009,"errmsg":"too many"}', "waits"),
    (200, "<html>", "waits"),
    (404, "", "waits"),
    (302, "", "waits"),
    (503, "", "waits"),
    (500, "", "doubtful"),
    (502, "", "doubtful"),
]


@pytest.mark.parametrize(("status", "text", "fate"), ANSWERS)
def test_what_certainly_did_not_arrive_is_sent_again_and_nothing_else(
    folder: Path, robot: Robot, status: int, text: str, fate: str
) -> None:
    channel(folder, "wecom")
    robot.answers = [(status, text)]
    working = due(folder)
    working.run_clocks()
    assert [message.fate for message in working.send()] == [fate]
    again = [message.fate for message in working.send()]
    assert again == (["sent"] if fate == "waits" else [])
    assert len(robot.got) == (2 if fate == "waits" else 1)


def test_nobody_there_is_tried_five_times(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROBOT", "http://127.0.0.1:9/")
    channel(folder, "wecom")
    working = due(folder)
    working.run_clocks()
    fates = [[message.fate for message in working.send()] for _ in range(6)]
    assert fates == [["waits"]] * 4 + [["given_up"], []]
    said = CliRunner().invoke(main, ["outbox", "--workspace", str(folder), "--lang", "en"]).output
    assert "given up, tried 5 times" in said


def test_an_address_that_is_not_set_is_said_and_nothing_counts_as_on_its_way(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel(folder, "wecom")
    working = due(folder)
    working.run_clocks()
    monkeypatch.delenv("ROBOT")
    with pytest.raises(PackError, match=r"notify\.no_variable.*ROBOT"):
        working.send()
    assert [message.fate for message in working.messages()] == ["waits"]


def test_secrets_stand_in_the_environment(folder: Path) -> None:
    with (folder / "salesrules.toml").open("a", encoding="utf-8") as file:
        file.write('[notify.east]\nkind = "wecom"\nurl = "https://robot.example/?key=1"\nsecret = "x"\n')
    with pytest.raises(PackError) as refused:
        read_settings(folder)
    assert [issue.code for issue in refused.value.issues] == ["workspace.secret"] * 2


RUN = """
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from salesrules.working import Working
working = replace(Working.open(Path(sys.argv[1])), now=lambda: datetime(2026, 3, 12, 12, 0))
print(len(working.run_clocks()), flush=True)
print(len(working.send()), flush=True)
"""


def running(folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": "."}
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    )


def test_a_message_on_its_way_when_the_process_dies_is_in_doubt_and_not_repeated(folder: Path, robot: Robot) -> None:
    channel(folder, "wecom")
    working = due(folder)
    robot.answers = [(0, "")]
    process = running(folder)
    assert robot.arrived.wait(60)
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    assert (working.run_clocks(), working.send()) == ((), ())
    (message,) = working.messages()
    assert message.fate == "doubtful"
    assert len(robot.got) == 1
    working.send_again(message.id)  # somebody has looked, and says so
    assert [each.fate for each in working.send()] == ["sent"]
    assert len(robot.got) == 2


def test_runs_at_the_same_time_do_and_tell_it_once(folder: Path, robot: Robot) -> None:
    channel(folder, "wecom")
    working = due(folder)
    several = [running(folder) for _ in range(3)]
    done = [[int(number) for number in process.communicate(timeout=120)[0].split()] for process in several]
    assert sorted(run[0] for run in done) == [0, 0, 2]
    assert len(robot.got) == 1
    kinds = [event.kind for event in working.store.events() if event.kind != "observed"]
    assert sorted(kinds) == ["queued", "reminded", "reminded", "sending", "sent"]
    assert working.store.verify().broken == ()


def test_mail_goes_to_a_mail_server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[str] = []

    class Server(socketserver.StreamRequestHandler):
        """As much of SMTP as it takes to hand over a mail."""

        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline().strip():
                if line.upper() == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    while (text := self.rfile.readline()) != b".\r\n":
                        got.append(text.decode().rstrip())
                if line.upper() == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                self.wfile.write(b"250 fine\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("ROBOT", f"smtp://127.0.0.1:{server.server_address[1]}")
        channel(folder, "mail", 'to = ["team@example.com"]\nfrom = "rules@example.com"')
        working = due(folder)
        working.run_clocks()
        assert [message.fate for message in working.send()] == ["sent"]
        server.shutdown()
    assert got[:3] == ["From: rules@example.com", "To: team@example.com", "Subject: Due for li"]
    mail = message_from_string("\n".join(got), policy=default)
    assert mail.get_content().strip() == TEXT
