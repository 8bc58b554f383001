"""A formula as a tree: the value of each of its parts, and of every name where it was read and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from alliance.contract import entries as e
from alliance.contract.english.words import plural
from alliance.contract.faults import Mark
from alliance.contract.formula import tree as t
from alliance.contract.formula.evaluate import Traced, compiled, traced
from alliance.contract.formula.operations import extreme
from alliance.contract.formula.scope import PARTY
from alliance.contract.numbers import Number
from alliance.contract.values import Unknown, Value
from alliance.reports.model import ALERT, Branch
from alliance.reports.naming import Naming
from alliance.settlement.measuring import Measured
from alliance.settlement.run import Run
from alliance.settlement.scoring import flat, leading, sides
from alliance.settlement.view import View
from alliance.settlement.words import value_text

MOST_DEPTH = 40
MOST_RECORDS = 20
MOST_LEFT_OUT = 5


def place(mark: Mark | None) -> str:
    """Where something stands: file, line and column, or nothing where it was given by a program."""
    return str(mark) if mark is not None and mark.line else ""


class Formulas:
    """Draws formulas as trees. What was shown in full once is not shown again."""

    def __init__(self, naming: Naming) -> None:
        self.n = naming
        self.seen: set[tuple[str, ...]] = set()
        self.depth = 0

    def expr(self, label: str, expr: e.Expr, view: View) -> Branch:
        """A formula under its label: its text, value and place, and below it its parts."""
        found = traced(expr.node, view)
        lead = f"{label}: " if label else ""
        if isinstance(expr.node, (t.Ref, t.By, t.On)):
            of = self.part(found, expr, view)
            return replace(of, text=lead + of.text)
        parts = tuple(self.parts(found, expr, view))
        return self.branch(lead + expr.text, found.value, expr.unit.kind, place(expr.mark), parts)

    def branch(self, text: str, value: Value, unit: str, where: str = "", parts: tuple[Branch, ...] = ()) -> Branch:
        """A branch with a value. What is not known stands out, and says why where nothing below it does."""
        if isinstance(value, Unknown):
            return Branch(text, "not known" if parts else self.n.value(value, unit).rstrip("."), where, parts, ALERT)
        return Branch(text, self.n.amount(value, unit), where, parts, exact=value)

    def parts(self, found: Traced, expr: e.Expr, view: View) -> Iterator[Branch]:
        if isinstance(found.node, t.Aggregate):
            yield from self.records(found.node, expr, view)
            return
        for part in found.parts:
            if not isinstance(part.node, t.Literal):
                yield self.part(part, expr, view)

    def part(self, found: Traced, expr: e.Expr, view: View) -> Branch:
        node = found.node
        if isinstance(node, t.Ref):
            return self.ref(node, view.bound.get(node.by, "") if node.by else "", found.value, view)
        if isinstance(node, t.By) and isinstance(node.ref, t.Ref):
            key = found.parts[0].value if found.parts else None
            return self.ref(node.ref, str(key) if isinstance(key, str) else "", found.value, view)
        text = expr.text[node.span[0] : node.span[1]]
        unit = node.unit.kind if node.unit is not None else ""
        if isinstance(node, t.On):
            ref = node.ref.ref if isinstance(node.ref, t.By) else node.ref
            entry = self.entry("term", ref.name, view.run) if isinstance(ref, t.Ref) else None
            about = f" ({entry.title})" if entry is not None and entry.title else ""
            where = place(entry.mark if entry is not None else None)
            return self.branch(text + about, found.value, unit, where, tuple(self.parts(found, expr, view)))
        return self.branch(text, found.value, unit, "", tuple(self.parts(found, expr, view)))

    def records(self, node: t.Aggregate, expr: e.Expr, view: View) -> Iterator[Branch]:
        """The records that a sum or a count went through, each with what it gave."""
        if (node.value is None and node.where is None) or view.lacking(node.over) is not None:
            return
        where = compiled(node.where) if node.where is not None else None
        marks = _marks(node.over, view)
        kept = 0
        value = compiled(node.value) if node.value is not None else None
        unit = node.value.unit.kind if node.value is not None and node.value.unit is not None else "count"
        shown: list[Branch] = []
        left: list[Branch] = []
        dimension = "" if marks else PARTY if node.over in view.run.built.roles else node.over
        number = 0
        for number, item in enumerate(view.through(node.over), 1):
            counts = where is None or where(item) is True
            kept += counts
            if len(shown) >= MOST_RECORDS if counts else len(left) >= MOST_LEFT_OUT:
                continue
            who = getattr(item, "bound", {}).get(dimension, "")
            mark = marks[number - 1] if number <= len(marks) else None
            text = self.n.who(who) if who else (f"record {number}" if mark is None else self.n.instance(str(mark)))
            if not counts:
                left.append(Branch(text, place=place(mark)))
            else:
                at, behind = ("", ()) if node.value is None else self.each(node.value, expr, item)
                came_to = 1 if value is None else value(item)
                shown.append(self.branch(text, came_to, unit, place(mark) or at, behind))
        told = f"{kept:,} of {number:,}" if where is not None else f"{kept:,}"
        filtered = f" where {expr.text[node.where.span[0] : node.where.span[1]]}" if node.where is not None else ""
        yield Branch(f"{told} {self.gone_through(node.over, view)}{filtered}", parts=tuple(shown))
        if kept > len(shown):
            yield Branch(f"and {kept - len(shown):,} more")
        if left:
            more = number - kept - len(left)
            left += [Branch(f"and {more:,} more")] if more else []
            yield Branch("left out", parts=tuple(left))

    def each(self, node: t.Node, expr: e.Expr, item: View) -> tuple[str, tuple[Branch, ...]]:
        """Where what one of them gave stands, and what it was made of."""
        if isinstance(node, t.Ref):
            if node.kind not in ("input", "term", "measure", "figure"):
                return "", ()
            found = self.ref(node, item.bound.get(node.by, "") if node.by else "", item.read(node), item)
            return found.place, found.parts
        return "", tuple(b for b in self.parts(traced(node, item), expr, item) if b.place)

    @staticmethod
    def gone_through(over: str, view: View) -> str:
        """What a formula goes through, in the plural: records, parties of a role, or options of a category."""
        if not over:
            return "in this group"
        return over if over in view.run.built.inputs else plural(over.replace("_", " "))

    # names

    def ref(self, node: t.Ref, key: str, value: Value, view: View) -> Branch:
        """A name: what it is called, its value, where it stands, and what it was made of."""
        name = f"{node.name}.{node.attribute}" if node.attribute else node.name
        short = f"{name} for {key}" if key else name
        unit = node.unit.kind if node.unit is not None else ""
        entry = self.entry(node.kind, node.name, view.run)
        title = getattr(entry, "title", "") or ""
        title = "" if title.lower() == node.name.replace("_", " ") else title  # nobody gave it one
        about = ", ".join(x for x in (title, getattr(entry, "clause", "")) if x)
        text = f"{short} ({about})" if about else short
        at = (node.kind, name, key, view.run.period.label, str(view.segment.start) if view.segment else "")
        if at in self.seen and node.kind in ("figure", "measure"):
            shown = "not known" if isinstance(value, Unknown) else self.n.amount(value, unit)
            return Branch(f"{text}, as above", shown, exact=value)
        self.seen.add(at)
        if self.depth >= MOST_DEPTH:
            return self.branch(text, value, unit, place(getattr(entry, "mark", None)))
        self.depth += 1
        try:
            where, parts = self.source(node, key, entry, value, view)
        finally:
            self.depth -= 1
        return self.branch(text, value, unit, where, parts)

    def entry(self, kind: str, name: str, run: Run) -> Any:
        """What the contract says of a name."""
        built = run.built
        of = {
            "term": built.terms,
            "input": built.inputs,
            "measure": built.measures,
            "figure": built.figures,
            "account": built.accounts,
            "payment": built.payments,
            "decision": built.decisions,
        }.get(kind, {})
        return of.get(name)

    def source(self, node: t.Ref, key: str, entry: Any, value: Value, view: View) -> tuple[str, tuple[Branch, ...]]:
        """Where a value stands, and what lies behind it."""
        run, kind = view.run, node.kind
        if kind == "term":
            return place(entry.marks.get(key) or entry.mark), tuple(self.term(entry, key, run, view))
        if kind == "input":
            return self.input(entry, key, value, run)
        if kind == "measure":
            return self.measure(node, entry, key, value, run)
        if kind == "figure":
            return place(entry.mark), tuple(self.figure(entry, run.at_figure(entry.name, key, view.segment)))
        if kind == "payment":
            return place(entry.mark), (Branch(f"what the payment {entry.name} came to; see it"),)
        if kind == "party_field":
            party = view.bound.get("party", "")
            found = run.built.parties.get(party)
            return place(found.mark if found else None), ()
        return "", ()

    def term(self, entry: e.Term, key: str, run: Run, view: View) -> Iterator[Branch]:
        if entry.formula is not None:
            yield Branch(f"worked out as {entry.formula.text}", place=place(entry.formula.mark))
        if entry.yearly:
            start, end = run.life(entry, key)
            day = min(max(view.segment.start if view.segment else run.period.start, start), end)
            share = run.period.of_year
            words = {12: "a twelfth of it", 4: "a quarter of it", 2: "a half of it"}.get(
                share.denominator, "the whole of it"
            )
            yield self.branch(
                f"a year from {day.isoformat()} (the period has {words})", run.term_on(entry.name, key, day), "money"
            )

    def input(self, entry: e.Input, key: str, value: Value, run: Run) -> tuple[str, tuple[Branch, ...]]:
        datum = run.datum(entry.name, key)
        parts = []
        if datum is None or datum.value is None:
            status = "missing" if datum is None else datum.status
            parts.append(self.lacking(entry, status))
            if not isinstance(value, Unknown):
                parts.append(Branch(f'for what is {status} the contract says "{entry.policies.get(status, "")}"'))
        elif datum.status != "measured":
            parts.append(Branch(f"it is {datum.status}"))
        return self.where(datum), tuple(parts)

    def where(self, datum: Any) -> str:
        """Where a value was brought: a file and line, or the command line."""
        if datum is None:
            return ""
        if datum.mark is None:
            return "from an earlier settlement"
        return place(datum.mark) or ("" if datum.mark.file == "inputs" else str(datum.mark.file))

    def lacking(self, entry: e.Input | e.Measure, status: str, why: str = "") -> Branch:
        """That there is no value, and why: what is missing was to be brought by somebody."""
        why = self.brought(entry) if status == "missing" else why
        return Branch(f"it is {status}{f': {why}' if why else ''}", place=place(entry.mark), style=ALERT)

    def brought(self, entry: e.Input | e.Measure) -> str:
        """Who was to bring it and when."""
        who = self.n.party(entry.supplied_by) if entry.supplied_by else ""
        when = f" within {entry.due}" if entry.due else ""
        column = f", in the column {entry.column}" if entry.column and entry.column != entry.name else ""
        return (
            f"{who or 'somebody'} was to bring it{when}{column}"
            if who or when
            else f"nobody brought it, as {entry.name}{column}"
        )

    def measure(
        self, node: t.Ref, entry: e.Measure, key: str, value: Value, run: Run
    ) -> tuple[str, tuple[Branch, ...]]:
        found = run.measure(entry.name, key)
        parts = []
        if node.attribute != "value":
            if entry.outcome:
                parts.append(Branch(f'the outcome "{entry.outcome}"'))
            parts.append(self.branch("measured", found.value, entry.unit.kind, self.where(run.datum(entry.name, key))))
        if found.cases is not None:
            least = f" (at least {entry.minimum:,} are needed)" if entry.minimum else ""
            parts.append(Branch(f"{found.cases:,} cases{least}"))
        if isinstance(found.value, Unknown):
            short = found.cases is not None and found.cases < entry.minimum
            few = "there are too few cases" if short else ""
            few = f"its cases were not brought, and {entry.minimum:,} are needed" if found.uncounted else few
            parts.append(self.lacking(entry, found.status, few))
        elif found.status != "measured":
            parts.append(Branch(f"it is {found.status}"))
        if isinstance(found.value, Unknown) and found.value.excluded:
            parts.append(Branch("the contract leaves it out, and gives its weight to the others"))
        if node.attribute != "value" and entry.score is not None:
            parts += self.instead(entry, found)
            view = run.view().holding(entry.by, key) if entry.by else run.view()
            of = found.value if found.scored is None else found.scored
            parts += self.score(entry.score, view, of, entry.better)
        where = self.where(run.datum(entry.name, key)) if node.attribute == "value" else place(entry.mark)
        return where, tuple(parts)

    def instead(self, entry: e.Measure, found: Measured) -> Iterator[Branch]:
        """What is scored in place of the measured value, and why."""
        b = found.bounds
        if entry.interval is None or b is None or found.scored is None:
            return
        as_ = self.n.amount(found.scored, entry.unit.kind)
        which = f"its {value_text(b.level, 'percent')} interval"
        if entry.interval.unclear == "no change":
            against = self.n.amount(b.against, entry.unit.kind)
            yield Branch(f"scored as {as_}, since {which} does not clear {against}", place=place(entry.mark))
        else:
            yield Branch(f"scored as {as_}, the bound of {which} on the worse side", place=place(entry.mark))

    def score(self, s: e.Score, view: View, value: Value, better: str) -> Iterator[Branch]:
        """How a score is worked out of a value; of the better of several, what each comes to and which counts."""
        of = view.run.evaluate(s.of, view) if s.of is not None else value
        better = better if s.of is None else ""
        if s.line is not None:
            nothing, full, beyond = s.line
            more = "".join(f", {self.said(y, view)} at {self.said(x, view)}" for x, y in beyond)
            words = f"nothing at {self.said(nothing, view)}, in full at {self.said(full, view)}{more}"
            yield Branch(words, place=place(s.mark))
            if flat(view.run, s, view, better):
                words = f"{nothing.text} is at {full.text} already or beyond it: only what is better earns, and in full"
                yield Branch(words)
        if s.curve is not None:
            yield Branch(self.curve(s.curve, view), place=place(s.mark))
        if s.bands:
            yield Branch(self.bands(s.bands, view), place=place(s.mark))
        if s.better_of is not None:
            yield from self.sides(s, s.better_of, view, of, better)

    def sides(
        self, s: e.Score, inners: tuple[tuple[str, e.Score], ...], view: View, of: Value, better: str
    ) -> Iterator[Branch]:
        """The scores of which one is the better, with what each comes to."""
        found = sides(view.run, s, of, view, better)
        best = next((n for n, x in enumerate(found) if not isinstance(x, Unknown) and x == extreme(found, True)), None)
        way = leading(view.run, s, view, better)
        for number, ((name, inner), came) in enumerate(zip(inners, found, strict=True)):
            counts = ", which counts" if number == best else ""
            unit = "count" if inner.points is not None else "percent"
            parts = tuple(self.score(inner, view, of, way))
            yield self.branch(f"the better of: {name}{counts}", came, unit, "", parts)

    def said(self, expr: e.Expr, view: View) -> str:
        """A formula with its value, unless it is a value itself."""
        if isinstance(expr.node, t.Literal):
            return expr.text
        return f"{expr.text} ({self.n.amount(view.run.evaluate(expr, view), expr.unit.kind)})"

    def curve(self, points: e.Points, view: View) -> str:
        listed = ", ".join(f"{self.said(y, view)} at {self.said(x, view)}" for x, y in points.points)
        return f"on straight lines between {listed}" + ("" if points.held else ", carried on beyond the ends")

    def bands(self, bands: tuple[e.Band, ...], view: View) -> str:
        def band(b: e.Band) -> str:
            low = f"from {self.said(b.start, view)}" if b.start is not None else ""
            high = f"below {self.said(b.below, view)}" if b.below is not None else ""
            return f"{self.said(b.gives, view)} {' '.join(x for x in (low, high) if x) or 'otherwise'}"

        return "; ".join(band(b) for b in bands)

    def figure(self, f: e.Figure, view: View) -> Iterator[Branch]:
        """What a figure is made of."""
        if f.formula is not None:
            found = traced(f.formula.node, view)
            if isinstance(f.formula.node, (t.Ref, t.By, t.On, t.Aggregate)):
                yield self.expr("", f.formula, view)
            else:
                parts = tuple(self.parts(found, f.formula, view))
                yield Branch(f"is {f.formula.text}", place=place(f.formula.mark), parts=parts)
        if f.curve is not None:
            yield self.expr("read off the curve at", f.curve[0], view)
            yield Branch(self.curve(f.curve[1], view))
        if f.bands is not None:
            yield self.expr("read off the bands at", f.bands[0], view)
            yield Branch(self.bands(f.bands[1], view))
        for value, weight in f.weighted or ():
            amount: Number | Value = view.run.evaluate(weight, view)
            yield self.expr(f"weight {self.n.amount(amount, weight.unit.kind)}", value, view)
        if f.rounding is not None:
            yield Branch(
                f"rounded to {self.n.amount(f.rounding.to, 'percent' if f.unit.kind == 'percent' else 'count')}"
            )


def _marks(over: str, view: View) -> list[Mark | None]:
    """The places of the records that are gone through."""
    if not over:
        return [r.mark for r in view.group or ()]
    item = view.run.built.inputs.get(over)
    return [r.mark for r in view.run.records(over)] if item is not None and item.fields is not None else []
