"""The parts that payments of a generated contract are made of: steps, shares, slices, limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.oracle.draw.worked import Worked


class Parts(Worked):
    """Draws the parts of payments."""

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

    def loads(self, text: str) -> list[str]:
        """A start that reads money by party, worked out for each stretch, where there is such a figure."""
        return [text, text] if "load" in self.figures else []

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
        options += self.loads("sum(load for provider)")
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
        start = self.one(options)
        if "load" in start:
            self.reach("a start that reads money by party")
        return start

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
        longer = {"monthly": ["quarterly", "half-yearly"], "quarterly": ["half-yearly"]}
        options = [""] * 5 + ["yearly"] + longer.get(self.settles, [])
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
                "each": "month" if self.settles == "monthly" else self.one(("month", "quarter", "half-year")),
            }
        else:
            said["on_account"] = amount
        self.reach("on account")
