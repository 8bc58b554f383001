"""The checker: gives every node of a formula its unit and every name its meaning, before any data is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from alliance.contract import units as u
from alliance.contract.formula import tree as t
from alliance.contract.formula.building import CURVED, FormulaError
from alliance.contract.formula.naming import Naming
from alliance.contract.formula.scope import Scope

_CURRENCY = "GBP"  # in what is shown where no contract says its own
KEPT = ("", "value", "score", "earned")
"""The attributes whose values earlier settlements leave to later ones."""


def check(node: t.Node, scope: Scope, expect: u.Unit | None = None) -> tuple[t.Node, list[FormulaError]]:
    """Resolve and type a parsed formula. Returns the checked tree and everything wrong with it.

    `expect` is the unit wanted where the formula stands; a plain 0 is of any unit. A tree without a unit and without
    errors reads something that has a fault of its own.
    """
    checker = _Checker(scope)
    typed = checker.visit(node, expect)
    if expect is not None and typed.unit is not None and not checker.errors:
        if not u.same(typed.unit, expect):
            checker.errors.append(_unit_error(typed, expect, scope.currency or _CURRENCY))
        elif expect.options and isinstance(typed, t.Literal) and typed.value not in expect.options:
            checker.not_one_of(typed, str(typed.value), expect.options)
    return typed, checker.errors


def _unit_error(node: t.Node, expect: u.Unit, currency: str) -> FormulaError:
    assert node.unit is not None
    kinds = (node.unit.kind, expect.kind)
    hint = _WANTED.get(kinds) or _WANTED.get(("", expect.kind), "")
    if kinds == ("count", "money"):
        each = f" {u.with_article(expect.per)}" if expect.per else ""
        hint = f"Write a sum of money with its currency (500.00 {currency}{each}), or as a term."
        hint = _of_which([node], currency) or hint
    elif kinds == ("money", "money") and node.unit.per == "year":
        hint = "Say that it is an amount a year."
    elif kinds == ("money", "money") and node.unit.per:
        hint = f"Multiply it by a number of them; by 1 for a single {node.unit.per}."
    elif kinds == ("money", "money"):
        hint = f"Say what it is for each of: 500.00 {currency} {u.with_article(expect.per)}."
    return FormulaError(f"this is {node.unit.spoken()}; {expect.spoken()} is wanted here.", node.span[0], hint)


def _of_which(nodes: Iterable[t.Node], currency: str) -> str:
    """What to do where a name that is read among others is a plain number, and money is wanted."""
    refs = (n.ref if isinstance(n, t.By) else n for n in nodes if n.unit is not None and n.unit.kind == "count")
    name = next((ref.name for ref in refs if isinstance(ref, t.Ref) and ref.kind in ("term", "input", "figure")), "")
    return f'"{name}" is a plain number: say `unit: {currency}` of it if it is money.' if name else ""


_WANTED = {  # what to write where a value of one unit stands and another is wanted; any unit where the first is empty
    ("count", "percent"): "Write a percentage with its sign: 12.2%, and 100% for 1.",
    ("count", "days"): "Write a duration with its unit: 30 days.",
    ("percent", "money"): "Say of what it is a percentage: 10% of target.",
    ("money", "percent"): "Divide it by what it is a share of: saved / target.",
    ("money", "count"): "Divide it by what is paid for each: spend / price.",
    ("percent", "count"): "Write a plain number: 0.122 for 12.2%.",
    ("days", "count"): "Count it in its unit: time / 1 day, or time / 1 hour.",
    ("days", "money"): "Multiply its number by a price: time / 1 day * price.",
    ("date", "days"): "Take one date from another: end - start.",
    ("boolean", "money"): "Choose by it: amount if test else 0.",
    ("boolean", "percent"): "Choose by it: 100% if test else 0%.",
    ("boolean", "count"): "Choose by it: 1 if test else 0.",
    ("", "boolean"): "Compare it with something: x >= y, or x = y.",
    ("", "date"): "Write a date, 2026-04-01, or the name of one.",
}


class _Checker(Naming):
    """Gives every node its unit."""

    def all(self, *nodes: t.Node) -> list[t.Node] | None:
        """Check several nodes; None when one of them already has a fault."""
        done = [self.visit(n) for n in nodes]
        return None if any(d.unit is None for d in done) else done

    def truth(self, node: t.Node) -> t.Node:
        done = self.visit(node, u.BOOLEAN)
        if done.unit is not None and done.unit.kind != "boolean":
            hint = _WANTED["", "boolean"]
            return self.wrong(node, f"this is {done.unit.spoken()}; something true or false is wanted here.", hint)
        return done

    def visit_literal(self, node: t.Literal) -> t.Node:
        if node.unit is None or node.unit.kind != "money":
            return node
        currency = self.scope.currency
        if currency and node.unit.name != currency:
            message = f"the contract's currency is {currency}, not {node.unit.name}."
            return self.wrong(node, message, f"Write {currency}.")
        return replace(node, unit=u.Unit("money", node.unit.per))

    def spelling(self, error: u.UnitError | None, *nodes: t.Node) -> str:
        """What to write where values of several units stand together that do not go together."""
        if error is not None and error.hint:
            return error.hint
        kinds = {n.unit.kind for n in nodes if n.unit is not None}
        if kinds & _WORDS and kinds & {"count", "boolean"}:
            fixed = next((n.value for n in nodes if isinstance(n, t.Literal) and not isinstance(n.value, str)), None)
            option = ("yes" if fixed else "no") if isinstance(fixed, bool) else "A" if fixed is None else fixed
            return f'Write an option in quotes: "{option}".'
        if kinds == {"money", "count"}:
            which = _of_which(nodes, self.scope.currency or _CURRENCY)
            return which or f"Write a sum of money with its currency: 500.00 {self.scope.currency or _CURRENCY}."
        return _TOGETHER.get(frozenset(kinds), "")

    # operators

    def visit_arithmetic(self, node: t.Arithmetic) -> t.Node:
        done = self.all(node.left, node.right)
        if done is None:
            return self.nothing(node)
        left, right = done
        assert left.unit and right.unit
        try:
            if node.op in "+-":
                unit = u.add(left.unit, right.unit, node.op == "-")
            else:
                unit = (u.multiply if node.op == "*" else u.divide)(left.unit, right.unit)
        except u.UnitError as error:
            return self.wrong(node, str(error), self.spelling(error, left, right))
        return t.Arithmetic(node.span, unit, node.op, left, right)

    def visit_negative(self, node: t.Negative) -> t.Node:
        of = self.visit(node.of)
        if of.unit is None:
            return of
        if not of.unit.numeric:
            return self.wrong(
                node, f"{of.unit.spoken()} has no sign to turn.", "Write `not` before what is true or false."
            )
        return t.Negative(node.span, of.unit, of)

    def pair(self, left: t.Node, right: t.Node, expect: u.Unit | None = None) -> tuple[t.Node, t.Node]:
        """Check two sides, letting a bare option of a category stand on either."""
        if expect is None and isinstance(left, t.Name) and self.scope.find(left.name) is None:
            second = self.visit(right)
            return self.visit(left, second.unit), second
        first = self.visit(left, expect)
        return first, self.visit(right, expect or first.unit)

    @staticmethod
    def _alone(node: t.Node) -> t.Node:
        """What a side of a comparison reads; of what is read by the one in hand, as what is read without saying so."""
        if isinstance(node, t.By) and isinstance(node.ref, t.Ref) and isinstance(node.key, t.Ref):
            node = node.ref if node.key.kind == "binding" else node
        return replace(node, span=(0, 0))

    def visit_compare(self, node: t.Compare) -> t.Node:
        for side, other in ((node.left, node.right), (node.right, node.left)):
            unit = _Checker(self.scope).visit(other).unit if isinstance(side, t.Arithmetic) else None
            if unit is not None and unit.kind in _WORDS:
                hint = 'Write an option that is more than a word in quotes: "T-1".'
                return self.wrong(side, f"{unit.spoken()} cannot be compared with something worked out.", hint)
        left, right = self.pair(node.left, node.right)
        if left.unit is None or right.unit is None:
            return self.nothing(node)
        one, other = self._alone(left), self._alone(right)
        if isinstance(one, t.Ref) and one == other:
            hint = "Where a field of records has the name of what is in hand, rename the field."
            if isinstance(left, t.By) or isinstance(right, t.By):
                hint = "What is in hand is each in turn: say by name with whose it is compared."
            hint = hint if one.kind == "field" or one.by else ""
            return self.wrong(node, f'"{one.name}" is compared with itself.', hint)
        try:
            unit = u.join(left.unit, right.unit, "compared with")
        except u.UnitError as error:
            return self.wrong(node, str(error), self.spelling(error, left, right))
        if unit.kind in ("category", "text", "boolean") and node.op not in ("=", "!="):
            return self.wrong(
                node,
                f"{unit.spoken()} is only equal or not equal; it has no order.",
                "Compare it with = or !=, or with in (a, b).",
            )
        for side, other in ((left, right), (right, left)):
            if other.unit and self.strange(side, other.unit):
                return self.nothing(node)
        return t.Compare(node.span, u.BOOLEAN, node.op, left, right)

    def strange(self, side: t.Node, unit: u.Unit) -> bool:
        """Whether a fixed text is not one of the options that it is held to; a fault says so."""
        if not isinstance(side, t.Literal) or not unit.options or side.value in unit.options:
            return False
        self.not_one_of(side, str(side.value), unit.options)
        return True

    def visit_isin(self, node: t.IsIn) -> t.Node:
        item = self.visit(node.item)
        if item.unit is None:
            return item
        options = []
        for option in node.options:
            done = self.visit(option, item.unit)
            if done.unit is None or self.strange(done, item.unit):
                return self.nothing(node)
            if not u.same(done.unit, item.unit):
                message = f"{done.unit.spoken()} cannot be one of several of {item.unit.spoken()}."
                return self.wrong(option, message, self.spelling(None, done, item))
            options.append(done)
        return t.IsIn(node.span, u.BOOLEAN, item, tuple(options), node.negated)

    def visit_logic(self, node: t.Logic) -> t.Node:
        items = tuple(self.truth(i) for i in node.items)
        unit = None if any(i.unit is None for i in items) else u.BOOLEAN
        return t.Logic(node.span, unit, node.op, items)

    def visit_not(self, node: t.Not) -> t.Node:
        of = self.truth(node.of)
        return of if of.unit is None else t.Not(node.span, u.BOOLEAN, of)

    def visit_isknown(self, node: t.IsKnown) -> t.Node:
        of = self.visit(node.of)
        return of if of.unit is None else t.IsKnown(node.span, u.BOOLEAN, of, node.negated)

    def visit_ifelse(self, node: t.IfElse, expect: u.Unit | None = None) -> t.Node:
        test = self.truth(node.test)
        then, other, unit = self.either(node, node.then, node.otherwise, "the other choice to", expect)
        if test.unit is None or unit is None:
            return self.nothing(node)
        return t.IfElse(node.span, unit, then, test, other)

    def visit_fallback(self, node: t.Fallback, expect: u.Unit | None = None) -> t.Node:
        first, second, unit = self.either(node, node.first, node.second, "replaced by", expect)
        return self.nothing(node) if unit is None else t.Fallback(node.span, unit, first, second)

    def either(
        self, node: t.Node, left: t.Node, right: t.Node, doing: str, expect: u.Unit | None
    ) -> tuple[t.Node, t.Node, u.Unit | None]:
        """Two values of which one stands, and their unit; none where there is a fault."""
        first, second = self.pair(left, right, expect)
        if first.unit is None or second.unit is None:
            return first, second, None
        try:
            unit = u.join(first.unit, second.unit, doing)
        except u.UnitError as error:
            self.wrong(node, str(error), self.spelling(error, first, second))
            return first, second, None
        wanted = expect if expect is not None and expect.options else unit
        strange = [side for side in (first, second) if self.strange(side, wanted)]
        return first, second, None if strange else unit

    # functions

    def visit_call(self, node: t.Call) -> t.Node:
        done = self.all(*node.arguments)
        if done is None:
            return self.nothing(node)
        try:
            unit = _unit_of_call(node.function, done)
        except u.UnitError as error:
            compared = node.function in ("min", "max", "clamp")
            return self.wrong(node, str(error), self.spelling(error, *(done if compared else ())))
        return t.Call(node.span, unit, node.function, tuple(done))

    def visit_aggregate(self, node: t.Aggregate) -> t.Node:
        loop = self.loop(node)
        if loop is None:
            return self.nothing(node)
        inner = _Checker(self.scope.inside(loop))
        value = inner.visit(node.value) if node.value is not None else None
        where = inner.truth(node.where) if node.where is not None else None
        self.errors += inner.errors
        if any(part is not None and part.unit is None for part in (value, where)):
            return self.nothing(node)
        unit = u.COUNT
        if value is not None and value.unit is not None:
            unit = value.unit
            if not unit.numeric and not (unit.kind == "date" and node.function in ("min", "max")):
                return self.wrong(
                    node,
                    f"{node.function}() is of quantities, not of {unit.spoken()}.",
                    "Count with a test: count(records where test).",
                )
        return t.Aggregate(node.span, unit, node.function, value, node.over, where)

    def visit_history(self, node: t.History) -> t.Node:
        ref = self.visit(node.ref)
        if ref.unit is None:
            return ref
        inner = ref.ref if isinstance(ref, t.By) else ref
        if not isinstance(inner, t.Ref) or inner.kind not in ("figure", "measure", "payment", "input"):
            return self.wrong(
                node,
                f"{node.function}() is of a figure, measure, input or payment by its name.",
                "Make what is worked out a figure, and write its name.",
            )
        if inner.attribute not in KEPT:
            hint = f"Kept are the value and score of a measure, and what a payment earned: {inner.name}.earned."
            message = f'"{inner.name}.{inner.attribute}" is not kept from one settlement to the next.'
            return self.wrong(node, message, hint)
        if node.function == "so_far" and not ref.unit.numeric:
            return self.wrong(
                node, f"so_far() is of a quantity, not of {ref.unit.spoken()}.", "Use last() for what does not add up."
            )
        return t.History(node.span, ref.unit, node.function, ref)


_WORDS = frozenset({"category", "text"})
_TOGETHER = {
    frozenset({"percent", "count"}): _WANTED["count", "percent"],
    frozenset({"days", "count"}): _WANTED["count", "days"],
    frozenset({"percent", "money"}): _WANTED["percent", "money"],
}


def _unit_of_call(function: str, arguments: list[t.Node]) -> u.Unit:
    """The unit of a function of its arguments, which have units. Raises `UnitError`."""
    units = [a.unit for a in arguments if a.unit is not None]
    unit = units[0]
    if function in ("min", "max", "clamp"):
        for other in units[1:]:
            unit = u.join(unit, other, "compared with")
        if not unit.numeric and unit.kind != "date":
            raise u.UnitError(
                f"{unit.spoken()} has no smallest or largest.", "Use `and` or `or` for what is true or false."
            )
        return unit
    if function == "days":
        u.join(unit, u.COUNT, "counted as")
        return u.DAYS
    if function in ("month", "year"):
        if unit.kind != "date":
            raise u.UnitError(
                f"{function}() is of a date, not of {unit.spoken()}.", f"Read a date: {function}(admitted)."
            )
        return u.COUNT
    if not unit.numeric:
        raise u.UnitError(
            f"{function}() is of a quantity, not of {unit.spoken()}.", "Write a quantity in the brackets."
        )
    if function in CURVED:
        if unit.kind not in ("count", "percent", "ratio", "zero"):
            raise u.UnitError(
                f"{function}() is of a number, not of {unit.spoken()}.", "Divide it by another of its kind first."
            )
        return u.RATIO
    if len(arguments) == 2:
        places = arguments[1]
        whole = isinstance(places, t.Literal) and units[1].kind in ("count", "zero") and places.value in range(13)
        if not whole:
            raise u.UnitError("the places to round to are a whole number from 0 to 12.", "Write round(x, 2).")
    return unit
