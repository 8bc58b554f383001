"""Variations and worked examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alliance.contract import entries as e
from alliance.contract.calendar import day_text
from alliance.contract.english import words as w
from alliance.contract.english.model import Entry, Section, Sentence
from alliance.contract.english.payments import holding
from alliance.contract.english.standing import Standing, at, shown, titles
from alliance.contract.english.steps import step
from alliance.contract.model.document import ENTRIES, StepChange, Variation
from alliance.contract.numbers import parse_number
from alliance.contract.source_nodes import Scalar
from alliance.contract.units import TEXT, Unit

_KINDS = {
    "parties": "party", "accounts": "account", "decisions": "decision", "terms": "term", "inputs": "input",
    "measures": "measure", "figures": "figure", "payments": "payment",
    "ladders": "ladder",
}  # fmt: skip


def variations(s: Standing) -> Section:
    """Every variation: made, effective, what it changes, and whether it is in force on the day."""
    entries = []
    for index, v in enumerate(s.contract.document.variations):
        clause = str(v.clause or "")
        entries.append(Entry("", str(v.title), clause, v.at.mark, tuple(_variation(s, index, v, clause))))
    return Section("Variations", (), tuple(entries))


def _variation(s: Standing, index: int, v: Variation, clause: str) -> Iterator[Sentence]:
    said = f"It was made on {day_text(v.made)}, for periods that begin on or after {day_text(v.effective)}"
    yield at(said, clause, v.at.value("made"))
    if index in s.chosen:
        now = "it is in force"
    elif v.made > s.day:
        now = "it is not yet made"
    else:
        now = "it is made and not yet in force"
    yield at(f"On {day_text(s.day)} {now}", clause, v.at.value("effective"))
    if v.made > v.effective:
        text = "It was made after it took effect: periods settled before then are settled again"
        yield at(text, clause, v.at.value("effective"))
    before = titles(s.contract.built)
    for part in ENTRIES:
        for name in getattr(v, part):
            verb = "It replaces" if name in getattr(s.contract.document, part) else "It adds"
            new = v.at.node[part].get(name)
            title = new.get("name" if part == "parties" else "title") if isinstance(new, Mapping) else None
            said = shown(str(title or before.get(str(name), "")), str(name))
            yield at(f"{verb} the {_KINDS[part]} {w.quoted(said)}", clause, v.at.value(part, str(name)))
    rules = {str(r.rule): str(r.title or "") for r in s.contract.document.rules}
    for name, change in v.rules.items():
        gone = isinstance(change, Scalar) and change.null
        verb = "It drops" if gone else "It replaces" if name in rules else "It adds"
        title = str(change.get("title") or "") if isinstance(change, Mapping) else ""
        said = shown(title or rules.get(str(name), ""), str(name).replace("-", " "))
        yield at(f"{verb} the rule {w.quoted(said)}", clause, v.at.node["rules"].key_mark(str(name)))
    for index_, change in enumerate(v.steps):
        yield at(_change(s, v, change), clause, v.at.value("steps", index_))


def _change(s: Standing, v: Variation, change: StepChange) -> str:
    after = s.contract.on(v.effective, max(v.made, s.day))
    payment = after.payments[str(change.payment)]
    title = w.quoted(shown(payment.title, payment.name))
    if change.remove is not None:
        return f"From {title} it takes out the step {w.quoted(str(change.remove))}"
    new = change.to or change.add
    found = next((x for x in payment.steps if new is not None and x.mark == new.at.mark), None)
    varied = Standing.on(s.contract, max(v.effective, v.made))
    text = f": {step(holding(varied, payment), found, payment.unit)}" if found is not None else ""
    if change.set is not None:
        return f"In {title} it changes the step {w.quoted(str(change.set))}{text}"
    where = ""
    if change.before is not None:
        where = f" before {w.quoted(str(change.before))}"
    elif change.after is not None:
        where = f" after {w.quoted(str(change.after))}"
    return f"In {title} it adds a step{where or ' at the end'}{text}"


def examples(s: Standing) -> Section:
    """The worked examples that the contract carries."""
    entries = [Entry("", x.title, x.clause, x.mark, tuple(_example(s, x))) for x in s.contract.examples]
    about = ("A contract whose examples fail does not settle.",) if entries else ()
    return Section("Examples", about, tuple(entries))


def _example(s: Standing, x: e.Example) -> Iterator[Sentence]:
    for before in x.earlier:
        known = f", as known on {day_text(before.as_of)}" if before.as_of else ""
        text = f"First settling {before.period.label}{known}, given {_given(s, before.given)}"
        yield at(text, x.clause, x.mark)
    known = f", as known on {day_text(x.as_of)}" if x.as_of else ""
    if x.interim:
        known += f", its earlier {x.interim}s settled before it"
    yield at(f"Settling {x.period.label}{known}, given {_given(s, x.given)}", x.clause, x.mark)
    opening = [text for name, value in x.opening.items() for text in _brought(s, name, value)]
    if opening:
        yield at(f"It opens with {'; '.join(opening)}", x.clause, x.mark)
    for line in x.expect:
        found, expected = s.condition(line.found), s.condition(line.expected)
        verb = "should hold" if line.found.unit.kind == "boolean" and expected == "yes" else f"should be {expected}"
        if line.found.unit.kind == "boolean" and expected == "no":
            verb, found = "should not hold", found.removesuffix(" holds")
        found = found.removesuffix(" holds") if verb == "should hold" else found
        yield at(f"{found} {verb}", x.clause, line.found.mark)
    if x.fires is not None:
        titles = {rule.name: rule.title for rule in s.built.rules}
        listed = w.joined(w.quoted(titles.get(name, name)) for name in x.fires)
        rules = f"{listed}, and no other rule, should hold" if listed else "No rule should hold"
        yield at(rules, x.clause, x.mark)
    for what, many in (x.duties or {}).items():
        yield at(f"{w.counted(many, 'duty')} should arise: {what}", x.clause, x.mark)


def _given(s: Standing, given: Mapping[str, object]) -> str:
    return "; ".join(text for name, value in given.items() for text in _brought(s, name, value)) or "nothing"


def _brought(s: Standing, name: str, value: object, when: str = "") -> Iterator[str]:
    """What an example is given or opens with: a value by its unit, for whom, in which period; records are counted."""
    if name == "periods" and isinstance(value, Mapping):
        for label, inner in value.items():
            for key, item in inner.items():
                yield from _brought(s, str(key), item, f" in {label}")
        return
    parts: tuple[Mapping[str, e.Input | e.Measure | e.Account], ...] = (s.built.inputs, s.built.measures)
    unit = next((part[name].unit for part in (*parts, s.built.accounts) if name in part), TEXT)
    subject = f"{s.speaker.phrase(name)}{when}"
    if isinstance(value, Mapping) and "value" not in value and "status" not in value:
        listed = w.joined(f"{_text(s, v, unit)} for {s.speaker.title(str(k))}" for k, v in value.items())
        yield f"{subject}: {listed}"
    elif isinstance(value, list):
        records = all(isinstance(v, Mapping) for v in value)
        listed = w.counted(len(value), "record") if records else s.named(str(v) for v in value)
        yield f"{subject}: {listed}"
    else:
        yield f"{subject}: {_text(s, value, unit)}"


def _text(s: Standing, value: object, unit: Unit) -> str:
    """One value, with its cases and its status where they are given."""
    if isinstance(value, Mapping):
        cases = f" of {value['cases']} cases" if value.get("cases") else ""
        status = f" ({value['status']})" if value.get("status") else ""
        if value.get("value") is None:
            return f"{value.get('status', 'missing')}{cases}"
        return f"{_text(s, value['value'], unit)}{cases}{status}"
    try:
        return s.value(parse_number(str(value)), unit)
    except ValueError:
        return s.speaker.title(str(value))
