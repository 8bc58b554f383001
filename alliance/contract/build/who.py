"""Parties with their roles, accounts and decisions; and categories."""

from __future__ import annotations

from dataclasses import replace

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.english.words import joined
from alliance.contract.faults import Mark, did_you_mean, one_of
from alliance.contract.formula.scope import PARTY, Loop, Symbol
from alliance.contract.model.who import Account, Decision, Party
from alliance.contract.source_nodes import Scalar
from alliance.contract.units import BOOLEAN, COUNT, MONEY, PERCENT, Unit

SAID_OF_PARTIES = ("small", "host")


def build_parties(b: Builder) -> None:
    """Parties, the roles to go through, and what formulas read of a party in hand."""
    if not b.document.parties:
        b.fault(
            "AC064",
            b.document.at.value("parties"),
            "a contract has at least one party.",
            "Name those who pay and are paid: council: {name: Borough council, role: commissioner}.",
        )
    for name, party in b.document.parties.items():
        if b.owns(name):
            b.parties[str(name)] = _party(b, name, party)
            b.refused[str(name)] = f'"{name}" is a party, and has no value of its own.'
    for party in b.document.parties.values():
        _fields(b, party)
    members: dict[str, list[str]] = {PARTY: list(b.parties)}
    for built in b.parties.values():
        if built.role != PARTY:
            members.setdefault(built.role, []).append(built.name)
    for role, names in members.items():
        b.loops[role] = _loop(b, role, tuple(names))
        b.loops["parties" if role == PARTY else f"{role}s"] = b.loops[role]


def _party(b: Builder, name: Scalar, party: Party) -> e.Party:
    start, end = party.from_ or b.start, party.to or b.end
    if end < start <= b.end:
        b.fault("AC065", party.at.value("to"), f"{name} leaves before it joins.", "Write a later day for `to`.")
    for key, day in (("from", party.from_), ("to", party.to)):
        if day is not None:
            b.within(day, party.at.value(key), str(name))
    fields = {"small": party.small, "host": party.host, **{str(k): v for k, v in party.attributes.items()}}
    return e.Party(str(name), str(party.name), str(party.role), start, end, fields, name.mark)


def _fields(b: Builder, party: Party) -> None:
    """What is said of a party, which formulas read of the party in hand. All parties say it in one unit."""
    said = {Scalar(name): BOOLEAN for name in SAID_OF_PARTIES}
    for name, value in party.attributes.items():
        b.shadows(name, "what is said of a party")
        text = str(party.at.node["attributes"][name])
        said[name] = BOOLEAN if isinstance(value, bool) else PERCENT if text.rstrip().endswith("%") else COUNT
        if name in SAID_OF_PARTIES:
            b.fault(
                "AC044",
                name.mark,
                f'"{name}" is said of a party beside its attributes, not among them.',
                "Write it beside the party's name.",
            )
    for name, unit in said.items():
        before = b.party_fields.setdefault(
            str(name), Symbol("party_field", str(name), unit, title=name.replace("_", " "))
        )
        b.refused.setdefault(str(name), f'"{name}" is said of a party, and no party is in hand here.')
        if before.unit != unit:
            message = f'"{name}" is {unit.spoken()} here, and {before.unit.spoken()} of another party.'
            b.fault("AC042", name.mark, message, "Say it alike of every party.")


def _loop(b: Builder, role: str, members: tuple[str, ...]) -> Loop:
    """Going through the parties of a role (or all): what may be read of each."""
    binding = Symbol("binding", role, b.party_unit(members), title=f"the {role.replace('_', ' ')} in hand")
    return Loop("party", role, {**b.party_fields, PARTY: binding, role: binding}, PARTY, members)


def build_categories(b: Builder) -> None:
    """Categories named at the top, and those that an input lists for itself."""
    for name, options in b.document.categories.items():
        if b.owns(name):
            _category(b, name, options, b.document.at.value("categories", name))
    for name, item in b.document.inputs.items():
        if isinstance(item.one_of, list) and b.owns(name):
            _category(b, name, item.one_of, item.at.value("one_of"))


def _category(b: Builder, name: Scalar, spelled: list[Scalar], mark: Mark) -> None:
    options = options_of(b, str(name), spelled, mark)
    b.categories[str(name)] = options
    unit = Unit("category", options=options, name=str(name))
    binding = Symbol("binding", str(name), unit, title=name.replace("_", " "))
    b.loops[str(name)] = Loop("category", str(name), {str(name): binding}, str(name), options)


def options_of(b: Builder, name: str, spelled: list[Scalar], mark: Mark) -> tuple[str, ...]:
    """The options of a category, each once."""
    if not spelled:
        b.fault("AC067", mark, f"{name}: a category has at least one option.", "List its options: [low, high].")
    options: dict[str, None] = {}
    for option in spelled:
        if option in options:
            b.fault("AC067", option.mark, f'{name}: the option "{option[:40]}" is listed twice.', "Remove one.")
        options[str(option)] = None
    return tuple(options)


def build_accounts(b: Builder) -> None:
    """Accounts; their floors and ceilings are read later, when terms are known."""
    for name, account in b.document.accounts.items():
        if b.owns(name):
            _account(b, name, account)


def _account(b: Builder, name: Scalar, account: Account) -> None:
    unit = b.unit(account.unit) if account.unit is not None else MONEY
    if unit is not None and (not unit.numeric or unit.per):
        b.fault(
            "AC045",
            account.at.value("unit"),
            f"{name}: an account holds money or units, not {unit.spoken()}.",
            "Write a currency, or count.",
        )
        unit = None
    if unit is None:
        return b.fail(name)
    ends = account.ends.to if account.ends is not None else None
    heirs = (b.parties, b.document.accounts, ("contributors",))
    if ends is not None and ends == name:
        b.fault(
            "AC048", ends.mark, f"{name} ends: an account does not end into itself.", "Name a party or another account."
        )
    elif ends is not None and not any(ends in names for names in heirs) and not b.told(ends):
        known = [str(n) for names in heirs for n in names if n != name]
        hint = did_you_mean(ends, known) or one_of(known)
        b.fault(
            "AC048", ends.mark, f'{name} ends: "{ends}" is neither a party, another account nor contributors.', hint
        )
    title, by = str(account.title or name.replace("_", " ")), str(account.by or "")
    loop = b.loops.get(by)
    keys = loop.keys if loop is not None and loop.kind == "party" else ()
    by = PARTY if keys else by
    b.accounts[str(name)] = e.Account(
        name=str(name),
        title=title,
        clause=str(account.clause or ""),
        unit=unit,
        by=by,
        held_by=b.a_party(account.held_by, f"{name} is held by"),
        floor=None,
        ceiling=None,
        ends_to=str(ends or ""),
        mark=name.mark,
    )
    attributes = dict.fromkeys(("opening", "balance", "in", "out", "closing", "funded"), unit)
    hint = f"Say which of its figures: {name}.balance, {name}.opening or {name}.funded."
    b.symbols[str(name)] = Symbol(
        kind="account",
        name=str(name),
        unit=unit,
        by=by,
        keys=keys,
        title=title,
        attributes=attributes,
        bare=False,
        bare_hint=hint,
        mark=name.mark,
    )
    return None


def finish_accounts(b: Builder) -> None:
    """Floors and ceilings, now that terms are known, and what notes of debts end in."""
    debts = {p.owed for p in b.payments.values()} | {p.recoup.account for p in b.payments.values() if p.recoup}
    for name, account in b.document.accounts.items():
        built = b.accounts.get(name)
        if built is None:
            continue
        floor = account.may_go_below if account.may_go_below is not None else Scalar("0", name.mark)
        below = None if floor == "any" else b.expr(floor, b.scope(), built.unit)
        ceiling = b.maybe(account.at_most, b.scope(), built.unit)
        b.accounts[str(name)] = replace(built, floor=below, ceiling=ceiling)
        if account.ends is None:
            continue
        _heir(b, name, account, account.ends.to)
        if str(name) in debts:
            message = f"{name} notes what is owed of an advance, and holds no money that could go anywhere."
            hint = "Remove `ends:`. What is still owed when the contract ends is told in the last statement."
            b.fault("AC090", account.at.value("ends"), message, hint)


def build_decisions(b: Builder) -> None:
    """Decisions: who signs, and how many make it."""
    for name, decision in b.document.decisions.items():
        if b.owns(name):
            _decision(b, name, decision)


def _decision(b: Builder, name: Scalar, decision: Decision) -> None:
    signers = tuple(b.among(decision.signed_by, f"{name} is signed by"))
    seen: set[str] = set()
    for signer in decision.signed_by:
        if signer in seen:
            b.fault("AC068", signer.mark, f"{name}: {signer} signs once.", "Name each once.")
        seen.add(signer)
    if not decision.signed_by:
        b.fault(
            "AC068",
            decision.at.value("signed_by"),
            f"{name}: a decision is signed by at least one party.",
            "Name who signs: signed_by: [council].",
        )
    needed = len(signers) if decision.unanimous else len(signers) // 2 + 1
    if decision.quorum is not None:
        mark, text = decision.at.value("quorum"), decision.at.node["quorum"]
        if "unanimous" in decision.at.node and decision.unanimous:
            b.fault("AC068", mark, f"{name}: a decision that is unanimous has no quorum.", "Keep one of them.")
        if not str(text).isdigit() or not 1 <= decision.quorum <= max(1, len(decision.signed_by)):
            b.fault(
                "AC068",
                mark,
                f"{name}: a quorum is a number from 1 to as many as sign, {len(decision.signed_by)} here.",
            )
        needed = decision.quorum
    title = str(decision.title or name.replace("_", " "))
    b.decisions[str(name)] = e.Decision(str(name), title, str(decision.clause or ""), signers, needed, name.mark)
    b.symbols[str(name)] = Symbol("decision", str(name), BOOLEAN, title=title, mark=name.mark)


def _heir(b: Builder, name: Scalar, account: Account, to: Scalar) -> None:
    """The account that another one ends into holds the same, and is kept for the same."""
    heir = next((a for n, a in b.document.accounts.items() if n == to), None)
    if heir is None or str(to) not in b.accounts:
        return
    if heir.by is not None and heir.by != account.by:
        mine = f"for each {account.by}" if account.by is not None else "as one"
        message = f"{name} ends: {to} is kept for each {heir.by}, and {name} is kept {mine}."
        hint = "Name a party, or an account that is kept " + (mine if mine == "as one" else f"{mine} or as one") + "."
        b.fault("AC048", to.mark, message, hint)
    unit, its = b.accounts[str(name)].unit, b.accounts[str(to)].unit
    if unit != its:
        message = f"{name} ends: {to} holds {its.spoken()}, and {name} holds {unit.spoken()}."
        b.fault("AC057", to.mark, message, f"Name a party, or an account of {unit.spoken()}.")
    _ends_somewhere(b, name, to)


def _ends_somewhere(b: Builder, name: Scalar, to: Scalar) -> None:
    """What an account leaves to others does not come back to it."""
    met, at = [str(name)], str(to)
    while at in b.accounts and at not in met:
        met.append(at)
        at = b.accounts[at].ends_to
    if at == name and len(met) > 1:
        message = f"{name} ends: what it leaves comes back to it by way of {joined(met[1:])}."
        b.fault("AC048", to.mark, message, "Let one of them end in a party.")
