"""Names in a formula: what each stands for at its place, along which parties or categories it is read."""

from __future__ import annotations

from dataclasses import replace

from alliance.contract import units as u
from alliance.contract.faults import did_you_mean
from alliance.contract.formula import tree as t
from alliance.contract.formula.building import FormulaError
from alliance.contract.formula.scope import PARTY, Loop, Scope, Symbol

_ALONE = "Write its name alone."
_CHOICES = (t.Name, t.IfElse, t.Fallback)  # where a bare option of a category may stand


class Naming:
    """Resolves names. The base of the checker, which gives every other node its unit."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.errors: list[FormulaError] = []

    def wrong(self, node: t.Node, message: str, hint: str = "") -> t.Node:
        """Note what is wrong; the node that comes of it has no unit."""
        self.errors.append(FormulaError(message, node.span[0], hint))
        return self.nothing(node)

    @staticmethod
    def nothing(node: t.Node) -> t.Node:
        """A node without a unit, where there is a fault already."""
        return t.Literal(node.span, None, 0)

    def visit(self, node: t.Node, expect: u.Unit | None = None) -> t.Node:
        """Check a node. `expect` is the unit wanted of it, which says what a bare option of a category may be."""
        method = getattr(self, "visit_" + type(node).__name__.lower())
        result: t.Node = method(node, expect) if isinstance(node, _CHOICES) else method(node)
        return result

    def visit_name(self, node: t.Name, expect: u.Unit | None = None) -> t.Node:
        symbol = self.scope.find(node.name)
        if symbol is None:
            return self.option(node, expect) or self.unnamed(node)
        ref = self.reference(node, symbol)
        return self.along(ref, symbol) if isinstance(ref, t.Ref) else ref

    def option(self, node: t.Name, expect: u.Unit | None) -> t.Node | None:
        """A bare word where one of a category's options is wanted."""
        if expect is None or expect.kind not in ("category", "text") or node.attribute:
            return None
        if not expect.options or node.name in expect.options:
            return t.Literal(node.span, expect, node.name)
        if node.name in self.scope.refused:
            return None
        return self.not_one_of(node, node.name, expect.options)

    def not_one_of(self, node: t.Node, word: str, options: tuple[str, ...]) -> t.Node:
        more = f" or {len(options) - 12} more" if len(options) > 12 else ""
        message = f'"{word[:40]}" is not one of {", ".join(options[:12])}{more}.'
        return self.wrong(node, message, did_you_mean(word, options))

    def unnamed(self, node: t.Name) -> t.Node:
        """A name that nothing here has: why not, and what may be meant."""
        scope, name = self.scope, node.name
        if name in scope.refused:
            return self.wrong(node, scope.refused[name]) if scope.refused[name] else self.nothing(node)
        if name in scope.loops:
            message = f'"{name}" is gone through, not read: it has no single value.'
            return self.wrong(node, message, f"Write sum(... for {name}) or count({name}).")
        whole = next((f"Write {n}.{name}." for n, s in scope.local.items() if name in s.attributes), "")
        meant = whole or did_you_mean(name, scope.names())
        hint = meant or "Name it in the contract, or write a name that is there."
        return self.wrong(node, f'nothing is named "{name[:40]}" here.', hint)

    def reference(self, node: t.Name, symbol: Symbol) -> t.Node:
        """The symbol's value, or that of the attribute that is read."""
        if node.attribute:
            unit = symbol.attributes.get(node.attribute)
            if unit is None:
                known = list(symbol.attributes)
                hint = did_you_mean(node.attribute, known) or (f"It has: {', '.join(known)}." if known else _ALONE)
                if node.attribute in symbol.keys:
                    hint = f"Write {node.name} by {node.attribute}."
                return self.wrong(node, f'"{node.name}" has no "{node.attribute[:40]}".', hint)
        elif not symbol.bare:
            return self.wrong(node, f'"{node.name}" alone has no single value.', symbol.bare_hint)
        else:
            unit = symbol.unit
        return t.Ref(node.span, unit, symbol.kind, symbol.name, node.attribute, symbol.by)

    def along(self, ref: t.Ref, symbol: Symbol) -> t.Node:
        """A reference along a dimension, read for the party or category in hand."""
        if not ref.by:
            return ref
        held = self.scope.bound.get(ref.by)
        if held is not None:
            return self.lacking(ref, symbol.keys, held) or ref
        reader = self.scope.find(ref.by)
        if reader is not None and not reader.by and reader.unit.kind in ("category", "text") and reader.bare:
            key = t.Ref(ref.span, reader.unit, reader.kind, reader.name, "", "")
            return self.lacking(ref, symbol.keys, reader.unit.options) or t.By(ref.span, ref.unit, ref, key)
        what = "a figure for each party" if ref.by == PARTY else f"a figure for each {ref.by}"
        hint = f'Write "{ref.name} by ...", or sum({ref.name} for ...).'
        return self.wrong(ref, f'"{ref.name}" has {what}; which is not said here.', hint)

    def lacking(self, ref: t.Ref, known: tuple[str, ...], keys: tuple[str, ...]) -> t.Node | None:
        """A fault where it may be read for a party or category that it has no figure for."""
        lacking = sorted(set(keys) - set(known), key=keys.index) if known and known != keys else []
        if not lacking:
            return None
        return self.wrong(
            ref,
            f'"{ref.name}" has no figure for {", ".join(lacking[:5])}.',
            "Give it one, or read it only for those that have one.",
        )

    def visit_by(self, node: t.By) -> t.Node:
        name = node.ref
        if not isinstance(name, t.Name):
            return self.wrong(
                node, '"by" follows a name.', 'Make what is worked out a figure, and write its name before "by".'
            )
        symbol = self.scope.find(name.name)
        if symbol is None:
            return self.visit_name(name)
        ref = self.reference(name, symbol)
        if not isinstance(ref, t.Ref):
            return ref
        keys = symbol.keys if ref.by else symbol.also_by
        if not ref.by and not keys:
            if isinstance(node.key, t.Name) and self.scope.refused.get(node.key.name) == "":
                return self.nothing(node)  # the party or category has a fault of its own
            return self.wrong(
                node, f'"{name.name}" is a single figure, not one by party or category.', "Write its name alone."
            )
        key = self.key(node.key, u.Unit("category", options=keys, name=ref.by or PARTY), name.name)
        if key.unit is None:
            return key
        options = () if isinstance(key, t.Literal) else key.unit.options
        return self.lacking(ref, keys, options) or t.By(node.span, ref.unit, ref, key)

    def key(self, node: t.Node, wanted: u.Unit, of: str) -> t.Node:
        """The party or category that a value is read for."""
        named = self.scope.find(node.name) if isinstance(node, t.Name) and not node.attribute else None
        if named is not None and named.kind == "account" and named.name in wanted.options:
            return t.Literal(node.span, wanted, named.name)  # an account that is paid
        key = self.visit(node, wanted)
        if isinstance(key, t.Literal) and isinstance(key.value, str):
            if wanted.options and key.value not in wanted.options:
                hint = did_you_mean(key.value, wanted.options)
                return self.wrong(node, f'"{of}" has no figure for "{key.value[:40]}".', hint)
            return replace(key, unit=wanted)
        if key.unit is not None and key.unit.kind not in ("category", "text"):
            return self.wrong(
                node,
                f"this is {key.unit.spoken()}; a party or category is wanted here.",
                "Name one, or a field that holds one.",
            )
        return key

    def visit_on(self, node: t.On) -> t.Node:
        day = self.visit(node.date)
        target = node.ref.ref if isinstance(node.ref, t.By) else node.ref
        if not isinstance(target, t.Name):
            return self.wrong(
                node, '"on" follows the name of a term.', "Read each term on the day: (a on day) + (b on day)."
            )
        symbol = self.scope.find(target.name)
        if symbol is None:
            return self.unnamed(target)
        if symbol.kind != "term":
            return self.wrong(
                node,
                f'"on" follows the name of a term, and "{target.name}" is not one.',
                'Leave "on" out: only terms are known for every day.',
            )
        ref = self.visit(node.ref)
        if ref.unit is None or day.unit is None:
            return self.nothing(node)
        if day.unit.kind != "date":
            return self.wrong(
                node.date,
                f"this is {day.unit.spoken()}; a date is wanted here.",
                "Write a date, 2026-04-01, or the name of one.",
            )
        return t.On(node.span, symbol.rate or ref.unit, ref, day)

    def loop(self, node: t.Aggregate) -> Loop | None:
        """What an aggregate goes through: what it names, or the group in hand."""
        scope = self.scope
        if not node.over:
            if scope.group is None:
                over = f'Write "{node.function}(... for NAME)"'
                several = f", or give {node.function}() two values or more."
                hint = over + (several if node.function in ("min", "max") else ".")
                self.wrong(node, f"{node.function}() does not say what to go through.", hint)
            return scope.group
        found = scope.loops.get(node.over)
        if found is None and scope.refused.get(node.over) != "":
            most = ", ".join(list(scope.loops)[:12])
            hint = did_you_mean(node.over, scope.loops) or (f"It may be: {most}." if most else "")
            self.wrong(node, f'"{node.over[:40]}" is not something to go through.', hint)
        return found
