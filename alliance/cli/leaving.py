"""Agreements of an opening that the table has no row for: those with nothing left are carried along."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from alliance.cli.common import tell
from alliance.contract.calendar import Period
from alliance.contract.contract import Contract
from alliance.contract.faults import Fault, InputError, Mark
from alliance.settlement.holding import WITHHELD
from alliance.settlement.owned import MOST_LISTED, some
from alliance.settlement.state import State
from alliance.settlement.words import money_text, value_text


def left(
    contract: Contract, openings: Mapping[str, State], known: Collection[str], over: Period, path: str
) -> dict[str, State]:
    """The openings of agreements that have left, which go on to the next settlement as they are. One that still has
    something cannot leave without a row. Raises `InputError` with all of those."""
    gone = {name: state for name, state in openings.items() if name not in known}
    still = {name: list(_has(contract, state, over)) for name, state in gone.items()}
    faults = [
        Fault("AC123", f'The table has no row for "{name[:60]}", which has {"; ".join(has)}.', Mark(path), _HINT)
        for name, has in still.items()
        if has
    ]
    if len(faults) > MOST_LISTED:
        more = f"{len(faults) - MOST_LISTED:,} more agreements have something left, and no row."
        faults = [*faults[:MOST_LISTED], Fault("AC123", more, Mark(path))]
    if faults:
        raise InputError(faults)
    if gone:
        has = "has no row, and nothing left: it is" if len(gone) == 1 else "have no rows, and nothing left: they are"
        tell(f"Note: {some(gone)} {has} carried along as in the opening.")
    return gone


_HINT = "Give it a row until that is settled."


def _has(contract: Contract, state: State, over: Period) -> Iterator[str]:
    """What an agreement has left, in words."""
    accounts, places = contract.built.accounts, contract.built.places
    for account, keys in state.balances.items():
        for key, amount in keys.items() if account != WITHHELD else ():
            unit = accounts[account].unit.kind if account in accounts else "money"
            text = money_text(amount, places) if unit == "money" else value_text(amount, unit)
            if amount:
                yield f"{text} in {account}" + (f"/{key}" if key else "")
    held = sum(h.amount for h in state.held if not h.let_go)
    if held:
        yield f"{money_text(held, places)} held back"
    for duty in state.duties:
        if duty.met is None and duty.waived is None:
            yield f'the duty "{duty.what}" of {duty.of}, due {duty.due}'
    if any(m.start >= over.start and m.end <= over.end for m in state.moved):
        yield f"been paid in {over.label} already"
