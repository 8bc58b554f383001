"""Generated contracts of a narrower kind, of which more can be said than of any contract."""

from __future__ import annotations

from typing import Any

from tests.oracle.generate import Maker, Scenario


class Bound(Maker):
    """Contracts with one payment that is held to caps and floors of parts of a penny."""

    def amount(self, low: int, high: int) -> str:
        return f"{self.number(low, high)}.{self.number(0, 999):03d} GBP"

    def bound(self) -> dict[str, Any]:
        steps: list[dict[str, Any]] = [{"add": self.amount(-20, 20)}] if self.chance(50) else []
        for index in range(self.number(1, 3)):
            step: dict[str, Any] = {self.one(("at_most", "at_least")): self.amount(-3, 9)}
            if self.chance(25):
                word = next(iter(step))
                step = {"name": f"{word} of a loss {index}", word: self.amount(0, 9), "only": "loss"}
            steps.append(step)
            if self.chance(20):
                steps.append(self.one(({"multiply": "100%"}, {"gate": "1 > 0"}, {"multiply": "50%"})))
        to = {"acute": "37%", "community": "63%"}
        self.whole = self.chance(60)
        payment: dict[str, Any] = {"pays_for": "outcome", "start": self.amount(-9, 9), "steps": steps, "from": "icb"}
        if self.chance(40):
            part = to if self.whole else {"acute": "37%", "rest": "stays"}
            payment["slices"] = [
                {"up_to": self.amount(0, 4), "to": part, "from": {"icb": "41%", "council": "59%"}},
                {"up_to": self.amount(0, 4), "to": to, "from": "council"},
                {"to": to},
            ]
        else:
            payment["to"] = to
            self.whole = True
        return {
            "alliance": "1",
            "contract": {
                "id": "bound",
                "title": "Bound",
                "term": {"from": "2026-04-01", "to": "2027-03-31"},
                "currency": "GBP",
            },
            "parties": {
                "icb": {"name": "icb", "role": "commissioner"},
                "council": {"name": "council", "role": "commissioner"},
                "acute": {"name": "acute", "role": "provider"},
                "community": {"name": "community", "role": "provider"},
            },
            "payments": {"p": payment},
        }


class Rising(Maker):
    """Contracts with one payment that goes by a result, and nothing in them that takes away as the result improves."""

    def rising_score(self, up: bool) -> dict[str, Any]:
        low, high, far = (f"{x}%" for x in sorted(self.some(range(121), 3, 3)))
        at = [low, high, far] if up else [far, high, low]
        heights = [f"{x}%" for x in sorted(self.some(range(0, 131, 3), 3, 3))]
        form = self.one(("line", "curve", "bands"))
        if form == "line":
            return {"nothing_at": at[0], "full_at": at[1], **({"held": "false"} if self.chance(30) else {})}
        if form == "curve":
            return {"curve": dict(zip(at, heights, strict=True))}
        return {"bands": self.bands([low, high], iter(heights if up else reversed(heights)).__next__)}

    def rising_step(self, index: int) -> dict[str, Any]:
        kind = self.one(
            (
                "multiply",
                "add",
                "corridor",
                "deadband",
                "curve",
                "bands",
                "at_most",
                "at_least",
                "deduct",
                "relieve",
                "round",
            )
        )
        found: dict[str, Any] = {"name": f"step {index}"}
        xs = [f"{x} GBP" for x in sorted(self.some(range(0, 4000, 7), 2, 3))]
        heights = [f"{x} GBP" for x in sorted(self.some(range(0, 3000, 11), len(xs) + 1, len(xs) + 1))]
        if kind in ("curve", "bands"):
            if kind == "curve":
                found["curve"] = {"points": dict(zip(xs, heights, strict=False))}
            else:
                found["bands"] = {"bands": self.bands(xs, iter(heights).__next__)}
        elif kind in ("corridor", "deadband"):
            word = "beyond" if kind == "deadband" else self.one(("reach", "exceed"))
            found[kind] = {word: f"{self.money(0, 900)} GBP"}
        elif kind == "round":
            found["round"] = {"to": self.one(("1", "0.5", "10")), "how": self.one(("half_up", "down", "up"))}
        elif kind == "multiply":
            found["multiply"] = self.percent(0, 150)
        else:
            low = -900 if kind == "add" else 0
            found[kind] = f"{self.number(low, 2_000)} GBP"
        if self.chance(30):
            found["only"] = self.one(("gain", "loss"))
        return found

    def rising(self) -> tuple[dict[str, Any], bool]:
        up = self.chance(50)
        steps = [{"multiply": "m.score"}, *(self.rising_step(i) for i in range(self.number(0, 4)))]
        if self.chance(30):
            steps.append({"gate": f"m.value {'>=' if up else '<='} {self.number(0, 100)}%", "only": "gain"})
        steps.insert(self.number(0, 1), {"add": f"{self.number(-300, 300)} GBP"})
        if "add" in steps[0]:
            steps[0]["add"] = "10 GBP"  # what a score multiplies is a gain
        return {
            "alliance": "1",
            "contract": {"id": "rising", "title": "Rising", "term": {"from": "2026-04-01", "to": "2027-03-31"}, "currency": "GBP"},
            "parties": {"icb": {"name": "icb", "role": "commissioner"}, "acute": {"name": "acute", "role": "provider"}},
            "measures": {"m": {"reported": "percent", "better": "higher" if up else "lower", "score": self.rising_score(up)}},
            "payments": {
                "p": {"pays_for": "outcome", "start": f"{self.money(0, 4_000)} GBP", "steps": steps, "from": "icb", "to": "acute"}
            },
        }, up  # fmt: skip


class Strict(Maker):
    """Contracts that say nothing of what is not known: whatever leans on it is then not known either."""

    said = ("else", "is known", "exclude", "previous", "zero")

    def policies(self, allowed: Any) -> dict[str, str]:
        return {}

    def known_inputs(self) -> None:
        super().known_inputs()
        for name in ("met", "which"):
            self.inputs[name].pop("if", None)
        self.percents.remove("share else 40%")
        self.truths.remove("share is known")

    def known_measures(self) -> None:
        super().known_measures()
        self.truths = [t for t in self.truths if "is known" not in t]

    def strict(self) -> Scenario | None:
        found = self.scenario()
        text = found.text
        if "if_unknown" in text or "is known" in text or ") else " in text or "last(" in text:
            return None
        return found
