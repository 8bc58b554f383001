"""Who pays and who is paid: payers, payees, ways of sharing, what is not earned, and limits by party."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.contract import entries as e
from alliance.contract.english import words as w
from alliance.contract.english.model import Sentence
from alliance.contract.english.standing import Standing, at, shape
from alliance.contract.formula import tree as t

_BEYOND = {
    "payer": "what is beyond stays with the payer",
    "others": "what is beyond is shared again among the others",
    "carry": "what is beyond is carried to the next settlement",
}


def sharing(s: Standing, p: e.Payment) -> Iterator[Sentence]:
    """Who pays whom, how a group shares, and the limits on each party."""
    file = shape(s.document.payments, p.name)
    if not p.slices or any(x.payers == p.payers for x in p.slices):
        paid = f"It is paid {paid_by(s, p, p.payers)}"
        if p.payees and not (p.slices and all(x.payees != p.payees for x in p.slices)):
            paid += _to(s, p)
        yield at(paid, p.clause, file.at.value("from"))
    for group in p.groups.values():
        yield from _group(s, p, group)
    if p.funding is not None:
        into = s.who(p.funding.into)
        goes = {
            "": f"stays in {into}",
            "carried": f"stays in {into}",
            "contributors": "goes back to those who paid in, as they paid in",
        }.get(p.unearned, f"goes to {s.who(p.unearned)}")
        text = f"What is paid into {into} and not earned {goes}"
        yield at(text, p.clause, file.at.value("unearned") if p.unearned else p.funding.mark)
    for limit, verb in ((p.gain_limit, "gains"), (p.loss_limit, "bears")):
        if limit is not None:
            who = w.spaced(limit.each)
            this = "" if isinstance(limit.at_most.node, t.Literal) else " this:"
            text = f"In a year each {who} {verb} at most{this} {s.say(limit.at_most)}; {_BEYOND[limit.beyond]}"
            yield at(text, limit.clause or p.clause, limit.mark)


def _to(s: Standing, p: e.Payment) -> str:
    first = p.payees[0]
    if len(p.payees) == 1 and first.kind == "group":
        return f", and shared by {_members(s, p.groups[first.name])}"
    comma = "," if len(p.payers) > 1 else ""
    if len(p.payees) == 1 and first.kind == "account":
        return f"{comma} into {target(s, p, first)}"
    said = w.joined(_part(s, x, target(s, p, x)) for x in p.payees)
    return f"{comma} to {said}"


def paid_by(s: Standing, p: e.Payment, payers: tuple[e.Share, ...]) -> str:
    """Those who pay, with the part of each: by parties, out of accounts."""
    said = w.joined(_part(s, x, ("out of " if x.kind == "account" else "") + target(s, p, x)) for x in payers)
    return said if payers and payers[0].kind == "account" else f"by {said}"


def paid_to(s: Standing, p: e.Payment, payers: tuple[e.Share, ...]) -> str:
    """Those to whom a loss is owed, with the part of each."""
    return w.joined(("into " if x.kind == "account" else "to ") + _part(s, x, target(s, p, x)) for x in payers)


def _part(s: Standing, x: e.Share, who: str) -> str:
    return who if x.share is None else f"{who} ({s.say(x.share)})"


def payees_words(s: Standing, p: e.Payment, payees: tuple[e.Share, ...], only: str) -> str:
    """What of a slice goes to whom; of a loss, who bears it."""
    goes = "is borne by" if only == "loss" else "goes to"
    if len(payees) == 1 and payees[0].share is None:
        x = payees[0]
        return "it stays with the payer" if x.kind == "stays" else f"it {goes} {target(s, p, x)}"
    said = []
    for x in payees:
        part = s.say(x.share) if x.share is not None else "the rest"
        said.append(f"{part} stays with the payer" if x.kind == "stays" else f"{part} {goes} {target(s, p, x)}")
    return w.joined(said)


def target(s: Standing, p: e.Payment, x: e.Share) -> str:
    """A payer or payee inside a sentence."""
    if x.kind == "group":
        return _group_name(s, p.groups[x.name])
    if x.kind == "account":
        by = s.built.accounts[x.name].by
        return f"the {w.spaced(by)}'s balance of {s.speaker.phrase(x.name)}" if by else s.who(x.name)
    if x.kind == "binding":
        return f"that {w.spaced(p.each.over if p.each is not None and p.each.kind == 'party' else x.name)}"
    if x.kind == "field":
        return f"the party named as its {w.spaced(x.name)}"
    return s.who(x.name)


def _group_name(s: Standing, group: e.Group) -> str:
    if not group.name:
        return _members(s, group)
    loop = s.built.scope.loops.get(group.name)
    return (
        f"the {w.members_of(loop.name)}"
        if loop is not None and loop.kind == "party"
        else f"{w.quoted(w.spaced(group.name))}"
    )


def _members(s: Standing, group: e.Group) -> str:
    """The members of a group: a role where they are all of it, otherwise each by name."""
    for role, keys in s.built.roles.items():
        if keys == group.members and role in {p.role for p in s.built.parties.values()} and len(keys) > 1:
            return f"the {w.members_of(role)}"
    if group.members == tuple(s.built.parties):
        return "the parties"
    return s.named(group.members)


def _group(s: Standing, p: e.Payment, g: e.Group) -> Iterator[Sentence]:
    who = _group_name(s, g)
    verb = "gain or bear" if w.is_plural(who) else "gains or bears"
    lead = f"What {who} {verb} is shared" if g.name else "It is shared"
    if g.basis == "contribution":
        said = f"{lead} by contribution: each has the part of it that it has of what was paid in"
    elif g.basis == "equally":
        said = f"{lead} equally by {s.named(g.members)}"
    elif g.basis == "fixed":
        said = f"{lead} by fixed shares: {w.joined(f'{s.say(g.weights[m])} to {s.who(m)}' for m in g.members)}"
    else:
        assert g.weight is not None
        said = f"{lead} by {s.named(g.members)} in proportion to {s.say(g.weight)}"
    yield at(said, p.clause, g.mark)
    held = [m for m in g.members if m in s.built.accounts]
    if held:
        verb = "share" if len(held) > 1 else "shares"
        said = f"{s.named(held)} {verb} gains, never losses; a loss is shared by the rest"
        yield at(said, p.clause, g.mark)
    if g.basis != "contribution" and _comes_and_goes(s, g):
        rest = (
            "what it would have had in the rest is not paid" if p.absent == "unearned" else "the others share the rest"
        )
        text = f"A party that is in the alliance for part of a period has that part of its share; {rest}"
        yield at(text, p.clause, g.mark)


def _comes_and_goes(s: Standing, g: e.Group) -> bool:
    found = (s.built.parties[m] for m in g.members if m in s.built.parties)
    return any(x.start > s.built.start or x.end < s.built.end for x in found)
