"""What building every part shares: the faults found, the names known so far, and how a formula is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from alliance.contract import entries as e
from alliance.contract.calendar import SETTLES, Calendar, Period, PeriodError
from alliance.contract.faults import Faults, Mark, did_you_mean, one_of
from alliance.contract.formula.building import FormulaError
from alliance.contract.formula.check import check
from alliance.contract.formula.evaluate import compiled
from alliance.contract.formula.parse import parse
from alliance.contract.formula.scope import PARTY, Loop, Scope, Symbol
from alliance.contract.model.base import Part
from alliance.contract.model.document import Document
from alliance.contract.model.known import Rounded
from alliance.contract.source_nodes import Node, Scalar
from alliance.contract.units import DATE, DAYS, Unit, UnitError, parse_unit

LANGUAGE = frozenset({"true", "false", "yes", "no", "and", "or", "not", "if", "else", "in", "is", "known", "missing"})
LANGUAGE |= {"of", "by", "on", "for", "where"}  # the words of formulas
RESERVED = LANGUAGE | {PARTY, "parties"}
RESERVED |= {"rest", "stays", "contributors", "carried", "contribution", "equally", "periods"}  # words of the file
RESERVED |= {"period"}  # what formulas read of every settlement
READ_ALONE = ("a term", "an input", "a figure", "a decision")  # by their names; a measure says which of its values
KINDS = ("records", "events", "rows")
UNITS = ("percent", "count", "days", "hours", "ratio", "date", "boolean", "text", "category", "party")
_ENOUGH = 200  # faults beyond those that are kept, after which nothing more is looked for


@dataclass
class Builder:
    """Collects what is built of one contract, part by part."""

    document: Document
    faults: Faults = field(default_factory=Faults)
    symbols: dict[str, Symbol] = field(default_factory=dict)
    loops: dict[str, Loop] = field(default_factory=dict)
    named_at: dict[str, tuple[str, Mark]] = field(default_factory=dict)
    said_by: dict[str, Mark] = field(default_factory=dict)  # inputs that say which of the category of their name it is
    refused: dict[str, str] = field(default_factory=dict)
    parties: dict[str, e.Party] = field(default_factory=dict)
    accounts: dict[str, e.Account] = field(default_factory=dict)
    decisions: dict[str, e.Decision] = field(default_factory=dict)
    terms: dict[str, e.Term] = field(default_factory=dict)
    inputs: dict[str, e.Input] = field(default_factory=dict)
    measures: dict[str, e.Measure] = field(default_factory=dict)
    figures: dict[str, e.Figure] = field(default_factory=dict)
    payments: dict[str, e.Payment] = field(default_factory=dict)
    categories: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ladders: dict[str, e.Ladder] = field(default_factory=dict)
    rules: tuple[e.Rule, ...] = ()
    party_fields: dict[str, Symbol] = field(default_factory=dict)

    def __post_init__(self) -> None:
        attributes = {"start": DATE, "end": DATE, "days": DAYS}
        hint = "Say period.start, period.end or period.days."
        self.symbols["period"] = Symbol(
            "period", "period", DATE, title="the period", attributes=attributes, bare=False, bare_hint=hint
        )
        header = self.document.contract
        self.calendar = Calendar(header.year_starts, header.years_named_by == "end", header.term.from_)
        self.start: date = header.term.from_
        self.end: date = header.term.to
        self.currency = str(header.currency)
        self.settles = SETTLES[header.settles]

    # faults and names

    def fault(self, code: str, mark: Mark, message: str, hint: str = "") -> None:
        """Add a fault. Past a number that nobody reads, building stops."""
        self.faults.add(code, mark, message, hint)
        if self.faults.dropped >= _ENOUGH:
            self.faults.raise_if_any()

    @property
    def count(self) -> int:
        """How many faults there are so far."""
        return len(self.faults.items) + self.faults.dropped

    def fail(self, name: Scalar) -> None:
        """An entry with a fault of its own: formulas that read its name are not at fault for that."""
        self.refused[str(name)] = ""

    def told(self, name: str) -> bool:
        """Whether a name is that of an entry with a fault of its own."""
        return self.refused.get(name) == ""

    def claim(self, name: Scalar, what: str) -> None:
        """Take a name for an entry; a fault if another entry has it, or the language does."""
        taken = self.named_at.get(name)
        if name in RESERVED:
            self.fault(
                "AC043", name.mark, f'"{name}" is a word of the language and cannot name {what}.', "Choose another."
            )
        elif taken is not None:
            hint = f"It already names {taken[0]}, at {taken[1]}."
            self.fault("AC044", name.mark, f'"{name}" cannot name {what} too.', hint)
        else:
            self.named_at[str(name)] = (what, name.mark)

    def owns(self, name: Scalar) -> bool:
        """Whether the entry written here is the one that has its name."""
        taken = self.named_at.get(name)
        return name.mark in (taken[1] if taken is not None else None, self.said_by.get(name))

    def shadows(self, name: Scalar, what: str) -> None:
        """A fault where what is read of one thing in hand has a name that formulas read alone everywhere."""
        taken = self.named_at.get(name)
        item = self.document.inputs.get(name)
        records = item is not None and any(kind in item.at.node for kind in KINDS)
        if taken is not None and taken[0] in READ_ALONE and not (taken[0] == "an input" and records):
            message = f'"{name}" cannot name {what}: a formula that reads it could mean {taken[0]}.'
            self.fault("AC044", name.mark, message, f"Rename one of them. It names {taken[0]} at {taken[1]}.")

    # formulas

    def scope(self) -> Scope:
        return Scope(self.symbols, self.loops, refused=self.refused, currency=self.currency)

    def expr(self, text: Scalar, scope: Scope, expect: Unit | None = None) -> e.Expr | None:
        """Read, resolve and check a formula; its faults are added with their place in the file."""
        if self.faults.dropped:
            return None  # no more are shown
        try:
            node, errors = check(parse(str(text)), scope, expect)
        except FormulaError as unread:
            self.fault("AC040", self.inside(text, unread.at), self.said(text, unread), unread.hint)
            return None
        for error in errors:
            self.fault("AC041", self.inside(text, error.at), self.said(text, error), error.hint)
        return None if errors or node.unit is None else e.Expr(str(text), text.mark, node, compiled(node))

    def maybe(self, text: Scalar | None, scope: Scope, expect: Unit | None = None) -> e.Expr | None:
        """A formula that may be left out."""
        return None if text is None else self.expr(text, scope, expect)

    @staticmethod
    def inside(text: Scalar, at: int) -> Mark:
        """The place of an offset in a formula, where it stands on one line."""
        mark: Mark = text.mark
        if "\n" in text or not mark.column:
            return mark
        return Mark(mark.file, mark.line, mark.column + at + (1 if text.quoted else 0))

    @staticmethod
    def said(text: Scalar, error: FormulaError) -> str:
        shown = " ".join(str(text).split())
        shown = shown if len(shown) <= 60 else shown[:57] + "..."
        return f"in the formula `{shown}`: {error.message}"

    # small readers

    def unit(self, text: Scalar) -> Unit | None:
        """A unit by its name; None with a fault."""
        name = str(text)
        if name in self.categories:
            return Unit("category", options=self.categories[name], name=name)
        if name == "party":
            return self.party_unit()
        if name == "category":
            return Unit("category")
        try:
            return parse_unit(name, self.currency)
        except UnitError as error:
            money = (self.currency, f"{self.currency} a year", f"{self.currency} a place")
            known = [*money, *UNITS, *self.categories]
            hint = did_you_mean(name, known) or one_of(known)
            small = f"{name[:3]}{name[3:].lower()}"
            if small != name and _is_unit(small, self.currency):
                hint = f'Write "{small}", in small letters.'
            self.fault("AC045", text.mark, str(error), hint)
            return None

    def party_unit(self, names: Iterable[str] = ()) -> Unit:
        return Unit("category", options=tuple(names) or tuple(self.parties), name=PARTY)

    def spelled(self, found: Node | None, unit: Unit, what: str) -> None:
        """A fault where a fixed figure is not written as its unit is: percentages have a sign, and nothing else has."""
        if not isinstance(found, Scalar) or unit.kind == "ratio":
            return
        signed = found.rstrip().endswith("%")
        if signed and unit.kind != "percent":
            self.fault(
                "AC042",
                found.mark,
                f"{what}: {found[:40]} is a percentage; {unit.spoken()} is wanted here.",
                "Leave the percent sign out.",
            )
        elif not signed and unit.kind == "percent" and set(found) - set("+-0._ "):
            hint = "Write a percentage with its sign: 12.2%."
            self.fault(
                "AC042", found.mark, f"{what}: {found[:40]} is a plain number; a percentage is wanted here.", hint
            )

    def rounding(self, rounded: Rounded | None) -> e.Rounding | None:
        if rounded is None:
            return None
        if rounded.to <= 0:
            self.fault(
                "AC046",
                rounded.at.value("to"),
                "a value is rounded to a step above 0, such as 0.01 or 1.",
                "Write such a step.",
            )
            return None
        return e.Rounding(rounded.to, str(rounded.how), str(rounded.at.node["to"]).rstrip().endswith("%"))

    def dimension(self, by: Scalar | None) -> tuple[str, tuple[str, ...]] | None:
        """What `by:` names, parties of a role or the options of a category; None with a fault."""
        if by is None:
            return "", ()
        name = str(by)
        loop = self.loops.get(name)
        if loop is not None and loop.kind == "party":
            return PARTY, loop.keys
        if name in self.categories:
            return name, self.categories[name]
        known = [*(k for k, v in self.loops.items() if v.kind == "party"), *self.categories]
        hint = did_you_mean(name, known) or one_of(known)
        self.fault("AC047", by.mark, f'"{name}" is neither a role of the parties nor a category.', hint)
        return None

    def among(self, names: Iterable[Scalar], what: str) -> Iterator[str]:
        """Names that must be parties."""
        for name in names:
            if name in self.parties:
                yield str(name)
            else:
                self.unknown_party(name, what)

    def a_party(self, name: Scalar | None, what: str) -> str:
        """A name that must be a party's, if it is given."""
        return "" if name is None else next(self.among([name], what), "")

    def unknown_party(self, name: Scalar, what: str) -> None:
        if self.told(name):
            return
        hint = did_you_mean(name, [*self.parties, *self.accounts]) or one_of(self.parties)
        self.fault("AC048", name.mark, f'{what}: "{name}" is not a party of this contract.', hint)

    def account(self, name: Scalar, what: str, unit: Unit) -> str:
        """A name that must be an account's, which holds what is moved."""
        found = self.accounts.get(name)
        if found is not None:
            self.same_holding(name, found, what, unit)
        elif not self.told(name):
            known = one_of(self.accounts) if self.accounts else "Name it under `accounts:`."
            hint = did_you_mean(name, self.accounts) or known
            self.fault("AC088", name.mark, f'{what}: "{name}" is not an account.', hint)
        return str(name)

    def same_holding(self, name: Scalar, account: e.Account, what: str, unit: Unit) -> None:
        """A fault where an account is moved something that it does not hold."""
        if account.unit.kind != unit.kind:
            held, moved = account.unit.spoken(), unit.spoken()
            self.fault(
                "AC057",
                name.mark,
                f'{what}: the account "{name}" holds {held}, and this is {moved}.',
                "Name an account whose `unit:` is that of the payment.",
            )

    # periods and days

    def period(self, label: Scalar) -> Period | None:
        """A period of the contract; None with a fault."""
        try:
            period = self.calendar.parse(str(label))
        except PeriodError as error:
            self.fault("AC063", label.mark, str(error))
            return None
        if period.end < self.start or period.start > self.end:
            message = f"{period} is outside the contract, which runs from {self.start} to {self.end}."
            self.fault("AC066", label.mark, message, "Name a period within it, or change `term:`.")
            return None
        return period

    def year(self, label: Scalar, what: str) -> Period | None:
        """A year of the contract; None with a fault."""
        year = self.period(label)
        if year is not None and year.length != "year":
            self.fault("AC063", label.mark, f'{what}: "{label}" is not a year.', self.calendar.how())
            return None
        return year

    def within(self, day: date, mark: Mark, what: str) -> None:
        """A fault where a day is outside the contract's term."""
        if not self.start <= day <= self.end and self.start <= self.end:
            message = f"{what}: {day} is outside the contract's term, {self.start} to {self.end}."
            self.fault("AC066", mark, message, "Write a day within it, or change `term:`.")

    # keys that go together

    def only(self, code: str, mark: Mark, what: str, wanted: Iterable[str], given: Collection[str]) -> str:
        """The one of several keys that is given; nothing, with a fault, unless it is exactly one."""
        if len(given) == 1:
            return next(iter(given))
        has = " and ".join(given) if given else "none of them"
        hint = "Keep one of them." if given else "Add one of them."
        self.fault(code, mark, f"{what} takes exactly one of {', '.join(wanted)}, and it has {has}.", hint)
        return ""

    def strangers(self, part: Part, keys: Iterable[str], why: str) -> None:
        """A fault for each key that means nothing where it stands."""
        for key in keys:
            if key in part.at.node:
                self.fault("AC056", part.at.node.key_mark(key), f'"{key}" means nothing here: {why}', "Remove it.")


def _is_unit(text: str, currency: str | None) -> bool:
    try:
        parse_unit(text, currency)
    except UnitError:
        return False
    return True
