"""Payments: what each is repeated over, what funds it, and who pays whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.build.limits import build_limits, check_limits, paid_by_name
from alliance.contract.build.sharing import Sharing, build_groups
from alliance.contract.build.steps import build_step
from alliance.contract.build.stretches import stretches_of
from alliance.contract.calendar import MONTHS, SETTLES
from alliance.contract.faults import Mark, did_you_mean, one_of
from alliance.contract.formula.scope import Scope, Symbol
from alliance.contract.model.paid import OnAccount, Payment, Slice
from alliance.contract.source_nodes import Scalar
from alliance.contract.units import BOOLEAN, MONEY, Unit

_READ = ("earned", "on_account", "net", "unearned", "kept")


def declare_payments(b: Builder) -> None:
    """Names first, so that figures may read what payments came to."""
    everyone = (*b.parties, *b.accounts)
    for name, payment in b.document.payments.items():
        if not b.owns(name):
            continue
        loop = b.loops.get(payment.each or "")
        options = loop.keys if loop is not None and loop.kind == "category" else ()
        unit = b.unit(payment.unit) if payment.unit is not None else MONEY
        if unit is None:
            b.fail(name)
            continue
        if not unit.numeric or unit.per:
            message = f"{name}: a payment is in money or in units, not in {unit.spoken()}."
            b.fault("AC045", payment.at.value("unit"), message, "Write a currency, or count.")
        b.symbols[str(name)] = Symbol(
            kind="payment",
            name=str(name),
            unit=unit,
            title=str(payment.title or name.replace("_", " ")),
            attributes=dict.fromkeys(_READ, unit),
            bare=False,
            bare_hint=f"Say {name}.earned, {name}.on_account or {name}.net.",
            mark=name.mark,
            also_by=(*everyone, *options) if options else everyone,
        )


def build_payment(b: Builder, name: Scalar, p: Payment) -> None:
    """One payment, after all that it reads."""
    symbol = b.symbols.get(name)
    if symbol is None or symbol.kind != "payment" or not b.owns(name):
        return
    unit = symbol.unit
    each = build_each(b, p.each) if p.each is not None else None
    failed = each is None and p.each is not None
    scope = b.scope() if each is None else each_scope(b, b.scope(), each)
    groups, broken = build_groups(b, name, p, unit)
    funding = _funding(b, name, p, unit)
    start = None if failed else b.expr(p.start, scope, unit)
    if failed:  # nothing that is read of each can be known
        return
    sharing = Sharing(b, scope, each, groups, unit, broken)
    payers = sharing.shares(p.from_, p.at.value("from"), f"{name} from")
    payees = _payees(b, name, p, sharing)
    if not p.slices:
        _not_to_itself(b, str(name), p.at.value("to"), payers, payees)
    _named_once(b, name, p)
    steps = [build_step(b, s, scope, unit) for s in p.steps]
    slices = [_slice(name, s, sharing, payers, payees) for s in p.slices or ()]
    _reached(b, name, slices)
    if p.pays_for is None and unit.kind == "money":
        hint = "pays_for: outcome, availability, block or pass_through."
        b.fault("AC086", name.mark, f"{name} does not say what it pays for.", hint)
    when = b.maybe(p.when, scope, BOOLEAN)
    low, high = (b.maybe(getattr(p.limits, k) if p.limits else None, scope, unit) for k in ("at_least", "at_most"))
    limits = build_limits(b, p, unit)
    check_limits(b, name, limits, None if broken else paid_by_name(each, payees, slices, groups), slices)
    settles = SETTLES[str(p.settles)] if p.settles else b.settles
    on_account = _on_account(b, name, p, scope, settles, groups)
    others = {
        "shadow": _shadow(b, name, p),
        "unearned": _unearned(b, name, p, unit),
        "on_account": on_account,
        "recoup": _recoup(b, name, p, scope, unit),
        "owed": b.account(p.owed, f"{name} is owed in", unit) if p.owed is not None else "",
    }
    if start is None:
        return
    b.payments[str(name)] = e.Payment(
        name=str(name),
        title=str(p.title or name.replace("_", " ")),
        clause=str(p.clause or ""),
        pays_for=str(p.pays_for or ""),
        settles=settles,
        unit=unit,
        each=each,
        when=when,
        funding=funding,
        start=start,
        stretches=stretches_of(
            b, [start, *([funding.pays] if funding else []), *([on_account.of_the_year] if on_account else [])]
        ),
        steps=tuple(s for s in steps if s is not None),
        at_most=high,
        at_least=low,
        limits_only=str(p.limits.only or "") if p.limits else "",
        slices=tuple(slices),
        payers=payers,
        payees=payees,
        groups=groups,
        absent=str(p.absent or "others"),
        gain_limit=limits["gain"],
        loss_limit=limits["loss"],
        mark=name.mark,
        **others,  # type: ignore[arg-type]
    )


def _not_to_itself(b: Builder, what: str, mark: Mark, payers: tuple[e.Share, ...], payees: tuple[e.Share, ...]) -> None:
    """A fault for each who is named as payer and as payee. One of those who share keeps its own part, which may be."""
    paid = {(s.kind, s.name) for s in payees}
    for share in payers:
        if (share.kind, share.name) in paid:
            who = share.name or "a way of sharing"  # the payment's one way has no name
            hint = f"Leave {who} out of those who pay, or of those who are paid."
            b.fault("AC099", mark, f"{what} is paid by {who} to itself.", hint)


def _named_once(b: Builder, name: Scalar, p: Payment) -> None:
    """A fault for each step named as one before it: variations and statements tell steps by their names."""
    named: dict[str, Mark] = {}
    for step in p.steps:
        if step.name is None:
            continue
        if step.name in named:
            message = f'{name}: "{step.name[:40]}" names a step already, at {named[step.name]}.'
            b.fault("AC044", step.name.mark, message, "Give each step a name of its own.")
        named.setdefault(str(step.name), step.name.mark)


def _payees(b: Builder, name: Scalar, p: Payment, sharing: Sharing) -> tuple[e.Share, ...]:
    """Who is paid: those that `to` says, or those that share."""
    if p.to is not None:
        return sharing.shares(p.to, p.at.value("to"), f"{name} to")
    if "" in sharing.groups:
        return (e.Share("group", "", None),)
    if not sharing.broken and (not p.slices or any(s.to is None for s in p.slices)):
        hint = "Say `to:` a party or account, or `shared:`."
        b.fault("AC085", name.mark, f"{name} does not say who is paid.", hint)
    return ()


def build_each(b: Builder, text: Scalar) -> e.Each | None:
    """What a payment is repeated over: a role, a category, records, or a field of records; None with a fault."""
    words = str(text).split()
    if len(words) == 1:
        loop = b.loops.get(words[0])
        if loop is not None:
            kind = {"records": "record", "party": "party", "category": "category"}[loop.kind]
            return e.Each(kind, loop.name, "", loop.name, loop.keys)
        if not b.told(words[0]):
            hint = did_you_mean(words[0], b.loops) or one_of(b.loops)
            b.fault("AC087", text.mark, f'"{text[:60]}" is not something to go through.', hint)
        return None
    if len(words) != 3 or words[1] != "in":
        hint = "Write `each: provider`, or `each: person in packages`."
        b.fault("AC087", text.mark, f'"{text[:60]}" cannot be gone through.', hint)
        return None
    field, _, over = words
    loop = b.loops.get(over)
    if loop is not None and loop.kind == "records" and field in loop.fields:
        return e.Each("group", over, field, field, ())
    if loop is not None and loop.kind == "records":
        hint = did_you_mean(field, loop.fields) or one_of(loop.fields)
        b.fault("AC087", text.mark, f'"{field[:40]}" is not a field of {over}.', hint)
    elif not b.told(over):
        known = [n for n, v in b.loops.items() if v.kind == "records"]
        b.fault("AC087", text.mark, f'"{over[:40]}" is not records that are brought.', did_you_mean(over, known))
    return None


def each_scope(b: Builder, scope: Scope, each: e.Each) -> Scope:
    """The scope of a payment's formulas, for each of what it is repeated over."""
    loop = b.loops[each.over]
    if each.kind == "group":
        return scope.with_group(loop, {each.field: replace(loop.fields[each.field], kind="binding")})
    return scope.inside(loop)


def _funding(b: Builder, name: Scalar, p: Payment, unit: Unit) -> e.Funding | None:
    f = p.funded
    if f is None:
        return None
    into = b.account(f.into, f"{name} is funded into", unit)
    each, payer, scope = None, "", b.scope()
    b.only("AC085", f.at.mark, f"{name}: `funded`", ("each", "from"), [k for k in ("each", "from") if k in f.at.node])
    if f.each is not None:
        each = build_each(b, f.each)
        if each is not None and each.kind != "party":
            b.fault(
                "AC087",
                f.each.mark,
                f"{name}: a pool is funded by each party of a role.",
                "Name a role: each: provider.",
            )
        if each is None:
            return None
        scope = each_scope(b, scope, each)
    else:
        payer = b.a_party(f.from_, f"{name} is funded by")
    pays = b.expr(f.pays, scope, unit)
    return e.Funding(each, payer, pays, into, f.at.mark) if pays is not None else None


def _slice(
    name: Scalar, s: Slice, sharing: Sharing, payers: tuple[e.Share, ...], payees: tuple[e.Share, ...]
) -> e.Slice:
    b, scope, called = sharing.b, sharing.scope, f'the slice "{s.name}" of {name}' if s.name else f"a slice of {name}"
    if s.from_ is not None:
        payers = sharing.shares(s.from_, s.at.value("from"), f"{called} from")
    if s.to is not None:
        payees = sharing.shares(s.to, s.at.value("to"), f"{called} to", stays=True)
    own = "to" if s.to is not None or s.from_ is None else "from"
    _not_to_itself(b, called, s.at.value(own), payers, payees)
    return e.Slice(
        name=str(s.name or "slice"),
        clause=str(s.clause or ""),
        only=str(s.only or ""),
        when=b.maybe(s.when, scope, BOOLEAN),
        up_to=b.maybe(s.up_to, scope, sharing.unit),
        payers=payers,
        payees=payees,
        mark=s.at.mark,
    )


def _reached(b: Builder, name: Scalar, slices: Iterable[e.Slice]) -> None:
    """A fault for a slice that nothing is left for: one before it takes all of the gains, or losses, that it is for. An
    account that pays a slice alone may have less than all."""
    taken: dict[str, str] = {}
    for part in slices:
        sides = [part.only] if part.only else ["gain", "loss"]
        if all(side in taken for side in sides):
            message = f'{name}: nothing is left for the slice "{part.name}", since "{taken[sides[0]]}" takes all.'
            hint = "Say how far the earlier one goes (up_to), or put this one before it."
            b.fault("AC115", part.mark, message, hint)
        short = len(part.payers) == 1 and part.payers[0].kind == "account"
        if part.up_to is None and part.when is None and not short:
            taken |= {side: part.name for side in sides if side not in taken}


def _shadow(b: Builder, name: Scalar, p: Payment) -> Mapping[str, bool] | bool:
    """When the payment only prints: always, never, or by year; the contract's own shadow years count for all."""
    found: dict[str, bool] = {}
    for said in (b.document.contract.shadow, p.shadow):
        if isinstance(said, bool):
            if said:
                return True
            continue
        for label, flag in said.items():
            year = b.year(label, f"{name}, shadow")
            if year is not None:
                found[year.label] = found.get(year.label, False) or flag
    return found


def _unearned(b: Builder, name: Scalar, p: Payment, unit: Unit) -> str:
    if p.unearned is None:
        return ""
    if p.funded is None:
        message = f"{name}: only a payment from a funded pool has money unearned."
        b.fault(
            "AC090", p.unearned.mark, message, "Add `funded:`, with who pays into which account, or remove `unearned:`."
        )
    target = p.unearned
    if target in b.accounts:
        b.same_holding(target, b.accounts[target], f"{name}, unearned", unit)
    elif target not in b.parties and target not in ("contributors", "carried") and not b.told(target):
        known = ["contributors", "carried", *b.accounts, *b.parties]
        hint = did_you_mean(target, known) or "It may be an account, a party, contributors, or carried."
        b.fault("AC088", target.mark, f'{name}: "{target}" is not somewhere that unearned money can go.', hint)
    return str(target)


def _on_account(
    b: Builder, name: Scalar, p: Payment, scope: Scope, settles: str, groups: Mapping[str, e.Group]
) -> e.OnAccount | None:
    found, unit = p.on_account, b.symbols[name].unit
    if found is None:
        return None
    said, clause = (found.each, found.clause) if isinstance(found, OnAccount) else (None, None)
    text: Scalar = found.of_the_year if isinstance(found, OnAccount) else found
    mark: Mark = found.at.mark if isinstance(found, OnAccount) else found.mark
    length = str(said or (b.settles if MONTHS[b.settles] < MONTHS[settles] else "month"))
    if MONTHS[length] >= MONTHS[settles]:
        message = f"{name} settles each {settles}, so nothing of it is paid on account each {length}."
        hint = "Remove `on_account:`, or let the payment settle over a longer period."
        b.fault("AC091", p.at.value("on_account"), message, hint)
    if any(group.basis == "contribution" for group in groups.values()):
        message = f"{name} is shared by what each has paid in, which is known only when it settles."
        b.fault("AC091", p.at.value("on_account"), message, "Remove `on_account:`, or share it another way.")
    if p.slices and not p.to and not groups:
        message = f"{name}: each slice says to whom it goes, and nothing says who is paid on account."
        hint = "Say `to:` or `shared:` for the payment too, or remove `on_account:`."
        b.fault("AC091", p.at.value("on_account"), message, hint)
    of_the_year = b.expr(text, scope, unit)
    return e.OnAccount(of_the_year, length, str(clause or ""), mark) if of_the_year is not None else None


def _recoup(b: Builder, name: Scalar, p: Payment, scope: Scope, unit: Unit) -> e.Recoup | None:
    if p.recoup is None:
        return None
    account = b.account(p.recoup.account, f"{name} recoups", unit)
    inner = scope.with_local(earned=Symbol("earned", "earned", unit, title="what is earned"))
    at_most = b.maybe(p.recoup.at_most, inner, unit)
    return e.Recoup(account, at_most, str(p.recoup.clause or ""), p.recoup.at.mark)
