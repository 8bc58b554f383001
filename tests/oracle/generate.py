"""Random valid contracts with their inputs, periods and variations, and what of the language each reaches."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import yaml

from tests.oracle.draw.known import UNUSABLE
from tests.oracle.draw.paid import Paid
from tests.oracle.plain import DAY, Period, months_on


@dataclass
class Scenario:
    """A contract and a sequence of settlements, each from where the one before closed."""

    contract: dict[str, Any]
    steps: list[dict[str, Any]]
    features: Counter[str] = field(default_factory=Counter)

    @property
    def text(self) -> str:
        return as_yaml(self.contract)

    def __repr__(self) -> str:
        return f"\n{self.text}\n---\n{as_yaml(self.steps)}"


class _Plain(yaml.SafeDumper):
    """Writes every text as it is, quoted only where the contract's loader would otherwise read it wrongly."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def as_yaml(found: Any) -> str:
    return yaml.dump(found, Dumper=_Plain, sort_keys=False, width=10_000, allow_unicode=True)


class Maker(Paid):
    """Draws a scenario."""

    def variations(self) -> list[dict[str, Any]]:
        found = []
        for _ in range(self.number(1, 2)):
            effective = self.a_day()
            if self.chance(60):
                effective = months_on(self.years.year_of(self.first).start, 3 * self.number(0, 4 * self.length - 1))
            made = effective + timedelta(days=self.number(-90, 90))
            change: dict[str, Any] = {"title": "Varied", "made": made.isoformat(), "effective": effective.isoformat()}
            stepped = [n for n, p in self.payments.items() if p.get("steps") and "name" in p["steps"][0]]
            stepped = [n for n in stepped if not any(f"'{n}'" in str(v) for v in found)]
            if stepped and self.chance(50):
                payment = self.one(stepped)
                name = self.payments[payment]["steps"][0]["name"]
                party = self.payments[payment].get("each") == "provider"
                kind = self.one(("set", "remove", "add before", "add after", "add last"))
                new = {**self.step(9, party), "name": f"varied {len(found)}"}
                if kind == "set":
                    found.append({**change, "steps": [{"payment": payment, "set": name, "to": {**new, "name": name}}]})
                elif kind == "remove":
                    found.append({**change, "steps": [{"payment": payment, "remove": name}]})
                elif kind == "add last":
                    found.append({**change, "steps": [{"payment": payment, "add": new}]})
                else:
                    found.append({**change, "steps": [{"payment": payment, "add": new, kind.split()[1]: name}]})
                self.reach(f"variation {kind} step")
            elif self.chance(20) and "each" not in self.figures["one"]:
                found.append({**change, "figures": {"one": {"unit": "percent", "is": self.one(("rate", "share"))}}})
                self.reach("variation of a figure")
            elif self.chance(50):
                found.append({**change, "terms": {"rate": {"unit": "percent", "value": self.percent(0, 150)}}})
                self.reach("variation of a term")
            else:
                payment = self.one([n for n in self.payments if not any(f"'{n}'" in str(v) for v in found)] or [""])
                if not payment:
                    continue
                said = {
                    **self.payments[payment],
                    "steps": [{"name": "varied", "multiply": "70%"}, *self.payments[payment].get("steps", [])[1:]],
                }
                found.append({**change, "payments": {payment: said}})
                self.reach("variation of a payment")
        if len(found) == 2:
            self.reach("two variations")
        return found

    # ---- a scenario

    def contract(self) -> dict[str, Any]:
        head = self.head()
        parties = self.who()
        self.track = ["a", "b", "c"][: self.number(2, 3)]
        self.known_terms()
        self.known_inputs()
        self.decisions: dict[str, Any] = {}
        if self.chance(30):
            self.decisions["board"] = {"signed_by": self.some(self.steady + self.payers, 1, 3)}
            if self.chance(50):
                self.decisions["board"] |= {"quorum": "1"}
                self.reach("decision by quorum")
            self.truths.append("board")
            self.reach("decision")
        self.known_measures()
        self.known_figures()
        self.known_payments()
        found = {
            "alliance": "1",
            "contract": head,
            "categories": {"track": self.track},
            "parties": parties,
            "accounts": self.accounts,
            "decisions": self.decisions,
            "terms": self.terms,
            "inputs": self.inputs,
            "measures": self.measures,
            "figures": self.figures,
            "payments": self.payments,
        }
        if self.chance(30):
            found["variations"] = self.variations()
        return {k: v for k, v in found.items() if v}

    def brought(self, period: Period) -> dict[str, Any]:
        """What one settlement brings."""
        found: dict[str, Any] = {}
        months = period.months
        for name, make in (
            ("spend", lambda: self.money(0, 8_000 * months)),
            ("volume", lambda: str(self.number(0, 80))),
        ):
            if self.chance(96):
                found[name] = make()
        if self.chance(60):
            found["plan"] = self.money(0, 60_000)
        if self.chance(90):
            found["volumes"] = {o: str(self.number(0, 40)) for o in self.track}
        if self.chance(95):
            found["share"] = self.status(self.percent(0, 110))
        if self.chance(95):
            found["grade"] = {p: self.status(self.percent(0, 110)) for p in self.providers if self.chance(96)}
        if self.chance(95):
            found["met"] = self.one(("yes", "no"))
        if self.chance(95):
            found["which"] = self.one(self.track)
        if self.decisions and self.chance(60):
            signers = self.decisions["board"]["signed_by"]
            if self.chance(70):
                found["board"] = self.some(signers, 1)
            else:
                found["board"] = {p: self.one(("yes", "no")) for p in self.some(signers, 1)}
                self.reach("a decision refused")
        for name, said in self.measures.items():
            if "ratio" in said and self.chance(85):
                continue
            if self.chance(93):
                if "by" in said:
                    found[name] = {p: self.status(self.percent(0, 110), True) for p in self.providers}
                else:
                    found[name] = self.status(self.percent(0, 110), True)
        for name, value in list(found.items()):
            if value == {}:
                del found[name]
        if self.inputs["share"].get("reads") and isinstance(found.get("share"), str):
            if self.inputs["share"]["reads"] == "percent points":
                found["share"] = found["share"].rstrip("%")
            elif self.chance(30):
                found["share"] = "-"
        found["places"] = [self.place(period) for _ in range(self.number(0, 3))]
        found["packages"] = [self.package(period) for _ in range(self.number(0, 4))]
        return found

    def status(self, value: str, cases: bool = False) -> Any:
        kind = self.number(1, 100)
        found: dict[str, Any] = {}
        if kind <= 8:
            status = self.one(UNUSABLE)
            self.reach(f"status {status}")
            found = {"status": status}
        elif kind <= 20:
            self.reach("status provisional")
            found = {"value": value, "status": "provisional"}
        elif not cases:
            return value
        else:
            found = {"value": value}
        if cases:
            found["cases"] = str(self.number(0, 120))
        return found

    def _day_in(self, period: Period) -> str:
        return (period.start + timedelta(days=self.number(0, period.days - 1))).isoformat()

    def place(self, period: Period) -> dict[str, str]:
        return {
            "week": self._day_in(period),
            "n": str(self.number(0, 9)),
            "kind": self.one(self.track),
            "who": self.one(self.steady),
            "ok": self.one(("yes", "no")),
            "gone": self._day_in(period) if self.chance(50) else "",
        }

    def package(self, period: Period) -> dict[str, str]:
        return {
            "person": self.one(("P1", "P2", "P3")),
            "on": self._day_in(period),
            "amount": self.money(0, 200),
            "ok": self.one(("yes", "no")),
            "seen": self._day_in(period) if self.chance(50) else "",
        }

    def scenario(self) -> Scenario:
        contract = self.contract()
        shortest = {"monthly": 1, "quarterly": 3, "half-yearly": 6, "yearly": 12}[self.settles]
        year = self.one(
            [p for p in self.years.all(self.first, self.last).values() if p.months == 12 and p.start <= self.last]
        )
        parts = self.years.parts(year, shortest)
        steps: list[dict[str, Any]] = []
        if shortest == 12:
            chosen = [year]
            following = self.years.year_of(year.end + DAY)
            if following.end <= self.last and self.chance(50):
                chosen.append(following)
        elif shortest == 1:
            quarter = self.number(0, 3) * 3
            chosen = parts[quarter : quarter + self.number(1, 3)]
            if len(chosen) == 3 and self.chance(60):
                chosen.append(self.years.parts(year, 3)[quarter // 3])
                self.reach("months, then their quarter")
        elif self.chance(45):
            chosen = [*parts, year]
            self.reach("half-years, then their year" if shortest == 6 else "quarters, then their year")
            if shortest == 3 and self.chance(40):
                first, second = self.years.parts(year, 6)
                chosen = [*parts[:2], first, *parts[2:], second, year]
                self.reach("quarters, then their half-year")
        else:
            at = self.number(0, len(parts) - 1)
            chosen = parts[at : at + self.number(1, 3)]
            after = self.years.year_of(year.end + DAY)
            if chosen[-1].end == year.end and after.end <= self.last and self.chance(50):
                chosen.append(self.years.parts(after, shortest)[0])
                self.reach("from one year into the next")
        rows: dict[str, list[dict[str, str]]] = {"places": [], "packages": []}
        for period in chosen:
            inputs = self.brought(period)
            if period.months > shortest:
                for name in rows:
                    inputs[name] = rows[name]
                if self.chance(50):
                    inputs = {k: v for k, v in inputs.items() if k in rows or self.chance(50)}
                if self.chance(40):
                    part = self.one(self.years.parts(period, shortest))
                    late = {
                        k: v
                        for k, v in self.brought(part).items()
                        if (k in self.inputs or k in self.decisions) and k not in rows and self.chance(50)
                    }
                    if late:
                        inputs["periods"] = {part.label: late}
                        self.reach("an earlier period's data corrected")
            else:
                for name in rows:
                    rows[name] += inputs[name]
            step: dict[str, Any] = {
                "period": period.label,
                "inputs": inputs,
                "final": self.chance(80 if period.end == self.last else 30),
            }
            if self.chance(15) and "variations" in contract:
                step["as_of"] = (period.end + timedelta(days=self.number(0, 120))).isoformat()
                self.reach("settled as of a later day")
            steps.append(step)
            if self.chance(12):
                steps.append(self.again(step, period))
                self.reach("a period settled again")
        return Scenario(contract, [*steps, *self.corrected(steps, chosen)], self.features)

    def again(self, step: dict[str, Any], period: Period) -> dict[str, Any]:
        """A settlement with some of what it brought told anew."""
        anew = {
            k: v
            for k, v in self.brought(period).items()
            if k in self.inputs or k in self.measures or k in self.decisions
        }
        anew = {k: v for k, v in anew.items() if k not in ("places", "packages") and self.chance(50)}
        return {**step, "inputs": {**step["inputs"], **anew}, "final": self.chance(50)}

    def corrected(self, steps: list[dict[str, Any]], chosen: list[Period]) -> list[dict[str, Any]]:
        """A period settled again after later ones, and these after it, or some of them."""
        first = {label: step for step in reversed(steps) for label in [step["period"]]}
        open_to = [
            i
            for i, p in enumerate(chosen[:-1])
            if not any(q.start <= p.start and p.end <= q.end for q in chosen[i + 1 :])  # what a whole holds is its own
        ]
        if not open_to or not self.chance(40):
            return []
        at = self.one(open_to)
        found = [self.again(first[chosen[at].label], chosen[at])]
        self.reach("a period settled again after later ones")
        for later in chosen[at + 1 :]:
            if self.chance(70):
                found.append({**first[later.label], "final": self.chance(50)})
                self.reach("later ones settled again after it")
        return found


def scenario(seed: int) -> Scenario:
    """The contract of a seed, with what is settled under it."""
    return Maker(seed).scenario()
