"""Measures and figures of a generated contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.oracle.draw.known import Known
from tests.oracle.plain import DAY, months_on


class Worked(Known):
    """Draws what is worked out."""

    def scored(self, better: str = "", depth: int = 0) -> dict[str, Any]:
        form = self.one(("line", "line", "curve", "bands", "better_of" if depth == 0 else "line"))
        self.reach(f"score {form}")
        low = self.number(0, 60)
        high = low + self.number(1, 40)
        found: dict[str, Any]
        if form == "line":
            up = better == "higher" if better else self.chance(60)
            found = {"nothing_at": f"{low if up else high}%", "full_at": f"{high if up else low}%"}
            if up and self.chance(30):
                found["then"] = {f"{high + self.number(1, 20)}%": self.percent(100, 130)}
                self.reach("score then")
            if self.chance(25):
                found["nothing_at"] = self.one(("share", "share", "rate"))
                self.reach("score from what is brought")
        elif form == "curve":
            xs = [low, high, high + self.number(1, 20)]
            if self.chance(40):
                xs.reverse()
            found = {"curve": {f"{x}%": self.percent() for x in xs}}
        elif form == "bands":
            found = {"bands": self.bands([f"{low}%", f"{high}%"], self.percent)}
        else:
            found = {"better_of": {n: self.scored(better, 1) for n in ("attained", "improved")[: self.number(1, 2)]}}
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
                if better := self.one(("", "higher", "lower")):
                    measure["better"] = better
                    self.reach("score of what is said to be better")
                measure["score"] = self.scored(better)
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
        kind = self.number(1, 12)
        words = ("+", "max", "min", "if", "else", "clamp", "round", "sum", "mean", "largest of many", "count where")
        words += ("a curve",)
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
            self.one((f"100% / (1 + exp(-5 * ({a})))", f"100% * sqrt({a})", f"100% * ln(150% + {a})")),
        )[kind - 1]
