"""The checker: gives every node of a formula its unit and every name its meaning, before any data is read."""

from __future__ import annotations

from dataclasses import replace

from alliance.contract import units as u
from alliance.contract.faults import did_you_mean
from alliance.contract.formula import tree as t
from alliance.contract.formula.parse import FormulaError
from alliance.contract.formula.scope import PARTY, Loop, Scope, Symbol


def check(node: t.Node, scope: Scope, expect: u.Unit | None = None) -> tuple[t.Node, list[FormulaError]]:
    """Resolve and type a parsed formula. Returns the checked tree and everything wrong with it.

    `expect` is the unit wanted where the formula stands; a plain 0 is of any unit.
    """
    checker = _Checker(scope)
    typed = checker.visit(node, expect)
    if expect is not None and typed.unit is not None and not checker.errors and not u.same(typed.unit, expect):
        checker.errors.append(_unit_error(typed, expect))
    return typed, checker.errors


def _unit_error(node: t.Node, expect: u.Unit) -> FormulaError:
    assert node.unit is not None
    hint = ""
    if expect.kind == "percent" and node.unit.kind == "count":
        hint = "Write a percentage with its sign: 12.2%."
    elif expect.kind == "money" and node.unit.kind == "count":
        hint = "Write a sum of money with its currency (500.00 GBP), or as a term."
    elif expect.kind == "money" and node.unit.kind == "money":
        hint = f"Multiply it by a count, or read it over a period; it is {node.unit}."
    return FormulaError(f"this is {node.unit.spoken()}; {expect.spoken()} is wanted here.", node.span[0], hint)


class _Checker:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.errors: list[FormulaError] = []

    def wrong(self, node: t.Node, message: str, hint: str = "") -> t.Node:
        self.errors.append(FormulaError(message, node.span[0], hint))
        return t.Literal(node.span, None, 0)

    def visit(self, node: t.Node, expect: u.Unit | None = None) -> t.Node:
        method = getattr(self, "visit_" + type(node).__name__.lower())
        result: t.Node = method(node, expect) if type(node) is t.Name else method(node)
        return result

    def all(self, *nodes: t.Node) -> list[t.Node] | None:
        """Check several nodes; None when one of them already has a fault."""
        done = [self.visit(n) for n in nodes]
        return None if any(d.unit is None for d in done) else done

    def truth(self, node: t.Node) -> t.Node:
        done = self.visit(node, u.BOOLEAN)
        if done.unit is not None and done.unit.kind != "boolean":
            return self.wrong(node, f"this is {done.unit.spoken()}; something true or false is wanted here.")
        return done

    # names

    def visit_literal(self, node: t.Literal) -> t.Node:
        return node

    def visit_name(self, node: t.Name, expect: u.Unit | None = None) -> t.Node:
        symbol = self.scope.find(node.name)
        if self.told(node):
            return t.Literal(node.span, None, 0)
        if symbol is None:
            if expect is not None and expect.kind in ("category", "text") and not node.attribute:
                if not expect.options or node.name in expect.options:
                    return t.Literal(node.span, expect, node.name)
                return self.wrong(
                    node,
                    f'"{node.name}" is not one of {", ".join(expect.options[:12])}.',
                    did_you_mean(node.name, expect.options),
                )
            if node.name in self.scope.refused:
                return self.wrong(node, self.scope.refused[node.name])
            if node.name in self.scope.loops:
                return self.wrong(
                    node,
                    f'"{node.name}" is gone through, not read: it has no single value.',
                    f"Write sum(... for {node.name}) or count({node.name}).",
                )
            return self.wrong(
                node, f'nothing is named "{node.name}" here.', did_you_mean(node.name, self.scope.names())
            )
        ref = self.reference(node, symbol)
        return ref if ref.unit is None else self.along(ref, symbol)

    def told(self, node: t.Node) -> bool:
        """Whether a node names something that has a fault of its own, which is told there and not here again."""
        named = isinstance(node, t.Name) and self.scope.find(node.name) is None
        return named and self.scope.refused.get(node.name) == ""

    def reference(self, node: t.Name, symbol: Symbol) -> t.Node:
        if node.attribute:
            unit = symbol.attributes.get(node.attribute)
            if unit is None:
                known = list(symbol.attributes)
                hint = did_you_mean(node.attribute, known) or (f"It has: {', '.join(known)}." if known else "")
                return self.wrong(node, f'"{node.name}" has no "{node.attribute}".', hint)
        elif not symbol.bare:
            return self.wrong(node, f'"{node.name}" alone has no single value.', symbol.bare_hint)
        else:
            unit = symbol.unit
        return t.Ref(node.span, unit, symbol.kind, symbol.name, node.attribute, symbol.by)

    def along(self, ref: t.Node, symbol: Symbol) -> t.Node:
        """A reference along a dimension, read for the party or category in hand."""
        if not isinstance(ref, t.Ref) or not ref.by:
            return ref
        held = self.scope.bound.get(ref.by)
        if held is not None:
            lacking = [k for k in held if symbol.keys and k not in symbol.keys]
            if lacking:
                return self.wrong(ref, f'"{ref.name}" has no figure for {", ".join(lacking[:5])}.')
            return ref
        reader = self.scope.find(ref.by)
        if reader is not None and not reader.by and reader.unit.kind in ("category", "text") and reader.bare:
            key = t.Ref(ref.span, reader.unit, reader.kind, reader.name, "", "")
            return t.By(ref.span, ref.unit, ref, key)
        what = "a figure for each party" if ref.by == PARTY else f"a figure for each {ref.by}"
        hint = f'Write "{ref.name} by ...", or sum({ref.name} for ...).'
        return self.wrong(ref, f'"{ref.name}" has {what}; which is not said here.', hint)

    def visit_by(self, node: t.By) -> t.Node:
        name = node.ref
        if not isinstance(name, t.Name):
            return self.wrong(node, '"by" follows a name.')
        symbol = self.scope.find(name.name)
        if symbol is None:
            return self.visit_name(name)
        ref = self.reference(name, symbol)
        if ref.unit is None or not isinstance(ref, t.Ref):
            return ref
        keys = symbol.keys if ref.by else symbol.also_by
        if not ref.by and not keys:
            return self.wrong(node, f'"{name.name}" is a single figure, not one by party or category.')
        wanted = u.Unit("category", options=keys, name=ref.by or PARTY)
        key = self.visit(node.key, wanted)
        if isinstance(key, t.Literal) and key.unit is not None and key.unit.kind == "text":
            key = replace(key, unit=wanted)
            if keys and key.value not in keys:
                return self.wrong(node.key, f'"{name.name}" has no figure for "{key.value}".')
        if key.unit is None:
            return key
        if key.unit.kind not in ("category", "text"):
            return self.wrong(node.key, f"this is {key.unit.spoken()}; a party or category is wanted here.")
        if keys and key.unit.options and not isinstance(key, t.Literal):
            lacking = [k for k in key.unit.options if k not in keys]
            if lacking:
                return self.wrong(node, f'"{ref.name}" has no figure for {", ".join(lacking[:5])}.')
        return t.By(node.span, ref.unit, ref, key)

    def visit_on(self, node: t.On) -> t.Node:
        target, day = node.ref, self.visit(node.date)
        if isinstance(target, t.By):
            target = target.ref
        symbol = self.scope.find(target.name) if isinstance(target, t.Name) else None
        if self.told(target):
            return t.Literal(node.span, None, 0)
        if symbol is None or symbol.kind != "term":
            return self.wrong(node, '"on" follows the name of a term.')
        ref = self.visit(node.ref)
        if ref.unit is None or day.unit is None:
            return t.Literal(node.span, None, 0)
        if day.unit.kind != "date":
            return self.wrong(node.date, f"this is {day.unit.spoken()}; a date is wanted here.")
        return t.On(node.span, symbol.attributes.get("rate", ref.unit), ref, day)

    # operators

    def visit_arithmetic(self, node: t.Arithmetic) -> t.Node:
        done = self.all(node.left, node.right)
        if done is None:
            return t.Literal(node.span, None, 0)
        left, right = done
        assert left.unit and right.unit
        try:
            if node.op in "+-":
                unit = u.add(left.unit, right.unit, node.op == "-")
            else:
                unit = (u.multiply if node.op == "*" else u.divide)(left.unit, right.unit)
        except u.UnitError as error:
            hint = ""
            if {left.unit.kind, right.unit.kind} == {"percent", "count"}:
                hint = "Write a percentage with its sign: 12.2%, 100%."
            elif {left.unit.kind, right.unit.kind} == {"money", "count"}:
                hint = "Write a sum of money with its currency: 500.00 GBP."
            return self.wrong(node, str(error), hint)
        return t.Arithmetic(node.span, unit, node.op, left, right)

    def visit_negative(self, node: t.Negative) -> t.Node:
        of = self.visit(node.of)
        if of.unit is None:
            return of
        if not of.unit.numeric:
            return self.wrong(node, f"{of.unit.spoken()} has no sign to turn.")
        return t.Negative(node.span, of.unit, of)

    def pair(self, left: t.Node, right: t.Node) -> tuple[t.Node, t.Node]:
        """Check two sides, letting a bare option of a category stand on either."""
        if self.told(left) or self.told(right):
            broken = t.Literal(left.span, None, 0)
            return broken, broken
        if isinstance(left, t.Name) and self.scope.find(left.name) is None:
            second = self.visit(right)
            return self.visit(left, second.unit), second
        first = self.visit(left)
        return first, self.visit(right, first.unit)

    def visit_compare(self, node: t.Compare) -> t.Node:
        left, right = self.pair(node.left, node.right)
        if left.unit is None or right.unit is None:
            return t.Literal(node.span, None, 0)
        try:
            u.join(left.unit, right.unit, "compared with")
        except u.UnitError as error:
            kinds = {left.unit.kind, right.unit.kind}
            hint = "Write a percentage with its sign: 12.2%." if kinds == {"percent", "count"} else ""
            return self.wrong(node, str(error), hint)
        if left.unit.kind in ("category", "text", "boolean") and node.op not in ("=", "!="):
            return self.wrong(node, f"{left.unit.spoken()} is only equal or not equal; it has no order.")
        for side, other in ((left, right), (right, left)):
            if (
                isinstance(side, t.Literal)
                and other.unit
                and other.unit.options
                and side.value not in other.unit.options
            ):
                hint = did_you_mean(str(side.value), other.unit.options)
                return self.wrong(side, f'"{side.value}" is not one of {", ".join(other.unit.options[:12])}.', hint)
        return t.Compare(node.span, u.BOOLEAN, node.op, left, right)

    def visit_isin(self, node: t.IsIn) -> t.Node:
        item = self.visit(node.item)
        if item.unit is None:
            return item
        options = []
        for option in node.options:
            done = self.visit(option, item.unit)
            if done.unit is None:
                return done
            if not u.same(done.unit, item.unit):
                return self.wrong(option, f"{done.unit.spoken()} cannot be one of several of {item.unit.spoken()}.")
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

    def visit_ifelse(self, node: t.IfElse) -> t.Node:
        test = self.truth(node.test)
        then, other = self.pair(node.then, node.otherwise)
        if test.unit is None or then.unit is None or other.unit is None:
            return t.Literal(node.span, None, 0)
        try:
            unit = u.join(then.unit, other.unit, "the other choice to")
        except u.UnitError as error:
            return self.wrong(node, str(error))
        return t.IfElse(node.span, unit, then, test, other)

    def visit_fallback(self, node: t.Fallback) -> t.Node:
        first, second = self.pair(node.first, node.second)
        if first.unit is None or second.unit is None:
            return t.Literal(node.span, None, 0)
        try:
            unit = u.join(first.unit, second.unit, "replaced by")
        except u.UnitError as error:
            return self.wrong(node, str(error))
        return t.Fallback(node.span, unit, first, second)

    # functions

    def visit_call(self, node: t.Call) -> t.Node:
        done = self.all(*node.arguments)
        if done is None:
            return t.Literal(node.span, None, 0)
        units = [d.unit for d in done if d.unit]
        unit = units[0]
        try:
            if node.function in ("min", "max", "clamp"):
                for other in units[1:]:
                    unit = u.join(unit, other, "compared with")
                if not unit.numeric and unit.kind != "date":
                    raise u.UnitError(f"{unit.spoken()} has no smallest or largest.")
            elif node.function == "days":
                u.join(unit, u.COUNT, "counted as")
                unit = u.DAYS
            elif node.function in ("month", "year"):
                if unit.kind != "date":
                    raise u.UnitError(f"{node.function}() is of a date, not of {unit.spoken()}.")
                unit = u.COUNT
            elif not unit.numeric:
                raise u.UnitError(f"{node.function}() is of a quantity, not of {unit.spoken()}.")
            elif len(units) == 2:
                places = done[1]
                if not isinstance(places, t.Literal) or places.value not in range(13):
                    raise u.UnitError("the places to round to are a whole number from 0 to 12.")
        except u.UnitError as error:
            return self.wrong(node, str(error))
        return t.Call(node.span, unit, node.function, tuple(done))

    def visit_aggregate(self, node: t.Aggregate) -> t.Node:
        loop = self.loop(node)
        if loop is None:
            return t.Literal(node.span, None, 0)
        inner = _Checker(self.scope.inside(loop))
        value = inner.visit(node.value) if node.value is not None else None
        where = inner.truth(node.where) if node.where is not None else None
        self.errors += inner.errors
        if inner.errors:
            return t.Literal(node.span, None, 0)
        if value is None:
            unit = u.COUNT
        else:
            assert value.unit is not None
            unit = value.unit
            if not unit.numeric and not (unit.kind == "date" and node.function in ("min", "max")):
                return self.wrong(node, f"{node.function}() is of quantities, not of {unit.spoken()}.")
        return t.Aggregate(node.span, unit, node.function, value, node.over, where)

    def loop(self, node: t.Aggregate) -> Loop | None:
        if not node.over:
            if self.scope.group is None:
                self.wrong(
                    node,
                    f"{node.function}() does not say what to go through.",
                    f'Write "{node.function}(... for NAME)", or give {node.function}() two values or more.'
                    if node.function in ("min", "max")
                    else f'Write "{node.function}(... for NAME where ...)".',
                )
            return self.scope.group
        found = self.scope.loops.get(node.over)
        if found is None:
            hint = did_you_mean(node.over, self.scope.loops) or (
                f"It may be: {', '.join(self.scope.loops)}." if self.scope.loops else ""
            )
            self.wrong(node, f'"{node.over}" is not something to go through.', hint)
        return found

    def visit_history(self, node: t.History) -> t.Node:
        ref = self.visit(node.ref)
        if ref.unit is None:
            return ref
        inner = ref.ref if isinstance(ref, t.By) else ref
        if not isinstance(inner, t.Ref) or inner.kind not in ("figure", "measure", "payment", "input", "account"):
            return self.wrong(node, f"{node.function}() is of a figure, measure, input or payment by its name.")
        if node.function == "so_far" and not ref.unit.numeric:
            return self.wrong(node, f"so_far() is of a quantity, not of {ref.unit.spoken()}.")
        return t.History(node.span, ref.unit, node.function, ref)
