"""Guided by coverage, bytes are tried on the expression language and on pack files: nothing but issues comes out."""

import subprocess
import sys

import pytest
import yaml

from salesrules.expr.calls import functions
from salesrules.load.schema import KINDS, kind_named_in
from salesrules.load.shapes import keys_of
from tests.conftest import ROOT
from tests.expr_world import FIELDS

pytest.importorskip("atheris", reason="atheris is not installed: pip install 'salesrules[fuzz]'")
pytestmark = pytest.mark.long

RUNS = {"expressions": 200_000, "files": 20_000}
SEED = 20260101


def seeds(target):
    """Inputs to start from: every expression of the golden cases, and every file of the test packs."""
    if target == "expressions":
        cases = yaml.safe_load((ROOT / "tests/cases/expr/issues.yaml").read_text(encoding="utf-8"))
        return [bytes([at % 5]) + str(next(iter(case.values()))).encode() for at, case in enumerate(cases)]
    files = sorted((ROOT / "tests/packs").glob("**/*.yaml"))
    kinds = sorted(KINDS)
    texts = [path.read_text(encoding="utf-8") for path in files]
    return [bytes([kinds.index(str(kind_named_in(text.split("\n", 1)[0])))]) + text.encode() for text in texts]


def words():
    """What the language and the files are made of, in the form that libFuzzer reads."""
    keys = {key.name for noun in KINDS.values() for key in keys_of(noun)}
    calls = {f"{name}({arguments})" for name in functions() for arguments in ("", "n, n", "owner, made_on, n")}
    signs = {" and ", " or ", "not ", " in ", " is null", " between ", " like ", " = ", " < ", " * ", "15%", "3wd", "'"}
    found = (word.encode() for word in sorted({*keys, *calls, *signs, *FIELDS}))
    return "".join('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in found)


@pytest.mark.parametrize("target", RUNS)
def test_nothing_but_issues_comes_out(target, tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, content in enumerate(seeds(target)):
        (corpus / f"{number:05}").write_bytes(content)
    (tmp_path / "words").write_text(words(), encoding="ascii")
    options = [
        f"-dict={tmp_path}/words",
        f"-runs={RUNS[target]}",
        f"-seed={SEED}",
        "-max_len=4000",
        "-timeout=20",
        f"-artifact_prefix={tmp_path}/",
    ]
    command = [sys.executable, "-m", "tests.fuzz", target, *options, str(corpus)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    assert found.returncode == 0, found.stdout[-4000:] + found.stderr[-4000:]
    assert f"Done {RUNS[target]} runs" in found.stderr, found.stderr[-2000:]
