"""What people's answers to an instrument came to: everybody's together, in public or not, and each person's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alliance.contract.numbers import Number, to_decimal_text, to_exact_text
from alliance.measures.coarse import coarse_mean
from alliance.measures.instruments import Instrument, OnScale, Person, Result
from alliance.measures.suppression import HIDDEN, Shown, disclosed_share, disclosed_together
from alliance.reports.instruments import count, number, percent
from alliance.reports.model import QUIET, Report, Row, Section, Text, report, section, table

SCORE_COLUMNS = ("part", "name", "key", "value", "people")


@dataclass(frozen=True, slots=True)
class Told:
    """One figure of a result: its part, name and key, its text, and over how many people it is."""

    part: str
    name: str
    key: str
    value: str
    people: str = ""


def told(instrument: Instrument, result: Result, public: bool = False) -> list[Told]:
    """Every figure of a result.

    In public, counts from 1 to 7 are hidden, others rounded to the nearest 5, and whatever would give a hidden one away
    is hidden with it; shares are of rounded counts, means as coarse as counts, and all extremes are left out.
    """
    counts, sums = _counts(instrument, result)
    shown: Mapping[str, Shown] = disclosed_together(counts, sums) if public else counts
    return [
        *_response(instrument, result, shown, public),
        *(line for scale in result.scales.values() for line in _scale(instrument, scale, shown, public)),
        *_sides(result, shown, public),
        *_items(instrument, result, shown),
    ]


def _counts(instrument: Instrument, result: Result) -> tuple[dict[str, int], list[tuple[str, list[str]]]]:
    """Every count of people in a result by name, and which of them add up to which."""
    counts = {"asked": result.asked, "responded": result.responded, "counted": result.counted}
    sums: list[tuple[str, list[str]]] = []

    def divide(total: str, parts: Mapping[str, int]) -> None:
        counts.update(parts)
        sums.append((total, list(parts)))

    divide("asked", {"responded": result.responded, "silent": result.asked - result.responded})
    divide("responded", {"counted": result.counted, "uncounted": result.responded - result.counted})
    for total, counting in ("counted", True), ("uncounted", False):
        modes = {f"mode {n}": result.by_mode[n] for n, m in instrument.modes.items() if m.counts == counting}
        if modes:
            divide(total, modes)
    for scale in result.scales.values():
        on = f"scale {scale.name}"
        divide("counted", {f"{on} scored": scale.scored, f"{on} unscored": result.counted - scale.scored})
        if scale.kind == "all":
            met = int(scale.total)
            divide(f"{on} scored", {f"{on} met": met, f"{on} not met": scale.scored - met})
    if result.sides is not None:
        s = result.sides
        only = {"benefit only": s.benefit - s.both, "harm only": s.harm - s.both}
        divide("counted", {**only, "both": s.both, "neither": s.neither})
    for item in result.items.values():
        answers = {f"item {item.name}: {code}": people for code, people in item.answers.items()}
        divide("counted", {**answers, f"missing {item.name}": item.missing})
    return counts, sums


def _response(instrument: Instrument, result: Result, shown: Mapping[str, Shown], public: bool) -> Iterator[Told]:
    rate = disclosed_share(shown["responded"], shown["asked"]) if public else result.rate
    yield Told("response", "asked", "", count(shown["asked"]))
    yield Told("response", "responded", "", count(shown["responded"]))
    yield Told("response", "rate", "", percent(rate))
    yield Told("response", "weight", "", percent(instrument.weight(rate) if rate is not None else None))
    yield Told("response", "counted", "", count(shown["counted"]))
    for mode in instrument.modes.values():
        yield Told("completion", mode.name, mode.label, count(shown[f"mode {mode.name}"]))


def _scale(instrument: Instrument, scale: OnScale, shown: Mapping[str, Shown], public: bool) -> Iterator[Told]:
    on = f"scale {scale.name}"
    over = shown[f"{on} scored"]
    people = count(over)
    if scale.kind == "all":
        met = shown[f"{on} met"]
        yield Told("scale", scale.name, "everything", count(met), people)
        share = disclosed_share(met, over) if public else scale.mean
        yield Told("scale", scale.name, "share", percent(share), people)
    else:
        mean = _coarse(scale, over) if public else scale.mean
        write = percent if instrument.scales[scale.name].is_share else number
        yield Told("scale", scale.name, "mean", HIDDEN if mean is None is not scale.mean else write(mean), people)
        if not public:
            yield Told("scale", scale.name, "least", write(scale.least), people)
            yield Told("scale", scale.name, "most", write(scale.most), people)
    if not public:
        for why, several in scale.unscored.items():
            yield Told("scale", scale.name, f"not scored: {why}", "", count(several))


def _coarse(scale: OnScale, over: Shown) -> Number | None:
    """A mean as it may be published: as coarse as the count of people that it is over."""
    if scale.mean is None or scale.least is None or scale.most is None or over is None:
        return scale.mean if over == 0 else None
    return coarse_mean(scale.mean, scale.scored, (scale.least, scale.most))


def _sides(result: Result, shown: Mapping[str, Shown], public: bool) -> Iterator[Told]:
    sides = result.sides
    if sides is None:
        return
    everybody = count(shown["counted"])
    for key in ("benefit only", "harm only", "both", "neither"):
        yield Told("people", key, "", count(shown[key]), everybody)
    if not public:
        yield Told("people", "some benefit", "", count(sides.benefit), everybody)
        yield Told("people", "some harm", "", count(sides.harm), everybody)
        yield Told("items", "benefits", "", count(sides.benefits), everybody)
        yield Told("items", "harms", "", count(sides.harms), everybody)


def _items(instrument: Instrument, result: Result, shown: Mapping[str, Shown]) -> Iterator[Told]:
    everybody = count(shown["counted"])
    for item in result.items.values():
        for code in item.answers:
            label = instrument.items[item.name].answers[code].label
            yield Told("item", item.name, label, count(shown[f"item {item.name}: {code}"]), everybody)
        yield Told("item", item.name, "missing", count(shown[f"missing {item.name}"]), everybody)


def scored(instrument: Instrument, result: Result, public: bool = False) -> Report:
    """A result for reading."""
    lines = told(instrument, result, public)
    parts = {part: [line for line in lines if line.part == part] for part in dict.fromkeys(t.part for t in lines)}
    sides = [*parts.get("people", ()), *parts.get("items", ())]
    titles = {s.name: s.title for s in instrument.scales.values()}
    note = (
        "Counts from 1 to 7 are hidden (*), others are to the nearest 5, and means as coarse as that." if public else ""
    )
    return report(
        instrument.title,
        f"version {instrument.version}",
        [(line.name.capitalize(), line.value) for line in parts["response"]],
        (
            section("Scales", table(("Scale", "What", ">Value", ">People"), _scale_rows(parts["scale"], titles))),
            section(
                "Benefit and harm, each by itself",
                table(("What", ">How many", ">Of people"), [(f"{s.part}: {s.name}", s.value, s.people) for s in sides]),
            ),
            section(
                "Who completed it",
                table(("Way", ">People"), [(m.key, m.value) for m in parts.get("completion", ())]),
            ),
            section("Items", table(("Item", "Answer", ">People"), list(_item_rows(parts["item"])))),
            Section("", (Text(note, QUIET),) if note else ()),
        ),
    )


def _scale_rows(lines: Sequence[Told], titles: Mapping[str, str]) -> Iterator[Row]:
    before = ""
    for line in lines:
        name = "" if line.name == before else titles[line.name]
        before = line.name
        yield Row((name, line.key, line.value, line.people), QUIET if line.key.startswith("not scored") else "")


def _item_rows(lines: Sequence[Told]) -> Iterator[tuple[str, ...]]:
    before = ""
    for line in lines:
        if line.value == "0":
            continue
        yield ("" if line.name == before else line.name, line.key, line.value)
        before = line.name


def scored_dict(instrument: Instrument, result: Result, public: bool = False) -> dict[str, Any]:
    """A result as plain JSON values, texts as they are shown; with what made it, so that it can be traced."""
    return {
        "instrument": instrument.id,
        "version": instrument.version,
        "digest": instrument.digest,
        "public": public,
        "figures": [
            {"part": t.part, "name": t.name, "key": t.key, "value": t.value, "people": t.people or None}
            for t in told(instrument, result, public)
        ],
    } | ({} if public else {"exact": _exact(result)})


def _exact(result: Result) -> dict[str, Any]:
    return {
        "asked": result.asked,
        "responded": result.responded,
        "rate": to_exact_text(result.rate),
        "weight": to_exact_text(result.weight),
        "scales": {
            s.name: {
                "scored": s.scored,
                "total": to_exact_text(s.total),
                "mean": None if s.mean is None else to_exact_text(s.mean),
            }
            for s in result.scales.values()
        },
    }


def scored_rows(instrument: Instrument, result: Result, public: bool = False) -> Iterator[tuple[str, ...]]:
    """A result as rows, a figure each."""
    for t in told(instrument, result, public):
        yield (t.part, t.name, t.key, t.value, t.people)


# single people


def people_columns(instrument: Instrument) -> tuple[str, ...]:
    """The columns of the people's own scores."""
    return ("person", "date", "completion", "counts", "benefits", "harms", *instrument.scales, "not_scored")


def people_rows(
    instrument: Instrument, people: Iterable[Person], write: Callable[[Number], str] = to_decimal_text
) -> Iterator[tuple[str, ...]]:
    """A row for each person who answered: scores in decimals, empty where there is none, the reasons at the end."""
    for p in people:
        if not p.answered.responded:
            continue
        scores = [p.scores[name] for name in instrument.scales]
        values = ["" if s.value is None else write(s.value) for s in scores]
        whys = [f"{name}: {s.why}" for name, s in zip(instrument.scales, scores, strict=True) if s.why]
        on = p.answered.on.isoformat() if p.answered.on else ""
        first = (p.answered.person, on, p.answered.mode, "yes" if p.counts else "no", str(p.benefits), str(p.harms))
        yield (*first, *values, "; ".join(whys))


def people_report(instrument: Instrument, people: Iterable[Person]) -> Report:
    """The people's own scores for reading."""
    heads = [c if c in ("person", "date", "completion", "counts", "not_scored") else f">{c}" for c in
             people_columns(instrument)]  # fmt: skip
    rows = table(tuple(h.replace("_", " ") for h in heads), people_rows(instrument, people))
    return report(instrument.title, f"version {instrument.version}", (), (section("People", rows),))
