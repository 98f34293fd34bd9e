"""What the machine around the verbs refuses, and what leaves it: a refusal that says so, and never a traceback."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from salesrules.cli import main
from tests import tiny_company
from tests.web_pages import AUDITOR, MANAGER


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    return tiny_company.make(tmp_path_factory.mktemp("tiny"))


def run(company, *words):
    return CliRunner().invoke(main, [*words, "--workspace", str(company)])


@pytest.mark.parametrize(
    "words",
    [
        ("schema", "{folder}"),
        ("demo", "--size", "small", "--keep", "{folder}"),
        ("doctor", "--rejects", "{folder}"),
    ],
    ids=lambda words: words[0],
)
def test_a_place_that_cannot_be_made_is_named(company, tmp_path, words):
    (tmp_path / "file").write_text("", encoding="utf-8")
    place = str(tmp_path / "file" / "below")  # below a file there is nothing
    asked = run(company, *(word.format(folder=place) for word in words))
    assert isinstance(asked.exception, SystemExit)
    assert asked.exit_code == 2
    assert "cannot be written" in asked.stderr
    assert "below" in asked.stderr


@pytest.mark.parametrize("words", [("--help",), ("see", "customer", "--as", MANAGER), ("import", "--help")])
def test_letters_that_the_terminal_lacks_become_question_marks(company, words):
    asked = subprocess.run(
        [
            sys.executable,
            "-c",
            "from salesrules.cli import main; main()",
            *words,
            *(() if "--help" in words else ("--workspace", str(company))),
        ],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        check=False,
    )
    assert asked.returncode == 0
    assert b"Traceback" not in asked.stderr
    if "see" in words:
        assert b"C-1" in asked.stdout
        assert b"?" in asked.stdout


@pytest.mark.parametrize("output", ["csv", "json"])
def test_a_figure_leaves_only_by_a_grant(company, tmp_path, output):
    words = ("kpi", "sales", "--as", AUDITOR, "--output", output)
    refused = run(company, *words)
    assert refused.exit_code == 5
    assert "counts rows that no grant lets you export" in refused.stderr
    assert refused.stdout == ""
    grants = "allow,auditor,read,order,deal,all,,,\nallow,auditor,export,order,deal,all,,,\n"
    line = "allow,auditor,aggregate,order,deal,all,,,\n"
    opened = tiny_company.make(tmp_path, {"policies/tiny/grants.csv": {line: grants}})
    assert "544200.5" in run(opened, *words).stdout
