"""Parties with their roles, accounts and decisions."""

from __future__ import annotations

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.faults import did_you_mean
from alliance.contract.formula.scope import PARTY, Symbol
from alliance.contract.numbers import size
from alliance.contract.units import BOOLEAN, COUNT, MONEY, PERCENT


def build_parties(b: Builder) -> None:
    """Parties, the roles to go through, and what formulas read of a party in hand."""
    document = b.document
    if not document.parties:
        b.fault("AC064", document.at.value("parties"), "a contract has at least one party.")
    if b.end < b.start:
        b.fault("AC065", document.contract.term.at.value("to"), "the contract ends before it starts.")
    for name, party in document.parties.items():
        if not b.claim(name, "a party"):
            continue
        start, end = party.from_ or b.start, party.to or b.end
        if end < start <= b.end:
            b.fault("AC065", party.at.value("to"), f"{name} leaves before it joins.")
        for key, day in (("from", party.from_), ("to", party.to)):
            if day is not None and not b.start <= day <= b.end and b.start <= b.end:
                b.fault(
                    "AC066", party.at.value(key), f"{name}: {day} is outside the contract's term, {b.start} to {b.end}."
                )
        fields = {"small": party.small, "host": party.host, **{str(k): v for k, v in party.attributes.items()}}
        b.parties[str(name)] = e.Party(str(name), str(party.name), str(party.role), start, end, fields, name.mark)
    _fields(b)
    for role in dict.fromkeys(["party", *(p.role for p in b.parties.values())]):
        loop = b.party_loop(role)
        for spoken in (role, "parties" if role == "party" else role + "s"):
            if spoken in b.parties:
                b.fault(
                    "AC044", b.parties[spoken].mark, f'"{spoken}" names both a party and a role.', "Rename one of them."
                )
            b.loops[spoken] = loop


def _fields(b: Builder) -> None:
    for party in b.parties.values():
        for name, value in party.fields.items():
            if isinstance(value, bool):
                unit = BOOLEAN
            else:
                unit = PERCENT if value and size(value) <= 1 and not isinstance(value, int) else COUNT
            b.party_fields.setdefault(name, Symbol("party_field", name, unit, title=name.replace("_", " ")))
    for name in b.party_fields:
        b.refused[name] = f'"{name}" is said of a party, and no party is in hand here.'


def build_categories(b: Builder) -> None:
    """Categories named at the top, and those that an input lists for itself."""
    for name, options in b.document.categories.items():
        if b.claim(name, "a category"):
            _category(b, str(name), [str(o) for o in options], name.mark)
    for name, item in b.document.inputs.items():
        if isinstance(item.one_of, list) and name not in b.categories:
            _category(b, str(name), [str(o) for o in item.one_of], name.mark)


def _category(b: Builder, name: str, options: list[str], mark: object) -> None:
    from alliance.contract.faults import Mark
    from alliance.contract.formula.scope import Loop
    from alliance.contract.units import Unit

    assert isinstance(mark, Mark)
    if len(set(options)) < len(options) or not options:
        b.fault("AC067", mark, f"{name}: a category lists each of its options once, and at least one.")
    b.categories[name] = tuple(dict.fromkeys(options))
    unit = Unit("category", options=b.categories[name], name=name)
    binding = Symbol("binding", name, unit, title=name.replace("_", " "))
    b.loops.setdefault(name, Loop("category", name, {name: binding}, name, b.categories[name]))


def build_accounts(b: Builder) -> None:
    """Accounts; their floors and ceilings are read later, when terms are known."""
    for name, account in b.document.accounts.items():
        if not b.claim(name, "an account"):
            continue
        if account.held_by is not None and account.held_by not in b.parties:
            b.unknown_party(account.held_by, f"{name} is held by")
        unit = b.unit(account.unit, MONEY)
        if unit is None:
            b.told(name)
            continue
        ends = str(account.ends.to) if account.ends else ""
        if account.ends and ends not in ("contributors", *b.parties, *b.document.accounts):
            b.fault(
                "AC048", account.ends.at.value("to"), f'{name} ends: "{ends}" is neither a party, an account nor contributors.',
                did_you_mean(ends, [*b.parties, *b.document.accounts]),
            )  # fmt: skip
        by = str(account.by) if account.by else ""
        keys: tuple[str, ...] = ()
        if by in b.loops and b.loops[by].kind == "party":
            by, keys = PARTY, b.loops[by].keys
        b.accounts[str(name)] = e.Account(
            str(name), str(account.title) or str(name), str(account.clause or ""), unit, by, str(account.held_by or ""),
            None, None, ends, name.mark,
        )  # fmt: skip
        attributes = dict.fromkeys(("opening", "balance", "in", "out", "closing", "funded"), unit)
        b.symbols[str(name)] = Symbol(
            "account", str(name), unit, by=by, keys=keys, title=str(account.title) or str(name), attributes=attributes, bare=False,
            bare_hint=f"Say which of its figures: {name}.balance, {name}.opening or {name}.funded.", mark=name.mark,
        )  # fmt: skip


def build_decisions(b: Builder) -> None:
    """Decisions: who signs, and how many make it."""
    for name, decision in b.document.decisions.items():
        if not b.claim(name, "a decision"):
            continue
        signers = tuple(b.members(decision.signed_by, f"{name} is signed by"))
        needed = len(signers) if decision.unanimous else len(signers) // 2 + 1
        if decision.quorum is not None:
            if not isinstance(decision.quorum, int) or not 1 <= decision.quorum <= max(1, len(signers)):
                b.fault("AC068", decision.at.value("quorum"), f"{name}: a quorum is a number from 1 to {len(signers)}.")
            else:
                needed = decision.quorum
        title = str(decision.title or name)
        b.decisions[str(name)] = e.Decision(str(name), title, str(decision.clause or ""), signers, needed, name.mark)
        b.symbols[str(name)] = Symbol("decision", str(name), BOOLEAN, title=title, mark=name.mark)


def finish_accounts(b: Builder) -> None:
    """Floors and ceilings, now that terms are known."""
    from dataclasses import replace

    for name, account in b.document.accounts.items():
        built = b.accounts.get(name)
        if built is None:
            continue
        floor: e.Expr | None
        if account.may_go_below is not None and account.may_go_below == "any":
            floor = None
        elif account.may_go_below is not None:
            floor = b.expr(account.may_go_below, b.scope(), built.unit)
        else:
            from alliance.contract.model.base import Scalar

            floor = b.expr(Scalar("0", name.mark), b.scope(), built.unit)
        ceiling = b.expr(account.at_most, b.scope(), built.unit) if account.at_most is not None else None
        b.accounts[str(name)] = replace(built, floor=floor, ceiling=ceiling)
