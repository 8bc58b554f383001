"""Rules in words: the facts that they held for, what followed, and where they did not hold the test that failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from alliance.contract import entries as e
from alliance.contract.calendar import day_text
from alliance.contract.english import words as w
from alliance.contract.faults import Mark
from alliance.contract.formula.scope import PARTY
from alliance.contract.units import Unit
from alliance.contract.values import Unknown, Value
from alliance.rules.matching import Row
from alliance.settlement.words import value_text

if TYPE_CHECKING:
    from alliance.settlement.run import Run

MOST_SHOWN = 6  # fields of a fact
MOST_NAMED = 3  # facts of which a test is not so


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that a rule held for: what it is, in words, and where it was read."""

    text: str
    mark: Mark | None

    def __str__(self) -> str:
        return self.text + (f" ({self.mark})" if self.mark is not None and self.text else "")


def fact(run: Run, pattern: e.Pattern, row: Row) -> Fact:
    """A fact in words: the party or option, or the fields of a record that say most."""
    if row.bound:
        return Fact(party(run, row.key) if pattern.kind == "party" else w.spaced(row.key), None)
    if pattern.kind in _STANDING:
        return Fact(_STANDING[pattern.kind](run, row), row.mark)
    told = [(n, v) for n, v in row.fields.items() if v is not None and not isinstance(v, Unknown)]
    listed = [f"{w.spaced(n)} {value(run, v, pattern.fields.get(n))}" for n, v in told[:MOST_SHOWN]]
    name = run.built.inputs[row.source].title if row.source in run.built.inputs else w.quoted(w.spaced(row.source))
    return Fact(f"{name}: {', '.join(listed)}" if listed else name if row.fields else "", row.mark)


def party(run: Run, name: str) -> str:
    """A party or account by its title."""
    account, _, key = name.partition("/")
    found = run.built.parties.get(name) or run.built.accounts.get(account)
    return name if found is None else f"{found.title} ({key})" if key else found.title


def value(run: Run, found: Value, unit: Unit | None) -> str:
    """A value by its unit; a party by its title, a day in words."""
    if isinstance(found, date):
        return day_text(found)
    if isinstance(found, str) and unit is not None and unit.kind == "category" and unit.name == PARTY:
        return party(run, found)
    return value_text(found, unit.kind if unit is not None else "", run.built.places)


def _report(run: Run, row: Row) -> str:
    fields, key = row.fields, row.key.partition("/")[2]
    name, late = str(fields["name"]), fields["days_late"]
    built: e.Input | e.Measure = run.built.inputs.get(name) or run.built.measures[name]
    whose = f" for {party(run, key) if built.by == PARTY else w.spaced(key)}" if key else ""
    came = "not brought" if fields["missing"] is True else ""
    when = f"{w.counted(late, 'day')} late" if late else "in time"  # type: ignore[arg-type]
    return ", ".join(x for x in (f"{built.title}{whose}", came, when) if x)


def _duty(run: Run, row: Row) -> str:
    fields = row.fields
    about = f", about {fields['about']}" if fields.get("about") else ""
    late = f", {w.counted(fields['days_late'], 'day')}" if fields["days_late"] else ""  # type: ignore[arg-type]
    due = day_text(fields["due"])  # type: ignore[arg-type]
    return f"{fields['duty']}{about}, of {party(run, str(fields['party']))}, due {due}: {fields['state']}{late}"


def _balance(run: Run, row: Row) -> str:
    fields = row.fields
    name = "/".join(str(fields[n]) for n in ("account", "key") if fields[n])
    return f"{party(run, name)}, opening at {value_text(fields['opening'], 'money', run.built.places)}"


def _held(run: Run, row: Row) -> str:
    fields = row.fields
    amount = value_text(fields["amount"], "money", run.built.places)
    title = run.built.payments[str(fields["payment"])].title if fields["payment"] in run.built.payments else ""
    return f"{amount} of {title} held back of {party(run, str(fields['payee']))} for {fields['period']}"


_STANDING: dict[str, Callable[[Run, Row], str]] = {
    "reports": _report,
    "duties": _duty,
    "balances": _balance,
    "withheld": _held,
}


# what followed


def acted(run: Run, c: e.Consequence, found: Value, of: str, who: Iterable[Any], ends: tuple[Any, Any]) -> str:
    """What a consequence does to payments. `found` is its share, factor or amount, as `of` says."""
    built = run.built
    whose = w.joined(party(run, str(x)) for x in who if x and not isinstance(x, Unknown))
    if c.verb == "pay":
        payer, payee = (party(run, str(x)) for x in ends)
        return f"{payer} pays {value_text(found, 'money', built.places)} to {payee}"
    what = w.joined(w.quoted(built.payments[name].title) for name in c.targets)
    suffix = f" for {whose}" if whose else ""
    if c.verb == "gate":
        return f"{what} {'is' if len(c.targets) == 1 else 'are'} shut{suffix}"
    amount = value_text(found, "percent" if of != "amount" else "money", built.places)
    if c.verb == "scale":
        return f"{amount} of {what} counts{suffix}"
    verb = {"deduct": "is deducted", "withhold": "is held back", "hold": "is in dispute, and is held back"}[c.verb]
    earned = f"what {whose} earns from {what}" if whose else f"what is earned from {what}"
    return f"{amount if of else 'all'} {'out of' if of == 'amount' else 'of'} {earned} {verb}"


# why it does not hold


def nothing_of(run: Run, pattern: e.Pattern) -> str:
    """That there is no fact of a kind, in words."""
    if pattern.kind == "record":
        said = w.lowered(run.built.inputs[pattern.source].title)
        return f"there are no {said}" if w.is_plural(said) else f"there is nothing in {said}"
    return {
        "raised": f"{w.quoted(w.spaced(pattern.source))} is not raised",
        "reports": "no report is due",
        "duties": "the register has no duty",
        "balances": "there is no account of money",
        "withheld": "nothing is held back",
        "party": f"there is no {w.spaced(pattern.source)} in the period",
    }.get(pattern.kind, f"there is no {w.spaced(pattern.source)}")


def failed(run: Run, test: e.Expr, left: Sequence[Sequence[tuple[e.Pattern, Row]]]) -> str:
    """The test at which no fact is left, and of which it is not so: those that had passed the tests before it."""
    named = ["; ".join(x for x in (fact(run, *one).text for one in facts) if x) for facts in left[:MOST_NAMED]]
    if len(left) > MOST_NAMED:
        return f"{test.text} is not so of any of {len(left):,}"
    whom = w.joined((name for name in named if name), "or")
    return f"{test.text} is not so" + (f" of {whom}" if whom else "")
