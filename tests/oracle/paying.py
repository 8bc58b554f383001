"""One payment over one period: start, steps, limits, slices, shares, party limits, recoupment, rounding (3.8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from tests.oracle.agreed import Held, reads, rounded
from tests.oracle.formula import value_of
from tests.oracle.known import Known, banded, curved
from tests.oracle.plain import (
    UNKNOWN,
    Period,
    Unknown,
    half_up,
    is_known,
    largest_remainder,
    lost,
)

ZERO = Fraction(0)

Cell = tuple[str, str]


class NotDetermined(Exception):
    """Something that the payment reads is not known."""


@dataclass
class Paid:
    """What a payment came to in a period. `moves` holds payer, payee, unit and amount; `parties` what each got;
    `used` what each gained and what it bore, apart; `carried` what limits cut of that and carry on; `put_in` what each paid into its pool."""

    determined: bool = True
    earned: Any = ZERO
    unearned: Fraction = ZERO
    parties: dict[str, Fraction] = field(default_factory=dict)
    used: dict[tuple[str, str], Fraction] = field(default_factory=dict)
    carried: dict[tuple[str, str], Fraction] = field(default_factory=dict)
    moves: dict[tuple[str, str, str], Fraction] = field(default_factory=dict)
    put_in: dict[str, Fraction] = field(default_factory=dict)
    on_account: Fraction = ZERO
    net: Fraction = ZERO

    def move(self, payer: str, payee: str, amount: Fraction, unit: str = "money") -> None:
        if amount < 0:
            payer, payee, amount = payee, payer, -amount
        if amount:
            self.moves[payer, payee, unit] = self.moves.get((payer, payee, unit), ZERO) + amount


@dataclass
class Amount:
    """An amount on its way down a waterfall, with the signed caps and floors that it still stands under."""

    value: Fraction
    caps: tuple[Fraction, ...] = ()
    floors: tuple[Fraction, ...] = ()

    def under(self, caps: tuple[Fraction, ...], floors: tuple[Fraction, ...]) -> Amount:
        """With further limits; an earlier one that does not hold any more is set aside."""
        value = min([self.value, *caps])
        value = max([value, *floors])
        kept = tuple(c for c in self.caps if value <= c), tuple(f for f in self.floors if value >= f)
        return Amount(value, (*kept[0], *caps), (*kept[1], *floors))

    def plus(self, other: Amount) -> Amount:
        """Two together, which stand under the limits of both together."""
        caps = (min(self.caps) + min(other.caps),) if self.caps and other.caps else ()
        floors = (max(self.floors) + max(other.floors),) if self.floors and other.floors else ()
        return Amount(self.value + other.value, caps, floors)

    def rounded(self, given: Fraction, minor: Fraction) -> Fraction:
        """What is given of it, to the minor unit, half up. The size never passes a cap rounded down; where all of it is
        given it is not below a floor rounded up (3.3)."""
        sign = -1 if given < 0 else 1
        size = abs(half_up(given, minor))
        most, least = (self.caps, self.floors) if sign > 0 else (self.floors, self.caps)
        if given == self.value:
            size = max([size, *(-(-x * sign // minor) * minor for x in least)])
        return sign * max(min([size, *(x * sign // minor * minor for x in most)]), ZERO)


def known(value: Any) -> Any:
    if isinstance(value, Unknown):
        raise NotDetermined
    return value


# ---- steps (3.2)


def run_steps(steps: Sequence[Mapping[str, Any]], amount: Fraction, held: Held) -> Amount:
    now = Amount(amount)
    for step in steps:
        if "only" in step and not fits(now.value, step["only"]):
            continue
        if "when" in step and not known(value_of(step["when"], held)):
            continue
        after = one_step(step, now, held)
        limit = "at_most" in step or "at_least" in step
        now = after if limit else now if after.value == now.value else Amount(after.value)
    return now


def fits(amount: Fraction, only: str) -> bool:
    """`only` tests the amount; nothing is neither gain nor loss."""
    return amount > 0 if only == "gain" else amount < 0


def one_step(step: Mapping[str, Any], now: Amount, held: Held) -> Amount:
    def come(text: str) -> Any:
        return known(value_of(text, held))

    amount = now.value
    size, sign = abs(amount), (amount > 0) - (amount < 0)
    if "multiply" in step:
        return Amount(amount * come(step["multiply"]))
    if "add" in step:
        return Amount(amount + come(step["add"]))
    if "corridor" in step:
        said = step["corridor"]
        edge = come(said.get("reach") or said["exceed"]) * (come(said["of"]) if "of" in said else 1)
        passes = size >= edge if "reach" in said else size > edge
        return now if passes else Amount(ZERO)
    if "deadband" in step:
        said = step["deadband"]
        edge = come(said["beyond"]) * (come(said["of"]) if "of" in said else 1)
        return Amount(sign * max(size - edge, ZERO))
    if "curve" in step or "bands" in step:
        said = step.get("curve") or step["bands"]
        base = come(said["of"]) if "of" in said else Fraction(1)
        if "curve" in step:
            found = curved([(come(a), come(b)) for a, b in said["points"].items()], size / base, True)
        else:
            found = banded(said["bands"], size / base, lambda text: value_of(text, held))
        return Amount(sign * known(found) * base)
    if "gate" in step:
        opens = value_of(step["gate"], held)
        if isinstance(opens, Unknown):
            opens = {"shut": False, "open": True, None: None}[step.get("if_unknown")]
        if opens is None:
            raise NotDetermined
        return now if opens else Amount(ZERO)
    if "at_most" in step:
        return at_most(now, come(step["at_most"]), step.get("only") == "loss")
    if "at_least" in step:
        return at_least(now, come(step["at_least"]), step.get("only") == "loss")
    if "deduct" in step:
        by = come(step["deduct"])
        return Amount(max(amount - by, ZERO)) if amount > 0 else now
    if "relieve" in step:
        by = come(step["relieve"])
        return Amount(min(amount + by, ZERO)) if amount < 0 else now
    return Amount(rounded(amount, step["round"]))


def at_most(now: Amount, cap: Fraction, of_size: bool) -> Amount:
    return now.under((), (-max(cap, ZERO),)) if of_size else now.under((cap,), ())


def at_least(now: Amount, floor: Fraction, of_size: bool) -> Amount:
    return now.under((-max(floor, ZERO),), ()) if of_size else now.under((), (floor,))


# ---- a payment


class Payment:
    """Works one payment out over one period."""

    def __init__(
        self, run: Known, name: str, balances: dict[str, Fraction], earlier: Mapping[str, Mapping[str, Fraction]]
    ):
        self.run, self.name, self.balances, self.earlier = run, name, balances, earlier
        self.agreed = run.agreed
        self.said: Mapping[str, Any] = self.agreed.payments[name]
        self.unit = self.said.get("unit", "money")
        self.minor = Fraction(1) if self.unit == "count" else self.agreed.minor
        run.balances = balances
        self.paid = Paid()
        self.contributions: dict[str, Fraction] = {}
        self.taken_up: set[tuple[str, str]] = set()

    @property
    def period(self) -> Period:
        return self.run.period

    def work(self) -> Paid:
        try:
            self._work()
        except NotDetermined:
            self.paid = Paid(determined=False, earned=UNKNOWN)
        return self.paid

    def _work(self) -> None:
        if "when" in self.said and not known(value_of(self.said["when"], self.run.held())):
            return
        if "funded" in self.said:
            self._fund()
        done = [self.settle_one(amount, held) for held, amount in self.together(self.items())]
        payees: dict[str, Fraction] = {}
        for cells in done:
            for (_, payee), x in cells.items():
                payees[payee] = payees.get(payee, ZERO) + x
        self.paid.parties = payees
        self.paid.earned = sum(payees.values(), ZERO)
        total: dict[Cell, Fraction] = {}
        for cells in done:
            for cell, x in cells.items():
                total[cell] = total.get(cell, ZERO) + x
        self.recouped(total)
        for (payer, payee), x in total.items():
            self.paid.move(payer, payee, x, self.unit)
            if "owed" in self.said:
                self.paid.move(payer, self.account_of(self.said["owed"], payee), x, "owed")
        if "funded" in self.said:
            self._unearned()

    # ---- funding

    def _fund(self) -> None:
        said = self.said["funded"]
        if "from" in said:
            payers = [(said["from"], self.run.held())]
        else:
            payers = [(h.party, h) for h in self.run.held().gone_through(said["each"])]
        for party, held in payers:
            amount = half_up(self.in_parts(said["pays"], held), self.minor)
            self.contributions[str(party)] = self.paid.put_in[str(party)] = amount
            self.paid.move(str(party), said["into"], amount)
        funded = sum(self.contributions.values(), ZERO)
        self.run.funded[said["into"]] = self.run.funded.get(said["into"], ZERO) + funded
        self.balances[said["into"]] = self.balances.get(said["into"], ZERO) + funded

    def _unearned(self) -> None:
        pool, to = self.said["funded"]["into"], self.said.get("unearned", "carried")
        left = sum(self.contributions.values(), ZERO) - sum(self.paid.parties.values(), ZERO)
        self.paid.unearned = left
        if to == "carried" or left <= 0:
            return
        if to == "contributors":
            put_in = self.listed(self.contributions)
            shares = largest_remainder(left, list(put_in.values()), self.minor)
            for party, x in zip(put_in, shares, strict=True):
                self.paid.move(pool, party, x)
        else:
            self.paid.move(pool, to, left)

    # ---- items and their amounts

    def in_parts(self, formula: str, held: Held) -> Any:
        """A whole formula, evaluated in each part of the period and added, each part by its weight (3.6)."""
        total = ZERO
        for start, weight in self.agreed.stretches(self.period):
            if held.party is not None and not self.agreed.present(held.party, start):
                continue
            held.part = start
            total += known(value_of(formula, held)) * weight
        held.part = None
        return total

    def items(self) -> list[tuple[Held, Amount]]:
        """What the payment is repeated over, each with its amount once its steps have run."""
        found = []
        for held in self._each():
            if held.record is not None:
                dated = self.agreed.inputs[self.said["each"]].get("dated")
                held.part = held.record[dated] if dated else None
                amount = known(value_of(self.said["start"], held))
                held.part = None
            else:
                amount = self.in_parts(self.said["start"], held)
            found.append((held, self._limited(run_steps(self.said.get("steps", []), amount, held), held)))
        return found

    def together(self, items: list[tuple[Held, Amount]]) -> list[tuple[Held, Amount]]:
        """Records are summed exactly and rounded once, for each that is paid (3.3)."""
        each = self.said.get("each", "")
        if each not in self.agreed.inputs and " in " not in each:
            return items
        sums: dict[Any, tuple[Held, Amount]] = {}
        for held, amount in items:
            paid = self.said.get("to")
            who = held.record[paid] if isinstance(paid, str) and held.record and paid in held.record else ""
            if isinstance(paid, str) and paid in self.agreed.accounts and held.more:
                who = self._key_in_hand(paid, held)
            if amount.value or who not in sums:
                sums[who] = (held, sums[who][1].plus(amount) if who in sums and sums[who][1].value else amount)
        return list(sums.values())

    def _each(self) -> list[Held]:
        said, run = self.said.get("each"), self.run
        if said is None:
            return [run.held()]
        if " in " in said:
            field_name, _, records = said.split(" ")
            groups: dict[str, list[Mapping[str, Any]]] = {}
            for record in run.records(records):
                groups.setdefault(record[field_name], []).append(record)
            return [run.held(group=tuple(rows), more={field_name: k}) for k, rows in sorted(groups.items())]
        return list(run.held().gone_through(said))

    def _limited(self, now: Amount, held: Held) -> Amount:
        said = self.said.get("limits", {})
        if "only" in said and not fits(now.value, said["only"]):
            return now
        of_size = said.get("only") == "loss"
        if "at_most" in said:
            now = at_most(now, known(value_of(said["at_most"], held)), of_size)
        if "at_least" in said:
            now = at_least(now, known(value_of(said["at_least"], held)), of_size)
        return now

    # ---- slices and shares

    def pieces(self, amount: Fraction, held: Held) -> list[tuple[Fraction, Any, Any]]:
        """The parts of an amount, each with who pays and who is paid."""
        default_from, default_to = self.said["from"], self.said.get("to")
        if "slices" not in self.said:
            return [(amount, default_from, default_to)]
        left, sign, found = abs(amount), -1 if amount < 0 else 1, []
        for piece in self.said["slices"]:
            if "only" in piece and not fits(amount, piece["only"]):
                continue
            if "when" in piece and not known(value_of(piece["when"], held)):
                continue
            size = left
            if "up_to" in piece:
                size = min(left, max(known(value_of(piece["up_to"], held)), ZERO))
            left -= size
            found.append((sign * size, piece.get("from", default_from), piece.get("to", default_to)))
        return found

    def cells(self, amount: Fraction, held: Held) -> list[dict[Cell, Fraction]]:
        """Who pays whom what, exactly, before any party's limit: apart for each that pays in shares of its own."""
        found: dict[tuple[tuple[str, Fraction], ...], dict[Cell, Fraction]] = {}
        for size, payers, payees in self.pieces(amount, held):
            pay = self.shares(payers, held, size)
            cells = found.setdefault(tuple(self.listed(pay).items()), {})
            for payee, to_share in self.shares(payees, held, size, True).items():
                for payer, from_share in pay.items():
                    cells[payer, payee] = cells.get((payer, payee), ZERO) + size * to_share * from_share
        return list(found.values())

    def shares(self, said: Any, held: Held, size: Fraction, paid: bool = False) -> dict[str, Fraction]:
        """Names, or names with their parts, as shares of the whole. What stays is nobody's."""
        if said is None:
            return self.group("", held, size)
        if isinstance(said, str):
            said = {said: "100%"}
        found: dict[str, Fraction] = {}
        told = sum((known(value_of(text, held)) for name, text in said.items() if name != "rest"), ZERO)
        for name, text in said.items():
            share = 1 - told if name == "rest" else known(value_of(text, held))
            if name == "rest":
                name = text
            if name == "stays" or (size < 0 and paid and name in self.agreed.accounts):
                continue  # accounts that are not parties share gains, never losses (3.4)
            for who, part in self.who(name, held, size).items():
                found[who] = found.get(who, ZERO) + share * part
        return found

    def who(self, name: str, held: Held, size: Fraction) -> dict[str, Fraction]:
        if name in self.agreed.parties:
            return {name: Fraction(1)}
        if name in self.agreed.accounts:
            return {self.account_of(name, self._key_in_hand(name, held)): Fraction(1)}
        if held.party is not None and (name == "party" or name == self.said.get("each")):
            return {held.party: Fraction(1)}
        if held.record is not None and name in held.record:
            return {held.record[name]: Fraction(1)}
        return self.group(name, held, size)

    def _key_in_hand(self, account: str, held: Held) -> str:
        by = self.agreed.accounts[account].get("by", "")
        if held.party is not None and self.agreed.is_role(by):
            return held.party
        if held.option is not None and held.option[0] == by:
            return held.option[1]
        if held.record is not None and by in held.record:
            return str(held.record[by])
        return str(held.more.get(by, ""))

    def account_of(self, account: str, key: str) -> str:
        return f"{account}/{key}" if "by" in self.agreed.accounts[account] else account

    def group(self, name: str, held: Held, size: Fraction) -> dict[str, Fraction]:
        """A way of sharing: weights by days present, made to total the whole again unless the gap is kept (3.6)."""
        said = self.said["shared"]
        if "by" not in said:
            said = said[name] if name in said else said[name.removesuffix("s")]
        weights, days = self._weights(said, held)
        if size < 0:
            weights = {n: w for n, w in weights.items() if n in self.agreed.parties}
        present = {n: w * days.get(n, 1) for n, w in weights.items()}
        whole = weights if self.said.get("absent") == "unearned" else present
        total = sum(whole.values(), ZERO)
        if total == 0:
            return {}
        return {n: w / total for n, w in present.items()}

    def _weights(self, said: Mapping[str, Any], held: Held) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
        """The weight of each, as for the whole period, and the part of the period that each is present."""
        days = {p: Fraction(self.agreed.days_in(p, self.period), self.period.days) for p in self.agreed.parties}
        basis = said.get("by")
        if basis == "contribution":  # money that was put in has its days in it already
            return dict(self.contributions), {}
        if basis == "equally":
            return dict.fromkeys(self.agreed.of_role(said["among"]), Fraction(1)), days
        if basis is None:
            return {n: known(value_of(t, held)) for n, t in said.items()}, days
        members = [p for p in self.agreed.parties if self._can_weigh(basis, p)]
        found = {}
        for party in members:
            if days[party] or self.said.get("absent") == "unearned":
                weigher = self.run.held(party=party)
                found[party] = known(weigher.name(*basis.partition(".")[::2]))
        return found, {} if self.yearly_money(basis) else days

    def yearly_money(self, name: str) -> bool:
        """Whether it is, or is worked out from, a yearly amount by party, which has its days in it already."""
        if name in self.agreed.terms:
            return "by" in self.agreed.terms[name] and self.agreed.yearly(name)
        said = self.agreed.figures.get(name, {})
        return said.get("unit") != "percent" and any(self.yearly_money(n) for n in reads(said.get("is", "0")))

    def _can_weigh(self, basis: str, party: str) -> bool:
        name = basis.partition(".")[0]
        for part in (self.agreed.terms, self.agreed.figures, self.agreed.measures, self.agreed.inputs):
            if name in part:
                by = part[name].get("by") or part[name].get("each")
                return by is None or party in self.agreed.of_role(by)
        raise KeyError(basis)

    # ---- rounding

    def settle_one(self, amount: Amount, held: Held, plain: bool = False) -> dict[Cell, Fraction]:
        """The cells of one amount, to the penny. The whole is rounded once and divided among those that pay in shares of
        their own, by largest remainder; then limited by what an account holds and by party, and shared."""
        parts = [cells for cells in self.cells(amount.value, held) if any(cells.values())]
        payees = [{p: x for p, x in self.listed(add_up(cells, 1)).items() if x} for cells in parts]
        total = amount.rounded(sum((sum(p.values(), ZERO) for p in payees), ZERO), self.minor)
        carried = [] if plain else [p for p in payees if self.resumed(p)]
        if carried:
            total = half_up(sum((sum(p.values(), ZERO) for p in payees), ZERO), self.minor)
        if not parts:
            return {}
        sizes = [abs(sum(p.values(), ZERO)) for p in payees]
        together: dict[Cell, Fraction] = {}
        for cells, owed, size in zip(parts, payees, largest_remainder(abs(total), sizes, self.minor), strict=True):
            for cell, x in self.to_the_penny(cells, owed, -size if total < 0 else size, plain).items():
                together[cell] = together.get(cell, ZERO) + x
        return together

    def to_the_penny(
        self, exact: dict[Cell, Fraction], payees: dict[str, Fraction], total: Fraction, plain: bool
    ) -> dict[Cell, Fraction]:
        capped: dict[str, Fraction] = {}
        payees, total = self.holdings(exact, payees, total)
        if "party_limits" in self.said and not plain:
            payees, capped = self.party_limited(payees)
        payees, total = self.ceilings(payees, total)
        free = {p: x for p, x in payees.items() if p not in capped}
        rest = total - sum(capped.values(), ZERO)
        if capped and not self.to_others(total):
            rest = min(abs(rest), half_up(abs(sum(free.values(), ZERO)), self.minor)) * (-1 if total < 0 else 1)
        pennies = {**capped, **shared_out(free, rest, self.minor)}
        pennies = {p: pennies[p] for p in payees}
        for party, x in pennies.items():
            side = ("loss" if total < 0 else "gain", party)
            if not plain and party in self.agreed.parties:
                self.paid.used[side] = self.paid.used.get(side, ZERO) + abs(x)
        return self.fill(exact, pennies)

    def to_others(self, total: Fraction) -> bool:
        limits = self.said["party_limits"].get("loss" if total < 0 else "gain", {})
        return bool(limits.get("beyond") == "others")

    def listed(self, found: dict[str, Fraction]) -> dict[str, Fraction]:
        """In the order in which ties are broken: that of the parties, then the accounts."""
        order = {name: i for i, name in enumerate([*self.agreed.parties, *self.agreed.accounts])}
        return dict(sorted(found.items(), key=lambda item: (order[item[0].partition("/")[0]], item[0])))

    def fill(self, exact: dict[Cell, Fraction], payees: dict[str, Fraction]) -> dict[Cell, Fraction]:
        """Who pays whom: what each payer pays in all is by largest remainder, and each payee in turn is paid in
        proportion to what the payers have left."""
        sign = -1 if any(x < 0 for x in payees.values()) else 1
        shares = self.listed({payer: abs(x) for payer, x in add_up(exact, 0).items()})
        total = sum((abs(x) for x in payees.values()), ZERO)
        left = dict(zip(shares, largest_remainder(total, list(shares.values()), self.minor), strict=True))
        found: dict[Cell, Fraction] = {}
        for payee, x in payees.items():
            if x:
                for payer, part in zip(left, largest_remainder(abs(x), list(left.values()), self.minor), strict=True):
                    found[payer, payee] = sign * part
                    left[payer] -= part
        return {cell: x for cell, x in found.items() if x}

    def ceilings(self, payees: dict[str, Fraction], total: Fraction) -> tuple[dict[str, Fraction], Fraction]:
        """No account is paid past what it may hold; what is beyond stays with the payer."""
        found = dict(payees)
        for payee, x in payees.items():
            account, _, _key = payee.partition("/")
            ceiling = self.agreed.accounts.get(account, {}).get("at_most")
            if ceiling is None or x <= 0:
                continue
            limit = known(value_of(ceiling, self.run.held())) // self.minor * self.minor
            room = max(limit - self.balances.get(payee, ZERO), ZERO)
            if half_up(x, self.minor) > room:
                found[payee] = room
        if found != payees:
            total = min(total, half_up(sum(found.values(), ZERO), self.minor))
        return found, total

    def holdings(
        self, exact: dict[Cell, Fraction], payees: dict[str, Fraction], total: Fraction
    ) -> tuple[dict[str, Fraction], Fraction]:
        """An account pays no more than it holds above its floor (3.4)."""
        payers = {payer for payer, _ in exact}
        if len(payers) != 1:
            return payees, total
        (payer,) = payers
        account = payer.partition("/")[0]
        if account not in self.agreed.accounts or "may_go_below" not in self.agreed.accounts[account]:
            return payees, total
        floor = known(value_of(self.agreed.accounts[account]["may_go_below"], self.run.held()))
        room = max(self.balances.get(payer, ZERO) - floor, ZERO)
        wanted = sum(payees.values(), ZERO)
        if total <= room:
            return payees, total
        room = room // self.minor * self.minor
        return {p: x * room / wanted for p, x in payees.items()}, room

    # ---- party limits (3.8)

    def resumed(self, payees: dict[str, Fraction]) -> bool:
        """Add what a limit cut earlier and carried, to the first part that each has; whether there was any."""
        side = "gain" if sum(payees.values(), ZERO) > 0 else "loss"
        if self.said.get("party_limits", {}).get(side, {}).get("beyond") != "carry":
            return False
        before = self.earlier.get(f"carried {side}", {})
        waiting = {p: before[p] for p in payees if p in before and (side, p) not in self.taken_up}
        self.taken_up |= {(side, p) for p in payees}
        for party, x in waiting.items():
            payees[party] += x if side == "gain" else -x
        return any(waiting.values())

    def party_limited(self, payees: dict[str, Fraction]) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
        """What each gets within its limit for the year, and who was held to it."""
        side = "gain" if sum(payees.values(), ZERO) > 0 else "loss"
        limits = self.said["party_limits"].get(side)
        if limits is None:
            return payees, {}
        sign = 1 if side == "gain" else -1
        sizes = {p: abs(x) for p, x in payees.items()}
        weights = dict(sizes)
        room = {}
        year = self.agreed.years.year_of(self.period.start)
        for party in sizes:
            if party not in self.agreed.parties or party not in self.agreed.of_role(limits.get("each", "party")):
                continue
            held = self.run.held(party=party, over=year)
            cap = max(known(value_of(limits["at_most"], held)), ZERO) // self.minor * self.minor
            used = self.earlier.get(side, {}).get(party, ZERO) + self.paid.used.get((side, party), ZERO)
            room[party] = max(cap - used, ZERO)
        held_to: dict[str, Fraction] = {}
        while True:
            over = {p for p in room if p not in held_to and sizes[p] > room[p]}
            if not over:
                break
            excess = sum((sizes[p] - room[p] for p in over), ZERO)
            for p in over:
                if limits.get("beyond") == "carry":
                    cut = self.paid.carried.get((side, p), ZERO)
                    self.paid.carried[side, p] = cut + sizes[p] - room[p]
                held_to[p] = sizes[p] = room[p]
            rest = {p: weights[p] for p in sizes if p not in held_to and weights.get(p)}
            if limits.get("beyond") == "others" and rest:
                for p, w in rest.items():
                    sizes[p] += excess * w / sum(rest.values(), ZERO)
        return {p: sign * x for p, x in sizes.items()}, {p: sign * x for p, x in held_to.items()}

    # ---- recoupment

    def recouped(self, cells: dict[Cell, Fraction]) -> None:
        """An advance taken back out of what each earns, never more than is left."""
        if "recoup" not in self.said:
            return
        said = self.said["recoup"]
        for payee in {p: None for _, p in cells}:
            gets = sum((x for (_, p), x in cells.items() if p == payee), ZERO)
            account = self.account_of(said["account"], payee)
            owed = self.balances.get(account, ZERO)
            if gets <= 0 or owed <= 0:
                continue
            back = min(gets, owed)
            if "at_most" in said:
                held = self.run.held(party=payee, more={"earned": gets})
                back = min(back, known(value_of(said["at_most"], held)) // self.minor * self.minor)
            if back <= 0:
                continue
            column = {c: x for c, x in cells.items() if c[1] == payee}
            left = largest_remainder(gets - back, list(column.values()), self.minor)
            for cell, x in zip(column, left, strict=True):
                cells[cell] = x
            self.balances[account] = owed - back
            payer = next(iter(column))[0]
            self.paid.move(account, payer, back, "owed")


def add_up(cells: Mapping[Cell, Fraction], side: int) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for cell, x in cells.items():
        found[cell[side]] = found.get(cell[side], ZERO) + x
    return found


def shared_out(exact: Mapping[str, Fraction], total: Fraction, minor: Fraction) -> dict[str, Fraction]:
    """Sizes are rounded and shared, then signed."""
    weights = [abs(x) for x in exact.values()]
    if sum(weights, ZERO) == 0:
        return dict.fromkeys(exact, ZERO)
    sign = -1 if total < 0 else 1
    return {p: sign * x for p, x in zip(exact, largest_remainder(abs(total), weights, minor), strict=True)}


__all__ = ["Amount", "NotDetermined", "Paid", "Payment", "date", "is_known", "lost"]
