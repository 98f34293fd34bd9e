"""A small world for expressions: a vocabulary, rows meant to break things, and well-typed expressions at random."""

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
    kpis={"signed": CNY, "cost": CNY, "win_rate": Kind("ratio"), "visits": Kind("integer")},
    labels={
        "deal": {"金额": ("amount",), "回款额(含税)": ("paid",), "日期": ("made_on", "won_on")},
        "region": {"华东": ("east",), "上海": ("shanghai",)},
        "kpi": {"签约额": ("signed",)},
    },
    parents={"region": frozenset({"china", "east"})},
    ordered={"grade": ("c", "b", "a")},
    stages={"sales": ("lead", "quote", "won"), "service": ("open", "done")},
    state={"pool": Kind("text"), "since": Kind("date")},
    many={"deal": {"team": Many("deal_team", "deal", {"person": "person", "share": "share", "since": "from"})}},
    tables={"hold_max": ValueTable((REGION, Kind("member", "role")), Kind("integer"))},
    fiscal_year_start=(4, 1),
    timezone="Asia/Shanghai",
)
ROOTS = frozenset({"user", "post", "state"})
ROW = Scope(VOCABULARY, "deal", ROOTS)
KPI = Scope(VOCABULARY, "deal", aggregates=True)


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
    "integer": [0, 1, -1, 2, 3, 7, 100_000, 2**31, -(2**31) - 1, 2**53 - 1, 1 - 2**53],
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
    ],
    "timestamp": ["2024-02-29 23:59:59", "2026-01-01 00:00:00", "2026-03-15 09:00:00"],
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


QUOTED = "'o''neil'"
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


class Generator:
    """Well-typed expressions as their authors would write them."""

    def __init__(self, random):
        self.random = random

    def pick(self, *options):
        return self.random.choice(options)

    def text_literal(self):
        return "'" + self.pick(*HOSTILE["text"]).replace("'", "''") + "'"

    def boolean(self, depth):
        r = self.random.random()
        if depth <= 0:
            return self.atom(0)
        if r < 0.35:
            word = self.pick(" and ", " or ")
            return "(" + word.join(self.boolean(depth - 1) for _ in range(self.pick(2, 2, 3))) + ")"
        if r < 0.45:
            return f"not ({self.boolean(depth - 1)})"
        if r < 0.5:
            return f"case when {self.boolean(depth - 1)} then {self.boolean(depth - 1)} else {self.boolean(0)} end"
        return self.atom(depth)

    def atom(self, depth):
        number = self.pick(self.plain, self.plain, self.money, self.percent)
        test = self.pick("=", "<>", "<", "<=", ">", ">=")
        return self.pick(
            lambda: f"{number(depth)} {test} {number(depth)}",
            lambda: f"{number(depth)} {test} {number(depth)}",
            lambda: f"{number(depth)} {self.pick('', 'not ')}between {number(0)} and {number(depth - 1)}",
            lambda: f"{number(0)} {self.pick('', 'not ')}in ({number(0)}, {number(depth - 1)}, {number(0)})",
            lambda: f"{self.day(depth)} {test} {self.day(depth)}",
            lambda: f"{self.text(depth)} {self.pick('=', '<>')} {self.text(depth)}",
            lambda: f"{self.text(0)} {self.pick('', 'not ')}in ({self.text_literal()}, {self.text_literal()})",
            lambda: f"{self.text(depth)} {self.pick('', 'not ')}like {self.pattern()}",
            lambda: f"{self.pick(*FIELDS)} is {self.pick('', 'not ')}null",
            lambda: f"({self.pick(number, self.day, self.text)(depth)}) is {self.pick('', 'not ')}null",
            lambda: self.pick("vip", "named", "true", "vip = named", "coalesce(vip, false)", "nullif(vip, named)"),
            self.place,
            self.member,
            lambda: f"{self.moment()} {test} {self.moment()}",
        )()

    def pattern(self):
        parts = ["%", "_", "a", "\\%", "\\_", "\\\\", "''", "华", "\n", "b", "(", "."]
        return "'" + "".join(self.pick(*parts) for _ in range(self.pick(0, 1, 2, 3))) + "'"

    def place(self):
        region = self.pick("region", "ships_to", "post.region")
        person = self.pick("owner", "helper", "user")
        return self.pick(
            f"within({region}, {self.pick('ships_to', 'post.region', 'post.regions')})",
            f"within({region}, {self.pick('region', repr('east'), repr('华东'))})",
            f"within({region}, ('west', '上海'))",
            f"reports_to({person}, {self.pick('user', 'helper', repr('li'))})",
            f"reports_to({person}, user, {self.pick('0', '1', '2')})",
        )

    def member(self):
        test = self.pick("=", "<>", "<", "<=", ">", ">=")
        return self.pick(
            f"region {self.pick('=', '<>')} {self.pick('ships_to', repr('shanghai'), repr('west'))}",
            f"owner {self.pick('=', '<>')} {self.pick('user', 'helper', QUOTED)}",
            f"stage {test} {self.pick('was', repr('lead'), repr('quote'), repr('won'))}",
            f"grade {test} {self.pick('wanted', repr('a'), repr('b'), repr('c'))}",
            f"stage {self.pick('', 'not ')}in ('won', 'lead')",
            f"{self.text(0)} {self.pick('', 'not ')}in tags",
        )

    def plain(self, depth):
        leaf = self.pick("n", "k", "x", "y", "score", "weight", "7", "0", "-3", "2.5", "0.1", "1_000", "1.2万")
        if depth <= 0:
            return leaf
        a, b = self.plain(depth - 1), self.plain(depth - 1)
        return self.pick(
            leaf,
            f"({a} + {b})",
            f"({a} - {b})",
            f"({a} * {b})",
            f"({a} / {b})",
            f"-({a})",
            f"abs({a})",
            f"coalesce({a}, {b})",
            f"nullif({a}, {b})",
            f"least({a}, {b})",
            f"greatest({a}, {b}, 1)",
            f"case when {self.boolean(0)} then {a} else {b} end",
            f"case when {self.boolean(0)} then {a} end",
            f"round({self.pick('x', 'y', 'x + y', '2.45')}, {self.pick('0', '1', '2')})",
            f"days_between({self.day(depth - 1)}, {self.day(0)})",
            f"{self.pick('year', 'quarter', 'month', 'fiscal_year', 'fiscal_quarter', 'fiscal_month')}({self.day(0)})",
        )

    def money(self, depth):
        leaf = self.pick("amount", "paid", "金额", "[回款额(含税)]")
        if depth <= 0:
            return leaf
        a, b = self.money(depth - 1), self.money(depth - 1)
        return self.pick(
            leaf,
            f"({a} + {b})",
            f"({a} - {self.pick('100', '0.01', '1万')})",
            f"round(amount * {self.pick('15%', 'rate', 'discount')}, {self.pick('0', '2', '4')})",
            f"round({leaf}, 1)",
            f"round(paid * {self.pick('3', 'least(greatest(k, -999), 999)')}, 2)",
            f"({leaf} * {self.pick('rate', '15%', 'k', '1.13')})",
            f"({leaf} / {self.pick('n', '12', 'discount', 'x')})",
            f"coalesce({a}, 0)",
            f"least({a}, {b})",
            f"abs({a})",
            f"case when {self.boolean(0)} then {a} else 0 end",
        )

    def percent(self, depth):
        leaf = self.pick("discount", "rate", "15%", "0.5%", "100%")
        if depth <= 0:
            return leaf
        a, b = self.percent(depth - 1), self.percent(depth - 1)
        return self.pick(
            leaf,
            f"({a} + {b})",
            f"(1 - {a})",
            f"({self.money(0)} / {self.money(0)})",
            f"coalesce({a}, {b})",
            f"({a} * {b})",
            f"greatest({a}, {b})",
        )

    def text(self, depth):
        leaf = self.pick("name", "note", "state.pool", self.text_literal())
        if depth <= 0:
            return leaf
        return self.pick(
            leaf,
            f"{self.pick('lower', 'upper', 'normalize')}({self.text(depth - 1)})",
            f"coalesce({self.text(depth - 1)}, {self.text_literal()})",
            f"nullif({leaf}, {self.text_literal()})",
            f"case when {self.boolean(0)} then {leaf} else note end",
        )

    def day(self, depth):
        leaf = self.pick("made_on", "won_on", "state.since", "date '2024-02-29'", "date '2025-12-31'")
        if depth <= 0:
            return leaf
        inner = self.day(depth - 1)
        units = ("year", "quarter", "month", "week", "fiscal_year", "fiscal_quarter", "fiscal_month")
        return self.pick(
            leaf,
            f"{inner} {self.pick('+', '-')} {self.pick('1d', '30d', '365d', '1mo', '13mo')}",
            f"add_days({leaf}, {self.pick('n', 'k', '-1')})",
            f"date_trunc('{self.pick(*units)}', {inner})",
            f"coalesce({inner}, {leaf})",
            f"greatest({inner}, {leaf})",
        )

    def moment(self):
        leaf = self.pick("called_at", "seen_at", "timestamp '2026-03-15 17:00'")
        return self.pick(leaf, f"{leaf} {self.pick('+', '-')} {self.pick('1h', '48h')}")

    def any(self, depth):
        """An expression of any kind, conditions most often."""
        options = [self.boolean] * 6 + [self.plain, self.money, self.percent, self.text, self.day]
        return self.random.choice(options)(depth)
