"""What several tests start from: the real rows beside the checkout, and the made-up company."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesrules.demo import Made, make
from salesrules.workspace import Workspace

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"


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
