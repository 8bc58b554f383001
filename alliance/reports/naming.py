"""What things are called in print: titles with short names, dates in words, amounts and values by their units."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from alliance.contract.contract import Contract
from alliance.contract.faults import several
from alliance.contract.values import Unknown, Value
from alliance.settlement.result import Settlement
from alliance.settlement.words import money_text, value_text

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_ONE_NAME = re.compile(r"[a-z0-9_.]+( by [a-z0-9_.]+)?")
_DOUBT = re.compile(r"whether (?:the rule (\S+)|(\S+)) holds is ")
_RECORD = re.compile(r"(?P<file>.+?)(?::(?P<line>\d+)(?::\d+)?|\[(?P<index>\d+)\])\Z", re.DOTALL)

PAYS_FOR = {
    "outcome": "for outcomes",
    "availability": "for being available",
    "block": "a block payment",
    "pass_through": "passed through",
}
KINDS = {
    "payment": "payment",
    "funding": "paid into the pool",
    "unearned": "not earned",
    "on account": "on account",
    "true-up": "true-up",
    "recoupment": "recouped",
    "advance": "advanced",
    "withheld": "held back",
    "release": "released",
    "lapse": "lapsed",
    "reversal": "reversed",
    "end": "at the end of the contract",
}

HELD_BACK = "withheld"
"""The account of money that rules hold back, whose keys say of what it is."""


def day(value: date) -> str:
    """A date in words.

    >>> day(date(2028, 4, 1))
    '1 April 2028'
    """
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def counted(number: int, thing: str) -> str:
    """A number and the thing counted: 1 payment, 2 payments."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _turned(test: str) -> str:
    """What it means that a test is not so.

    >>> _turned("cost is known"), _turned("not late"), _turned("late"), _turned("a < b and c")
    ('cost is not known', 'late holds', 'late does not hold', 'a < b and c does not hold')
    """
    name, _, rest = test.partition(" ")
    if rest in ("is known", "is not known"):
        return f"{name} {'is not known' if rest == 'is known' else 'is known'}"
    if name == "not" and rest.isidentifier():
        return f"{rest} holds"
    return f"{test} does not hold"


def sentence(text: str) -> str:
    """A text that begins with a capital, unless with a name of the contract, and ends with a full stop."""
    if not text:
        return ""
    first = text.partition(" ")[0]
    begun = text if "_" in first or "." in first else f"{text[:1].upper()}{text[1:]}"
    return begun if begun.endswith((".", "?", "!")) else f"{begun}."


@dataclass(frozen=True)
class Naming:
    """The names of one settlement: its parties, accounts, measures and figures, and its contract's others if known."""

    settlement: Settlement
    contract: Contract | None = None

    def party(self, name: str) -> str:
        """A party or account: "Acute trust (acute)", "Contingency funds: p1 (contingency)"."""
        account, _, key = name.partition("/")
        if account == HELD_BACK and key:
            return self.who(name)
        title = self.settlement.parties.get(name) or self.settlement.accounts.get(account)
        if title is None:
            return name
        short = account if key else name
        title = f"{title}: {key}" if key else title
        return title if title.lower() == short.lower() else f"{title} ({short})"

    def who(self, name: str) -> str:
        """A party or account without its short name. Money held back is named by what it is of."""
        account, _, key = name.partition("/")
        held = next((h for h in self.settlement.closing.held if h.key == key), None) if account == HELD_BACK else None
        if held is not None:
            payment = next((p.title for p in self.settlement.payments if p.name == held.payment), held.payment)
            return f"Held back: {payment}, {self.who(held.payee)}, {held.period}"
        title = self.settlement.parties.get(name) or self.settlement.accounts.get(account) or name
        return f"{title}: {key}" if key and title != name else title

    def instance(self, of: str) -> str:
        """What a waterfall is for: a party, a category, a person, or a record by its place."""
        if of in self.settlement.parties:
            return self.party(of)
        found = _RECORD.match(of)
        if not found:
            return of
        if found["index"]:
            return f"{found['file']}, record {found['index']}"
        return f"{found['file'].replace(chr(92), '/').rpartition('/')[2]}, line {found['line']}"

    def thing(self, label: str) -> str:
        """A formula that is one name, by the title that the name has; any other formula as it is written."""
        name, _, attribute = label.partition(".")
        title = self._titles.get(name)
        if title is None or not _ONE_NAME.fullmatch(label):
            return label
        return f"{title}, {attribute}" if attribute else title

    @property
    def _titles(self) -> dict[str, str]:
        s = self.settlement
        found = {**s.accounts, **{m.name: m.title for m in s.measures}, **{f.name: f.title for f in s.figures}}
        if self.contract is not None:
            built = self.contract.built
            for entries in (built.terms, built.inputs, built.decisions, built.payments):
                found |= {name: entry.title for name, entry in entries.items()}
        return {name: title for name, title in found.items() if title}

    def money(self, amount: Value) -> str:
        """A sum of money, to the places of the currency."""
        return self.amount(amount, "money")

    def amount(self, value: Value, unit: str) -> str:
        """A value by its unit; a sum of money that is not whole minor units is shown to two places more."""
        if isinstance(value, Unknown):
            return "not known"
        if unit != "money" or isinstance(value, bool) or not isinstance(value, int | Fraction):
            return value_text(value, unit, self.settlement.places)
        places = self.settlement.places
        whole = (value * 10**places).denominator == 1
        return money_text(value, places if whole else places + 2)

    def why(self, value: Unknown) -> str:
        """Why a value is not known: "Ambulance calls (calls) is missing"."""
        return self.reasons(str(r) for r in value.reasons)

    def reasons(self, said: Iterable[str]) -> str:
        """Reasons as a sentence, in which names have their titles."""
        return sentence(several([self._reason(text) for text in said])) or "Not known."

    def note(self, text: str) -> str:
        """What a line of a waterfall says of itself, in which the name of what is not so has its title."""
        lead, colon, said = text.rpartition(": ")
        if not said.endswith(" is not so"):
            return sentence(text)
        said = self._reason(_turned(said.removesuffix(" is not so")))
        return f"{sentence(lead).rstrip('.')}{colon}{said}." if lead else sentence(said)

    def _reason(self, text: str) -> str:
        doubt = _DOUBT.match(text)
        if doubt is not None:
            titles = {x.name: x.title for x in self.settlement.rules}
            said = f"the rule “{titles.get(doubt[1], doubt[1])}” holds" if doubt[1] else f"“{doubt[2]}” is raised"
            return f"whether {said} is not known"
        name, space, rest = text.partition(" ")
        title = self.thing(name)
        if not rest.startswith(("is ", "for ", "without ")) and rest not in ("holds", "does not hold"):
            return text
        return text if title == name else f"{title} ({name}){space}{rest}"

    def value(self, value: Value, unit: str) -> str:
        """A value in a sentence; what is not known says why."""
        return f"not known: {self.why(value)}" if isinstance(value, Unknown) else self.amount(value, unit)


def titled(title: str, name: str, key: str = "", naming: Naming | None = None) -> str:
    """A title with the name that formulas use, and what it is for: "How the alliance did (achievement)"."""
    words = title if not title or title.lower() == name.lower() else f"{title} ({name})"
    who = naming.who(key) if naming is not None and key else key
    return f"{words or name}: {who}" if key else words or name
