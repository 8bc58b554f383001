"""Measures as they may be published: small counts hidden with whatever could give them away, all else rounded."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from alliance.contract import entries as e
from alliance.contract.contract import Contract
from alliance.contract.formula import tree as t
from alliance.contract.numbers import Number, normal
from alliance.contract.values import Unknown
from alliance.measures.coarse import LEAST_CASES, coarse_mean, coarse_ratio, figures
from alliance.measures.evidence import Evidence
from alliance.measures.suppression import HIDDEN, disclosed, disclosed_share, in_words
from alliance.measures.tallies import rank
from alliance.measures.together import Line, hidden
from alliance.reports.model import Report, report, section, table
from alliance.reports.naming import Naming, day, titled
from alliance.reports.rows import plain_value
from alliance.settlement.result import MeasureResult, Settlement
from alliance.settlement.words import trimmed

PUBLIC_COLUMNS = ("name", "key", "value", "unit", "cases", "hits", "excluded", "immature", "missing", "status")
SHARES = ("proportion", "bundle", "repeat", "sustained", "changed")
RATIOS = ("rate", "observed_to_expected")
PUBLIC = (
    "For publication: counts from 1 to 7 are hidden (*) with whatever could give them away, others are rounded to the "
    "nearest 5, and what is worked out from counts is worked out from rounded ones. Means and rates are as coarse as "
    "that. Intervals, scores and fingerprints are left out."
)
At = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A measure as it may be published; None for a value that there is not, and for a count that is not told."""

    name: str
    key: str
    value: Number | str | None
    unit: str
    counts: tuple[str, ...]  # cases, hits, excluded, immature, missing
    status: str

    def texts(self) -> tuple[str, ...]:
        told = self.value if isinstance(self.value, str) else "" if self.value is None else plain_value(self.value)
        return (self.name, self.key, told, self.unit, *self.counts, self.status)


def public_rows(s: Settlement, contract: Contract) -> Iterator[tuple[str, ...]]:
    """A row for each measure as it may be published."""
    return (row.texts() for row in published_rows(s, contract))


def published_rows(s: Settlement, contract: Contract) -> list[Row]:
    """Every measure of a period as it may be published, in their order."""
    return _Publishing(s.measures, contract.on(s.start, s.as_of).measures).rows()


class _Publishing:
    """The measures of a period: which of their counts are hidden, and what is worked out from the others."""

    def __init__(self, found: Sequence[MeasureResult], declared: Mapping[str, e.Measure]) -> None:
        self.found = {(m.name, m.key): m for m in found}
        self.declared = declared
        self.ready: dict[At, Row] = {}
        cut = _cuts(found, declared)
        lines = {at: _line(m, declared[m.name], cut) for at, m in self.found.items() if _counted(m, declared[m.name])}
        places = list(lines)
        decided = hidden(list(lines.values()))
        self.lines = lines
        self.hidden = {places[i] for i in decided.lines}
        self.beside = {(places[i], at) for i, at in decided.beside}

    def rows(self) -> list[Row]:
        return [self.row(at) for at in self.found]

    def row(self, at: At) -> Row:
        if at not in self.ready:
            self.ready[at] = self._row(self.found[at], self.declared[at[0]], at)
        return self.ready[at]

    def _row(self, m: MeasureResult, declared: e.Measure, at: At) -> Row:
        if declared.derived is not None and at not in self.lines:
            return self._derived(m, declared.derived)
        if at in self.hidden:
            met = HIDDEN if _tells_hits(m) else ""
            rest = HIDDEN if m.evidence is not None else ""
            return Row(m.name, m.key, HIDDEN, m.unit, (HIDDEN, met, rest, rest, rest), "suppressed")
        x = m.evidence
        value = None if m.value is None or isinstance(m.value, Unknown) else _value(m, declared)
        if x is not None and x.kind == "time_to" and not _inside(x, declared):
            value = HIDDEN  # nor is it told whether so many came to it
        met = in_words(disclosed(self.lines[at].counts[1])) if at in self.lines and _tells_hits(m) else ""
        behind: tuple[str, ...] = ("",) * 3
        if x is not None:
            counts = enumerate((x.excluded, x.immature, x.missing))
            behind = tuple(HIDDEN if (at, i) in self.beside else in_words(disclosed(c)) for i, c in counts)
        cases = "" if m.cases is None else in_words(disclosed(m.cases))
        return Row(m.name, m.key, value, m.unit, (cases, met, *behind), "suppressed" if value == HIDDEN else m.status)

    def _derived(self, m: MeasureResult, derived: e.Derived) -> Row:
        """What is made of another measure is made of what is published of it."""
        of = (derived.of, m.key if self.declared[derived.of].by else "")
        base, first = self.row(of), self.found[of].value
        counts = (base.counts[0], *("",) * 4)
        value: Number | str | None = None
        if base.value == HIDDEN:
            value = HIDDEN
        elif (
            isinstance(base.value, int | Fraction)
            and isinstance(first, int | Fraction)
            and not isinstance(m.value, Unknown)
        ):
            by = self._by(m, derived, first)
            value = HIDDEN if by is None else derived_from(derived.kind, base.value, by)
        return Row(m.name, m.key, value, m.unit, counts, "suppressed" if value == HIDDEN else m.status)

    def _by(self, m: MeasureResult, derived: e.Derived, first: Number) -> Number | None:
        """What a measure is held against: known to everybody, or another measure as it is published; else None."""
        node = derived.by.node
        if isinstance(node, t.Ref) and node.kind == "measure" and node.attribute in ("", "value"):
            other = self.row((node.name, m.key if self.declared[node.name].by else "")).value
            return other if isinstance(other, int | Fraction) else None
        if any(ref.kind not in ("term", "input", "party") for ref in t.names(node)):
            return None
        value = m.value
        assert isinstance(value, int | Fraction)
        if derived.kind == "difference":
            return normal(Fraction(first) - value)
        return normal(1 - Fraction(value) / first) if first else 0


def derived_from(kind: str, value: Number, by: Number) -> Number:
    """A difference from a comparator, or what is left beyond a share that would have come anyway."""
    return normal(Fraction(value) - by if kind == "difference" else Fraction(value) * (1 - Fraction(by)))


# what is counted


def _is_share(value: object, unit: str) -> bool:
    return unit == "percent" and isinstance(value, int | Fraction) and 0 <= value <= 1


def _counted(m: MeasureResult, declared: e.Measure) -> bool:
    return m.evidence is not None or (m.cases is not None and declared.derived is None and declared.ratio is None)


def _line(m: MeasureResult, declared: e.Measure, cut: Callable[[MeasureResult], tuple[str, Hashable]]) -> Line:
    """The counts of a measure, and of which records they are."""
    x, c = m.evidence, declared.counted
    strata = declared.by
    if x is None or c is None:
        counts: tuple[int, ...] = (m.cases or 0,)
        if isinstance(m.value, int | Fraction) and _is_share(m.value, m.unit):
            hits = round(m.value * counts[0])
            counts = (*counts, hits, counts[0] - hits)
        return Line(m.name, m.key, f"brought: {m.name}", counts, strata=strata)
    counts = (x.cases,)
    if x.kind in (*SHARES, *RATIOS):
        counts = (x.cases, x.hits, x.cases - x.hits)
    elif x.kind == "distinct":
        counts = (x.cases, x.hits)
    unit, which = cut(m)
    beside = (x.excluded, x.immature, x.missing)
    return Line(m.name, m.key, x.of, counts, beside, f"{strata} by {c.whose}" if strata else "", unit, which)


def _cuts(
    found: Sequence[MeasureResult], declared: Mapping[str, e.Measure]
) -> Callable[[MeasureResult], tuple[str, Hashable]]:
    """What a case of each measure is, and which of them there are: what leaves nobody out is told apart by nothing."""
    left: dict[str, list[bool]] = {}
    for m in found:
        if (x := m.evidence) is not None:
            some = left.setdefault(m.name, [False] * 3)
            for at, count in enumerate((x.excluded, x.immature, x.missing)):
                some[at] |= count > 0

    def cut(m: MeasureResult) -> tuple[str, Hashable]:
        x, c = m.evidence, declared[m.name].counted
        assert x is not None and c is not None
        excluded, immature, missing = left[m.name]
        same: list[Hashable] = [x.start, x.end, c.dated, _text(c.among)]
        same += [_text(c.excluding) if excluded else "", c.matured if immature else 0]
        if c.kind in ("paired_change", "changed"):
            pairs = (_text(c.baseline), _text(c.follow_up), _text(c.value), c.after, c.within, c.take, c.take_baseline)
            return "pair", (*same, *pairs)
        if c.kind == "sustained":
            return "entry", (*same, c.start, c.points if immature else ())
        looked = (_text(c.value), _text(c.to) if c.summed else "", c.person, c.start, c.event) if missing else ()
        return "record", (*same, *looked)

    return cut


def _text(formula: e.Expr | None) -> str:
    return formula.text if formula is not None else ""


# what is worked out from it


def _tells_hits(m: MeasureResult) -> bool:
    return m.evidence is not None and m.evidence.kind in (*SHARES, *RATIOS)


def _value(m: MeasureResult, declared: e.Measure) -> Number | str:
    """A value as it may be published, where its counts may be."""
    value, x = m.value, m.evidence
    if not isinstance(value, int | Fraction) or isinstance(value, bool):
        return HIDDEN
    if x is None or declared.counted is None:
        return _brought(m, value)
    told: Number | None = None
    if x.kind in SHARES:
        told = disclosed_share(disclosed(x.hits), disclosed(x.cases))
    elif x.kind == "distinct":
        told = disclosed(x.hits)
    elif x.kind in RATIOS:
        told = _ratio(declared.counted, x, value)
    elif x.kind in ("mean", "paired_change"):
        told = coarse_mean(value, x.cases, x.ends)
    elif x.kind == "time_to":
        told = figures(value)
    elif not x.cases:
        told = value
    return HIDDEN if told is None else told


def _ratio(c: e.Counted, x: Evidence, value: Number) -> Number | None:
    """Rounded hits over what they are held to, which is known to everybody or as coarse as counts."""
    hits = disclosed(x.hits)
    if not x.hits or hits is None:
        return hits
    over = normal(Fraction(x.hits) / value * c.per)
    if c.kind == "rate" and not c.summed:
        return figures(normal(Fraction(hits) * c.per / over))
    return coarse_ratio(hits, normal(Fraction(over) / c.per), x.total, x.ends)


def _inside(x: Evidence, declared: e.Measure) -> bool:
    """Whether a percentile has enough cases on both sides, so that it is none of the lowest or highest values."""
    assert declared.counted is not None and declared.counted.percentile is not None
    at = rank(declared.counted.percentile, x.cases)
    return not x.cases or min(at, x.cases - at) >= LEAST_CASES


def _brought(m: MeasureResult, value: Number) -> Number | str:
    """A value of which no more is known than that it was brought, with its cases or without."""
    if m.cases is None:
        told = disclosed(value) if m.unit == "count" and isinstance(value, int) and value >= 0 else figures(value)
    else:
        told = (
            disclosed_share(disclosed(round(value * m.cases)), disclosed(m.cases)) if _is_share(value, m.unit) else None
        )
    return HIDDEN if told is None else told


# for reading


def published(s: Settlement, contract: Contract) -> Report:
    """Every measure of a period as it may be published."""
    n = Naming(s, contract)
    by = {(m.name, m.key): m for m in s.measures}
    rows = []
    for row in published_rows(s, contract):
        name, key, value, unit, *counts, status = row.texts()
        told = _percent(value) if unit == "percent" else value
        rows.append((titled(by[name, key].title, name, key, n), told, *counts, status))
    heads = ("Measure", ">Value", ">Cases", ">Met the test", ">Excluded", ">Too young", ">Lacking a value", "Status")
    return report(
        s.title,
        f"Measures for {s.period}, {day(s.start)} to {day(s.end)}",
        (("As known on", day(s.as_of)),),
        [section("Measures", table(heads, rows))],
        (PUBLIC,),
    )


def _percent(text: str) -> str:
    """A share as a whole percentage: more places would say more than rounded counts know."""
    return text if text in ("", HIDDEN) else trimmed(Fraction(text) * 100, 0) + "%"
