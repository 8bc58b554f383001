"""Random valid contracts with their inputs, periods and variations, and what of the language each reaches."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

import yaml

from tests.oracle.plain import DAY, Period, Years, months_on

T = TypeVar("T")

UNUSABLE = ("missing", "not assessable", "not applicable", "suppressed")


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


class Maker:
    """Draws a scenario."""

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
        self.settles = self.one(("quarterly", "quarterly", "quarterly", "yearly", "yearly", "monthly"))
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

    # ---- measures and figures

    def scored(self, depth: int = 0) -> dict[str, Any]:
        form = self.one(("line", "line", "curve", "bands", "better_of" if depth == 0 else "line"))
        self.reach(f"score {form}")
        low = self.number(0, 60)
        high = low + self.number(1, 40)
        found: dict[str, Any]
        if form == "line":
            up = self.chance(60)
            found = {"nothing_at": f"{low if up else high}%", "full_at": f"{high if up else low}%"}
            if up and self.chance(30):
                found["then"] = {f"{high + self.number(1, 20)}%": self.percent(100, 130)}
                self.reach("score then")
        elif form == "curve":
            xs = [low, high, high + self.number(1, 20)]
            if self.chance(40):
                xs.reverse()
            found = {"curve": {f"{x}%": self.percent() for x in xs}}
        elif form == "bands":
            found = {"bands": self.bands([f"{low}%", f"{high}%"], self.percent)}
        else:
            found = {"better_of": {n: self.scored(1) for n in ("attained", "improved")[: self.number(1, 2)]}}
        if form in ("line", "curve") and self.chance(15):
            found["held"] = "false"
            self.reach("score not held")
        if self.chance(15) and form != "better_of":
            found["of"] = self.one(("share", "100% - share", "rate"))
            self.reach("score of something else")
        if depth == 0 and self.chance(20):
            found["at_most"] = self.percent(20, 110)
            self.reach("score at most")
        if depth == 0 and self.chance(20):
            found["at_least"] = self.percent(0, 20)
            self.reach("score at least")
        if self.chance(20):
            found["rounded"] = {"to": self.one(("0.01", "0.1", "1%")), "how": self.one(("half_up", "down", "up"))}
            self.reach("score rounded")
        return found

    def bands(self, edges: Sequence[str], make: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for low, high in zip(["", *edges], [*edges, ""], strict=True):
            found.append({**({"from": low} if low else {}), **({"below": high} if high else {}), "gives": make()})
        return found

    def known_measures(self) -> None:
        for name in ("home", "control", "calls")[: self.number(1, 3)]:
            if self.chance(25):
                to = {"baseline": str(self.number(50, 900)), "over": self._span()} if self.chance(60) else "volume"
                measure: dict[str, Any] = {"ratio": {"of": "volume", "to": to}}
                self.reach("measure ratio to a baseline" if to != "volume" else "measure ratio to an input")
            else:
                measure = {"reported": "percent"}
                self.reach("measure reported")
                if self.chance(25):
                    measure["by"] = "provider"
                    self.reach("measure by party")
                if self.chance(40):
                    measure["minimum"] = f"{self.number(5, 60)} cases"
                    self.reach("measure minimum")
            if policies := self.policies(("exclude", "exclude", "zero", "previous", "unknown")):
                measure["if"] = policies
            if self.chance(85):
                measure["score"] = self.scored()
            self.measures[name] = measure
            if "by" in measure:
                continue
            if "score" in measure and "bands" not in str(measure["score"]) and self.chance(15):
                measure["score"]["points"] = str(self.number(1, 60))
                for limit in {"at_least", "at_most"} & set(measure["score"]):
                    measure["score"][limit] = measure["score"][limit].rstrip("%")
                if "rounded" in measure["score"]:
                    measure["score"]["rounded"]["to"] = self.one(("1", "0.5"))
                self.pointed.append(name)
                self.reach("score in points")
                continue
            self.truths.append(f"{name}.value >= 40%")
            self.percents.append(f"{name}.value")
            if "score" in measure:
                self.percents.append(f"{name}.score")
                self.truths.append(f"{name}.score > 0% and {name}.value is known")

    def _span(self) -> str:
        months = self.one((12, 12, 6, 24))
        start = months_on(self.first, -months)
        return f"{start.isoformat()}..{(months_on(start, months) - DAY).isoformat()}"

    def known_figures(self) -> None:
        single = [m for m in self.measures if "by" not in self.measures[m] and m not in self.pointed]
        for name in ("one", "two", "three", "four")[: self.number(1, 4)]:
            form = self.one(("is", "is", "curve", "bands", "weighted", "each"))
            self.reach(f"figure {form}")
            figure: dict[str, Any]
            if form == "is":
                figure = {"is": self.figure_formula()}
            elif form == "curve":
                xs = sorted(self.some(range(0, 121, 5), 2, 4))
                figure = {"curve": {"of": self.one(self.percents), "points": {f"{x}%": self.percent() for x in xs}}}
                if self.chance(20):
                    figure["curve"]["held"] = "false"
                    self.reach("figure curve not held")
            elif form == "bands":
                low = self.number(1, 60)
                figure = {
                    "bands": {
                        "of": self.one(self.percents),
                        "bands": self.bands([f"{low}%", f"{low + 25}%"], self.percent),
                    }
                }
            elif form == "weighted":
                chosen = self.some([*single, "share"], 1, 3)
                first = self.number(1, 99) if len(chosen) > 1 else 100
                weights = (
                    [first]
                    if len(chosen) == 1
                    else [first, 100 - first]
                    if len(chosen) == 2
                    else [first, (100 - first) // 2]
                )
                if len(chosen) == 3:
                    weights.append(100 - sum(weights))
                figure = {"weighted": {c: f"{w}%" for c, w in zip(chosen, weights, strict=True)}}
            else:
                grade = ["grade", "grade else 50%", "10% * beds / 4", "100% if small else grade"]
                grade += [f"{m}.value" for m in self.measures if "by" in self.measures[m]]
                grade += [
                    f"{m}.score" for m in self.measures if "by" in self.measures[m] and "score" in self.measures[m]
                ]
                figure = {"each": "provider", "is": self.one(grade)}
            if self.chance(25):
                figure["rounded"] = {"to": self.one(("0.01", "0.1")), "how": self.one(("half_up", "down", "up"))}
                self.reach("figure rounded")
            figure["unit"] = "percent"
            self.figures[name] = figure
            if form != "each":
                self.percents.append(name)
                self.truths.append(f"{name} >= 50%")
        if self.chance(20):
            self.figures["load"] = {"each": "provider", "is": self.one(("fee * 50%", "2 * fee * grade", "beds * cap"))}
            self.reach("figure of money by party")
        if self.chance(60):
            self.figures["saving"] = {
                "is": self.one(("base - spend", "base - spend * 2", "spend - base", "base / 2 - spend"))
            }
        if self.chance(30):
            options = [("input", "share"), ("input by a key", f"grade by {self.steady[0]}")]
            options += [("figure", name) for name in self.figures if name in self.percents]
            options += [("measure", f"{m}.value") for m in single]
            options += [("score", f"{m}.score") for m in single if "score" in self.measures[m]]
            what, read = self.one(options)
            self.figures["before"] = {"unit": "percent", "is": f"last({read})"}
            if self.chance(80):
                self.figures["before"]["is"] += " else 25%"
            self.percents.append("before")
            self.reach(f"last() of a {what}")
        if self.chance(20):
            self.figures["mix"] = {
                "each": "track",
                "unit": "count",
                "is": self.one(("volumes * 50%", "volumes * 2 - 3")),
            }
            self.reach("figure by category")
        if self.chance(25):
            self.figures["until_now"] = {"is": "so_far(spend) + spend"}
            self.reach("so_far() of an input")
        if self.chance(10) and single:
            self.figures["reported"] = {"unit": "percent", "is": f"so_far({single[0]}.value) / 4"}
            self.percents.append("reported")
            self.reach("so_far() of a measure")

    def figure_formula(self) -> str:
        a, b = self.one(self.percents), self.one(self.percents)
        kind = self.number(1, 11)
        words = ("+", "max", "min", "if", "else", "clamp", "round", "sum", "mean", "largest of many", "count where")
        self.reach(f"{words[kind - 1]} in a formula")
        return (
            f"({a} + {b}) / 2",
            f"max({a}, {b})",
            f"min({a}, {b}, 90%)",
            f"{a} if {self.one(self.truths)} else {b}",
            f"({a}) else ({b})",
            f"clamp({a} - 10%, 5%, 95%)",
            f"round({a}, 2)",
            "sum(grade for provider) / count(provider)",
            "mean(grade for provider)",
            f"max(grade for provider where {self.one(('not small', 'grade >= 20%'))}) else {a}",
            f"{a} if count(provider where grade > 30%) > 1 else 20%",
        )[kind - 1]

    # ---- payments

    def steps(self, party: bool = False, most: int = 4) -> list[dict[str, Any]]:
        return [self.step(i, party) for i in range(self.number(0, most))]

    def step(self, index: int, party: bool) -> dict[str, Any]:
        operation = self.one(
            (
                "multiply",
                "multiply",
                "add",
                "corridor",
                "deadband",
                "curve",
                "bands",
                "gate",
                "gate",
                "at_most",
                "at_most",
                "at_least",
                "deduct",
                "relieve",
                "round",
            )
        )
        self.reach(f"step {operation}")
        found: dict[str, Any] = {"name": f"step {index}"}
        percents = [*self.percents, *(["grade", "10% * beds"] if party else [])]
        if operation == "multiply":
            found["multiply"] = self.one(percents)
        elif operation == "add":
            found["add"] = self.one((self.cash(-500, 500), "cap", "-10% * base"))
        elif operation in ("corridor", "deadband"):
            word = "beyond" if operation == "deadband" else self.one(("reach", "exceed"))
            if self.chance(60):
                found[operation] = {word: self.percent(0, 12), "of": self.one(("base", "cap"))}
            else:
                found[operation] = {word: self.one((self.cash(0, 300), "cap"))}
            self.reach(f"{operation} {word}")
        elif operation in ("curve", "bands"):
            shares = self.chance(50)
            edges = sorted(self.some(range(0, 60, 3), 2, 3))
            xs = [f"{x}%" if shares else f"{x * 40} {self.currency}" for x in edges]

            def make() -> str:
                return self.percent(0, 60) if shares else self.cash(0, 2_000)

            if operation == "curve":
                found["curve"] = {"points": {x: make() for x in xs}}
            else:
                found["bands"] = {"bands": self.bands(xs if edges[0] else xs[1:], make)}
            if shares:
                found[operation]["of"] = self.one(("base", "cap"))
                self.reach(f"{operation} of a base")
        elif operation == "gate":
            found["gate"] = self.one([*self.truths, *(["small", "small or grade > 40%"] if party else [])])
            if self.chance(40):
                found["if_unknown"] = self.one(("shut", "open"))
                self.reach(f"gate if unknown {found['if_unknown']}")
        elif operation in ("at_most", "at_least"):
            found[operation] = self.one((self.cash(0, 3_000), "cap", "5% of base", *(["20% * fee"] if party else [])))
        elif operation in ("deduct", "relieve"):
            found[operation] = self.one((self.cash(0, 400), "2% of base"))
        else:
            found["round"] = {"to": self.one(("1", "0.5", "10", "0.001")), "how": self.one(("half_up", "down", "up"))}
        if self.chance(25):
            found["only"] = self.one(("gain", "loss"))
            self.reach(f"step only {found['only']}")
        if self.chance(15):
            found["when"] = self.one(self.truths)
            self.reach("step when")
        return found

    def payer(self) -> Any:
        if len(self.payers) == 2 and self.chance(50):
            first = self.number(1, 99)
            order = self.some(self.payers, 2)
            self.reach("several payers")
            return {order[0]: f"{first}%", order[1]: f"{100 - first}%"}
        return self.payers[-1]

    def fixed(self, names: Sequence[str], least: int = 2) -> dict[str, str]:
        """Names with shares that total 100%."""
        chosen = self.some(names, min(least, len(names)), 4)
        left, found = 100, {}
        for name in chosen[:-1]:
            part = self.number(0, left)
            found[name], left = f"{part}%", left - part
        found[chosen[-1]] = f"{left}%"
        return found

    def sharing(self, pool: bool = False, account: bool = True) -> dict[str, Any]:
        """Who is paid, and how it is shared among them."""
        ways = ["equally", "fixed", "weight", "fee", "grade", "to", "one", *(["contribution"] * 4 if pool else [])]
        ways += [f"{m}.value" for m in self.measures if "by" in self.measures[m]]
        each = [f for f, said in self.figures.items() if said.get("each") == "provider"]
        way = self.one([*ways, *(["figure"] if each else [])])
        self.reach("shared by a measure" if "." in way else f"shared {way}")
        if way == "one":
            return {"to": self.one(self.steady)}
        if way == "to":
            return {
                "to": self.fixed([*self.steady, *([self.account("reserve")] if account and self.chance(25) else [])])
            }
        found: dict[str, Any]
        if way == "equally":
            found = {"shared": {"by": "equally", "among": "provider"}}
        elif way == "contribution":
            found = {"shared": {"by": "contribution"}}
        elif way == "fixed":
            names = list(self.providers)
            if account and self.chance(30):
                names.append(self.account("reserve"))
                self.reach("an account shares")
            found = {"to": "providers", "shared": {"providers": self.fixed(names)}}
        elif way == "figure":
            found = {"shared": {"by": self.one(each)}}
        else:
            found = {"shared": {"by": way, **({"among": "provider"} if "." in way or self.chance(20) else {})}}
        if self.chance(20) and way != "contribution":
            found["absent"] = self.one(("unearned", "others"))
            self.reach(f"absent {found['absent']}")
        return found

    def account(self, name: str, **said: Any) -> str:
        if name not in self.accounts:
            self.accounts[name] = {"title": name, **said}
            if name not in ("advance", "held") and self.chance(25):
                to = self.one((self.payers[0], "contributors")) if name.startswith("pool") else self.payers[0]
                self.accounts[name]["ends"] = {"to": to}
                self.reach(f"account that ends with {'its contributors' if to == 'contributors' else 'a party'}")
        return name

    def start(self) -> str:
        options = [
            self.cash(0, 5_000),
            self.cash(-5_000, 5_000),
            "cap",
            "price * volume",
            "spend * 10%",
            "sum(fee for provider)",
            "base",
        ]
        options += ["base - spend", "rate * base", "min(base, cap)", "rate * cap", "tariff by which * volume", "spend"]
        options += ["saving", "saving"] if "saving" in self.figures else []
        options += [f"price * {m}.score" for m in self.pointed]
        options += [
            "price * volume if volume > 3 else tariff by a * volume",
            "(rate on 2025-06-01) * cap",
            "fee by acute * 10%",
        ]
        options += ["until_now"] if "until_now" in self.figures else []
        options += ["plan", "price * sum(n for places where ok)", "sum(volumes * tariff for track)"]
        plain = [n for n, said in self.payments.items() if "settles" not in said and "unit" not in said]
        if plain and self.chance(35):
            name = self.one(plain)
            form = self.one(("earned", "last", "so_far"))
            self.reach(f"{form} of a payment")
            if form == "earned":
                return f"{name}.earned * 10% + cap"
            return f"cap + 10% * (last({name}.earned) else cap)" if form == "last" else f"so_far({name}.earned) + cap"
        return self.one(options)

    def slices(self) -> list[dict[str, Any]]:
        found = []
        for i in range(self.number(1, 3)):
            piece: dict[str, Any] = {"name": f"slice {i}"}
            if self.chance(75):
                piece["up_to"] = self.one((self.cash(0, 900), "3% of base", "cap"))
                self.reach("slice with a limit")
            if self.chance(35):
                piece["only"] = self.one(("gain", "loss"))
                self.reach("slice only")
            if self.chance(15):
                piece["when"] = self.one(self.truths)
                self.reach("slice when")
            kind = self.number(1, 6)
            part = self.number(0, 100)
            if kind == 1:
                piece["to"] = {"rest": "stays"}
                self.reach("slice that stays")
            elif kind == 2:
                piece["to"] = {"providers": f"{part}%", "rest": "stays"}
            elif kind == 3:
                first = self.one(self.steady)
                piece["to"] = {"providers": f"{part}%", first: f"{(100 - part) // 2}%", "rest": "stays"}
            elif kind == 4:
                piece["to"] = self.one(self.steady)
            elif kind == 5:
                piece["to"] = {self.steady[0]: f"{part}%", "rest": self.steady[1]}
                self.reach("slice whose rest is another's")
            if self.chance(25):
                piece["from"] = self.payer()
                self.reach("slice with its own payer")
            found.append(piece)
        return found

    def party_limits(self) -> dict[str, Any]:
        found = {}
        for side in self.some(("gain", "loss"), 1):
            limit = self.one((self.cash(0, 2_000), "5% * fee", "0 if small else 10% * fee", "cap", "10% of base"))
            beyond = self.one(("payer", "others", "carry"))
            found[side] = {"each": "provider", "at_most": limit, "beyond": beyond}
            self.reach(f"party limit {side} beyond {beyond}")
        return found

    def limits(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.chance(70):
            found["at_most"] = self.one((self.cash(0, 3_000), "cap", "10% of base"))
            self.reach("payment at most")
        if not found or self.chance(30):
            found["at_least"] = self.one((self.cash(0, 50), "1% of base"))
            self.reach("payment at least")
        if self.chance(30):
            found["only"] = self.one(("gain", "loss"))
            self.reach("payment limits only")
        return found

    def settles_by(self) -> dict[str, str]:
        options = [""] * 5 + ["yearly"] + (["quarterly"] if self.settles == "monthly" else [])
        how = self.one(options)
        if how and how != self.settles:
            self.reach(f"payment settles {how}")
            return {"settles": how}
        return {}

    def on_account(self, said: dict[str, Any]) -> None:
        if self.settles == "yearly" or said.get("settles") != "yearly" or not self.chance(70):
            return
        if said.get("shared", {}).get("by", "equally") not in ("equally", "weight"):
            return  # what is paid on account cannot wait for the year's results
        amount = self.one((self.cash(0, 5_000), "20% * base"))
        if self.chance(50):
            said["on_account"] = {
                "of_the_year": amount,
                "each": "month" if self.settles == "monthly" else self.one(("month", "quarter")),
            }
        else:
            said["on_account"] = amount
        self.reach("on account")

    def pay_each(self) -> dict[str, Any]:
        self.reach("each party")
        start = self.one(
            ("fee", "fee * grade", "rate * fee", "beds * price", self.cash(0, 900), "fee - 20% * base", "cap")
        )
        said = {
            "each": "provider",
            **self.settles_by(),
            "start": start,
            "steps": self.steps(True),
            "from": self.payer(),
            "to": "provider",
        }
        if self.chance(15):
            said["from"], said["to"] = "provider", self.payers[0]
            self.reach("each party pays")
        elif self.chance(25):
            said["party_limits"] = self.party_limits()
        return said

    def pay_pool(self) -> dict[str, Any]:
        pool = self.account(f"pool{len(self.payments)}", may_go_below="0")
        self.reach("funded pool")
        if self.chance(80):
            pays = self.one(
                ("5% * fee", "rate * fee", "2.5% * fee", "at_risk" if "at_risk" in self.terms else "10% * fee")
            )
            funded = {"each": "provider", "pays": pays, "into": pool}
        else:
            funded = {"from": self.payers[0], "pays": self.one((self.cash(0, 5_000), "10% of base")), "into": pool}
            self.reach("funded by one")
        what = self.one(("funded", "funded", "balance"))
        self.reach(f"pool {what}")
        said = {
            **self.settles_by(),
            "funded": funded,
            "start": f"{pool}.{what}",
            "steps": [
                {"multiply": self.one(self.percents)},
                *self.steps(False, 2),
                {"at_most": f"{pool}.{what}"},
                {"at_least": "0"},
            ],
            "from": pool,
            **self.sharing("each" in funded),
        }
        to = self.one(("contributors", "carried", self.payers[0], "reserve"))
        said["unearned"] = self.account("reserve") if to == "reserve" else to
        self.reach(f"unearned {to if to in ('contributors', 'carried', 'reserve') else 'to a party'}")
        if self.chance(15):
            said["party_limits"] = self.party_limits()
        return said

    def pay_plain(self) -> dict[str, Any]:
        settles = self.settles_by()
        said = {
            **settles,
            "start": self.start() if not settles else self.cash(0, 5_000),
            "steps": self.steps(),
            "from": self.payer(),
            **self.sharing(),
        }
        if self.chance(35):
            said["limits"] = self.limits()
        if self.chance(30):
            said["party_limits"] = self.party_limits()
        if self.chance(15):
            said["when"] = self.one(self.truths)
            self.reach("payment when")
        self.on_account(said)
        return said

    def pay_slices(self) -> dict[str, Any]:
        settles = self.settles_by()
        each = self.chance(25)
        said = {
            **({"each": "provider"} if each else {}),
            **settles,
            "start": "fee" if each else self.start() if not settles else "base - spend",
            "steps": self.steps(each, 2),
            "slices": self.slices(),
            "from": self.payer(),
        }
        if each:
            self.reach("slices for each party")
            for piece in said["slices"]:
                if self.chance(40):
                    piece["to"] = self.one(("provider", {"provider": "60%", "rest": "stays"}))
        said["to"] = "providers"
        names = [*self.providers, *([self.account("reserve")] if self.chance(20) else [])]
        said["shared"] = {
            "providers": self.one(({"by": "equally", "among": "provider"}, {"by": "weight"}, self.fixed(names)))
        }
        self.reach("slices")
        if self.chance(40):
            said["party_limits"] = self.party_limits()
        return said

    def pay_records(self) -> dict[str, Any]:
        self.reach("each record")
        start = self.one(("n * price", "n * tariff by kind", "n * price if ok else 0", "n * price * share"))
        to = self.one(("who", self.steady[0], "two"))
        said = {
            "each": "places",
            "start": start,
            "from": self.payer(),
            "to": self.fixed(self.steady) if to == "two" else to,
        }
        if self.chance(50):
            said["steps"] = [{"multiply": self.one(self.percents)}]
        if self.chance(20):
            said["steps"] = [{"gate": self.one(("ok", "gone is known", "not (gone < week)", "kind = a"))}]
        if self.chance(30):
            said.setdefault("steps", []).append({self.one(("at_most", "at_least")): self.cash(0, 400)})
            self.reach("each record limited")
        if self.chance(20):
            said["party_limits"] = self.party_limits()
        if to == "who":
            self.reach("payee is a field")
        return said

    def pay_groups(self) -> dict[str, Any]:
        fund = self.account("fund", by="person", may_go_below="0")
        if self.chance(40):
            self.accounts[fund]["at_most"] = "ceiling"
            self.reach("account with a ceiling")
        self.reach("each group of records")
        self.reach("account by key")
        test = self.one(
            ("ok", "ok and not (seen < on)", "seen - on <= 30 days", "seen is known", "amount > 10 " + self.currency)
        )
        start = self.one(
            (
                f"sum(amount where {test})",
                "sum(amount)",
                f"count(where ok) * {self.cash(0, 9)}",
                f"max(amount where {test}) else 1 {self.currency}",
            )
        )
        to = self.one((fund, fund, self.steady[0]))
        if to != fund:
            self.reach("groups together")
        return {
            "each": "person in packages",
            "start": start,
            "steps": [
                {"multiply": self.percent(0, 100)},
                {"at_least": "0"},
                *([{"at_most": self.cash(0, 99)}] if self.chance(30) else []),
            ],
            "from": self.payer(),
            "to": to,
        }

    def pay_units(self) -> dict[str, Any]:
        """Places, and no money."""
        self.reach("account of units")
        held = self.account("held", unit="count")
        start = self.one(("volume / 3", "volume * share", "volume - 2"))
        return {"unit": "count", "start": start, "steps": [{"at_least": "0"}], "from": self.payer(), "to": held}

    def pay_categories(self) -> dict[str, Any]:
        self.reach("each category")
        options = ["volumes * tariff", "tariff * volume", f"volumes * tariff - {self.cash(0, 200)}"]
        start = self.one([*options, *(["mix * tariff"] if "mix" in self.figures else [])])
        to: dict[str, Any] = {"to": self.one(self.steady)} if self.chance(50) else {"to": self.fixed(self.steady)}
        return {"each": "track", "start": start, "steps": self.steps(False, 2), "from": self.payer(), **to}

    def pay_advance(self) -> dict[str, Any]:
        """An advance, and a payment that it is taken back out of."""
        owed = self.account("advance", by="provider")
        payer = self.payers[0]
        self.payments["advance_paid"] = {
            "each": "provider",
            "start": self.cash(0, 900),
            "when": "met",
            "from": payer,
            "to": "provider",
            "owed": owed,
        }
        said = {
            "each": "provider",
            "start": self.one(("fee * 5%", self.cash(0, 900))),
            "steps": self.steps(True, 1),
            "from": payer,
            "to": "provider",
        }
        said["recoup"] = {"account": owed}
        if self.chance(50):
            said["recoup"]["at_most"] = self.one(("50% * earned", self.cash(0, 200)))
        self.reach("recoupment")
        return said

    def pay_from_reserve(self) -> dict[str, Any]:
        reserve = self.account("reserve", may_go_below="0")
        self.accounts[reserve]["may_go_below"] = "0"
        self.reach("an account pays")
        return {
            "start": self.cash(0, 900),
            "steps": [*self.steps(False, 1), {"at_least": "0"}],
            "from": reserve,
            **self.sharing(False, False),
        }

    def known_payments(self) -> None:
        makers = [
            self.pay_each,
            self.pay_each,
            self.pay_pool,
            self.pay_pool,
            self.pay_plain,
            self.pay_plain,
            self.pay_plain,
        ]
        makers += [
            self.pay_slices,
            self.pay_slices,
            self.pay_records,
            self.pay_groups,
            self.pay_categories,
            self.pay_advance,
        ]
        makers += [self.pay_from_reserve, self.pay_units]
        for i in range(self.number(1, 4)):
            maker = self.one(makers)
            if maker == self.pay_advance and "advance_paid" in self.payments:
                continue
            self.payments[f"pay{i}"] = said = maker()
            if self.chance(8):
                year = self.years.label(self.first)
                said["shadow"] = self.one(("true", {year: "true"}))
                self.reach("shadow payment")
        for said in self.payments.values():
            said["pays_for"] = "outcome"
            if not said.get("steps", True):
                del said["steps"]

    # ---- variations

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
                    "steps": [{"name": "step 0", "multiply": "70%"}, *self.payments[payment].get("steps", [])[1:]],
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
            found["board"] = self.some(self.decisions["board"]["signed_by"], 1)
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
        shortest = {"monthly": 1, "quarterly": 3, "yearly": 12}[self.settles]
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
            self.reach("quarters, then their year")
        else:
            first = self.number(0, 3)
            chosen = parts[first : first + self.number(1, 3)]
            after = self.years.year_of(year.end + DAY)
            if chosen[-1].end == year.end and after.end <= self.last and self.chance(50):
                chosen.append(self.years.parts(after, 3)[0])
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
                        if k in self.inputs and k not in rows and self.chance(50)
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
                again = {k: v for k, v in self.brought(period).items() if k in self.inputs or k in self.measures}
                again = {k: v for k, v in again.items() if k not in rows and self.chance(50)}
                steps.append({**step, "inputs": {**inputs, **again}, "final": self.chance(50)})
                self.reach("a period settled again")
        return Scenario(contract, steps, self.features)


def scenario(seed: int) -> Scenario:
    """The contract of a seed, with what is settled under it."""
    return Maker(seed).scenario()
