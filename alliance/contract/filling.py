"""What a contract gives for the parameters of a pack, and the pack's texts with it, counted towards what a contract
may hold."""

from __future__ import annotations

import re
from collections.abc import Mapping

from alliance.contract.faults import ContractError, Fault, Faults, Mark, did_you_mean
from alliance.contract.formula.building import FormulaError
from alliance.contract.formula.parse import parse
from alliance.contract.model.ruled import Pack, Parameter, Use
from alliance.contract.numbers import parse_number, parse_percent
from alliance.contract.source_nodes import Map, Node, Reading, Scalar, Seq
from alliance.contract.source_text import shown

MOST_GIVEN = 20_000  # characters of formulas, by all uses of packs together
LONGEST = 1_000  # characters of what a parameter is given
PLACE = re.compile(r"\$([a-z][a-z0-9_]*)")
_BREAKS = re.compile(r"[\"\\\x00-\x1f\x7f]")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_ONE = re.compile(r"[A-Za-z_][\w.]*|\d[\d_.]*%?")  # a formula that is one thing needs no brackets
_NAMES = ("payment", "events", "input", "measure", "figure", "party", "role", "account", "decision", "ladder", "name")
_HINT = "Use fewer packs, or smaller ones."


class Filling:
    """Fills in one use of a pack. What comes of it is as large as if it stood in the contract, and counts as that."""

    def __init__(self, values: Mapping[str, str | list[str]], reading: Reading, mark: Mark) -> None:
        self.values, self.reading, self.mark = values, reading, mark

    def node(self, node: Node) -> Node:
        """A node with what stands for each parameter in its texts. Raises `ContractError` where that is too much."""
        self._count(1)
        if isinstance(node, Map):
            return Map(((self.text(k), self.node(v)) for k, v in node.items()), node.mark)
        if isinstance(node, Seq):
            return Seq([self.node(item) for item in node], node.mark)
        whole = PLACE.fullmatch(node)
        several = self.values.get(whole[1]) if whole else None
        if isinstance(several, list):
            self._count(len(several))
            return Seq([Scalar(name, node.mark) for name in several], node.mark)
        return self.text(node)

    def text(self, text: Scalar) -> Scalar:
        """A text with what stands for each parameter. A name that is none of them is left, and is at fault where it is
        read."""
        if "$" not in text:
            return text
        found: list[str] = []
        at = 0
        for place in PLACE.finditer(text):
            here = self.values.get(place[1], place[0])
            found += [text[at : place.start()], here if isinstance(here, str) else ", ".join(here)]
            at = place.end()
            self._written(len(found[-1]))
        return Scalar("".join((*found, text[at:])), text.mark, text.quoted, text.null)

    def _count(self, nodes: int) -> None:
        reading = self.reading
        reading.expanded += nodes
        if reading.expanded > reading.limits.expanded:
            most = f"{reading.limits.expanded:,} keys, values and lists"
            self._refuse("AC020", f"with its packs written out the contract has more than {most}, which is the limit.")

    def _written(self, size: int) -> None:
        reading = self.reading
        reading.bytes += size
        if reading.bytes > reading.limits.total_bytes:
            most = f"{reading.limits.total_bytes:,} bytes"
            self._refuse("AC003", f"with its packs written out the contract is larger than {most}, which is the limit.")

    def _refuse(self, code: str, message: str) -> None:
        raise ContractError(Fault(code, message, self.mark, _HINT))


def given(use: Use, pack: Pack, reading: Reading, faults: Faults) -> dict[str, str | list[str]] | None:
    """The texts that stand for each parameter; None with a fault for each that is missing or of another kind."""
    before = len(faults.items)
    for name in use.with_:
        if name not in pack.parameters:
            hint = did_you_mean(name, pack.parameters) or f"It has: {', '.join(pack.parameters)}."
            faults.add("AC171", name.mark, f'the pack {pack.pack} has no parameter "{name[:40]}".', hint)
    found: dict[str, str | list[str]] = {}
    for name, parameter in pack.parameters.items():
        node = use.with_.get(name, parameter.default)
        if node is None or (isinstance(node, Scalar) and node.null):
            if parameter.optional:
                continue
            what = f"{parameter.is_}: {parameter.title}" if parameter.title else parameter.is_
            message = f"the pack {pack.pack} is used without {name} ({what})."
            faults.add("AC171", use.use.mark, message, f"Add it under with: {name}: ...")
            continue
        if name not in use.with_ and isinstance(node, Scalar):
            node = Filling(found, reading, use.use.mark).node(
                node
            )  # what is left out may be made of what stands before it
        value = value_of(parameter, node, str(name), reading, faults)
        if value is not None:
            found[str(name)] = value
    return found if len(faults.items) == before else None


def value_of(parameter: Parameter, node: Node, name: str, reading: Reading, faults: Faults) -> str | list[str] | None:
    """What a parameter comes to in the texts of a pack; None with a fault where it is not of its kind."""
    kind = str(parameter.is_)
    called = f"{name}: " if name else ""
    if kind in ("payments", "parties"):
        items = node if isinstance(node, Seq) else Seq([node], node.mark)
        names = [i for i in items if isinstance(i, Scalar) and _NAME.fullmatch(i)]
        if not names or len(names) < len(items):
            faults.add("AC171", node.mark, f"{called}names of {kind} are wanted here.")
            return None
        return [str(n) for n in names]
    if not isinstance(node, Scalar):
        faults.add("AC171", node.mark, f"{called}a single value is wanted here.")
        return None
    text = str(node).strip()
    if kind == "formula":
        reading.given += len(text)
        if reading.given > MOST_GIVEN:
            message = f"the formulas that packs are given have more than {MOST_GIVEN:,} characters, which is the limit."
            faults.add("AC171", node.mark, message, "Name what is said often as a figure, once.")
            return None
    problem = _problem(kind, text)
    if problem:
        faults.add("AC171", node.mark, f"{called}{shown(text, 60)} is not {problem}.")
        return None
    if kind == "formula":
        return text if _ONE.fullmatch(text) else f"({text})"
    return text.removesuffix(" days").strip() if kind == "days" else text


def _problem(kind: str, text: str) -> str:
    """What a text should be and is not; nothing where it is."""
    if "$" in text or len(text) > LONGEST:
        return f"a {kind} that a pack can be given"
    try:
        if kind in _NAMES:
            return "" if _NAME.fullmatch(text) else "a name" if kind == "name" else f"the name of a {kind}"
        if kind == "percent":
            parse_percent(text)
        elif kind in ("count", "money", "days"):
            parse_number(text.removesuffix(" days") if kind == "days" else text)
        elif kind == "formula":
            parse(text)
        elif kind == "text" and _BREAKS.search(text):
            return "a text that a pack can be given: it has a quotation mark, or a character that cannot be seen"
    except FormulaError as error:
        return f"a formula: {error.message.removesuffix('.')}"
    except ValueError:
        return {"percent": "a percentage, such as 5%"}.get(kind, f"a plain number of {kind}")
    return ""
