"""Who has what part: shares of payers and payees, and named ways of sharing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.build.points import literal
from alliance.contract.faults import Mark, did_you_mean, one_of
from alliance.contract.formula.scope import PARTY, Loop, Scope
from alliance.contract.formula.tree import names
from alliance.contract.model.paid import Payment
from alliance.contract.numbers import to_decimal_text
from alliance.contract.source_nodes import Map, Node, Scalar
from alliance.contract.units import PERCENT, Unit

Spelled = Scalar | Mapping[Scalar, Scalar]
Groups = Mapping[str, e.Group]


@dataclass(frozen=True, slots=True)
class Sharing:
    """What a payment's shares may name: parties, accounts, its groups, or the one in hand."""

    b: Builder
    scope: Scope
    each: e.Each | None
    groups: Groups
    unit: Unit
    broken: frozenset[str] = frozenset()  # ways of sharing that have a fault of their own

    def shares(self, spec: Spelled, mark: Mark, what: str, stays: bool = False) -> tuple[e.Share, ...]:
        """Read `icb`, or `{icb: 60%, council: 40%}`. `stays` lets a part stay with the payer."""
        if isinstance(spec, Scalar):
            return tuple(s for s in [self._share(spec, what, stays, None)] if s is not None)
        found: list[e.Share | None] = []
        for name, text in spec.items():
            if stays and name == "rest":
                found.append(self._share(text, what, stays, None))
            else:
                share = self.b.expr(text, self.scope, PERCENT)
                target = self._share(name, what, False, share)
                found.append(target if share is not None else None)
        shares = tuple(s for s in found if s is not None)
        if len(shares) == len(found):
            check_totals(self.b, shares, mark, what, stays)
        return shares

    def _share(self, name: Scalar, what: str, stays: bool, share: e.Expr | None) -> e.Share | None:
        kind = "stays" if stays and name == "stays" else self._kind(name, what)
        if not kind:
            return None
        # a role that the payment's one way of sharing serves stands for that sharing
        return e.Share(kind, "" if kind == "group" and name not in self.groups else str(name), share)

    def _kind(self, name: Scalar, what: str) -> str:
        """What a name stands for; nothing, with a fault, if it is no one who pays or is paid."""
        b, text = self.b, str(name)
        if text in self.groups:
            return "group"
        if text in b.parties:
            return "party"
        if text in b.accounts:
            b.same_holding(name, b.accounts[text], what, self.unit)
            return "account"
        loop = b.loops.get(text)
        if self.each is not None:
            if self.each.kind == "party" and loop is not None and loop.name in (PARTY, self.each.over):
                return "binding"
            symbol = self.scope.local.get(text)
            if symbol is not None and symbol.unit.name == PARTY:
                return "field" if symbol.kind == "field" else "binding"
        a_role = loop is not None and loop.kind == "party"
        if "" in self.groups and a_role:
            return "group"
        if not b.told(text) and text not in self.broken and not ("" in self.broken and a_role):
            known = [*(g for g in self.groups if g), *b.parties, *b.accounts]
            hint = did_you_mean(text, known) or one_of(known)
            if a_role and not self.groups:
                hint = "Say how it is shared among them: shared: {by: equally}"
            b.fault("AC048", name.mark, f'{what}: "{text}" is neither a party nor an account here.', hint)
        return ""


def check_totals(b: Builder, shares: Sequence[e.Share], mark: Mark, what: str, stays: bool = False) -> None:
    """Fixed shares total 100%, or less where the rest is said to stay or go elsewhere."""
    given = [s.share for s in shares if s.share is not None]
    fixed = [x for x in map(literal, given) if x is not None]
    if not shares:
        b.fault("AC051", mark, f"{what}: nobody is named.", "Name a party or an account.")
    if len(fixed) < len(given) or not given:
        return
    total = sum(fixed)
    if any(x < 0 for x in fixed):
        b.fault("AC051", mark, f"one of the shares of {what} is below 0%.", "Write shares of 0% or more.")
    elif total > 1 or (total < 1 and len(given) == len(shares)):
        hint = "Add `rest: stays` if the payer keeps the rest." if stays and total < 1 else "Make them total 100%."
        b.fault("AC051", mark, f"the shares of {what} total {to_decimal_text(total * 100)}%, not 100%.", hint)


def build_groups(b: Builder, payment: Scalar, p: Payment, unit: Unit) -> tuple[Groups, frozenset[str]]:
    """The ways of sharing that `shared` gives, one for the whole payment or several by name; and those with a fault."""
    if p.shared is None:
        return {}, frozenset()
    node = p.at.node["shared"]
    found = {"": node} if "by" in node else {str(k): v for k, v in node.items()}
    groups = {name: _group(b, payment, name, spec, p, unit) for name, spec in found.items()}
    made = {name: group for name, group in groups.items() if group is not None}
    return made, frozenset(groups) - frozenset(made)


def _group(b: Builder, payment: Scalar, name: str, spec: Node, p: Payment, unit: Unit) -> e.Group | None:
    """A way of sharing: by contribution, equally, by a figure, or by fixed shares."""
    if name in b.parties or name in b.accounts:
        message = f'{payment}: "{name}" is a party or an account, and a way of sharing has a name of its own.'
        hint = f"Say the shares in `to:` instead, or name them all: shared: {{all: {{{name}: ...}}}}, paid `to: all`."
        b.fault("AC092", spec.mark, message, hint)
        return None
    if not isinstance(spec, Map):
        message = f"{payment}: sharing is `by:` contribution, equally or a figure, or shares by name."
        b.fault("AC092", spec.mark, message, "shared: {by: equally, among: provider}")
        return None
    if "by" not in spec:
        return _fixed(b, payment, name, spec, unit)
    for extra in (k for k in spec if k not in ("by", "among")):
        b.fault("AC092", extra.mark, f'{payment}: "{extra[:40]}" does not belong beside `by`.', "Only `among` does.")
    by, among = spec["by"], spec.get("among")
    if not isinstance(by, Scalar) or by.null:
        b.fault(
            "AC092",
            by.mark,
            f"{payment}: `by` is contribution, equally, or a figure for each party.",
            "shared: {by: equally, among: provider}",
        )
        return None
    if by == "contribution":
        return _by_contribution(b, payment, name, p, spec.mark)
    loop = _among(b, payment, name, among, p)
    if by == "equally":
        if loop is None and among is not None:
            return None
        if loop is None:
            hint = "shared: {by: equally, among: provider}"
            b.fault("AC092", spec.mark, f"{payment}: say who shares equally.", hint)
            return None
        return e.Group(name, "equally", loop.keys, {}, None, spec.mark)
    return _by_figure(b, payment, name, by, loop, spec.mark)


def _among(b: Builder, payment: Scalar, name: str, among: Node | None, p: Payment) -> Loop | None:
    """The parties that share: those that `among` says, or the role that the sharing is named by or paid to."""
    said = among if among is not None else name or p.to
    loop = b.loops.get(str(said))
    if loop is not None and loop.kind == "party":
        return loop
    if among is not None:
        known = [n for n, v in b.loops.items() if v.kind == "party"]
        hint = did_you_mean(str(among), known) or one_of(known)
        b.fault("AC087", among.mark, f'{payment}: "{str(among)[:40]}" is not a role of the parties.', hint)
    return None


def _by_contribution(b: Builder, payment: Scalar, name: str, p: Payment, mark: Mark) -> e.Group | None:
    if p.funded is None:
        message = f"{payment} is shared by contribution, and nothing is contributed."
        b.fault("AC092", mark, message, "Add `funded:`, with who pays into which account, or share it in another way.")
        return None
    loop = b.loops.get(p.funded.each or "")
    members = loop.keys if loop is not None else (str(p.funded.from_ or ""),)
    return e.Group(name, "contribution", members, {}, None, mark)


def _by_figure(b: Builder, payment: Scalar, name: str, by: Scalar, loop: Loop | None, mark: Mark) -> e.Group | None:
    """Shares that go by a figure for each party: by those it has one for, unless it is said among whom."""
    symbol = b.symbols.get(by)
    own = symbol.keys if symbol is not None and symbol.by == PARTY else ()
    members = loop.keys if loop is not None else own or tuple(b.parties)
    inner = b.scope().inside(loop or b.loops[PARTY])
    weight = b.expr(by, replace(inner, bound={PARTY: members}))
    if weight is None:
        return None
    if not weight.unit.numeric:
        b.fault(
            "AC092",
            by.mark,
            f"{payment}: shares go by a quantity, not by {weight.unit.spoken()}.",
            "Name a figure for each party that is one.",
        )
    refs = list(names(weight.node))
    if not any(ref.by == PARTY or ref.kind in ("party_field", "binding") for ref in refs):
        hint = "Say `by: equally`, or a figure for each party."
        b.fault("AC092", by.mark, f"{payment}: `{by[:60]}` is the same for every party.", hint)
    return e.Group(name, "figure", members, {}, weight, mark)


def _fixed(b: Builder, payment: Scalar, name: str, spec: Map, unit: Unit) -> e.Group | None:
    """Fixed shares of parties, and of accounts, which share gains only."""
    weights: dict[str, e.Expr] = {}
    for member, text in spec.items():
        if member in b.accounts:
            b.same_holding(member, b.accounts[member], f"{payment} shared", unit)
        elif member not in b.parties:
            if not b.told(member):
                hint = did_you_mean(member, [*b.parties, *b.accounts]) or one_of([*b.parties, *b.accounts])
                message = f'{payment} shared: "{member[:40]}" is neither a party nor an account.'
                b.fault("AC048", member.mark, message, hint)
            continue
        if not isinstance(text, Scalar) or text.null:
            b.fault("AC092", text.mark, f"{payment}: the share of {member} is a percentage.", "Write it as one: 50%.")
            continue
        share = b.expr(text, b.scope(), PERCENT)
        if share is not None:
            weights[str(member)] = share
    if len(weights) < len(spec):
        return None
    shares = [e.Share("party", m, s) for m, s in weights.items()]
    check_totals(b, shares, spec.mark, name or str(payment))
    order = [*(p for p in b.parties if p in weights), *(a for a in weights if a in b.accounts)]
    return e.Group(name, "fixed", tuple(order), weights, None, spec.mark)
