"""Measures with what stands behind each: cases, what was left out, intervals, scores, and where records come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from alliance.contract.contract import Contract
from alliance.contract.values import Unknown, Value
from alliance.measures.evidence import Bounds
from alliance.measures.statistics import FUNNEL_LEVELS, funnel_proportion
from alliance.reports.model import Report, Section, Text, report, section, table
from alliance.reports.naming import Naming, day, titled
from alliance.reports.rows import plain_value
from alliance.reports.worked import label, too_few, value_of
from alliance.settlement.result import MeasureResult, Settlement
from alliance.settlement.words import trimmed, value_text

COLUMNS = (
    *("name", "key", "value", "unit", "status", "cases", "hits", "excluded", "exclusion_rate", "immature", "missing"),
    *("unplaced", "level", "lower", "upper", "against", "stands", "needed", "score", "from", "to", "records"),
    *("extracted", "dropped", "fingerprint", "validated_by"),
)
SHARES = ("proportion", "bundle", "repeat", "sustained", "changed")
PAIRED = ("paired_change", "changed")
FUNNELLED = ("proportion", "bundle", "repeat", "sustained")
STANDS = {"clears": "clears {}", "does not clear": "does not clear {}", "is worse": "worse than {}"}


def measured(s: Settlement, contract: Contract) -> Report:
    """Every measure of a period, for those who may see its counts."""
    n = Naming(s, contract)
    found = s.measures
    return report(
        s.title,
        f"Measures for {s.period}, {day(s.start)} to {day(s.end)}",
        (("As known on", day(s.as_of)), ("Contract", f"{s.contract}, version {s.contract_digest[:12]}")),
        [
            section("Measures", table(_HEADS, (_row(n, m) for m in found))),
            _left_out(n, found),
            _beside(n, found),
            _intervals(n, found, contract),
            _together(n, found),
            _provenance(n, found),
        ],
    )


_HEADS = ("Measure", ">Value", ">Cases", "Status", ">Score")


def _row(n: Naming, m: MeasureResult) -> tuple[str, ...]:
    score = "" if not m.has_score else "-" if isinstance(m.score, Unknown) else n.amount(m.score, m.score_unit)
    cases = "" if m.cases is None else f"{m.cases:,}"
    return label(n, m), value_of(n, m, m.value), cases, m.status, score


def _left_out(n: Naming, found: Sequence[MeasureResult]) -> Section:
    """What of the window is not among the cases: the rate of exclusions goes with every value."""
    rows = []
    for m in found:
        x = m.evidence
        if x is not None:
            rate = value_text(Fraction(x.excluded, x.considered), "percent") if x.considered else "-"
            counts = (f"{c:,}" if c else "" for c in (x.immature, x.missing, x.unplaced, x.dropped))
            rows.append((titled(m.title, m.name, m.key, n), f"{x.excluded:,}", rate, *counts))
    paired = any(m.evidence is not None and m.evidence.kind in PAIRED for m in found)
    lacking = f">Lacking a value{' or a follow-up' if paired else ''}"
    heads = ("Measure", ">Excluded", ">Rate", ">Too young", lacking, ">Of no stratum", ">Faulty, dropped")
    return section("Left out", table(heads, rows))


def _beside(n: Naming, found: Iterable[MeasureResult]) -> Section:
    rows = [
        (titled(m.title, m.name, m.key, n), name, "-" if isinstance(v, Unknown) else value_text(v, "percent"))
        for m in found
        if m.evidence is not None
        for name, v in m.evidence.parts
    ]
    return section("Told beside", table(("Measure", "What", ">Share"), rows))


def _intervals(n: Naming, found: Iterable[MeasureResult], contract: Contract) -> Section:
    rows, told = [], []
    for m in found:
        b = m.bounds
        if b is None:
            continue
        ends = f"{_bound(b.lower, m.unit)} to {_bound(b.upper, m.unit)}"
        level = value_text(b.level, "percent")
        stands = STANDS[b.stands].format(value_text(b.against, m.unit)) if b.stands else ""
        scored = "" if m.scored is None or isinstance(m.scored, Unknown) else value_of(n, m, m.scored)
        rows.append((titled(m.title, m.name, m.key, n), level, ends, stands, scored))
        if b.needed is not None and b.stands != "clears":
            told.append(Text(_needed(n, m, b, contract)))
    heads = ("Measure", "Level", "Interval", "Against its comparison", ">Scored as")
    return section("Intervals", table(heads, rows), *told)


def _together(n: Naming, found: Sequence[MeasureResult]) -> Section:
    """Shares of several parties or categories beside the control limits around what all of them come to."""
    rows = []
    for name in dict.fromkeys(m.name for m in found if m.key):
        group = [m for m in found if m.name == name and m.evidence is not None and m.evidence.kind in FUNNELLED]
        lines = [(m, x.hits, x.cases) for m in group if (x := m.evidence) is not None and x.cases]
        if len(lines) < 2:
            continue
        average = Fraction(sum(hits for _, hits, _ in lines), sum(cases for _, _, cases in lines))
        for m, hits, cases in lines:
            cells = [titled(m.title, m.name, m.key, n), _bound(average, "percent")]
            stands = "within"
            for level in FUNNEL_LEVELS:
                limits = funnel_proportion(average, cases, level)
                low, high = (end.rounded(6) for end in (limits.lower, limits.upper))
                cells.append(f"{_bound(low, 'percent')} to {_bound(high, 'percent')}")
                value = Fraction(hits, cases)
                if not low <= value <= high:
                    stands = f"{'below' if value < low else 'above'} at {value_text(level, 'percent')}"
            rows.append((*cells, stands))
    heads = ("Measure", ">All together", *(f"Limits at {value_text(v, 'percent')}" for v in FUNNEL_LEVELS), "Stands")
    return section("Beside each other", table(heads, rows))


def _needed(n: Naming, m: MeasureResult, b: Bounds, contract: Contract) -> str:
    """How many people it takes before the interval clears."""
    at = "the share of these cases" if isinstance(m.value, Unknown) else value_text(m.value, m.unit)
    few = too_few(m, contract)
    return (
        f"{titled(m.title, m.name, m.key, n)}: at {at} it takes {b.needed:,} cases before the "
        f"{value_text(b.level, 'percent')} interval clears {value_text(b.against, m.unit)}; there are {m.cases or 0:,}"
        f"{f', and the contract asks for {few:,}' if few else ''}."
    )


def _bound(value: Value, unit: str) -> str:
    if isinstance(value, int | Fraction) and unit == "percent":
        return trimmed(value * 100, 2) + "%"
    return value_text(value, unit)


def _provenance(n: Naming, found: Iterable[MeasureResult]) -> Section:
    """Each source with the measures that come from it over one window."""
    of_each: dict[tuple[str, ...], dict[str, None]] = {}
    for m in found:
        x = m.evidence
        if x is None:
            continue
        print_ = f"{x.fingerprint[:12]}" if x.fingerprint else ""
        extracted = day(x.extracted) if x.extracted is not None else ""
        by = n.who(x.validated_by) if x.validated_by else ""
        over = f"{day(x.start)} to {day(x.end)}"
        kind = "provisional" if x.provisional else "final"
        of_each.setdefault((x.of, over, extracted, kind, print_, by), {})[m.name] = None
    rows = [(*source, ", ".join(names)) for source, names in of_each.items()]
    heads = ("Records", "Window", "Extracted", "Records are", "Fingerprint", "Validated by", "Measures")
    return section("Where they come from", table(heads, rows))


def rows(s: Settlement) -> Iterator[tuple[str, ...]]:
    """A row for each measure, exact, for other programs."""
    for m in s.measures:
        x, b = m.evidence, m.bounds
        counts: tuple[str, ...] = ("",) * 6
        if x is not None:
            rate = plain_value(Fraction(x.excluded, x.considered)) if x.considered else ""
            counts = (str(x.hits), str(x.excluded), rate, str(x.immature), str(x.missing), str(x.unplaced))
        around: tuple[str, ...] = ("",) * 6
        if b is not None:
            needed = "" if b.needed is None else str(b.needed)
            around = (*(plain_value(v) for v in (b.level, b.lower, b.upper, b.against)), b.stands, needed)
        behind: tuple[str, ...] = ("",) * 7
        if x is not None:
            extracted = x.extracted.isoformat() if x.extracted is not None else ""
            dates = (x.start.isoformat(), x.end.isoformat(), x.of, extracted)
            behind = (*dates, str(x.dropped), x.fingerprint, x.validated_by)
        cases = "" if m.cases is None else str(m.cases)
        score = plain_value(m.score) if m.has_score else ""
        yield (m.name, m.key, plain_value(m.value), m.unit, m.status, cases, *counts, *around, score, *behind)
