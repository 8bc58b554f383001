"""Payments: what each is repeated over, its steps, slices, and who pays whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.build.sharing import build_group, build_shares, check_totals
from alliance.contract.build.worked import build_bands, curve_points
from alliance.contract.calendar import SETTLES
from alliance.contract.faults import did_you_mean, one_of
from alliance.contract.formula.scope import Scope, Symbol
from alliance.contract.formula.tree import names
from alliance.contract.model.base import Scalar
from alliance.contract.model.paid import OPERATIONS, OnAccount, Payment, Slice, Step
from alliance.contract.units import BOOLEAN, MONEY, PERCENT, Unit


def declare_payments(b: Builder) -> None:
    """Names first, so that figures may read what payments came to."""
    for name, payment in b.document.payments.items():
        if not b.claim(name, "a payment"):
            continue
        unit = b.unit(payment.unit, MONEY)
        if unit is None:
            b.told(name)
            continue
        each = payment.each
        loop = b.loops.get(str(each)) if each is not None else None
        options = loop.keys if loop is not None and loop.kind == "category" else ()
        attributes = dict.fromkeys(("earned", "on_account", "net", "unearned", "kept"), unit)
        b.symbols[str(name)] = Symbol(
            "payment", str(name), unit, title=str(payment.title or name), attributes=attributes, bare=False,
            bare_hint=f"Say {name}.earned, {name}.on_account or {name}.net.", mark=name.mark,
            also_by=(*b.parties, *b.accounts, *options),
        )  # fmt: skip


def build_payment(b: Builder, name: Scalar, p: Payment) -> None:
    """One payment, after all that it reads."""
    if str(name) not in b.symbols:
        return
    unit = b.unit(p.unit, MONEY)
    assert unit is not None  # else it was not declared
    if unit.per:
        b.fault("AC045", name.mark, f"{name}: a payment is in money or in units, not in {unit}.")
    each = build_each(b, p.each) if p.each is not None else None
    scope = each_scope(b, b.scope(), each)
    funding = _funding(b, name, p, unit)
    groups = {}
    for group_name, spec in _group_specs(p):
        group = build_group(b, name, group_name, spec, p, scope)
        if group is not None:
            groups[group.name] = group
    payers = build_shares(b, p.from_, scope, each, groups, f"{name} from")
    check_totals(b, payers, p.at.value("from"), f"the shares of {name} from")
    payees: tuple[e.Share, ...] = ()
    if p.to is not None:
        payees = build_shares(b, p.to, scope, each, groups, f"{name} to")
        check_totals(b, payees, p.at.value("to"), f"the shares of {name} to")
    elif "" in groups:
        payees = (e.Share("group", "", None),)
    elif p.shared is not None and "by" in p.shared:
        pass  # how it is shared is at fault
    elif p.slices is None or any(s.to is None for s in p.slices):
        b.fault("AC085", name.mark, f"{name} does not say who is paid.", "Say `to:` a party or account, or `shared:`.")
    if len(payers) == len(payees) == 1 and payers[0].kind == payees[0].kind and payers[0].name == payees[0].name:
        b.fault("AC099", p.at.value("to"), f"{name} is paid by {payers[0].name} to itself.")
    start = b.expr(p.start, scope, unit)
    steps = tuple(s for s in (build_step(b, s, scope, unit) for s in p.steps) if s is not None)
    slices = tuple(_slice(b, name, s, scope, each, groups, payers, payees, unit) for s in p.slices or [])
    if not p.pays_for and unit.kind == "money":
        b.fault(
            "AC086",
            name.mark,
            f"{name} does not say what it pays for.",
            "pays_for: outcome, availability, block or pass_through.",
        )
    if start is None:
        return
    limit = p.limits
    b.payments[str(name)] = e.Payment(
        name=str(name),
        title=str(p.title or str(name).replace("_", " ")),
        clause=str(p.clause or ""),
        pays_for=str(p.pays_for or ""),
        settles=SETTLES[str(p.settles)] if p.settles else b.settles,
        shadow=_shadow(b, p),
        unit=unit,
        each=each,
        when=b.expr(p.when, scope, BOOLEAN) if p.when is not None else None,
        funding=funding,
        start=start,
        start_changes=changes_of(b, [start, *([funding.pays] if funding else [])]),
        steps=steps,
        at_most=b.expr(limit.at_most, scope, unit) if limit and limit.at_most is not None else None,
        at_least=b.expr(limit.at_least, scope, unit) if limit and limit.at_least is not None else None,
        limits_only=str(limit.only or "") if limit else "",
        slices=slices,
        payers=payers,
        payees=payees,
        groups=groups,
        absent=str(p.absent or "others"),
        unearned=_unearned(b, name, p),
        gain_limit=_party_limit(b, p, "gain", groups, unit),
        loss_limit=_party_limit(b, p, "loss", groups, unit),
        on_account=_on_account(b, name, p, scope, unit),
        recoup=_recoup(b, name, p, scope, unit),
        owed=_account(b, p.owed, f"{name} is owed in") if p.owed is not None else "",
        mark=name.mark,
    )


def changes_of(b: Builder, exprs: Iterable[e.Expr]) -> tuple[date, ...]:
    """The days on which a start formula may change: those of its terms, and of the parties that come and go."""
    found: set[date] = set()
    for expr in exprs:
        for ref in names(expr.node):
            if ref.kind == "term" and ref.name in b.terms:
                found |= set(b.terms[ref.name].changes)
    return tuple(sorted(found))


def build_each(b: Builder, text: Scalar) -> e.Each | None:
    """What a payment is repeated over: a role, a category, records, or a field of records."""
    words = str(text).split()
    if len(words) == 1:
        loop = b.loops.get(words[0])
        if loop is not None:
            kind = {"records": "record", "party": "party", "category": "category"}[loop.kind]
            return e.Each(kind, loop.name, "", loop.name, loop.keys)
        b.fault("AC087", text.mark, f'"{text}" is not something to go through.', did_you_mean(words[0], b.loops))
        return None
    if len(words) == 3 and words[1] == "in":
        loop = b.loops.get(words[2])
        if loop is None or loop.kind != "records":
            known = [n for n, v in b.loops.items() if v.kind == "records"]
            b.fault("AC087", text.mark, f'"{words[2]}" is not records that are brought.', did_you_mean(words[2], known))
        elif words[0] not in loop.fields:
            b.fault(
                "AC087", text.mark, f'"{words[0]}" is not a field of {words[2]}.', did_you_mean(words[0], loop.fields)
            )
        else:
            return e.Each("group", words[2], words[0], words[0], ())
        return None
    b.fault(
        "AC087",
        text.mark,
        f'"{text}" cannot be gone through.',
        "Write `each: provider`, or `each: person in packages`.",
    )
    return None


def each_scope(b: Builder, scope: Scope, each: e.Each | None) -> Scope:
    """The scope of a payment's formulas, for each of what it is repeated over."""
    if each is None:
        return scope
    if each.kind == "party":
        return scope.inside(b.party_loop(each.over))
    loop = b.loops[each.over]
    if each.kind == "group":
        field = loop.fields[each.field]
        return scope.with_group(loop, {each.field: replace(field, kind="binding")})
    return scope.inside(loop)


def _funding(b: Builder, name: Scalar, p: Payment, unit: Unit) -> e.Funding | None:
    f = p.funded
    if f is None:
        return None
    into = _account(b, f.into, f"{name} is funded into")
    each, payer, scope = None, "", b.scope()
    if f.each is not None:
        each = build_each(b, f.each)
        if each is not None and each.kind != "party":
            b.fault("AC087", f.each.mark, f"{name}: a pool is funded by each party of a role.")
        scope = each_scope(b, scope, each)
    elif f.from_ is not None and f.from_ in b.parties:
        payer = str(f.from_)
    else:
        b.fault("AC085", f.at.mark, f"{name}: `funded` says who pays in: each role, or from a party.")
    pays = b.expr(f.pays, scope, unit)
    return e.Funding(each, payer, pays, into, f.at.mark) if pays is not None else None


def _account(b: Builder, name: Scalar, what: str) -> str:
    if name not in b.accounts:
        hint = did_you_mean(name, b.accounts) or (one_of(b.accounts) if b.accounts else "Name it under `accounts:`.")
        if b.refused.get(name) != "":  # else the account is at fault
            b.fault("AC088", name.mark, f'{what}: "{name}" is not an account.', hint)
    return str(name)


def _group_specs(p: Payment) -> list[tuple[str, object]]:
    """The ways of sharing that `shared` gives: one for the whole payment, or several by name."""
    if p.shared is None:
        return []
    if "by" in p.shared:
        return [("", p.shared)]
    return [(str(k), v) for k, v in p.shared.items()]


def build_step(b: Builder, s: Step, scope: Scope, unit: Unit) -> e.Step | None:
    """One step: exactly one operation and its formulas."""
    given = [o for o in OPERATIONS if getattr(s, o) is not None]
    if len(given) != 1:
        what = " and ".join(given) if given else "none"
        b.fault(
            "AC089",
            s.at.mark,
            f"a step has exactly one operation; this has {what}.",
            f"They are: {', '.join(OPERATIONS)}.",
        )
        return None
    operation = given[0]
    values: dict[str, e.Expr | None] = {}
    points: tuple[tuple[e.Expr, e.Expr], ...] = ()
    bands: tuple[e.Band, ...] = ()
    if operation == "multiply":
        values["by"] = _factor(b, s.multiply, scope)
    elif operation == "gate":
        values["if"] = b.expr(s.gate, scope, BOOLEAN) if s.gate is not None else None
    elif operation in ("corridor", "deadband"):
        part = getattr(s, operation)
        keys = ["reach", "exceed"] if operation == "corridor" else ["beyond"]
        chosen = [k for k in keys if getattr(part, k) is not None]
        if len(chosen) != 1:
            b.fault("AC089", part.at.mark, "a corridor says exactly one of reach and exceed.")
            return None
        wanted = unit if part.of is None else PERCENT
        values[chosen[0]] = b.expr(getattr(part, chosen[0]), scope, wanted)
        if part.of is not None:
            values["of"] = b.expr(part.of, scope, unit)
    elif operation in ("curve", "bands"):
        part = getattr(s, operation)
        wanted = unit if part.of is None else PERCENT
        if part.of is not None:
            values["of"] = b.expr(part.of, scope, unit)
        if operation == "curve":
            points = curve_points(b, part.points, scope, wanted, wanted, part.at.value("points"))
        else:
            bands = build_bands(b, part.bands, scope, wanted, wanted, part.at.value("bands"))
    elif operation != "round":
        values["amount"] = b.expr(getattr(s, operation), scope, unit)
    when = b.expr(s.when, scope, BOOLEAN) if s.when is not None else None
    if any(v is None for v in values.values()):
        return None
    if s.if_unknown is not None and operation != "gate":
        b.fault("AC089", s.at.value("if_unknown"), "if_unknown belongs to a gate.")
    name = str(s.name or operation.replace("_", " "))
    return e.Step(
        name, str(s.clause or ""), operation, {k: v for k, v in values.items() if v is not None}, when, str(s.only or ""),
        str(s.if_unknown or ""), points, bands, b.rounding(s.round), s.at.mark,
    )  # fmt: skip


def _factor(b: Builder, text: Scalar | None, scope: Scope) -> e.Expr | None:
    assert text is not None
    found = b.expr(text, scope)
    if found is not None and found.unit.kind not in ("percent", "count", "ratio", "zero"):
        what = f"`multiply: {text}`: this is {found.unit.spoken()}"
        b.fault("AC041", text.mark, f"{what}; an amount is multiplied by a percentage or a number.")
        return None
    return found


def _slice(
    b: Builder, name: Scalar, s: Slice, scope: Scope, each: e.Each | None, groups: Mapping[str, e.Group],
    payers: tuple[e.Share, ...], payees: tuple[e.Share, ...], unit: Unit,
) -> e.Slice:  # fmt: skip
    mine = payers
    if s.from_ is not None:
        mine = build_shares(b, s.from_, scope, each, groups, f"{name}, slice from")
        check_totals(b, mine, s.at.value("from"), "the shares of this slice's payers")
    theirs = payees
    if s.to is not None:
        theirs = build_shares(b, s.to, scope, each, groups, f"{name}, slice to", stays=True)
        check_totals(b, theirs, s.at.value("to"), "the shares of this slice")
    return e.Slice(
        str(s.name or "slice"), str(s.clause or ""), str(s.only or ""),
        b.expr(s.when, scope, BOOLEAN) if s.when is not None else None,
        b.expr(s.up_to, scope, unit) if s.up_to is not None else None, mine, theirs, s.at.mark,
    )  # fmt: skip


def _shadow(b: Builder, p: Payment) -> Mapping[str, bool] | bool:
    """When the payment only prints: always, never, or by year; the contract's own shadow years count for all."""
    found: dict[str, bool] = {}
    for said in (b.document.contract.shadow, p.shadow):
        if isinstance(said, bool):
            if said:
                return True
            continue
        for label, flag in said.items():
            year = b.period(label)
            if year is not None:
                found[year.label] = found.get(year.label, False) or flag
    return found


def _unearned(b: Builder, name: Scalar, p: Payment) -> str:
    if p.unearned is None:
        return ""
    target = str(p.unearned)
    if p.funded is None:
        b.fault(
            "AC090", p.unearned.mark, f"{name}: only a payment from a funded pool has money unearned.", "Say `funded:`."
        )
    known = ["contributors", "carried", *b.accounts, *b.parties]
    if target not in known:
        hint = did_you_mean(target, known) or "It may be an account, a party, contributors, or carried."
        b.fault("AC088", p.unearned.mark, f'{name}: "{target}" is not somewhere that unearned money can go.', hint)
    return target


def _party_limit(b: Builder, p: Payment, side: str, groups: Mapping[str, e.Group], unit: Unit) -> e.PartyLimit | None:
    limit = getattr(p.party_limits, side) if p.party_limits is not None else None
    if limit is None:
        return None
    role = str(limit.each or "party")
    loop = b.loops.get(role)
    if loop is None or loop.kind != "party":
        b.fault("AC087", limit.each.mark, f'"{role}" is not a role of the parties.', did_you_mean(role, b.loops))
        return None
    expr = b.expr(limit.at_most, b.scope().inside(b.party_loop(loop.name)), unit)
    if expr is None:
        return None
    return e.PartyLimit(loop.name, expr, str(limit.beyond), str(limit.clause or ""), limit.at.mark)


def _on_account(b: Builder, name: Scalar, p: Payment, scope: Scope, unit: Unit) -> e.OnAccount | None:
    found = p.on_account
    if found is None:
        return None
    settles = SETTLES[str(p.settles)] if p.settles else b.settles
    if settles == "month":
        message = f"{name} settles monthly, so nothing of it is paid on account before."
        hint = "Remove `on_account:`, or let the payment settle quarterly or yearly."
        b.fault("AC091", p.at.value("on_account"), message, hint)
    if isinstance(found, OnAccount):
        expr = b.expr(found.of_the_year, scope, unit)
        length, clause, mark = str(found.each or ""), str(found.clause or ""), found.at.mark
    else:
        expr, length, clause, mark = b.expr(found, scope, unit), "", "", found.mark
    if not length:
        length = b.settles if b.settles != settles else "month"
    return e.OnAccount(expr, length, clause, mark) if expr is not None else None


def _recoup(b: Builder, name: Scalar, p: Payment, scope: Scope, unit: Unit) -> e.Recoup | None:
    if p.recoup is None:
        return None
    account = _account(b, p.recoup.account, f"{name} recoups")
    at_most = None
    if p.recoup.at_most is not None:
        local = {"earned": Symbol("earned", "earned", unit, title="what is earned")}
        at_most = b.expr(p.recoup.at_most, replace(scope, local={**scope.local, **local}), unit)
    return e.Recoup(account, at_most, str(p.recoup.clause or ""), p.recoup.at.mark)
