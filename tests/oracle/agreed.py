"""A contract as it stands under its variations: who, what is fixed, and how a formula reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any

from tests.oracle.formula import names_in, parse, value_of
from tests.oracle.plain import (
    DAY,
    LENGTHS,
    MONTHS,
    ROUNDINGS,
    UNKNOWN,
    Period,
    Unknown,
    Years,
    cut,
    day,
    lost,
    number,
    the,
)

ENTRIES = ("parties", "accounts", "decisions", "terms", "inputs", "measures", "figures", "payments")
MINOR = {"JPY": Fraction(1), "KWD": Fraction(1, 1000)}


def varied(found: Mapping[str, Any], start: date, as_of: date) -> dict[str, Any]:
    """The contract under the variations that a period starting on a day is settled under: effective by its
    first day, made by the as-of date, the latest made last."""
    now = dict(found)
    chosen = [v for v in found.get("variations", []) if day(v["effective"]) <= start and day(v["made"]) <= as_of]
    for variation in sorted(chosen, key=lambda v: (v["made"], v["effective"])):
        for part in ENTRIES:
            if part in variation:
                now[part] = {**now.get(part, {}), **variation[part]}
        for change in variation.get("steps", []):
            payment = dict(now["payments"][change["payment"]])
            steps = list(payment.get("steps", []))
            anchor = the(change, "set", "remove", "before", "after")
            at = next((i for i, s in enumerate(steps) if anchor is not None and s.get("name") == anchor), len(steps))
            if "set" in change:
                steps[at] = change["to"]
            elif "remove" in change:
                del steps[at]
            else:
                steps.insert(at + ("after" in change), change["add"])
            payment["steps"] = steps
            now["payments"] = {**now["payments"], change["payment"]: payment}
    return now


class Agreed:
    """What a contract says in one period."""

    def __init__(self, found: Mapping[str, Any], start: date, as_of: date) -> None:
        self.said = varied(found, start, as_of)
        head = self.said["contract"]
        self.first, self.last = day(head["term"]["from"]), day(head["term"]["to"])
        self.years = Years(int(head.get("year_starts", "04-01")[:2]), head.get("years_named_by") == "end")
        self.minor = MINOR.get(head.get("currency", "GBP"), Fraction(1, 100))
        self.settles = MONTHS[head.get("settles", "yearly")]
        self.parties: dict[str, Any] = self.said["parties"]
        self.accounts: dict[str, Any] = self.said.get("accounts", {})
        self.decisions: dict[str, Any] = self.said.get("decisions", {})
        self.terms: dict[str, Any] = self.said.get("terms", {})
        self.inputs: dict[str, Any] = self.said.get("inputs", {})
        self.measures: dict[str, Any] = self.said.get("measures", {})
        self.figures: dict[str, Any] = self.said.get("figures", {})
        self.payments: dict[str, Any] = self.said.get("payments", {})
        self.categories: dict[str, list[str]] = self.said.get("categories", {})
        self.roles = {p["role"] for p in self.parties.values()}

    def months(self, payment: str) -> int:
        """How long the period is that a payment settles over."""
        said = self.payments[payment].get("settles")
        return MONTHS[said] if said else self.settles

    @property
    def shortest(self) -> int:
        """The shortest settlement period of the contract, in months."""
        return min([self.settles, *(self.months(p) for p in self.payments)])

    def changes(self) -> set[date]:
        """Every day on which a term changes, or a party joins or has left."""
        found = set()
        for term in self.terms.values():
            found |= {day(d) for d in term.get("values", {})}
            if "uplift" in term:
                found |= set(self._uplifts(term))
            if "of_the_year" in term:
                year = self.years.year_of(self.first)
                while year.start <= self.last:
                    found |= {year.start}
                    year = self.years.year_of(year.end + DAY)
        for name in self.parties:
            joins, leaves = self.presence(name)
            found |= {joins, leaves + DAY}
        return found

    def stretches(self, period: Period) -> list[tuple[date, Fraction]]:
        """The parts of a period over which nothing changes, with their weights."""
        return cut(self.years.parts(period, self.shortest), self.changes())

    def presence(self, party: str) -> tuple[date, date]:
        said = self.parties[party]
        return (
            day(said["from"]) if "from" in said else self.first,
            day(said["to"]) if "to" in said else self.last,
        )

    def present(self, party: str, when: date) -> bool:
        joins, leaves = self.presence(party)
        return joins <= when <= leaves

    def days_in(self, party: str, period: Period) -> int:
        return period.days_of(*self.presence(party))

    def of_role(self, role: str) -> list[str]:
        """The parties of a role (`party`: all), in listed order."""
        singular = role.removesuffix("s") if role not in (*self.roles, "party") else role
        if role in ("party", "parties"):
            return list(self.parties)
        return [p for p, said in self.parties.items() if said["role"] == singular]

    def is_role(self, word: str) -> bool:
        return word in ("party", "parties") or word in self.roles or word.removesuffix("s") in self.roles

    # ---- terms

    def yearly(self, term: str) -> bool:
        return self.terms[term].get("unit", "").endswith(" a year")

    def rate(self, name: str, key: str | None, when: date) -> Any:
        """The figure of a term in force on a day."""
        term = self.terms[name]
        if "is" in term:
            return value_of(term["is"], _OnADay(self, when, key))
        if "of_the_year" in term:
            found = term["of_the_year"].get(self.years.year_of(when).label)
            return UNKNOWN if found is None else number(found[key] if isinstance(found, Mapping) else found)
        dated = {day(d): v for d, v in term.get("values", {self.first.isoformat(): term.get("value")}).items()}
        since = max((d for d in dated if d <= when), default=None)
        if since is None:
            return UNKNOWN
        found = dated[since]
        value: Any = number(found[key] if isinstance(found, Mapping) else found)
        for on in self._uplifts(term):
            if since < on <= when:
                by = value_of(term["uplift"]["by"], _OnADay(self, on, key))
                if isinstance(by, Unknown):
                    return lost(by)
                value = rounded(value * (1 + by), term["uplift"].get("rounded"))
        return value

    def _uplifts(self, term: Mapping[str, Any]) -> list[date]:
        """The days on which a term goes up."""
        if "uplift" not in term:
            return []
        up = term["uplift"]
        last = day(up["to"]) if "to" in up else self.last
        days = (date(y, int(up["each"][:2]), int(up["each"][3:])) for y in range(self.first.year, self.last.year + 1))
        return [d for d in days if day(up["from"]) <= d <= last]


def rounded(value: Any, how: Mapping[str, str] | None) -> Any:
    """Rounded where the contract says."""
    if how is None or isinstance(value, Unknown):
        return value
    return ROUNDINGS[how.get("how", "half_up")](value, number(how["to"]))


@dataclass
class _OnADay:
    """Terms as they stand on a day; what an uplift and a term worked out from terms are read in."""

    agreed: Agreed
    when: date
    key: str | None

    def name(self, name: str, attribute: str, key: str | None = None) -> Any:
        return self.agreed.rate(name, key or self.key, self.when)

    def on(self, name: str, key: str | None, when: date) -> Any:
        return self.agreed.rate(name, key or self.key, when)

    def not_brought(self, name: str) -> bool:
        return False

    def gone_through(self, name: str) -> Iterable[Any]:
        return [replace(self, key=p) for p in self.agreed.of_role(name)]

    def history(self, *_: Any) -> Any:
        raise KeyError


@dataclass
class Held:
    """What a formula is read in, within a run over one period: the party, option or record in hand, and, where a start
    is worked out in parts, the part."""

    run: Any
    party: str | None = None
    option: tuple[str, str] | None = None
    record: Mapping[str, Any] | None = None
    group: tuple[Mapping[str, Any], ...] | None = None
    part: date | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    over: Period | None = None

    @property
    def agreed(self) -> Agreed:
        found: Agreed = self.run.agreed
        return found

    @property
    def period(self) -> Period:
        found: Period = self.over or self.run.period
        return found

    def name(self, name: str, attribute: str, key: str | None = None) -> Any:
        said = self.agreed
        if name in self.more and not attribute:
            return self.more[name]
        if self.record is not None and name in self.record:
            return self.record[name]
        if self.option is not None and name == self.option[0] and name not in said.inputs:
            return self.option[1]
        if name in ("party", *said.roles) and self.party is not None:
            return self.party
        if name in said.terms:
            return self.term(name, key, attribute)
        if name in said.accounts:
            return self.run.account(name, attribute, key or self._key(said.accounts[name]))
        if name in said.decisions:
            return self.run.decision(name)
        if name in said.inputs and "records" not in said.inputs[name]:
            return self.run.input(name, key or self._key(said.inputs[name]))
        if name in said.measures:
            value, score, cases, _ = self.run.measure(name, key or self._key(said.measures[name]))
            counted = lost(value) if cases is None and isinstance(value, Unknown) else cases
            return {"value": value, "score": score, "cases": counted, "": value}[attribute]
        if name in said.figures:
            return self.run.figure(name, key or self._key({"by": said.figures[name].get("each")}), self.part)
        if name in said.payments:
            return self.run.paid(name, attribute, key or None)
        if self.party is not None:
            return self._party_field(name)
        raise KeyError(name)

    def _party_field(self, name: str) -> Any:
        party = self.agreed.parties[str(self.party)]
        if name in ("small", "host"):
            return party.get(name) == "true"
        known = {k for p in self.agreed.parties.values() for k in p.get("attributes", {})}
        if name not in known:
            raise KeyError(name)
        text = party["attributes"][name]
        return text == "true" if text in ("true", "false") else number(text)

    def _key(self, entry: Mapping[str, Any]) -> Any:
        """The party or option in hand, for something that has a value for each."""
        by = entry.get("by")
        if by is None:
            return None
        if self.agreed.is_role(by):
            return self.party
        if self.option is not None and self.option[0] == by:
            return self.option[1]
        return self.name(by, "")  # an input that says which option it is

    def term(self, name: str, key: str | None, attribute: str = "") -> Any:
        """A term, in a formula: a yearly amount is that of the period, the days of each part counted; another
        figure is that of the first day, or of the part in hand."""
        said = self.agreed
        by = said.terms[name].get("by")
        key = key or self._key(said.terms[name])
        if isinstance(key, Unknown):
            return lost(key)
        if not said.yearly(name) or attribute == "rate":
            return said.rate(name, key, self.part or self.period.start)
        party = key if by is not None and said.is_role(by) else None
        share = Fraction(self.period.months, 12)
        if self.part is not None:
            if party is not None and not said.present(party, self.part):
                return Fraction(0)
            rate = said.rate(name, key, self.part)
            return lost(rate) if isinstance(rate, Unknown) else rate * share
        total = Fraction(0)
        for start, weight in said.stretches(self.period):
            if party is not None and not said.present(party, start):
                continue
            rate = said.rate(name, key, start)
            if isinstance(rate, Unknown):
                return lost(rate)
            total += rate * share * weight
        return total

    def on(self, name: str, key: str | None, when: date) -> Any:
        return self.agreed.rate(name, key or self._key(self.agreed.terms[name]), when)

    def not_brought(self, name: str) -> bool:
        return bool(self.run.not_brought(name))

    def gone_through(self, name: str) -> Iterable[Held]:
        said = self.agreed
        if not name:
            assert self.group is not None
            return [replace(self, record=r, group=None) for r in self.group]
        if said.is_role(name):
            if self.part is not None:
                here = [p for p in said.of_role(name) if said.present(p, self.part)]
            else:
                here = [p for p in said.of_role(name) if said.days_in(p, self.period)]
            return [replace(self, party=p) for p in here]
        if name in said.categories:
            return [replace(self, option=(name, o)) for o in said.categories[name]]
        return [replace(self, record=r) for r in self.run.records(name)]

    def history(self, function: str, name: str, attribute: str, key: str | None) -> Any:
        entry = the({**{n: e for part in (self.agreed.figures, self.agreed.measures) for n, e in part.items()}}, name)
        if key is None and entry is not None:
            key = self._key({"by": entry.get("by") or entry.get("each")})
        return self.run.history(function, name, attribute, key)


def reads(text: str) -> set[str]:
    return names_in(parse(text))


__all__ = ["LENGTHS", "Agreed", "Held", "reads", "rounded", "varied"]
