"""Where a formula is evaluated: a view onto a run, with the party, category, record or group in hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from alliance.contract import entries as e
from alliance.contract.calendar import Segment
from alliance.contract.formula import tree as t
from alliance.contract.formula.scope import PARTY
from alliance.contract.values import Unknown, Value

if TYPE_CHECKING:
    from alliance.settlement.brought import Record
    from alliance.settlement.run import Run


class View:
    """Answers names for the formula evaluator (`alliance.contract.formula.evaluate.Env`).

    `bound` holds the party or category in hand by dimension, `fields` a record's fields and other local values, `group`
    the records that aggregates go through, `segment` the stretch of the period that a start is worked out for.
    """

    __slots__ = ("bound", "fields", "group", "run", "segment")

    def __init__(
        self,
        run: Run,
        bound: Mapping[str, str] | None = None,
        fields: Mapping[str, Value] | None = None,
        group: tuple[Record, ...] | None = None,
        segment: Segment | None = None,
    ) -> None:
        self.run, self.bound, self.fields, self.group, self.segment = run, bound or {}, fields or {}, group, segment

    def within(self, segment: Segment) -> View:
        """The same view over one stretch of the period."""
        return View(self.run, self.bound, self.fields, self.group, segment)

    def holding(self, dimension: str, key: str) -> View:
        """The same view with a party or category in hand."""
        return View(self.run, {**self.bound, dimension: key}, self.fields, self.group, self.segment)

    def knowing(self, **values: Value) -> View:
        """The same view with further local values."""
        return View(self.run, self.bound, {**self.fields, **values}, self.group, self.segment)

    def kept(self, expr: e.Expr) -> View:
        """The view in which a formula can be read again later and comes to the same."""
        if not expr.moves:
            return self
        return View(self.run.kept(), self.bound, self.fields, self.group, self.segment)

    def read(self, ref: t.Ref) -> Value:
        kind = ref.kind
        if kind == "field" or kind == "earned":
            return self.fields[ref.name]
        if kind == "fact":
            return self.fields[f"{ref.name}.{ref.attribute}"]
        if kind == "binding":
            if ref.name in self.fields:
                return self.fields[ref.name]
            return self.bound[ref.name] if ref.name in self.bound else self.bound[PARTY]
        if kind == "party_field":
            return self.run.party_field(self.bound[PARTY], ref.name)
        if kind == "term":
            return self.run.term(ref.name, self.bound[ref.by] if ref.by else "", self.segment)
        return self._value(ref, self.bound.get(ref.by, ""))

    def read_by(self, ref: t.Ref, key: str) -> Value:
        if ref.kind == "term":
            return self.run.term(ref.name, key, self.segment)
        return self._value(ref, key)

    def _value(self, ref: t.Ref, key: str) -> Value:
        if ref.kind == "figure" and self.segment is not None:
            return self.run.figure_in(ref.name, key, self.segment)
        return self.run.value(ref, key)

    def read_on(self, ref: t.Ref, key: str | None, day: date) -> Value:
        return self.run.term_on(ref.name, key if key is not None else self.bound.get(ref.by, ""), day)

    def history(self, function: str, ref: t.Ref, key: str | None) -> Value:
        return self.run.history(function, ref, key if key is not None else self.bound.get(ref.by, ""))

    def lacking(self, over: str) -> Unknown | None:
        item = self.run.built.inputs.get(over)
        return self.run.lacking(item) if item is not None and item.fields is not None else None

    def through(self, over: str) -> Iterable[View]:
        if not over:
            assert self.group is not None
            for record in self.run.settling.going(self.group, "a group of records"):
                yield View(self.run, self.bound, {**self.fields, **record.fields}, None, self.segment)
            return
        run = self.run
        item = run.built.inputs.get(over)
        if item is not None and item.fields is not None:
            for record in run.settling.going(run.records(over), over):
                yield View(run, self.bound, {**self.fields, **record.fields}, None, self.segment)
        elif over in run.built.roles:
            for party in run.settling.going(run.present(run.built.roles[over], self.segment), over):
                yield self.holding(PARTY, party)
        else:
            for option in run.settling.going(run.built.categories[over], over):
                yield self.holding(over, option)
