"""Well-typed expressions at random, over the small world of `expr_world`."""

from tests.expr_world import FIELDS, HOSTILE

QUOTED = "'o''neil'"


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
            self.exact(depth),
            f"({leaf} * {self.pick('rate', '15%', 'k', '1.13')})",
            f"({leaf} / {self.pick('n', '12', 'discount', 'x')})",
            f"coalesce({a}, 0)",
            f"least({a}, {b})",
            f"abs({a})",
            f"case when {self.boolean(0)} then {a} else 0 end",
        )

    def exact(self, depth):
        """An amount that is no product or quotient, or one that is rounded at once."""
        if depth <= 0:
            return self.pick("amount", "paid")
        a, b = self.exact(depth - 1), self.exact(0)
        share, times = self.pick("15%", "rate", "(1 + rate)", "(rate - discount)"), self.pick("3", "n", "k", "(n + k)")
        return self.pick(
            f"({a} + {b})",
            f"({a} - {b})",
            f"round({a} * {share}, {self.pick('0', '2', '6')})",
            f"round({a} * {times}, {self.pick('0', '2', '6')})",
            f"round({a}, {self.pick('0', '3')})",
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
            f"{inner} {self.pick('+', '-')} {self.pick('1d', '30d', '100000d', '1mo', '13mo', '100000mo')}",
            f"{inner} {self.pick('+', '-')} {self.pick('1wd', '5wd', '60wd')}",
            f"add_days({leaf}, {self.pick('n', 'k', '-1')})",
            f"date_trunc('{self.pick(*units)}', {inner})",
            f"coalesce({inner}, {leaf})",
            f"greatest({inner}, {leaf})",
        )

    def moment(self):
        leaf = self.pick("called_at", "seen_at", "timestamp '2026-03-15 17:00'")
        return self.pick(leaf, f"{leaf} {self.pick('+', '-')} {self.pick('1h', '48h', '100000h', '1wh', '20wh')}")

    def any(self, depth):
        """An expression of any kind, conditions most often."""
        options = [self.boolean] * 6 + [self.plain, self.money, self.percent, self.text, self.day]
        return self.random.choice(options)(depth)
