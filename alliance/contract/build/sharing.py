"""Who has what part: shares of payers and payees, and named ways of sharing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.faults import Mark, did_you_mean
from alliance.contract.formula.scope import PARTY, Scope
from alliance.contract.model.base import Scalar
from alliance.contract.model.paid import Payment
from alliance.contract.units import PERCENT


def build_shares(
    b: Builder,
    spec: Any,
    scope: Scope,
    each: e.Each | None,
    groups: Mapping[str, e.Group],
    what: str,
    stays: bool = False,
) -> tuple[e.Share, ...]:
    """Read `icb`, or `{icb: 60%, council: 40%}`: parties, accounts, groups, or the one in hand."""
    if isinstance(spec, str):
        assert isinstance(spec, Scalar)
        found = _target(b, spec, scope, each, groups, what, stays)
        return (e.Share(found, _name(groups, found, spec), None),) if found else ()
    shares = []
    for name, text in spec.items():
        if stays and name == "rest":
            if text != "stays":
                found = _target(b, text, scope, each, groups, what, stays)
                if found:
                    shares.append(e.Share(found, _name(groups, found, text), None))
            else:
                shares.append(e.Share("stays", "stays", None))
            continue
        found = _target(b, name, scope, each, groups, what, stays)
        share = b.expr(text, scope, PERCENT)
        if found and share is not None:
            shares.append(e.Share(found, _name(groups, found, name), share))
    return tuple(shares)


def _name(groups: Mapping[str, e.Group], kind: str, name: Scalar) -> str:
    """The name kept for a share: a role that the payment's one way of sharing serves stands for that sharing."""
    return "" if kind == "group" and str(name) not in groups else str(name)


def _target(
    b: Builder, name: Scalar, scope: Scope, each: e.Each | None, groups: Mapping[str, e.Group], what: str, stays: bool
) -> str:
    text = str(name)
    if stays and text == "stays":
        return "stays"
    if text in groups:
        return "group"
    if text in b.parties:
        return "party"
    if text in b.accounts:
        return "account"
    loop = b.loops.get(text)
    if each is not None:
        if each.kind == "party" and (text == "party" or (loop is not None and loop.name == each.over)):
            return "binding"
        symbol = scope.local.get(text)
        if symbol is not None and symbol.unit.name == PARTY:
            return "field" if symbol.kind == "field" else "binding"
    if "" in groups and loop is not None and loop.kind == "party":
        return "group"
    known = [*(g for g in groups if g), *b.parties, *b.accounts]
    if loop is not None and loop.kind == "party":
        hint = (
            "Say how it is shared among them: shared: {by: equally}"
            if not groups
            else f"It may be: {', '.join(known)}."
        )
    else:
        hint = did_you_mean(text, known) or f"It may be: {', '.join(known[:12])}."
    b.fault("AC048", name.mark, f'{what}: "{text}" is neither a party nor an account here.', hint)
    return ""


def check_totals(b: Builder, shares: tuple[e.Share, ...], mark: Mark, what: str) -> None:
    """Fixed shares total 100%, or less where the rest is said to stay or go elsewhere."""
    from alliance.contract.build.worked import literal
    from alliance.contract.numbers import to_decimal_text

    given = [s for s in shares if s.share is not None]
    if not given:
        return
    fixed = [literal(s.share) for s in given if s.share is not None]
    if any(f is None for f in fixed):
        return
    total = sum(f for f in fixed if f is not None)
    rest = len(given) < len(shares)
    if any(f is not None and f < 0 for f in fixed):
        b.fault("AC051", mark, f"{what} hold one below 0%.")
    elif total > 1 or (total < 1 and not rest):
        hint = "Add `rest: stays` if the payer keeps the rest." if total < 1 and "slice" in what else ""
        b.fault("AC051", mark, f"{what} total {to_decimal_text(total * 100)}%, not 100%.", hint)


def build_group(b: Builder, payment: Scalar, name: str, spec: Any, p: Payment, scope: Scope) -> e.Group | None:
    """A way of sharing: `{by: contribution}`, `{by: equally, among: provider}`, `{by: figure}`, `{acute: 40%, ...}`."""
    mark = p.at.value("shared", name) if name else p.at.value("shared")
    if not isinstance(spec, Mapping):
        b.fault("AC092", mark, f"{payment}: sharing is a mapping: by contribution, equally, or shares by name.")
        return None
    if "by" not in spec:
        return _fixed(b, payment, name, spec, mark)
    extra = [str(k) for k in spec if k not in ("by", "among")]
    if extra:
        b.fault("AC092", mark, f'{payment}: "{extra[0]}" does not belong beside `by`.', "Only `among` does.")
    by, among = spec["by"], spec.get("among")
    role = str(among) if among is not None else (name if name in b.loops else "")
    if not role and p.to is not None and isinstance(p.to, str) and str(p.to) in b.loops:
        role = str(p.to)
    if by == "contribution":
        if p.funded is None:
            b.fault(
                "AC092", mark, f"{payment} is shared by contribution, and nothing is contributed.", "Say `funded:`."
            )
            return None
        each = str(p.funded.each or "")
        members = b.loops[each].keys if each in b.loops else (str(p.funded.from_),)
        return e.Group(name, "contribution", members, {}, None, mark)
    loop = b.loops.get(role)
    if by == "equally":
        if loop is None or loop.kind != "party":
            b.fault("AC092", mark, f"{payment}: say who shares equally.", "shared: {by: equally, among: provider}")
            return None
        return e.Group(name, "equally", loop.keys, {}, None, mark)
    if not isinstance(by, Scalar):
        b.fault("AC092", mark, f"{payment}: `by` is contribution, equally, or a figure for each party.")
        return None
    symbol = b.symbols.get(str(by))
    keys = loop.keys if loop is not None and loop.kind == "party" else (symbol.keys if symbol is not None else ())
    inner = b.scope().inside(b.party_loop(loop.name if loop is not None and loop.kind == "party" else "party"))
    inner = Scope(inner.symbols, inner.loops, inner.local, {PARTY: keys or tuple(b.parties)}, None, inner.refused)
    weight = b.expr(by, inner)
    if weight is None:
        return None
    if not weight.unit.numeric:
        b.fault("AC092", by.mark, f"{payment}: shares go by a quantity, not by {weight.unit.spoken()}.")
    return e.Group(name, "figure", keys or tuple(b.parties), {}, weight, mark)


def _fixed(b: Builder, payment: Scalar, name: str, spec: Mapping[Scalar, Any], mark: Mark) -> e.Group | None:
    weights: dict[str, e.Expr] = {}
    for member, text in spec.items():
        if member not in b.parties and member not in b.accounts:
            hint = did_you_mean(member, [*b.parties, *b.accounts])
            b.fault("AC048", member.mark, f'{payment} shared: "{member}" is neither a party nor an account.', hint)
            continue
        if not isinstance(text, Scalar):
            b.fault("AC092", mark, f"{payment}: the share of {member} is a percentage.")
            continue
        share = b.expr(text, b.scope(), PERCENT)
        if share is not None:
            weights[str(member)] = share
    if len(weights) < len(spec):
        return None
    shares = tuple(e.Share("party", m, s) for m, s in weights.items())
    check_totals(b, shares, mark, f"the shares of {name or payment}")
    order = [*(p for p in b.parties if p in weights), *(a for a in weights if a in b.accounts)]
    return e.Group(name, "fixed", tuple(order), weights, None, mark)
