"""Openings from files: settlements that were saved, or a table of balances."""

from __future__ import annotations

from typing import Any

from alliance.cli.common import tell
from alliance.cli.saved import settlements
from alliance.contract import entries as e
from alliance.contract.contract import Contract
from alliance.contract.faults import Fault, Faults, InputError, Mark, meant
from alliance.contract.numbers import Number
from alliance.data.rows import Row, Table
from alliance.data.table import read_table
from alliance.settlement.holding import WITHHELD as HELD_BACK
from alliance.settlement.opening import check_opening, misdated
from alliance.settlement.owned import MOST_LISTED, some
from alliance.settlement.reading import read_unit
from alliance.settlement.result import Settlement
from alliance.settlement.serial import from_dict, state_from_dict
from alliance.settlement.state import State


def saved_in(contract: Contract, path: str) -> dict[str, State]:
    """The closing states in what `settle --save` wrote: of one settlement, or of many agreements by name."""
    told: dict[str, None] = {}
    waiting: dict[str, list[str]] = {}
    states: dict[str, State] = {}
    try:
        for one in settlements(path):
            if isinstance(one, dict) and "alliance_settlement" in one and not states:
                states[""] = _closing(contract, "", from_dict(one), waiting, told)
                continue
            name, settlement, kept = _agreement(one)
            if settlement is None and kept is None:
                continue
            if name in states:
                raise InputError(Fault("AC122", f'the agreement "{name[:60]}" stands in it twice.'))
            if settlement is not None:
                states[name] = _closing(contract, name, from_dict(settlement), waiting, told)
            else:
                states[name] = state_from_dict(kept)
                check_opening(contract, states[name])
                if one.get("faults"):
                    waiting.setdefault("", []).append(name)
    except InputError as error:
        raise InputError(f if f.mark else Fault(f.code, f.message, Mark(path), f.hint) for f in error.faults) from None
    for note in told:
        tell(note)
    _tell(waiting)
    return states


def _tell(waiting: dict[str, list[str]]) -> None:
    """What was not settled in the opening, or not all of it: by period, those that were not settled under none."""
    for period, names in waiting.items():
        if period:
            told = ", ".join(names[:MOST_LISTED]) + (
                f" and {len(names) - MOST_LISTED:,} more" if len(names) > MOST_LISTED else ""
            )
            tell(f"Note: in the opening settlement, {period}, not everything was determined ({told}).")
        else:
            was, opens = ("was", "it opens") if len(names) == 1 else ("were", "they open")
            with_ = "it opened" if len(names) == 1 else "they opened"
            tell(f"Note: {some(names)} {was} not settled in the opening, so {opens} with what {with_} with there.")


def _agreement(one: Any) -> tuple[str, Any, Any]:
    """The name of an agreement, its settlement, and what it keeps where there is none."""
    if not isinstance(one, dict) or not isinstance(one.get("agreement"), str):
        hint = "Give what alliance settle --save wrote."
        raise InputError(Fault("AC122", "this is not a saved settlement: it does not say that it is one.", None, hint))
    return one["agreement"], one.get("settlement"), one.get("closing")


def _closing(
    contract: Contract, name: str, settlement: Settlement, waiting: dict[str, list[str]],
    told: dict[str, None],
) -> State:  # fmt: skip
    """The closing state of a settlement that opens a period. What there is to note of many is told once."""
    if settlement.contract != contract.id:
        message = f'This is a settlement of the contract "{settlement.contract}", not of "{contract.id}".'
        raise InputError(Fault("AC123", message, None, "Open from a settlement of the same contract."))
    why = misdated(contract, settlement.period, settlement.start, settlement.end)
    if why:
        hint = "Give what alliance settle --save wrote."
        raise InputError(Fault("AC122", f"this is not a saved settlement of the contract: {why}.", None, hint))
    check_opening(contract, settlement.closing)
    if settlement.contract_digest != contract.digest:
        told[f"Note: since the opening settlement, {settlement.period}, the contract was changed."] = None
    if settlement.undetermined:
        names = ", ".join(p.name for p in settlement.undetermined)
        waiting.setdefault(settlement.period, []).append(f"{name}: {names}" if name else names)
    return settlement.closing


def balances_in(contract: Contract, path: str) -> dict[str, State]:
    """Balances by agreement, account and key: a table with the account and its amount at least, or one such as
    `settle --rows balances` prints."""
    table = read_table(path)
    faults = Faults()
    columns = _columns(table)
    found: dict[str, dict[str, dict[str, Number]]] = {}
    for row in table.rows:
        # A cell that was kept from being read as a formula.
        name, account, key = (_unneutral((row.get(c) or "").strip()) for c in ("agreement", "account", "key"))
        amount = _amount(contract, row, account, key, columns, faults)
        if account == HELD_BACK:
            if amount:
                hint = "Open from what alliance settle --save wrote, which says when it is let go."
                faults.add("AC123", row.mark("account"), "What rules hold back is not opened from a table.", hint)
            continue
        keys = found.setdefault(name, {}).setdefault(account, {})
        if key in keys:
            faults.add("AC123", row.mark("account"), f"The balance of {account} {key}".rstrip() + " is given twice.")
        keys[key] = amount
    faults.raise_if_any(InputError)
    tell("Note: a table of balances has no history, so what was paid before, and earlier values, are not known.")
    return {name: State(accounts) for name, accounts in found.items()}


def _columns(table: Table) -> tuple[str, ...]:
    """The columns that hold amounts: what an account holds, last, and where all are there, what it comes from."""
    hint = "A table of balances has the columns account and amount; key and agreement where there are several."
    if "account" not in table.columns:
        raise InputError(Fault("AC123", "The column account is missing.", table.mark(), hint))
    held = [column for column in ("amount", "closing") if column in table.columns]
    if len(held) != 1:
        message = "The columns amount and closing say the same." if held else "The column amount is missing."
        raise InputError(Fault("AC123", message, table.mark(), hint))
    flows = ("opening", "in", "out")
    return (*flows, *held) if all(column in table.columns for column in flows) else tuple(held)


def _unneutral(text: str) -> str:
    from alliance.data.write import neutral

    return text[1:] if text.startswith("'") and neutral(text[1:]) == text else text


def _amount(
    contract: Contract, row: Row, name: str, key: str, columns: tuple[str, ...], faults: Faults
) -> Number:  # fmt: skip
    """What the account of a row holds. Where the row says what it comes from, that must come to it."""
    account: e.Account | None = contract.built.accounts.get(name)
    if account is None:
        known, message = contract.built.accounts, f'"{name[:60]}" is not an account of this contract.'
        hint = (lambda: meant(name, known)) if known else "The contract has no accounts: take the row out."
        faults.add("AC121", row.mark("account"), message, hint)
        return 0
    if bool(account.by) != bool(key):
        kept = f"is kept by {account.by}, and there is no key"
        single = f'is one balance, and has the key "{key[:60]}"'
        faults.add("AC123", row.mark("key"), f"{name} {kept if account.by else single}.")
    read: list[Number] = []
    for column in columns:
        try:
            value = read_unit((row.get(column) or "").strip(), account.unit)
        except ValueError as error:
            faults.add("AC123", row.mark(column), f"{column}: {error}")
            return 0
        read.append(value)  # type: ignore[arg-type]
    *flows, held = read
    if flows and flows[0] + flows[1] - flows[2] != held:
        message = "Opening and in, less out, are not the closing balance."
        faults.add("AC123", row.mark(columns[-1]), message, "Check the row.")
    return held
