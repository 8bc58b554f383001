"""Openings from files: settlements that were saved, or a table of balances."""

from __future__ import annotations

from typing import Any

from alliance.cli.common import tell
from alliance.cli.saved import settlements
from alliance.contract import entries as e
from alliance.contract.calendar import Period
from alliance.contract.contract import Contract
from alliance.contract.faults import Fault, Faults, InputError, Mark, did_you_mean, one_of
from alliance.contract.numbers import Number
from alliance.data.rows import Row
from alliance.data.table import read_table
from alliance.reports.rows import COLUMNS
from alliance.settlement.reading import read_unit
from alliance.settlement.result import Settlement
from alliance.settlement.serial import from_dict
from alliance.settlement.state import State


def saved_in(contract: Contract, path: str, period: Period) -> dict[str, State]:
    """The closing states in what `settle --save` wrote: of one settlement, or of many agreements by name."""
    try:
        states: dict[str, State] = {}
        seen: set[str] = set()
        for one in settlements(path):
            if isinstance(one, dict) and "alliance_settlement" in one and not states:
                states[""] = _closing(contract, from_dict(one), period)
                continue
            name, settlement = _agreement(one)
            if name in seen:
                raise InputError(Fault("AC122", f'the agreement "{name[:60]}" stands in it twice.'))
            seen.add(name)
            if settlement is not None:
                states[name] = _closing(contract, from_dict(settlement), period)
        return states
    except InputError as error:
        raise InputError(f if f.mark else Fault(f.code, f.message, Mark(path), f.hint) for f in error.faults) from None


def _agreement(one: Any) -> tuple[str, Any]:
    if not isinstance(one, dict) or not isinstance(one.get("agreement"), str):
        hint = "Give what alliance settle --save wrote."
        raise InputError(Fault("AC122", "this is not a saved settlement: it does not say that it is one.", None, hint))
    return one["agreement"], one.get("settlement")


def _closing(contract: Contract, settlement: Settlement, period: Period) -> State:
    if settlement.contract != contract.id:
        message = f'This is a settlement of the contract "{settlement.contract}", not of "{contract.id}".'
        raise InputError(Fault("AC123", message, None, "Open from a settlement of the same contract."))
    if settlement.start > period.end:
        message = f"This is the settlement of {settlement.period}, which comes after {period}."
        raise InputError(Fault("AC123", message, None, "Open from the settlement before this one."))
    if settlement.undetermined:
        names = ", ".join(p.name for p in settlement.undetermined)
        tell(f"Note: in the opening settlement, {settlement.period}, not everything was determined ({names}).")
    return settlement.closing


def balances_in(contract: Contract, path: str) -> dict[str, State]:
    """Closing balances by agreement, account and key, from a table such as `settle --rows balances` prints."""
    table = read_table(path)
    faults = Faults()
    wanted = COLUMNS["balances"]
    lacking = [column for column in wanted if column not in table.columns]
    if lacking:
        what = f"The column {lacking[0]} is" if len(lacking) == 1 else f"The columns {', '.join(lacking)} are"
        hint = f"A table of balances has the columns {', '.join(wanted)}."
        raise InputError(Fault("AC123", f"{what} missing.", table.mark(), hint))
    found: dict[str, dict[str, dict[str, Number]]] = {}
    for row in table.rows:
        texts = {c: (row.get(c) or "").strip() for c in wanted}
        # A cell that was kept from being read as a formula.
        name, account, key = (_unneutral(texts[c]) for c in ("agreement", "account", "key"))
        amount = _amount(contract, row, account, key, faults)
        keys = found.setdefault(name, {}).setdefault(account, {})
        if key in keys:
            faults.add("AC123", row.mark("account"), f"The balance of {account} {key}".rstrip() + " is given twice.")
        keys[key] = amount
    faults.raise_if_any(InputError)
    tell("Note: a table of balances has no history, so what was paid before, and earlier values, are not known.")
    return {name: State(accounts) for name, accounts in found.items()}


def _unneutral(text: str) -> str:
    from alliance.data.write import neutral

    return text[1:] if text.startswith("'") and neutral(text[1:]) == text else text


def _amount(contract: Contract, row: Row, name: str, key: str, faults: Faults) -> Number:
    """The closing balance of a row, whose sum must be right."""
    account: e.Account | None = contract.built.accounts.get(name)
    if account is None:
        hint = did_you_mean(name, contract.built.accounts) or one_of(contract.built.accounts)
        faults.add("AC121", row.mark("account"), f'"{name[:60]}" is not an account of this contract.', hint)
        return 0
    if bool(account.by) != bool(key):
        kept = f"is kept by {account.by}, and there is no key"
        single = f'is one balance, and has the key "{key[:60]}"'
        faults.add("AC123", row.mark("key"), f"{name} {kept if account.by else single}.")
    read: list[Number] = []
    for column in ("opening", "in", "out", "closing"):
        try:
            value = read_unit((row.get(column) or "").strip(), account.unit)
        except ValueError as error:
            faults.add("AC123", row.mark(column), f"{column}: {error}")
            return 0
        read.append(value)  # type: ignore[arg-type]
    opening, money_in, money_out, closing = read
    if opening + money_in - money_out != closing:
        message = "Opening and in, less out, are not the closing balance."
        faults.add("AC123", row.mark("closing"), message, "Check the row.")
    return closing
