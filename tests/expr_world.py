"""A small world for expressions: a vocabulary, and rows that are meant to break things."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from salesrules.expr.kinds import Kind, Many, ValueTable, Vocabulary
from salesrules.expr.resolve import Scope, resolve
from salesrules.expr.syntax import Expression
from salesrules.expr.typed import Leaf
from salesrules.issue import Span

CNY, USD = Kind("money", "CNY"), Kind("money", "USD")
PERSON, REGION, STAGE = Kind("ref", "person"), Kind("member", "region"), Kind("stage", "sales")
GRADE, TAGS = Kind("member", "grade"), Kind("list", "text")
FIELDS = {
    **dict.fromkeys(("name", "note"), Kind("text")),
    **dict.fromkeys(("n", "k"), Kind("integer")),
    **dict.fromkeys(("x", "y"), Kind("decimal")),
    **dict.fromkeys(("amount", "paid"), CNY),
    **dict.fromkeys(("discount", "rate"), Kind("percent")),
    **dict.fromkeys(("score", "weight"), Kind("double")),
    **dict.fromkeys(("vip", "named"), Kind("boolean")),
    **dict.fromkeys(("made_on", "won_on"), Kind("date")),
    **dict.fromkeys(("called_at", "seen_at"), Kind("timestamp")),
    **dict.fromkeys(("region", "ships_to"), REGION),
    **dict.fromkeys(("stage", "was"), STAGE),
    **dict.fromkeys(("owner", "helper"), PERSON),
    **dict.fromkeys(("grade", "wanted"), GRADE),
    "tags": TAGS,
    "customer": Kind("ref", "customer"),
    "dollars": USD,
}
TREES = {  # id: (parent, lft, rgt, depth)
    "region": {
        "china": (None, 1, 8, 0),
        "east": ("china", 2, 5, 1),
        "shanghai": ("east", 3, 4, 2),
        "west": ("china", 6, 7, 1),
    },
    "person": {
        "boss": (None, 1, 10, 0),
        "li": ("boss", 2, 5, 1),
        "o'neil": ("li", 3, 4, 2),
        "王伟": ("boss", 6, 9, 1),
        "wu": ("王伟", 7, 8, 2),
    },
}
VOCABULARY = Vocabulary(
    fields={
        "deal": FIELDS,
        "customer": {"id": Kind("ref", "customer"), "owner": PERSON, "region": REGION, "name": Kind("text")},
        "person": {"id": PERSON, "manager": PERSON, "skill": Kind("integer"), "region": REGION},
        "deal_team": {"deal": Kind("ref", "deal"), "person": PERSON, "share": Kind("percent"), "from": Kind("date")},
    },
    members={"region": frozenset(TREES["region"]), "grade": frozenset({"c", "b", "a"})},
    trees=frozenset(TREES),
    post={"region": REGION, "regions": Kind("list", "member region"), "role": Kind("member", "role")},
    kpis={"signed": CNY, "cost": CNY, "win_rate": Kind("ratio"), "visits": Kind("integer"), "secret": CNY},
    closed_kpis=frozenset({"secret"}),
    labels={
        "deal": {
            "金额": ("amount",),
            "回款额(含税)": ("paid",),
            "日期": ("made_on", "won_on"),
            "折扣": ("discount",),
            "区域": ("region",),
            "负责人": ("owner",),
            "签约日": ("won_on",),
        },
        "region": {"华东": ("east",), "上海": ("shanghai",)},
        "kpi": {"签约额": ("signed",)},
    },
    parents={"region": frozenset({"china", "east"})},
    ordered={"grade": ("c", "b", "a")},
    stages={"sales": ("lead", "quote", "won"), "service": ("open", "done")},
    state={"pool": Kind("text"), "since": Kind("date")},
    many={"deal": {"team": Many("deal_team", "deal", {"person": "person", "share": "share", "since": "from"})}},
    tables={"hold_max": ValueTable((REGION, Kind("member", "role")), Kind("integer"))},
    credits={"sale": PERSON},
    fiscal_year_start=(4, 1),
    timezone="Asia/Shanghai",
    calendar="cn",
)
ROOTS = frozenset({"user", "post", "state", "now"})
ROW = Scope(VOCABULARY, "deal", ROOTS)
BARE = Scope(replace(VOCABULARY, calendar=""), "deal", ROOTS)
KPI = Scope(VOCABULARY, "deal", aggregates=True)
CREDIT = Scope(VOCABULARY, "deal", frozenset({"credit", "handover"}), beside=True)
HANDOVER = Scope(VOCABULARY, "person", frozenset({"candidate", "leave"}))
GOAL = Scope(VOCABULARY, "", by_member=True)


def meaning(text, scope=ROW, wanted=None):
    """The typed tree of an expression that must have one."""
    tree, issues = resolve(Expression(text, Span("here", 1, 1, 1, len(text) + 1)), scope, wanted)
    assert tree is not None, [text, *(issue.line() for issue in issues)]
    return tree


def column_of(leaf):
    """The name of the column that holds a leaf; the same for every engine."""
    return ".".join((leaf.root, *leaf.path)) + ("" if leaf.part == "value" else f" {leaf.part}")


HOSTILE = {
    "text": [
        "",
        "a",
        "A",
        "it's",
        '"',
        "a\nb",
        "100%",
        "a_b",
        "a\\b",
        "华东",
        "上海（浦东）",
        "Ａbc　d",
        " a ",
        "NULL",
        "é",
        "𝒜x",
    ],
    "integer": [0, 1, -1, 2, 3, 7, 100_000, 2**31, -(2**31) - 1, 13_800_000_004, 2**53, 1 - 2**53],
    "decimal": ["0", "0.000001", "-0.000001", "1", "2.5", "-2.5", "0.1", "0.3", "9999999999999999999999.999999"],
    "money": [
        "0",
        "0.01",
        "-0.01",
        "1.005",
        "100000",
        "99999.99",
        "1234567.89",
        "-9999999999999999.99",
        "2.50",
        "0.15",
        "99999999999999.99",
        "9999999999999999.99",
    ],
    "percent": ["0", "0.15", "1", "0.333333", "-0.05", "999.999999", "0.000001"],
    "double": [0.0, 1.0, -1.0, 0.1, 0.3, 1e22, 1e-9, 1 / 3, 2.5, 12345.678],
    "boolean": [True, False],
    "date": [
        "2024-02-29",
        "2023-12-31",
        "2024-01-01",
        "2026-03-31",
        "2026-04-01",
        "1970-01-01",
        "1900-03-01",
        "2099-12-31",
        "0001-01-01",
        "0001-03-15",
        "9999-12-31",
        "9999-11-30",
    ],
    "timestamp": [
        "2024-02-29 23:59:59",
        "2026-01-01 00:00:00",
        "2026-03-15 09:00:00",
        "2026-03-13 10:00:00",
        "2024-02-09 03:59:59.999999",
        "2025-07-01 05:30:00.25",
        "2023-11-30 16:00:00",
        "2026-12-31 16:00:00",
        "1999-12-31 12:00:00",
        "0001-01-01 00:00:00",
        "9999-12-31 23:59:59.999999",
    ],
    "member region": list(TREES["region"]),
    "member grade": ["a", "b", "c"],
    "member role": ["rep"],
    "stage": ["lead", "quote", "won"],
    "ref": list(TREES["person"]),
    "list text": [[], ["a"], ["it's", "华东"], ["a", "b", ""]],
    "list member region": [[], ["east"], ["shanghai", "west"]],
}
_READ = {
    "decimal": Decimal,
    "money": lambda t: Decimal(t).quantize(Decimal("0.01")),
    "percent": Decimal,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
}
ROOT_KINDS = {
    ("user",): PERSON,
    ("post", "region"): REGION,
    ("post", "regions"): Kind("list", "member region"),
    ("post", "role"): Kind("member", "role"),
    ("state", "pool"): Kind("text"),
    ("state", "since"): Kind("date"),
}


def value_of(random, kind):
    """One value of a kind: a hostile one mostly, null one time in seven."""
    if random.random() < 1 / 7:
        return None
    if random.random() < 0.3 and kind.name in ("integer", "decimal", "money", "percent", "date"):
        return _any_value(random, kind.name)
    found = random.choice(HOSTILE.get(str(kind)) or HOSTILE[kind.name])
    return _READ[kind.name](found) if kind.name in _READ else found


def _any_value(random, name):
    if name == "integer":
        return random.randint(-50, 50)
    if name == "date":
        return date(1900, 1, 1) + timedelta(random.randint(0, 73_000))
    places = {"decimal": 6, "money": 2, "percent": 6}[name]
    size = 10 ** random.randint(1, 8)
    return Decimal(random.randint(-size, size)).scaleb(-places)


def leaves_of_a_row():
    """Every leaf that a row of the world has: fields, who asks, and places in trees."""
    plain = [Leaf(kind, "row", (name,)) for name, kind in FIELDS.items()]
    plain += [Leaf(kind, path[0], path[1:]) for path, kind in ROOT_KINDS.items()]
    return plain, {
        leaf: [Leaf(Kind("integer"), leaf.root, leaf.path, part) for part in ("lft", "rgt", "depth")]
        for leaf in plain
        if leaf.kind.name in ("member", "ref") and leaf.kind.of in TREES
    }


def rows_of(random, count):
    """Rows as mappings of leaves to values."""
    plain, places = leaves_of_a_row()
    rows = []
    for _ in range(count):
        row = {leaf: value_of(random, leaf.kind) for leaf in plain}
        for leaf, parts in places.items():
            place = TREES[leaf.kind.of].get(row[leaf])
            row |= {part: place[at] if place else None for at, part in enumerate(parts, start=1)}
        regions = row[Leaf(Kind("list", "member region"), "post", ("regions",))]
        for at, part in ((1, "lft"), (2, "rgt")):
            leaf = Leaf(Kind("list", "integer"), "post", ("regions",), part)
            row[leaf] = None if regions is None else [TREES["region"][id][at] for id in regions]
        for tree, members in TREES.items():
            for id, place in members.items():
                for at, part in enumerate(("lft", "rgt", "depth"), start=1):
                    row[Leaf(Kind("integer"), f"member:{tree}", (id,), part)] = place[at]
        rows.append(row)
    return rows


SQL_TYPES = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(28,6)",
    "money": "DECIMAL(18,2)",
    "percent": "DECIMAL(9,6)",
    "double": "DOUBLE PRECISION",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "list text": "VARCHAR[]",
    "list member region": "VARCHAR[]",
    "list integer": "BIGINT[]",
}


def table_of(rows):
    """The statement that makes the table `cells` and the tuples that fill it; its first column numbers the rows."""
    leaves = list(rows[0])
    types = [SQL_TYPES.get(str(leaf.kind)) or SQL_TYPES.get(leaf.kind.name, "VARCHAR") for leaf in leaves]
    names = ['"' + column_of(leaf).replace('"', '""') + '"' for leaf in leaves]
    columns = ", ".join(f"{name} {type}" for name, type in zip(names, types, strict=True))
    tuples = [(at, *(row[leaf] for leaf in leaves)) for at, row in enumerate(rows)]
    return f"CREATE TABLE cells (id BIGINT, {columns})", tuples
