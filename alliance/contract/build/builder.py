"""What building every part shares: the faults found, the names known so far, and how a formula is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from alliance.contract import entries as e
from alliance.contract.calendar import SETTLES, Calendar, Period
from alliance.contract.faults import Faults, Mark, did_you_mean
from alliance.contract.formula import tree as t
from alliance.contract.formula.check import check
from alliance.contract.formula.evaluate import compiled
from alliance.contract.formula.parse import FormulaError, parse
from alliance.contract.formula.scope import PARTY, Loop, Scope, Symbol
from alliance.contract.model.base import Marks, Scalar
from alliance.contract.model.document import Document
from alliance.contract.model.known import Rounded
from alliance.contract.numbers import Number
from alliance.contract.units import DATE, DAYS, Unit, UnitError, parse_unit

TOP_WORDS = {
    "true",
    "false",
    "yes",
    "no",
    "and",
    "or",
    "not",
    "if",
    "else",
    "in",
    "is",
    "of",
    "by",
    "on",
    "for",
    "where",
}
RESERVED = TOP_WORDS | {
    "rest",
    "stays",
    "contributors",
    "carried",
    "party",
    "parties",
    "contribution",
    "equally",
    "period",
}


@dataclass
class Builder:
    """Collects what is built of one contract, part by part."""

    document: Document
    faults: Faults = field(default_factory=Faults)
    symbols: dict[str, Symbol] = field(default_factory=dict)
    loops: dict[str, Loop] = field(default_factory=dict)
    named_at: dict[str, tuple[str, Mark]] = field(default_factory=dict)
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
    party_fields: dict[str, Symbol] = field(default_factory=dict)

    def __post_init__(self) -> None:
        header = self.document.contract
        self.calendar = Calendar(header.year_starts, header.years_named_by == "end")
        self.start: date = header.term.from_
        self.end: date = header.term.to
        self.currency = str(header.currency)
        self.settles = SETTLES[header.settles]

    # faults and names

    def fault(self, code: str, mark: Mark, message: str, hint: str = "") -> None:
        self.faults.add(code, mark, message, hint)

    def claim(self, name: Scalar, what: str) -> bool:
        """Take a name for an entry; a fault if another entry has it, or the language does."""
        if name in RESERVED:
            self.fault(
                "AC043", name.mark, f'"{name}" is a word of the language and cannot name {what}.', "Choose another."
            )
            self.told(name)
            return False
        taken = self.named_at.get(name)
        if taken is not None:
            hint = f"It already names {taken[0]}, at {taken[1]}."
            self.fault("AC044", name.mark, f'"{name}" cannot name {what} too.', hint)
            return False
        self.named_at[str(name)] = (what, name.mark)
        return True

    def told(self, name: str) -> None:
        """Note that an entry has a fault of its own, so that formulas that read it are not at fault too."""
        self.symbols.pop(str(name), None)
        self.refused[str(name)] = ""

    def know_period(self) -> None:
        """The period being settled, as formulas read it."""
        attributes = {"start": DATE, "end": DATE, "days": DAYS}
        self.symbols["period"] = Symbol(
            "period", "period", DATE, title="the period", attributes=attributes, bare=False,
            bare_hint="Say period.start, period.end or period.days.",
        )  # fmt: skip

    # formulas

    def scope(self) -> Scope:
        return Scope(self.symbols, self.loops, refused=self.refused)

    def expr(self, text: Scalar, scope: Scope, expect: Unit | None = None) -> e.Expr | None:
        """Read, resolve and check a formula; its faults are added with their place in the file."""
        try:
            node, errors = check(parse(str(text)), scope, expect)
        except FormulaError as unread:
            self.fault("AC040", self.inside(text, unread.at), self.said(text, unread), unread.hint)
            return None
        for error in errors:
            self.fault("AC041", self.inside(text, error.at), self.said(text, error), error.hint)
        return None if errors or node.unit is None else e.Expr(str(text), text.mark, node, compiled(node))

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

    def unit(self, text: Scalar | None, otherwise: Unit, options: tuple[str, ...] = (), name: str = "") -> Unit | None:
        """The unit that a text names, `otherwise` where there is none; None with a fault where it is not one."""
        if text is None:
            return otherwise
        if str(text) == "category":
            return Unit("category", options=options, name=name)
        if str(text) in self.categories:
            return Unit("category", options=self.categories[str(text)], name=str(text))
        if str(text) == "party":
            return self.party_unit()
        try:
            return parse_unit(str(text), self.currency)
        except UnitError as error:
            known = ["percent", "count", "days", "date", "boolean", "text", "category", "ratio"]
            hint = did_you_mean(str(text), known) or (
                f"It may be: {self.currency}, {self.currency} a year, {self.currency} a place, {', '.join(known)}."
            )
            self.fault("AC045", text.mark, str(error), hint)
            return None

    def party_unit(self, names: Iterable[str] = ()) -> Unit:
        return Unit("category", options=tuple(names) or tuple(self.parties), name=PARTY)

    def rounding(self, rounded: Rounded | None) -> e.Rounding | None:
        if rounded is None:
            return None
        if rounded.to <= 0:
            self.fault("AC046", rounded.at.value("to"), "a value is rounded to a step above 0, such as 0.01 or 1.")
            return None
        return e.Rounding(rounded.to, str(rounded.how))

    def dimension(self, by: Scalar | None) -> tuple[str, tuple[str, ...]]:
        """What `by:` names: parties of a role, or the options of a category."""
        if by is None:
            return "", ()
        name = str(by)
        if name in (PARTY, "parties"):
            return PARTY, tuple(self.parties)
        loop = self.loops.get(name)
        if loop is not None and loop.kind == "party":
            return PARTY, loop.keys
        if name in self.categories:
            return name, self.categories[name]
        known = [*(k for k, v in self.loops.items() if v.kind == "party"), *self.categories]
        hint = did_you_mean(name, known) or f"It may be: {', '.join(known)}."
        self.fault("AC047", by.mark, f'"{name}" is neither a role of the parties nor a category.', hint)
        return "", ()

    def party_loop(self, role: str) -> Loop:
        """Going through the parties of a role (or all): what may be read of each."""
        members = tuple(n for n, p in self.parties.items() if role in ("party", p.role))
        binding = Symbol("binding", role, self.party_unit(members), title=f"the {role.replace('_', ' ')} in hand")
        return Loop("party", role, {role: binding, "party": binding, **self.party_fields}, PARTY, members)

    def members(self, names: Iterable[Scalar], what: str) -> Iterator[str]:
        """Names that must be parties."""
        for name in names:
            if name in self.parties:
                yield str(name)
            else:
                self.unknown_party(name, what)

    def unknown_party(self, name: Scalar, what: str) -> None:
        hint = did_you_mean(name, [*self.parties, *self.accounts])
        self.fault("AC048", name.mark, f'{what}: "{name}" is not a party of this contract.', hint)

    def words(self, reads: object, at: Marks, of: str) -> e.Reading:
        """How text is read."""
        if reads is None:
            return e.Reading({})
        if isinstance(reads, str):
            if reads != "percent points":
                hint = 'It may be "percent points", or words with what they mean: {"-": missing}.'
                self.fault("AC049", at.value("reads"), f'{of}: "{reads}" is not a way to read text.', hint)
            return e.Reading({}, True)
        assert isinstance(reads, Mapping)
        words = {str(k): str(v) for k, v in reads.items()}
        points = words.pop("as", "") == "percent points"
        return e.Reading(words, points)

    def policies(self, found: Mapping[Scalar, Scalar] | None, unit: Unit) -> Mapping[str, str]:
        """What is done by status with what is not usable."""
        from alliance.contract.values import UNUSABLE

        kept: dict[str, str] = {}
        for status, policy in (found or {}).items():
            if str(status) not in UNUSABLE:
                hint = did_you_mean(status, UNUSABLE) or f"It may be: {', '.join(UNUSABLE)}."
                self.fault("AC060", status.mark, f'"{status}" is not a state that a value can be in.', hint)
                continue
            allowed = ["exclude", "unknown", "previous", "zero"]
            if unit.kind == "boolean":
                allowed = ["yes", "no", "unknown"]
            elif unit.kind == "category":
                allowed = ["unknown", *unit.options]
            if str(policy) not in allowed:
                self.fault(
                    "AC061", policy.mark, f'"{policy}" is not something to do with what {status} here.',
                    did_you_mean(policy, allowed) or f"It may be: {', '.join(allowed)}.",
                )  # fmt: skip
            elif unit.kind == "money" and str(policy) in ("zero", "previous"):
                self.fault(
                    "AC062",
                    policy.mark,
                    f'money that is {status} is never taken as "{policy}".',
                    "Leave the payment undetermined until the figure comes, or exclude it.",
                )
            else:
                kept[str(status)] = str(policy)
        return kept

    def period(self, label: Scalar) -> Period | None:
        from alliance.contract.calendar import PeriodError

        try:
            return self.calendar.parse(str(label))
        except PeriodError as error:
            self.fault("AC063", label.mark, str(error))
            return None


def sum_of(values: Iterable[Number]) -> Number:
    return sum(values)


def names_in(node: t.Node) -> Iterator[str]:
    """Names that an unchecked formula reads now (not those it reads only from history)."""
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, t.History):
            continue
        if isinstance(one, t.Name):
            yield one.name
        stack.extend(one.parts())
