"""What instruments are: for reading, and for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from alliance.contract.numbers import Number, normal, to_decimal_text, to_exact_text
from alliance.measures.instruments import Instrument, Scale
from alliance.measures.suppression import HIDDEN, Shown
from alliance.reports.model import Report, report, section, table

LIST_COLUMNS = ("name", "version", "title", "items", "scales")
SHOW_COLUMNS = ("part", "name", "text", "answer", "label", "value", "side")
_KINDS = {
    "sum": "sum of the answers' values",
    "mean": "mean of the answers' values",
    "count": "how many answers count",
    "share": "share of the answers that count",
    "all": "all or nothing: every item must count",
    "state": "value of the state that the answers make",
}


# what there is


def listed(found: Iterable[tuple[str, Instrument]]) -> Report:
    """The instruments that come with the package, a line each."""
    rows = [(name, i.version, i.title, str(len(i.items)), str(len(i.scales))) for name, i in found]
    return Report("", sections=(section("", table(("Name", "Version", "Title", ">Items", ">Scales"), rows)),))


def listed_dict(found: Iterable[tuple[str, Instrument]]) -> list[dict[str, Any]]:
    """The same as plain JSON values."""
    return [
        {"name": name, "version": i.version, "title": i.title, "items": len(i.items), "scales": len(i.scales)}
        for name, i in found
    ]


def described(instrument: Instrument) -> Report:
    """An instrument in full: what is asked, what may be answered, how it is scored."""
    asked = table(("Item", "Text"), [(item.name, item.text) for item in instrument.items.values()])
    answers = table(("Item", "Answer", "Label", ">Value", "Counts as"), list(_answer_rows(instrument)))
    scales = table(
        ("Scale", "Title", "Score", "Items", "Missing at most", "Converted", "Better"),
        [_scale_row(s, instrument) for s in instrument.scales.values()],
    )
    modes = [(m.name, m.label, "yes" if m.counts else "no, told apart") for m in instrument.modes.values()]
    weights = [(percent(rate), percent(weight)) for rate, weight in instrument.response]
    return report(
        instrument.title,
        instrument.about,
        (("Version", instrument.version), ("Source", instrument.source), ("Fingerprint", instrument.digest)),
        (
            section("Items", asked),
            section("Answers", answers),
            section("Scales", scales),
            section("Ways of completing it", table(("Name", "Label", "Counts"), modes)),
            section("Weight by response rate", table((">Response", ">Weight"), weights)),
        ),
    )


def _answer_rows(instrument: Instrument) -> Iterator[tuple[str, ...]]:
    before = None
    for item in instrument.items.values():
        rows = [
            (a.code, a.label, "" if a.value is None else number(a.value), a.side or a.counts_as)
            for a in item.answers.values()
        ]
        if rows == before:
            yield (item.name, "as above", "", "", "")
            continue
        for i, row in enumerate(rows):
            yield (item.name if i == 0 else "", *row)
        before = rows


def _scale_row(scale: Scale, instrument: Instrument) -> tuple[str, ...]:
    every = len(scale.items) == len(instrument.items)
    converted = "by a table" if scale.table else "by a table that is supplied" if scale.supplied else ""
    items = "all" if every else ", ".join(scale.items)
    return (scale.name, scale.title, _KINDS[scale.kind], items, str(scale.most_missing), converted, scale.better)


def described_dict(instrument: Instrument) -> dict[str, Any]:
    """An instrument as plain JSON values; the tables that its user supplies are left out."""
    return {
        "id": instrument.id,
        "title": instrument.title,
        "version": instrument.version,
        "about": instrument.about,
        "source": instrument.source,
        "digest": instrument.digest,
        "items": {
            item.name: {
                "text": item.text,
                "answers": {
                    a.code: {
                        "label": a.label,
                        "value": None if a.value is None else to_exact_text(a.value),
                        "side": a.side or None,
                        "counts_as": a.counts_as or None,
                    }
                    for a in item.answers.values()
                },
            }
            for item in instrument.items.values()
        },
        "scales": {
            s.name: {
                "title": s.title,
                "score": s.kind,
                "items": list(s.items),
                "missing_at_most": s.most_missing,
                "better": s.better or None,
                "converted": s.table is not None,
                "supplied": s.supplied,
            }
            for s in instrument.scales.values()
        },
        "completion": {m.name: {"label": m.label, "counts": m.counts} for m in instrument.modes.values()},
        "response": [[to_exact_text(x), to_exact_text(y)] for x, y in instrument.response],
    }


def described_rows(instrument: Instrument) -> Iterator[tuple[str, ...]]:
    """An instrument as rows: one for each answer of each item, then one for each scale."""
    for item in instrument.items.values():
        for a in item.answers.values():
            value = "" if a.value is None else to_decimal_text(a.value)
            yield ("item", item.name, item.text, a.code, a.label, value, a.side or a.counts_as)
    for scale in instrument.scales.values():
        yield ("scale", scale.name, scale.title, "", _KINDS[scale.kind], "", scale.better)


# figures in words


def count(people: Shown) -> str:
    """A count with its thousands set apart, or a star where it is hidden."""
    return HIDDEN if people is None else f"{people:,}"


def percent(share: Number | None) -> str:
    """A share of one as a percentage to one place; a star where there is none."""
    return HIDDEN if share is None else to_decimal_text(normal(Fraction(share) * 100), 1) + "%"


def number(value: Number | None) -> str:
    """A number: whole ones as they are, others to three places; nothing where there is none."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else to_decimal_text(value, 3)
