"""Drawing by chance, and who and what is known in a generated contract."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from tests.oracle.plain import DAY, Years, months_on

T = TypeVar("T")

UNUSABLE = ("missing", "not assessable", "not applicable", "suppressed")


class Known:
    """Draws who is bound, and what is known."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.features: Counter[str] = Counter()
        self.figures: dict[str, Any] = {}
        self.measures: dict[str, Any] = {}
        self.accounts: dict[str, Any] = {}
        self.payments: dict[str, Any] = {}
        self.inputs: dict[str, Any] = {}
        self.terms: dict[str, Any] = {}
        self.percents: list[str] = []  # formulas that are a percentage
        self.truths: list[str] = []
        self.pointed: list[str] = []  # measures whose score is a number of points

    # ---- draws

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def chance(self, percent: int) -> bool:
        return self.number(1, 100) > 100 - percent

    def one(self, options: Sequence[T]) -> T:
        return options[self.number(0, len(options) - 1)]

    def some(self, options: Sequence[T], least: int = 0, most: int = 9) -> list[T]:
        left, found = list(options), []
        for _ in range(self.number(min(least, len(left)), min(most, len(left)))):
            found.append(left.pop(self.number(0, len(left) - 1)))
        return found

    def reach(self, feature: str) -> None:
        self.features[feature] += 1

    def money(self, low: int = 0, high: int = 5_000) -> str:
        """A sum of money: often whole, sometimes with more places than the currency has."""
        units = self.number(low, high)
        places = self.one(("", "", f".{self.number(0, 99):02d}", f".{self.number(0, 999):03d}"))
        if units < 0 and places:
            return f"{units}{places}"
        return f"{units}{places}"

    def cash(self, low: int = 0, high: int = 5_000) -> str:
        return f"{self.money(low, high)} {self.currency}"

    def percent(self, low: int = 0, high: int = 120) -> str:
        return f"{self.number(low, high)}{self.one(('', '', '.5', f'.{self.number(1, 99):02d}'))}%"

    # ---- who and when

    def head(self) -> dict[str, Any]:
        kind = self.number(1, 10)
        month, by_end = (4, False) if kind < 8 else (1, False) if kind == 8 else (10, True)
        self.years = Years(month, by_end)
        self.first = date(2025 if month != 10 else 2024, month, 1)
        self.length = self.number(1, 3)
        self.last = months_on(self.first, 12 * self.length) - DAY
        self.settles = self.one(("quarterly", "quarterly", "quarterly", "yearly", "yearly", "monthly", "half-yearly"))
        self.currency = self.one(("GBP",) * 8 + ("JPY", "KWD"))
        self.reach(f"settles {self.settles}")
        self.reach(f"currency {self.currency}")
        head = {
            "id": "generated",
            "title": "Generated",
            "term": {"from": self.first.isoformat(), "to": self.last.isoformat()},
            "currency": self.currency,
            "year_starts": f"{month:02d}-01",
            "settles": self.settles,
        }
        if by_end:
            head["years_named_by"] = "end"
            self.reach("years named by their end")
        if self.chance(3):
            head["shadow"] = "true"
            self.reach("shadow contract")
        return head

    def a_day(self) -> date:
        return self.first + timedelta(days=self.number(1, (self.last - self.first).days))

    def who(self) -> dict[str, Any]:
        self.payers = ["icb", "council"][: self.number(1, 2)]
        self.providers = ["acute", "community", "homes", "lives"][: self.number(2, 4)]
        self.steady = list(self.providers)
        found: dict[str, Any] = {}
        for name in self.payers:
            found[name] = {"name": name, "role": "commissioner"}
        for name in self.providers:
            found[name] = {"name": name, "role": "provider"}
            if self.chance(30):
                found[name]["small"] = "true"
            found[name]["attributes"] = {"beds": str(self.number(0, 9))}
        for name in self.providers[2:]:
            if self.chance(40):
                self.steady.remove(name)
                joins = self.a_day()
                found[name]["from"] = joins.isoformat()
                self.reach("a party joins")
                if self.chance(50) and joins < self.last:
                    days = (self.last - joins).days
                    found[name]["to"] = (joins + timedelta(days=self.number(0, days))).isoformat()
                    self.reach("a party leaves")
        order = self.some(list(found), len(found)) if self.chance(30) else list(found)
        return {name: found[name] for name in order}

    # ---- what is known

    def dated(self, make: Any, share: int = 30) -> dict[str, Any]:
        """Figures of a term: one for its life, or several from their days on."""
        if not self.chance(share):
            return {"value": make()}
        days = {self.first.isoformat(): make()}
        for _ in range(self.number(1, 2)):
            days[self.a_day().isoformat()] = make()
        self.reach("dated term")
        return {"values": {d: days[d] for d in sorted(days)}}

    def known_terms(self) -> None:
        cur = self.currency

        def by_provider(low: int, high: int) -> Any:
            return lambda: {p: self.money(low, high) for p in self.providers}

        self.terms["fee"] = {"unit": f"{cur} a year", "by": "provider", **self.dated(by_provider(100, 40_000))}
        self.terms["base"] = {"unit": f"{cur} a year", **self.dated(lambda: self.money(1_000, 90_000))}
        self.terms["rate"] = {"unit": "percent", **self.dated(lambda: self.percent(0, 150))}
        self.terms["cap"] = {"unit": cur, **self.dated(lambda: self.money(10, 4_000))}
        self.terms["tariff"] = {
            "unit": f"{cur} a place",
            "by": "track",
            "value": {o: self.money(1, 60) for o in self.track},
        }
        self.terms["price"] = {"unit": f"{cur} a place", "value": self.money(1, 200)}
        self.terms["weight"] = {
            "unit": "count",
            "by": "provider",
            "value": {p: str(self.number(0, 5)) for p in self.providers},
        }
        self.terms["ceiling"] = {"unit": cur, "value": str(self.number(50, 3_000))}
        self.reach("term by party")
        self.reach("term by category")
        if self.chance(30):
            years = [self.years.label(months_on(self.first, 12 * i)) for i in range(self.length)]
            self.terms["index"] = {
                "unit": "percent",
                "of_the_year": {y: self.percent(0, 9) for y in years[self.number(0, 1) :]},
            }
            if not self.terms["index"]["of_the_year"]:
                self.terms["index"]["of_the_year"] = {years[0]: "3%"}
            self.percents.append("index")
            self.reach("term of the year")
        if self.length > 1 and self.chance(30):
            term = self.terms[self.one(("fee", "base"))]
            if "value" in term:
                up = {
                    "each": self.first.strftime("%m-01"),
                    "from": months_on(self.first, 12).isoformat(),
                    "by": "4% * 50% + 1.37%",
                }
                if self.chance(50):
                    up["rounded"] = {"to": self.one(("1", "0.01")), "how": self.one(("half_up", "down", "up"))}
                    self.reach("uplift rounded")
                term["uplift"] = up
                self.reach("uplift")
        if self.chance(30):
            self.terms["at_risk"] = {"unit": f"{cur} a year", "by": "provider", "is": "10% * fee"}
            self.reach("term worked out from terms")
        self.percents += ["rate", "50%", "33.3%"]

    def known_inputs(self) -> None:
        cur = self.currency
        self.inputs["spend"] = {"unit": cur, "over_periods": "add"}
        self.inputs["volume"] = {"unit": "count", "over_periods": "add"}
        self.inputs["volumes"] = {"unit": "count", "by": "track", "over_periods": "add"}
        self.inputs["plan"] = {"unit": f"{cur} a year"}
        self.inputs["share"] = {"unit": "percent"}
        self.inputs["grade"] = {"unit": "percent", "by": "provider"}
        self.inputs["met"] = {"unit": "boolean"}
        self.inputs["which"] = {"one_of": "track"}
        for name in ("share", "grade"):
            how = self.one(("", "last", "mean", "same"))
            if how:
                self.inputs[name]["over_periods"] = how
                self.reach(f"over periods {how}")
            if policies := self.policies(("exclude", "zero", "previous", "unknown")):
                self.inputs[name]["if"] = policies
        if self.chance(30):
            self.inputs["met"]["if"] = {"missing": self.one(("yes", "no", "unknown"))}
            self.reach("policy of a yes or no")
        if self.chance(20):
            self.inputs["which"]["if"] = {"missing": self.one(self.track)}
            self.reach("policy of a category")
        if self.chance(20):
            self.inputs["share"]["reads"] = self.one(("percent points", {"-": "missing"}))
            self.reach("text read by words or points")
        self.inputs["places"] = {
            "records": {
                "week": "date",
                "n": "count",
                "kind": "track",
                "who": "party",
                "ok": "boolean",
                "gone": "optional date",
            },
            "dated": "week",
        }
        self.inputs["packages"] = {
            "records": {"person": "id", "on": "date", "amount": cur, "ok": "boolean", "seen": "optional date"},
            "dated": "on",
        }
        self.percents += ["share", "share else 40%"]
        self.truths += [
            "met",
            "share >= 50%",
            "which = a",
            "which in (a, b)",
            "not met",
            "volume > 40",
            "share is known",
        ]

    def policies(self, allowed: Sequence[str]) -> dict[str, str]:
        if not self.chance(40):
            return {}
        found = {s: self.one(allowed) for s in self.some(UNUSABLE, 1, 3)}
        for policy in found.values():
            self.reach(f"policy {policy}")
        return found
