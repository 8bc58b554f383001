"""What stands behind the value of a measure: its cases, what was left out, its interval, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from alliance.contract import entries as e
from alliance.contract.numbers import Number, round_half_up
from alliance.contract.values import Value
from alliance.measures.spans import Span
from alliance.measures.statistics import Interval, people_needed
from alliance.measures.tallies import Tally, ends, truncated

PLACES = 6  # of the bounds of an interval, as shares of one: for print only
CLEARS, UNCLEAR, WORSE = "clears", "does not clear", "is worse"


@dataclass(frozen=True, slots=True)
class Bounds:
    """An interval as it is printed, and where it stands to what it is held against: `clears` it, `does not clear` it,
    or is wholly on its worse side (`is worse`); empty where it is held against nothing. `needed` is how many cases of
    the same share it takes to clear."""

    level: Number
    lower: Number
    upper: Number
    method: str
    against: Number | None = None
    stands: str = ""
    needed: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands behind a value. `start` and `end` are its window; `excluded`, `immature` and `missing` are the cases
    that do not count, `considered` those that were old enough; `unplaced` are of no stratum of the measure, and
    `dropped` are faulty records of the whole input. `ends` are the lowest and highest of what was added up, and `total`
    is its sum: by them it is decided how coarsely the value may be published."""

    kind: str
    of: str
    start: date
    end: date
    extracted: date | None
    cases: int
    hits: int
    excluded: int
    immature: int
    missing: int
    dropped: int
    parts: tuple[tuple[str, Value], ...] = ()
    fingerprint: str = ""
    validated_by: str = ""
    provisional: bool = False
    total: Number = field(default=0, compare=False)  # these two are written to no file
    ends: tuple[Number, Number] | None = field(default=None, compare=False)
    unplaced: int = 0

    @property
    def considered(self) -> int:
        return self.cases + self.missing + self.excluded


def evidence(
    m: e.Measure, tally: Tally, span: Span, parts: tuple[tuple[str, Value], ...], extracted: date, dropped: int,
    fingerprint: str, provisional: bool,
) -> Evidence:  # fmt: skip
    """The evidence of a measure that was worked out from records."""
    assert m.counted is not None
    return Evidence(
        kind=m.counted.kind,
        of=m.counted.of,
        start=span.start,
        end=span.end,
        extracted=extracted,
        cases=tally.cases,
        hits=_improved(m, tally) if m.counted.kind == "changed" else tally.hits,
        excluded=tally.excluded,
        immature=tally.immature,
        missing=tally.missing,
        dropped=dropped,
        parts=parts,
        fingerprint=fingerprint,
        validated_by=m.validated_by,
        provisional=provisional,
        total=tally.total,
        ends=_ends(m, tally),
        unplaced=tally.unplaced,
    )


def _ends(m: e.Measure, tally: Tally) -> tuple[Number, Number] | None:
    """The lowest and highest of what was added up, after any of it was cut."""
    cut = m.counted.truncated if m.counted is not None else None
    return tally.ends if cut is None else ends([value for value, _ in truncated(tally.spread, cut)])


def _improved(m: e.Measure, tally: Tally) -> int:
    """Of those who changed, how many are better for it."""
    up, _, down = tally.parts or (0, 0, 0)
    return int(down if m.better == "lower" else up)


def bounds(m: e.Measure, interval: Interval, against: Number | None) -> Bounds:
    """An interval as it is printed, and where it stands to what it is held against."""
    stands, needed = "", None
    if against is not None and m.better:
        other = "higher" if m.better == "lower" else "lower"
        stands = CLEARS if interval.clears(against, m.better) else WORSE if interval.clears(against, other) else UNCLEAR
        if m.unit.kind == "percent" and 0 <= interval.value <= 1 and 0 <= against <= 1:
            better = interval.value < against if m.better == "lower" else interval.value > against
            needed = people_needed(interval.value, against, interval.level) if better else None
    return Bounds(
        level=interval.level,
        lower=round_half_up(interval.lower.rounded(PLACES), PLACES),
        upper=round_half_up(interval.upper.rounded(PLACES), PLACES),
        method=interval.method,
        against=against,
        stands=stands,
        needed=needed,
    )


def earning(m: e.Measure, interval: Interval, found: Bounds) -> Number | None:
    """The value that is scored in place of the measured one, where its interval does not clear what it is held
    against; None where the measured one stands.

    With `no change` it is as if nothing had changed, unless the interval is wholly worse. With `bound` it is the bound
    on the worse side, to 12 places.
    """
    if m.interval is None or m.interval.unclear == "report" or found.against is None or not m.better:
        return None
    if m.interval.unclear == "no change":
        return found.against if found.stands == UNCLEAR else None
    return interval.cautious(m.better).rounded(12)
