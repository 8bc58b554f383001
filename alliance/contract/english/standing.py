"""A contract as it stands on a day: what is built of it, the file as varied, and what its names are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Protocol, TypeVar

from alliance.contract import entries as e
from alliance.contract.build.validating import exprs
from alliance.contract.build.whole import Built
from alliance.contract.contract import Contract
from alliance.contract.english import words as w
from alliance.contract.english.model import Entry, Sentence
from alliance.contract.faults import Faults, Mark
from alliance.contract.formula import tree as t
from alliance.contract.formula.check import check
from alliance.contract.formula.english import Speaker
from alliance.contract.formula.parse import parse
from alliance.contract.formula.scope import PARTY, Scope
from alliance.contract.model.document import Document
from alliance.contract.numbers import Number
from alliance.contract.shape import read_document
from alliance.contract.source import Scalar
from alliance.contract.units import Unit
from alliance.contract.variation import in_force, varied

Shape = TypeVar("Shape")


class Titled(Protocol):
    """Whatever has a title."""

    @property
    def title(self) -> str:
        """What it is called."""


@dataclass(frozen=True)
class Standing:
    """What every section of a reading needs."""

    contract: Contract
    day: date
    chosen: tuple[int, ...]
    built: Built
    document: Document
    speaker: Speaker

    @classmethod
    def on(cls, contract: Contract, day: date, known: date | None = None) -> Standing:
        """The contract as it stands for a period that starts on a day, as known on that day or on another."""
        chosen = in_force(contract.document.variations, day, known or day)
        built, document = contract.variant(chosen), contract.document
        if chosen:
            faults = Faults()
            read = read_document(varied(contract.root, document.variations, chosen, faults), faults)
            assert read is not None, "every set of variations is read when the contract is loaded"
            document = read
        return cls(contract, day, chosen, built, document, Speaker(titles(built), built.currency, built.payments))

    # words

    @cached_property
    def timed(self) -> frozenset[str]:
        """The names of the reports of which some formula reads how late they came."""
        read = (ref for expr in exprs(self.built) for ref in t.names(expr.node))
        return frozenset(ref.name for ref in read if ref.attribute == "days_late")

    def say(self, expr: e.Expr) -> str:
        """A formula in words; one that is true or false as "whether ..."."""
        said = self.speaker(expr.node, expr.text)
        return f"whether {said}" if expr.unit.kind == "boolean" else said

    def condition(self, expr: e.Expr) -> str:
        """A formula that is true or false as a clause."""
        return self.speaker(expr.node, expr.text)

    def formula(self, text: str, scope: Scope | None = None) -> str:
        """A formula of the file that is not kept built, in words. It was checked when the contract was loaded."""
        node, _ = check(parse(text), scope or self.built.scope)
        return self.speaker(node, text)

    def value(self, value: Number, unit: Unit) -> str:
        """A value by its unit."""
        return w.value_text(value, unit.kind, self.built.currency, self.built.places)

    def who(self, name: str) -> str:
        """A party or an account inside a sentence."""
        return self.speaker.account(name) if name in self.built.accounts else self.speaker.title(name)

    def named(self, names: Iterable[str], word: str = "and") -> str:
        """Parties and accounts as a list."""
        return w.joined([self.who(n) for n in names], word)

    def option(self, by: str, key: str) -> str:
        """A party, or an option of a category."""
        return self.who(key) if by == PARTY else w.spaced(key)

    def each(self, part: str, name: str, by: str) -> str:
        """What an entry has one of for each, as the file says it: a role or a category."""
        found = getattr(self.document, part).get(name)
        spelled = next((v for v in (getattr(found, "by", None), getattr(found, "each", None)) if v is not None), by)
        said = str(spelled)
        loop = self.built.scope.loops.get(said)
        return w.spaced(loop.name if loop is not None else said)

    # sentences

    def entry(self, item: object, title: str, sentences: Iterable[Sentence | str]) -> Entry:
        """An entry of what has a name, a clause and a place; a plain text becomes a sentence at that place."""
        name, clause, mark = (getattr(item, field) for field in ("name", "clause", "mark"))
        found = [s if isinstance(s, Sentence) else Sentence(w.sentence(s), clause, mark) for s in sentences]
        return Entry(name, title, clause, mark, tuple(found))

    def note(self, part: str, name: str) -> list[str]:
        """The note that the file carries on an entry."""
        found = getattr(getattr(self.document, part).get(name), "note", None)
        return [f"Note: {found}"] if found else []


def shape(part: Mapping[Scalar, Shape], name: str) -> Shape:
    """The shape of an entry in the file, as varied."""
    return part[name]  # type: ignore[index]


def titles(built: Built) -> dict[str, str]:
    """What each name of a contract is called."""
    parts: tuple[Mapping[str, Titled], ...] = (
        *(built.parties, built.accounts, built.decisions, built.terms),
        *(built.inputs, built.measures, built.figures, built.payments, built.ladders),
    )
    return {name: shown(item.title, name) for part in parts for name, item in part.items()}


def shown(title: str, name: str) -> str:
    """A title, or the words of a name where there is none."""
    said = w.spaced(name) if title in ("", name) else title
    return said[:1].upper() + said[1:]


def at(text: str, clause: str, mark: Mark, number: str = "", deep: bool = False) -> Sentence:
    """A sentence at its place."""
    return Sentence(w.sentence(text), clause, mark, number, deep)
