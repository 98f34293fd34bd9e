"""Many roles in one line of inclusions: the work grows with their number and not with its square."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from salesrules.check.policies import role_inclusion_ends
from salesrules.compile import Inclusions
from salesrules.issue import Span
from salesrules.load import load
from salesrules.pack.label import Label
from salesrules.pack.pack import Pack
from salesrules.pack.roles import Role
from salesrules.pack.word import Word
from tests.tiny_company import make

MANY = 5_000


class Counted(dict[str, Role]):
    """Roles that count how often one is looked up."""

    lookups = 0

    def __getitem__(self, key: str) -> Role:
        self.lookups += 1
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.lookups += 1
        return super().__contains__(key)


def line(last: tuple[Word, ...] = ()) -> Counted:
    """Roles of which each includes the next, and the last what is given."""
    names = [f"r{number}" for number in range(MANY)]
    label = Label("x", "某")
    below = [*((Word(name),) for name in names[1:]), last]
    return Counted({name: Role(name, Span("f"), label, inner) for name, inner in zip(names, below, strict=True)})


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    found, _ = load(make(tmp_path) / "rules/tiny", tmp_path / "policies/tiny", tmp_path)
    assert found is not None
    return found


def test_a_long_line_is_checked_in_one_go(pack: Pack) -> None:
    roles = line()
    assert list(role_inclusion_ends(replace(pack, roles=roles))) == []
    assert roles.lookups < 5 * MANY


def test_only_what_includes_itself_is_told(pack: Pack) -> None:
    roles = line((Word(f"r{MANY - 3}"), Word("nobody")))
    found = [issue.words["name"] for issue in role_inclusion_ends(replace(pack, roles=Counted([*roles.items()][-9:])))]
    assert found == [f"r{MANY - 3}", f"r{MANY - 2}", f"r{MANY - 1}"]


def test_what_a_role_includes_is_found_for_the_roles_that_are_asked_for() -> None:
    roles = line()
    included = Inclusions(roles)
    assert (len(included), "r0" in included, "s" in included) == (MANY, True, False)
    assert included["r4000"] == {f"r{number}" for number in range(4000, MANY)}
    assert included["r4000"] is included["r4000"]
    assert roles.lookups < 5 * MANY
