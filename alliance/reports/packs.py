"""What packs of rules are: for reading, and for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from alliance.contract.contract import load
from alliance.contract.english.model import Entry
from alliance.contract.english.reading import read
from alliance.contract.model.ruled import VERBS, Pack, Parameter
from alliance.contract.source import Map, Node, Scalar, Seq, plain
from alliance.reports.model import Branch, Report, Section, Text, report, section, table

LIST_COLUMNS = ("name", "version", "title", "parameters")
SHOW_COLUMNS = ("parameter", "is", "title", "default", "optional")
KINDS = {
    "payment": "a payment",
    "payments": "one payment or several",
    "events": "a table of events or records",
    "input": "an input",
    "measure": "a measure",
    "figure": "a figure",
    "party": "a party",
    "parties": "one party or several",
    "role": "a role of parties",
    "account": "an account",
    "decision": "a decision",
    "ladder": "a ladder",
    "percent": "a percentage",
    "count": "a number",
    "days": "days",
    "money": "a sum of money",
    "name": "a name",
    "text": "words",
    "formula": "a formula",
}


def listed(found: Iterable[Pack]) -> Report:
    """The packs that come with the package, a line each."""
    rows = [(p.pack, p.version, p.title) for p in found]
    return report("", "", (), [section("", table(("Name", "Version", "Title"), rows))])


def listed_rows(found: Iterable[Pack]) -> Iterator[tuple[str, ...]]:
    """The same as rows of CSV."""
    for p in found:
        yield (p.pack, p.version, p.title, " ".join(p.parameters))


def listed_dict(found: Iterable[Pack]) -> list[dict[str, Any]]:
    """The same as plain JSON values."""
    return [
        {
            "name": str(p.pack),
            "version": str(p.version),
            "title": str(p.title),
            "about": str(p.about or "").strip(),
            "parameters": {str(name): _parameter_dict(one) for name, one in p.parameters.items()},
        }
        for p in found
    ]


def _parameter_dict(one: Parameter) -> dict[str, Any]:
    return {
        "is": str(one.is_),
        "title": str(one.title or ""),
        "default": None if one.default is None else plain(one.default),
        "optional": bool(one.optional),
        "fields": {str(name): str(kind) for name, kind in one.fields.items()},
    }


def described(pack: Pack, root: Map, path: Path) -> Report:
    """A pack in full: what it is for, what it asks of a contract, and its rules."""
    asked = [
        (str(name), KINDS[str(one.is_)], left_out_of(one), _said(one))
        for name, one in pack.parameters.items()
    ]  # fmt: skip
    facts = [("Version", str(pack.version)), ("Use it as", f"use: {pack.pack}")]
    if (path.parent / "README.md").is_file():
        facts.append(("Read more in", "/".join((path.parent / "README.md").parts[-3:])))
    return report(
        str(pack.title),
        str(pack.about or "").strip(),
        tuple(facts),
        [
            section("What a contract gives it", table(("Name", "Is", "Left out", "What it is"), asked)),
            *_rules(pack, root, path),
        ],
    )


def _said(one: Parameter) -> str:
    fields = ", ".join(f"{name} ({kind})" for name, kind in one.fields.items())
    return f"{one.title or ''}" + (f"; with the fields {fields}" if fields else "")


def _plainly(value: Any) -> Any:
    """A default with the names of the other parameters that it stands on, without their dollars."""
    return value.replace("$", "") if isinstance(value, str) else value


def left_out_of(one: Parameter) -> str:
    """What stands where a parameter is left out."""
    if one.default is not None:
        found = _plainly(plain(one.default))
        return ", ".join(map(str, found)) if isinstance(found, list) else str(found)
    return "not done" if one.optional else "must be given"


def _rules(pack: Pack, root: Map, path: Path) -> Iterator[Section]:
    """The rules of a pack in plain words, as its example has them; as they are written where it has none."""
    entries = list(example_rules(pack, path))
    if not entries:
        about = Text("As they are written. A name after a dollar stands for what a contract gives.")
        rows = [(name, title, text) for name, title, said in written(root) for text in said]
        yield section("Its rules", about, table(("Rule", "Title", "Says"), rows))
        return
    yield section("Its rules", Text("As its example has them, with the example's own names and figures."))
    for entry in entries:
        parts = tuple(Branch(s.text) for s in entry.sentences if s.deep)
        first, *rest = (s.text for s in entry.sentences if not s.deep)
        yield section(entry.title, Branch(first, parts=parts), *map(Text, rest), level=2)


def example_rules(pack: Pack, path: Path) -> Iterator[Entry]:
    """The rules of a pack as a contract that stands in its folder reads them, in plain English."""
    example = path.parent / "example" / "contract.yaml"
    if not example.is_file():
        return
    contract = load(example)
    packs = {str(r.rule): str(r.pack or "") for r in contract.document.rules}
    sections = read(contract, contract.built.start).sections
    for entry in next((s.entries for s in sections if s.title == "Rules"), ()):
        if packs.get(entry.name) == f"{pack.pack} {pack.version}":
            said = entry.sentences[1:]  # the first says which pack it comes from
            yield Entry(entry.name, entry.title, entry.clause, entry.mark, said)


def written(root: Map) -> Iterator[tuple[str, str, list[str]]]:
    """Each rule as its pack has it: its name, its title, and what it says, a line for each part."""
    rules = root.get("rules")
    for rule in rules if isinstance(rules, Seq) else ():
        if isinstance(rule, Map):
            said = [f"{key}: {_one(rule[key])}" for key in ("for", "when", "absent", "lasting") if key in rule]
            then = rule.get("then")
            for c in then if isinstance(then, Seq) else ():
                if isinstance(c, Map):
                    keys = sorted(c, key=lambda k: str(k) not in VERBS)
                    said.append("then " + ", ".join(f"{k}: {_one(c[k])}" for k in keys))
            yield str(rule.get("rule", "")), str(rule.get("title", "")), said


def _one(node: Node) -> str:
    if isinstance(node, Scalar):
        return " ".join(str(node).split())
    if isinstance(node, Seq):
        return "; ".join(_one(item) for item in node)
    return ", ".join(f"{key} {_one(value)}" for key, value in node.items())


def described_rows(pack: Pack) -> Iterator[tuple[str, ...]]:
    """The parameters of a pack as rows of CSV."""
    for name, one in pack.parameters.items():
        default = "" if one.default is None else left_out_of(one)
        yield (str(name), str(one.is_), str(one.title or ""), default, "yes" if one.optional else "no")


def described_dict(pack: Pack, root: Map, path: Path) -> dict[str, Any]:
    """A pack as plain JSON values: its rules as they are written, and in plain English as its example has them."""
    found: Mapping[str, Any] = listed_dict([pack])[0]
    return {
        **found,
        "rules": [{"name": name, "title": title, "says": said} for name, title, said in written(root)],
        "in_words": {entry.name: [s.text for s in entry.sentences] for entry in example_rules(pack, path)},
    }
