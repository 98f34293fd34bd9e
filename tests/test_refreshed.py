"""A workspace that is read anew shows its sources as they are now; what was opened before answers as before."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesrules.issue import AccessDenied, PackError
from salesrules.workspace import Workspace
from salesrules_web import create_app
from salesrules_web.live import live_in
from tests import working_company
from tests.client_database import FILES, Client, client
from tests.workspace_files import write_files

__all__ = ["client"]

SETTINGS = 'pack = "p"\n[sources.files]\nperson.file = "person.csv"\ndeal.file = "deal.csv"\n'
DEALS = "id,owner,region,pieces,amount,share,weight,big,made_on,seen_at\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        **FILES,
        "salesrules.toml": SETTINGS,
        "person.csv": "id,boss\nP1,\nP2,P1\n",
        "deal.csv": DEALS + "D1,P1,,,,,,,,\n",
    }
    return write_files(tmp_path, files)


def add(path: Path, line: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")


def test_files_are_read_anew_where_they_changed(root: Path) -> None:
    before = Workspace.open(root)
    assert before.refreshed() is before
    add(root / "posts.csv", "P2,boss,,\n")
    add(root / "deal.csv", "D2,P2,,,,,,,,\n")
    after = before.refreshed()
    assert after.see(after.person("P2"), "deal").keys == ("D1", "D2")
    assert before.see(before.person("P1"), "deal").keys == ("D1",)
    with pytest.raises(AccessDenied):
        before.person("P2")
    assert after.refreshed() is after


def test_files_that_cannot_be_read_any_more_are_told(root: Path) -> None:
    before = Workspace.open(root)
    (root / "deal.csv").unlink()
    with pytest.raises(PackError):
        before.refreshed()
    assert before.see(before.person("P1"), "deal").keys == ("D1",)


def test_pages_show_what_was_read_last(root: Path) -> None:
    app = create_app(Workspace.open(root))
    browser = app.test_client()
    assert "P2" not in browser.get("/login").text
    add(root / "posts.csv", "P2,boss,,\n")
    live_in(app).refresh()
    assert "P2" in browser.get("/login").text
    (root / "posts.csv").unlink()
    live_in(app).refresh()
    assert "P2" in browser.get("/login").text


def test_what_is_new_is_noted_at_the_start_and_after_each_change(tmp_path: Path) -> None:
    root = working_company.make(tmp_path)
    live = live_in(create_app(Workspace.open(root)))
    live.end()

    def seen() -> list[str]:
        live.keep_watch(60)  # once, as it was told to end
        return [event.key for event in live.working(live.now).store.events(entity="deal")]

    first = [f"D-{number}" for number in range(1, 9)]
    assert seen() == first
    assert seen() == first
    working_company.change(root, "D-1,li,east,talk", "D-1,li,east,trial")
    live.refresh()
    assert seen() == [*first, "D-1"]


def test_a_log_that_cannot_be_used_keeps_no_page_away(tmp_path: Path) -> None:
    root = working_company.make(tmp_path)
    (root / ".salesrules").mkdir(exist_ok=True)
    live = live_in(create_app(Workspace.open(root)))
    (root / ".salesrules/store.sqlite").mkdir()
    assert live.note() is False
    (root / ".salesrules/store.sqlite").rmdir()
    assert live.note() is True


def test_people_posts_and_counts_are_read_anew_in_place(client: Client) -> None:
    before = client.open()
    client.run("INSERT INTO h.person VALUES ('P2', 'P1'); INSERT INTO h.deal (id, region) VALUES ('D9', 'mars')")
    add(client.root / "posts.csv", "P2,boss,,\n")
    after = before.refreshed()
    assert after.see(after.person("P2"), "deal").keys == ("D1",)
    assert [reject.example for reject in after.rejects] == ["mars"]
    assert before.rejects == ()
    after.engine.close()
