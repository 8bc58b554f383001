"""What is known and worked out in one period: inputs by status, measures with their scores, figures, history."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from tests.oracle.agreed import Agreed, Held, rounded
from tests.oracle.formula import value_of
from tests.oracle.plain import LENGTHS, UNKNOWN, Period, Unknown, day, is_known, lost, number


@dataclass(frozen=True)
class Datum:
    """A value as it was brought."""

    value: Any
    status: str = "measured"
    cases: int | None = None


MISSING = Datum(None, "missing")


@dataclass(frozen=True)
class Entry:
    """Something that an earlier settlement came to."""

    period: Period
    name: str
    attribute: str
    key: str
    value: Any
    final: bool


@dataclass(frozen=True)
class Move:
    """Money, or what is owed, that an earlier settlement moved."""

    period: Period
    payment: str
    payer: str
    payee: str
    amount: Fraction
    unit: str = "money"


@dataclass
class State:
    """What one settlement hands to the next."""

    balances: dict[str, Fraction] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)
    past: list[Entry] = field(default_factory=list)
    inputs: dict[tuple[str, str, str], Datum] = field(default_factory=dict)
    put_in: dict[tuple[str, Period], dict[str, Fraction]] = field(default_factory=dict)
    settled: frozenset[str] = frozenset()


Brought = Mapping[tuple[str, str, str], Datum]


class Known:
    """One run over a period: answers what formulas ask."""

    def __init__(
        self,
        agreed: Agreed,
        period: Period,
        brought: Brought,
        records: Mapping[str, Sequence[Mapping[str, Any]]],
        opening: State,
        final: bool,
        own: str,
    ) -> None:
        self.agreed, self.period, self.brought, self.all_records = agreed, period, brought, records
        self.opening, self.final, self.own = opening, final, own
        self.funded: dict[str, Fraction] = {}
        self.printed: dict[str, Fraction] = {}
        self.moving = False
        self.balances: dict[str, Fraction] = {}
        self.results: dict[str, Any] = {}
        self._figures: dict[tuple[str, str | None, date | None], Any] = {}

    def held(self, **more: Any) -> Held:
        return Held(self, **more)

    # ---- inputs

    def datum(self, name: str, key: str | None, period: Period, widely: bool = True) -> Datum | None:
        """What was brought for a period, with this settlement or when that period was settled; or else for the whole of
        what is settled."""
        found: Datum | None = None
        for label, where in (
            (period.label, self.brought),
            (period.label, self.opening.inputs),
            (self.own, self.brought),
        ):
            if label != period.label and (not widely or self._flows(name)):
                continue
            if found is None or found.status == "missing":
                found = where.get((label, name, key or ""), found)
        return found

    def _flows(self, name: str) -> bool:
        """Whether a longer period's value is a total, which says nothing of its parts."""
        said = self.agreed.inputs.get(name, {})
        if "over_periods" in said:
            return bool(said["over_periods"] != "same")
        return name in self.agreed.inputs and said.get("unit") not in (
            None,
            "percent",
            "boolean",
            "date",
            "ratio",
            "text",
        )

    def input(self, name: str, key: str | None) -> Any:
        said = self.agreed.inputs[name]
        found = self.datum(name, key, self.period, False)
        if (found is None or found.status == "missing") and "over_periods" in said:
            for months in sorted(m for m in LENGTHS if self.agreed.shortest <= m < self.period.months)[::-1]:
                if made := self._over_parts(name, key, said["over_periods"], months):
                    found = made
                    break
        if found is None or found.status == "missing":
            found = self.datum(name, key, self.period) or found
        value = self.used(found or MISSING, said, name, key, "")
        if said.get("unit", "").endswith(" a year") and is_known(value):
            return value * self.period.months / 12
        return value

    def _over_parts(self, name: str, key: str | None, how: str, months: int) -> Datum | None:
        """A longer period's value from those of its parts: added, their mean, or the last (or the same) of them."""
        parts = self.agreed.years.parts(self.period, months)
        found = [self.datum(name, key, p, False) for p in parts]
        if any(d is None or d.status not in ("measured", "provisional") for d in found):
            return None
        if how in ("last", "same"):
            return found[-1]
        total = sum((d.value for d in found if d is not None), Fraction(0))
        status = "provisional" if any(d is not None and d.status == "provisional" for d in found) else "measured"
        return Datum(total if how == "add" else total / len(found), status)

    def usable(self, datum: Datum) -> bool:
        return datum.status == "measured" or (datum.status == "provisional" and not self.final)

    def used(self, datum: Datum, said: Mapping[str, Any], name: str, key: str | None, attribute: str) -> Any:
        """A value that is usable, or what the contract does with one that is not."""
        if self.usable(datum):
            return datum.value
        policy = said.get("if", {}).get(datum.status, "unknown")
        if policy == "exclude":
            return Unknown(True)
        if policy == "previous":
            return self.history("last", name, attribute, key)
        if policy == "unknown":
            return UNKNOWN
        if policy == "zero":
            return Fraction(0)
        return {"yes": True, "no": False}.get(policy, policy)

    def not_brought(self, name: str) -> bool:
        """Whether records, which every period has, were not brought (missing, never none)."""
        said = self.agreed.inputs.get(name, {})
        return "records" in said and not said.get("optional") and name not in self.all_records

    def records(self, name: str) -> list[Mapping[str, Any]]:
        """The records that belong to the period, by their declared date."""
        dated = self.agreed.inputs[name].get("dated")
        return [
            r
            for r in self.all_records.get(name, ())
            if dated is None or self.period.start <= r[dated] <= self.period.end
        ]

    def decision(self, name: str) -> bool:
        """Whether enough have signed: of each what it said for the period, or last within it, or for all that is settled
        where the period was not settled itself."""
        said = self.agreed.decisions[name]
        yes = 0
        for party in said["signed_by"]:
            words = [self.signed(name, party, self.period.label)]
            for months in (6, 3, 1):
                if months < self.period.months:
                    parts = [self.signed(name, party, p.label) for p in self.agreed.years.parts(self.period, months)]
                    words += [word for word in reversed(parts) if word is not None][:1]
            if self.period.label not in self.opening.settled:
                words.append(self.signed(name, party, self.own))
            yes += next((word for word in words if word is not None), False)
        return yes >= int(said.get("quorum") or len(said["signed_by"]))

    def signed(self, name: str, party: str, label: str) -> bool | None:
        for where in (self.brought, self.opening.inputs):
            found = where.get((label, name, party))
            if found is not None and found.value is not None:
                return bool(found.value)
        return None

    # ---- measures

    def measure(self, name: str, key: str | None) -> tuple[Any, Any, int | None, str]:
        """Value, score, cases and status."""
        said = self.agreed.measures[name]
        found = self.datum(name, key, self.period)
        if found is None and "ratio" in said:
            ratio = self._ratio(said["ratio"], key)
            found = Datum(ratio) if is_known(ratio) else Datum(None, "not assessable" if ratio is None else "missing")
        found = found or MISSING
        minimum = int(said["minimum"].split()[0]) if "minimum" in said else 0
        if found.value is not None and minimum and (found.cases is None or found.cases < minimum):
            found = Datum(None, "not assessable", found.cases)
        value = self.used(found, said, name, key, "value")
        score = UNKNOWN
        if "score" in said:
            score = UNKNOWN
            if isinstance(value, Unknown):
                score = lost(value)
            else:
                score = self._score(said["score"], value, key, said, said.get("better"))
        return value, score, found.cases, found.status

    def _ratio(self, said: Mapping[str, Any], key: str | None) -> Any:
        top = self.input(said["of"], key)
        if isinstance(said["to"], str):
            bottom = self.input(said["to"], key)
        else:
            bottom = number(said["to"]["baseline"])
            if "over" in said["to"]:
                first, last = (day(d) for d in said["to"]["over"].split(".."))
                months = (last.year - first.year) * 12 + last.month - first.month + 1
                bottom = bottom * self.period.months / months
        if not (is_known(top) and is_known(bottom)):
            return lost(top, bottom)
        return None if bottom == 0 else top / bottom

    def _in_hand(self, said: Mapping[str, Any], key: str | None, key_name: str = "by") -> dict[str, Any]:
        by = said.get(key_name)
        if by is None or key is None:
            return {}
        return {"party": key} if self.agreed.is_role(by) else {"option": (by, key)}

    def _score(
        self, said: Mapping[str, Any], value: Any, key: str | None, measure: Mapping[str, Any], way: str | None
    ) -> Any:
        way = None if "of" in said else way
        held = self.held(**self._in_hand(measure, key))

        def come(text: str) -> Any:
            return value_of(text, held)

        if "better_of" in said:
            way = way or self._way(said["better_of"].values(), come)
            scores = [self._score(s, value, key, measure, way) for s in said["better_of"].values()]
            if any(isinstance(s, Unknown) and not s.excluded for s in scores):
                return UNKNOWN
            kept = [s for s in scores if is_known(s)]
            raw = max(kept) if kept else lost(*scores)
        else:
            x = come(said["of"]) if "of" in said else value
            if isinstance(x, Unknown):
                return lost(x)
            if "bands" in said:
                raw = banded(said["bands"], x, come)
            elif "curve" in said:
                points = [(come(a), come(b)) for a, b in said["curve"].items()]
                raw = curved(points, x, said.get("held") != "false")
            else:
                then = [(come(a), come(b)) for a, b in said.get("then", {}).items()]
                raw = risen(come(said["nothing_at"]), come(said["full_at"]), then, x, said.get("held") != "false", way)
        if "points" in said:
            points = come(said["points"])
            raw = lost(raw, points) if not (is_known(raw) and is_known(points)) else raw * points
        for limit, pick in (("at_least", max), ("at_most", min)):
            if limit in said:
                bound = come(said[limit])
                raw = lost(raw, bound) if not (is_known(raw) and is_known(bound)) else pick(raw, bound)
        return rounded(raw, said.get("rounded"))

    def _way(self, sides: Iterable[Mapping[str, Any]], come: Any) -> str | None:
        """What is better, by the first straight line whose ends stand in the contract."""
        for side in sides:
            if "nothing_at" in side and "of" not in side:
                names = re.findall(r"[a-z_]+", side["nothing_at"] + " " + side["full_at"])
                if all(name in self.agreed.terms for name in names):
                    start, full = come(side["nothing_at"]), come(side["full_at"])
                    return None if start == full else "higher" if full > start else "lower"
        return None

    # ---- figures

    def figure(self, name: str, key: str | None, part: date | None = None) -> Any:
        """A figure of the period; where a start is worked out in parts, as it would be with the part in hand."""
        if (name, key, part) not in self._figures:
            self._figures[name, key, part] = self._figure(self.agreed.figures[name], key, part)
        return self._figures[name, key, part]

    def _figure(self, said: Mapping[str, Any], key: str | None, part: date | None) -> Any:
        held = self.held(**self._in_hand(said, key, "each"), part=part)

        def come(text: str) -> Any:
            return value_of(text, held)

        if "is" in said:
            value = come(said["is"])
        elif "curve" in said:
            x = come(said["curve"]["of"])
            points = [(come(a), come(b)) for a, b in said["curve"]["points"].items()]
            value = lost(x) if isinstance(x, Unknown) else curved(points, x, said["curve"].get("held") != "false")
        elif "bands" in said:
            x = come(said["bands"]["of"])
            value = lost(x) if isinstance(x, Unknown) else banded(said["bands"]["bands"], x, come)
        else:
            value = self._weighted(said["weighted"], held)
        return rounded(value, said.get("rounded"))

    def _weighted(self, said: Mapping[str, str], held: Held) -> Any:
        """A composite: what the contract leaves out gives its weight to the others in proportion."""
        total = weights = Fraction(0)
        unknowns = []
        for what, text in said.items():
            scored = what in self.agreed.measures and "score" in self.agreed.measures[what]
            value, weight = value_of(f"{what}.score" if scored else what, held), value_of(text, held)
            if not (is_known(value) and is_known(weight)):
                unknowns.append(lost(value, weight))
                continue
            total, weights = total + value * weight, weights + weight
        if any(not u.excluded for u in unknowns):
            return UNKNOWN
        if weights == 0:
            return lost(*unknowns)
        return total / weights

    # ---- what there is a value for

    def keys(self, by: str | None) -> list[str]:
        if by is None:
            return [""]
        if self.agreed.is_role(by):
            return [p for p in self.agreed.of_role(by) if self.agreed.days_in(p, self.period)]
        return list(self.agreed.categories[by])

    def figure_keys(self) -> list[tuple[str, str]]:
        return [(n, k) for n, said in self.agreed.figures.items() for k in self.keys(said.get("each"))]

    def measure_keys(self) -> list[tuple[str, str]]:
        return [(n, k) for n, said in self.agreed.measures.items() for k in self.keys(said.get("by"))]

    # ---- accounts, payments, history

    def account(self, name: str, attribute: str, key: str | None) -> Any:
        if attribute == "funded":
            return self.funded.get(name, Fraction(0)) + (0 if self.moving else self.printed.get(name, Fraction(0)))
        return self.balances.get(f"{name}/{key}" if key else name, Fraction(0))

    def paid(self, name: str, attribute: str, key: str | None) -> Any:
        found = self.results[name]
        return getattr(found, attribute)

    def history(self, function: str, name: str, attribute: str, key: str | None) -> Any:
        """The last final value for the same window, or the total over the earlier periods of the year."""
        if name in self.agreed.measures:
            attribute = attribute or "value"
        elif name in self.agreed.payments:
            attribute = attribute or "earned"
        year = self.agreed.years.year_of(self.period.start)
        found = [
            e
            for e in self.opening.past
            if (e.name, e.attribute, e.key) == (name, attribute, key or "")
            and e.period.months == self.period.months
            and e.period.start < self.period.start
        ]
        found.sort(key=lambda e: e.period.start)
        if function == "last":
            finals = [e.value for e in found if e.final and is_known(e.value)]
            return finals[-1] if finals else UNKNOWN
        here = {e.period.label: e.value for e in found if e.period.start >= year.start}.values()
        return sum(here, Fraction(0)) if all(is_known(v) for v in here) else UNKNOWN


def curved(points: Sequence[tuple[Any, Any]], x: Any, held: bool) -> Any:
    """Straight lines between points; at the ends held, or carried on along the last line."""
    if any(not (is_known(a) and is_known(b)) for a, b in points):
        return lost(*(v for p in points for v in p))
    points = sorted(points, key=lambda p: p[0])
    if held and x <= points[0][0]:
        return points[0][1]
    if held and x >= points[-1][0]:
        return points[-1][1]
    for (a, fa), (b, fb) in itertools.pairwise(points):
        if x <= b or (b, fb) == points[-1]:
            return fa + (fb - fa) * (x - a) / (b - a)
    raise AssertionError


def risen(start: Any, full: Any, then: Sequence[tuple[Any, Any]], x: Any, held: bool, way: str | None) -> Any:
    """From nothing to full. Where it is known what is better, a start that is as good as the full mark leaves nothing to
    rise over: what is no better than it scores nothing, and what is better all, or what lies further on."""
    if any(isinstance(v, Unknown) for v in (start, full, *(v for p in then for v in p))):
        return curved([(start, Fraction(0)), (full, Fraction(1)), *then], x, held)
    sign = -1 if way == "lower" or (way is None and full < start) else 1
    onwards = [sign * a for a in (full, *(a for a, _ in then))]
    straight = all(a < b for a, b in itertools.pairwise(onwards))
    if sign * start < onwards[0]:
        return curved([(start, Fraction(0)), (full, Fraction(1)), *then], x, held) if straight else UNKNOWN
    if way is None:
        return UNKNOWN
    if sign * x <= sign * start:
        return Fraction(0)
    if not straight:
        return UNKNOWN
    return curved([(full, Fraction(1)), *then], x, held) if then else Fraction(1)


def banded(bands: Sequence[Mapping[str, str]], x: Any, come: Any) -> Any:
    """The band that holds a value, closed below and open above."""
    for band in bands:
        low = come(band["from"]) if "from" in band else None
        high = come(band["below"]) if "below" in band else None
        if isinstance(low, Unknown) or isinstance(high, Unknown):
            return lost(low, high)
        if (low is None or x >= low) and (high is None or x < high):
            return come(band["gives"])
    return UNKNOWN


def started(when: date, moves: Sequence[Move]) -> list[Move]:
    return [m for m in moves if m.period.start >= when]
