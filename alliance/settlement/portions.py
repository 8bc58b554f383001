"""Portions of a payment: exact amounts gathered by payer and payee, then limited, shared to the penny and moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from alliance.contract import entries as e
from alliance.contract.formula.scope import PARTY
from alliance.contract.numbers import Number, normal
from alliance.settlement.advances import Advances
from alliance.settlement.book import account_of
from alliance.settlement.effects import Cuts
from alliance.settlement.following import Effect
from alliance.settlement.outcome import Flow, Outcome, apart, determined, who
from alliance.settlement.result import Detail, Line
from alliance.settlement.rooms import Rooms
from alliance.settlement.run import Run
from alliance.settlement.sharers import NOBODY, Sharers
from alliance.settlement.sharing import afforded, matrix, shared, to_unit
from alliance.settlement.state import HeldBack
from alliance.settlement.view import View
from alliance.settlement.wholes import UNBOUND, Bounds, Portion, Whole


class Portions:
    """Gathers the portions of one payment in one run and pays them."""

    def __init__(self, run: Run, p: e.Payment, out: Outcome, move: Callable[[Flow], None], places: int) -> None:
        self.run, self.p, self.out, self.move, self.places = run, p, out, move, places
        self.sharers = Sharers(run, p, out)
        self.found: dict[Any, Portion] = {}
        self.wholes: dict[Any, Whole] = {}
        self.resumed: set[tuple[str, str]] = set()
        self.away: Number = 0
        self.years: dict[tuple[str, str], tuple[Number, Number, tuple[Detail, ...]]] = {}
        self.rooms = Rooms(run, p, places)
        self.cuts = Cuts(run, p, out, places)
        self.advances = Advances(run, p, out, move, places)
        names = [*run.built.parties, *sorted(run.built.accounts)]  # of accounts the listed order has no meaning
        self.order = {name: i for i, name in enumerate(names)}

    def known(self, value: Any, what: str = "") -> Any:
        return determined(value, self.p, what)

    # gathering

    def give(
        self,
        instance: str,
        payers: tuple[e.Share, ...],
        payees: tuple[e.Share, ...],
        amount: Number,
        view: View,
        bounds: Bounds = UNBOUND,
        rank: int = 0,
        of: Number | None = None,
    ) -> None:
        """Add an exact signed amount, which may be a slice `of` a larger, to the portion of its payers and payees. What
        stays is kept by the payer.

        Slices from the same payers make one portion, so that a payee in several of them is rounded once.
        """
        parts = self.sharers.parts(payees, view)
        from_whom = tuple(
            self._in_order([(who(s, view, self.p), part) for s, part in self.sharers.parts(payers, view)])
        )
        targets = tuple(self._target(s, view) for s, _ in parts)
        gathers = self.p.each is not None and self.p.each.kind in ("record", "group")
        own = tuple(t for t, (s, _) in zip(targets, parts, strict=True) if t != s.name and s.kind not in NOBODY)
        at = (instance, from_whom, own if gathers else ())
        whole = self.wholes.setdefault(at if gathers else instance, Whole())
        whole.add(amount if of is None else of, bounds, view)
        if at not in self.found:
            self.found[at] = Portion(from_whom, rank)
            whole.portions.append(self.found[at])
        portion = self.found[at]
        portion.rank = min(portion.rank, rank)
        portion.first = portion.first or self._first(payees, targets)
        if len(parts) > 1 and self.p.each is None and not self.p.slices:
            self.sharers.tell_parts(parts, targets, view)
        for (share, part), target in zip(parts, targets, strict=True):
            exact = normal(Fraction(amount) * part)
            if share.kind == "stays" or (amount < 0 and self._never_loses(target)):
                self.out.kept += exact
                continue
            members = self.sharers.weights(self.p.groups[share.name], amount) if share.kind == "group" else {target: 1}
            self.run.settling.work(4 * len(members), f"the payment {self.p.name}", self.p.mark)
            if exact and not members:
                group = self.p.groups[share.name]
                self.out.unshared(exact, self.p, group, bool(self.run.present(group.members)))
            given: Number = 0
            for name, weight in members.items():
                mine = normal(Fraction(exact) * weight)
                portion.exact[name] = portion.exact.get(name, 0) + mine
                given += mine
            self.out.kept += exact - given
            self.away += exact - given if members else 0

    def _never_loses(self, target: str) -> bool:
        """Accounts that are not parties share gains, never losses."""
        return self.p.unit.kind == "money" and account_of(target)[0] in self.run.built.accounts

    def _target(self, share: e.Share, view: View) -> str:
        return f"\x00{share.kind}:{share.name}" if share.kind in ("group", "stays") else who(share, view, self.p)

    def _first(self, payees: tuple[e.Share, ...], targets: tuple[str, ...]) -> str:
        """The first of the payees, in the listed order of parties."""
        names: list[str] = []
        for share, target in zip(payees, targets, strict=True):
            if share.kind == "group":
                names += self.p.groups[share.name].members
            elif share.kind != "stays":
                names.append(target)
        return min(names, key=self._place, default="")

    def first_listed(self) -> tuple[str, str]:
        """The payer and first payee that the contract names, where nothing was given to anybody."""
        p = self.p
        one = p.each.keys[:1] if p.each is not None and p.each.kind == "party" else ()

        def first(sides: Iterable[tuple[e.Share, ...]]) -> str:
            for shares in sides:
                named = [s for s in shares if s.kind not in ("field", "binding") or one]
                found = self._first(tuple(named), tuple(one[0] if s.kind == "binding" else s.name for s in named))
                if found:
                    return found
            return ""

        return first([p.payers, *(s.payers for s in p.slices)]), first([p.payees, *(s.payees for s in p.slices)])

    # paying

    def pay(self) -> None:
        """Round, limit and share every portion, losses first and then gains, and move the money."""
        if self.away:
            name = "the part of the days away" + ("" if self.p.funding else ", kept by the payer")
            note = "some of those who share it are not there on every day"
            self.out.lines.append(
                Line("kept", name, normal(Fraction(self.away)), 0, (), note, self.p.clause, self.p.mark)
            )
        wholes = self._in_turn()
        for portion in (portion for whole in wholes for portion in whole.portions):
            self.cuts.scale(portion.exact)
        for sign in (-1, 1):
            found = [x for whole in wholes for x in whole.divided(sign, self.places, self._in_order, self._resume)]
            asked = [(x.shares, sum(exact.values())) for x, exact, _ in found]
            most = self.rooms.allotted(asked, sign, [x.rank for x, _, _ in found])
            for (portion, exact, units), allotted in zip(found, most, strict=True):
                self._pay_side(portion, exact, sign, units, allotted)

    def plain(self) -> Iterable[tuple[str, str, str, Number]]:
        """Every portion shared to the penny with no limit: of what it is, payer, payee, amount."""
        of = {id(whole): at for at, whole in self.wholes.items()}  # of records it is of nobody's
        for whole in self._in_turn():
            for portion, exact, units in whole.divided(1, self.places, self._in_order):
                for cell in matrix(shared(exact, self.places, {}, whole=units), portion.shares, self.places):
                    yield of[id(whole)], *cell

    def _in_turn(self) -> list[Whole]:
        """What is rounded as one, in an order in which the order of records has no part."""
        each, found = self.p.each, list(self.wholes.values())
        if each is not None and each.kind == "record":
            found.sort(key=lambda x: self._turn(x.portions[0]))
        named = next((x for whole in found for x in whole.portions if x.first), None)
        if named is not None:
            self.out.first = (named.payers[0][0], named.first)
        return found

    def _turn(self, x: Portion) -> Any:
        return x.rank, [(self._place(n), s) for n, s in x.payers], self._place(x.first)

    def _resume(self, exact: dict[str, Number], sign: int) -> Number:
        """Add what an earlier period's limit cut and carried, once for each party; how much that is."""
        limit, side = (self.p.gain_limit, "gain") if sign > 0 else (self.p.loss_limit, "loss")
        carries = limit is not None and limit.beyond == "carry"
        if not carries and not self.run.settling.contract.varies:  # a variation may leave out a limit that carried
            return 0
        total: Number = 0
        for name in self.run.built.parties:
            if name in exact and (side, name) not in self.resumed:
                self.resumed.add((side, name))
                carried, before = self._carried_in(side, name), exact[name]
                if carried:
                    after = normal(Fraction(before) + carried)
                    note = "what a limit cut in the period before is added"
                    clause, mark = (limit.clause, limit.mark) if limit is not None else ("", self.p.mark)
                    line = Line("carried", f"{name}: carried", sign * before, sign * after, (), note, clause, mark)
                    self.out.lines.append(line)
                    self.out.carried[side, name] = 0
                exact[name] += carried
                total += carried
        return total

    def _place(self, name: str) -> tuple[int, str]:
        """The place of a name in the order that breaks ties: parties as listed, then accounts by name and key."""
        return self.order.get(account_of(name)[0], len(self.order)), name

    def _in_order(self, amounts: Iterable[tuple[str, Number]]) -> list[tuple[str, Number]]:
        return sorted(amounts, key=lambda item: (self._place(item[0]), item[1]))

    def _pay_side(
        self, portion: Portion, exact: dict[str, Number], sign: int, whole: Number, allotted: Number | None
    ) -> None:
        run, p = self.run, self.p
        limit = p.gain_limit if sign > 0 else p.loss_limit
        side = "gain" if sign > 0 else "loss"
        caps: dict[str, Number] = {}
        if limit is not None:
            caps = {k: self._left(limit, side, k) for k in exact if k in run.built.roles[limit.each]}
        beyond = "others" if limit is not None and limit.beyond == "others" else "payer"
        rooms = self._bounds(exact, sign)
        caps |= {k: min(caps.get(k, room), room) for k, room in rooms.items()}
        most = self.rooms.available(portion.shares, sign)
        if most is not None and allotted is not None:
            most = min(most, allotted)
        self._short(exact, sign, most, portion.shares)
        exact, whole = afforded(exact, whole, most, self.places)
        if beyond == "others":
            exact, whole = self._fitting(exact, whole, rooms, sign)
        units = shared(exact, self.places, caps, beyond, whole)
        untaken = whole - sum(units.values()) if beyond == "others" else 0  # what not even the others could take
        self.out.kept += sign * untaken
        for name, amount in units.items():
            self._note(name, exact[name], amount, caps, limit, sign, bool(untaken))
            self._count(name, amount, sign)
        held: list[tuple[Effect | HeldBack, str, Number]] = []
        if sign > 0:
            self.cuts.deduct(units)
            held = self.cuts.hold(units, portion.shares)
            back: dict[str, Number] = {}
            for _, name, amount in held:
                back[name] = back.get(name, 0) + amount
            left = {name: amount - back.get(name, 0) for name, amount in units.items()}
            self.advances.given(left, portion)
            self.advances.recouped(left, portion)
            units = {name: amount + back.get(name, 0) for name, amount in left.items()}
        else:
            self.advances.given_back(units, portion)
        cells, flows = self.cuts.withhold(held, list(matrix(units, portion.shares, self.places)))
        for payer, payee, amount in cells:
            ends = (payer, payee) if sign > 0 else (payee, payer)
            self.move(Flow("payment", *ends, amount, p.unit.kind))
        for flow in flows:
            self.move(flow)

    def _left(self, limit: e.PartyLimit, side: str, party: str) -> Number:
        """What is left of a party's limit in the year."""
        run = self.run
        year = run.settling.year_run(run)
        at_most = self.known(run.evaluate(limit.at_most, year.view().holding(PARTY, party)))
        used = run.settling.used(year.period, run.period, self.p.name, apart(side, self.out.shadow), party)
        used += self.out.used.get((side, party), 0)
        left: Number = max(at_most - used, 0)
        behind = limit.at_most, year.view().holding(PARTY, party).kept(limit.at_most)
        self.years[side, party] = at_most, used, (Detail("for the year", *behind),) if run.settling.keep else ()
        return left

    def _carried_in(self, side: str, party: str) -> Number:
        """What an earlier period's limit cut and carried."""
        start, attribute = self.run.period.start, apart(f"carried {side}", self.out.shadow)
        found = [p for p in self.run.settling.remembered(self.p.name, attribute, party) if p.start < start]
        latest = max(reversed(found), key=lambda p: p.start, default=None)
        return latest.value if latest is not None and isinstance(latest.value, (int, Fraction)) else 0

    def _bounds(self, exact: Mapping[str, Number], sign: int) -> dict[str, Number]:
        """The most that each of some may be given: an account takes in no more than its ceiling leaves room for, and
        nobody owes more of an advance than is allowed; an account of units gives back no more than it holds above its
        floor."""
        rooms, most = self.rooms, {}
        for name in exact:
            found = [rooms.below_ceiling(name), rooms.to_owe(name)] if sign > 0 else [rooms.above_floor(name)]
            known = [room for room in found if room is not None]
            if known:
                most[name] = min(known)
        return most

    def _fitting(
        self, exact: Mapping[str, Number], whole: Number, rooms: Mapping[str, Number], sign: int
    ) -> tuple[dict[str, Number], Number]:
        """What each would get within the room that there is for it. What there is no room for is not what a limit cut:
        it is shared with nobody, and stays with the payer."""
        found = dict(exact)
        for name, most in rooms.items():
            room = to_unit(most, self.places, "down")
            if exact[name] > room:
                found[name] = room
                facts, note = (("limit", room, self.p.unit.kind),), "what is beyond is kept by the payer"
                ends = (sign * exact[name], sign * room)
                self.out.lines.append(Line("limit", f"{name}: at most", *ends, facts, note, mark=self.p.mark))
        less = min(whole, to_unit(sum(found.values()), self.places)) if found != exact else whole
        self.out.kept += sign * (whole - less)
        return found, less

    def _count(self, name: str, amount: Number, sign: int) -> None:
        """Keep what one got, and what it used of its limits."""
        self.out.received[name] = self.out.received.get(name, 0) + sign * amount
        if name in self.run.built.parties:
            side = "gain" if sign > 0 else "loss"
            self.out.used[side, name] = self.out.used.get((side, name), 0) + amount

    def _short(self, exact: Mapping[str, Number], sign: int, most: Number | None, payers: Iterable[str]) -> None:
        total = normal(Fraction(sum(exact.values())))
        if most is not None and total > most:
            self.out.kept += sign * (total - to_unit(most, self.places, "down"))
            name, note = "what the account holds", "an account pays no more than it holds above its floor"
            if sign < 0:
                name, note = (
                    "what the account has room for",
                    "an account takes in no more than its ceiling leaves room for",
                )
            facts: tuple[tuple[str, Any, str], ...] = (("available", most, self.p.unit.kind),)
            facts += tuple(("account", x, "account") for x in payers if self.rooms.room(x, sign) is not None)
            self.out.lines.append(Line("limit", name, sign * total, sign * most, facts, note))

    def _note(
        self,
        name: str,
        exact: Number,
        amount: Number,
        caps: Mapping[str, Number],
        limit: e.PartyLimit | None,
        sign: int,
        some_left: bool,
    ) -> None:
        """Say what a limit cut of what a payee gets. `some_left` says that others had no room for all of it either."""
        side, party = "gain" if sign > 0 else "loss", name in self.run.built.parties
        beyond = limit.beyond if limit is not None and party else "payer"
        last = beyond == "carry" and self.run.period.end >= self.run.built.end
        cut: Number = 0
        if name in caps and exact > caps[name]:
            cut = normal(Fraction(exact) - amount)
            others = "shared among the others"
            if some_left:
                others += " as far as their limits leave room, and the rest is kept by the payer"
            words = {"others": others, "carry": "carried to the next settlement"}
            facts: tuple[tuple[str, Any, str], ...] = (("limit", caps[name], self.p.unit.kind),)
            at_most, used, behind = self.years.get((side, name), (0, 0, ()))
            if used and at_most - used <= caps[name]:
                facts += (("for the year", at_most, self.p.unit.kind), ("used before", used, self.p.unit.kind))
            note = f"what is beyond is {words.get(beyond if not last else '', 'kept by the payer')}"
            note += ", since no later period is settled" if last else ""
            clause, mark = (limit.clause, limit.mark) if limit is not None and party else ("", self.p.mark)
            ends = (sign * exact, sign * amount)
            self.out.lines.append(Line("limit", f"{name}: at most", *ends, facts, note, clause, mark, details=behind))
            if (beyond == "payer" or last) and (limit is None or limit.beyond != "others"):  # else it is counted whole
                self.out.kept += sign * cut
        if beyond == "carry":
            self.out.carried[side, name] = self.out.carried.get((side, name), 0) + cut
