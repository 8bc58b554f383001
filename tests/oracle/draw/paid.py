"""Payments of a generated contract."""

from __future__ import annotations

from typing import Any

from tests.oracle.draw.parts import Parts


class Paid(Parts):
    """Draws payments."""

    def pay_each(self) -> dict[str, Any]:
        self.reach("each party")
        start = self.one(
            (
                "fee",
                "fee * grade",
                "rate * fee",
                "beds * price",
                self.cash(0, 900),
                "fee - 20% * base",
                "cap",
                *self.loads("load"),
            )
        )
        if start == "load":
            self.reach("a start that reads money by party")
        said = {
            "each": "provider",
            **self.settles_by(),
            "start": start,
            "steps": self.steps(True),
            "from": self.payer(),
            "to": "provider",
        }
        if self.chance(15):
            said["from"], said["to"] = "provider", self.payers[0]
            self.reach("each party pays")
        elif self.chance(25):
            said["party_limits"] = self.party_limits()
        return said

    def pay_pool(self) -> dict[str, Any]:
        pool = self.account(f"pool{len(self.payments)}", may_go_below="0")
        self.reach("funded pool")
        if self.chance(80):
            pays = self.one(
                ("5% * fee", "rate * fee", "2.5% * fee", "at_risk" if "at_risk" in self.terms else "10% * fee")
            )
            funded = {"each": "provider", "pays": pays, "into": pool}
        else:
            funded = {"from": self.payers[0], "pays": self.one((self.cash(0, 5_000), "10% of base")), "into": pool}
            self.reach("funded by one")
        what = self.one(("funded", "funded", "balance"))
        self.reach(f"pool {what}")
        said = {
            **self.settles_by(),
            "funded": funded,
            "start": f"{pool}.{what}",
            "steps": [
                {"multiply": self.one(self.percents)},
                *self.steps(False, 2),
                {"at_most": f"{pool}.{what}"},
                {"at_least": "0"},
            ],
            "from": pool,
            **self.sharing("each" in funded),
        }
        to = self.one(("contributors", "carried", self.payers[0], "reserve"))
        said["unearned"] = self.account("reserve") if to == "reserve" else to
        self.reach(f"unearned {to if to in ('contributors', 'carried', 'reserve') else 'to a party'}")
        if self.chance(15):
            said["party_limits"] = self.party_limits()
        return said

    def pay_plain(self) -> dict[str, Any]:
        settles = self.settles_by()
        said = {
            **settles,
            "start": self.start() if not settles else self.cash(0, 5_000),
            "steps": self.steps(),
            "from": self.payer(),
            **self.sharing(),
        }
        if self.chance(35):
            said["limits"] = self.limits()
        if self.chance(30):
            said["party_limits"] = self.party_limits()
        if self.chance(15):
            said["when"] = self.one(self.truths)
            self.reach("payment when")
        self.on_account(said)
        return said

    def pay_slices(self) -> dict[str, Any]:
        settles = self.settles_by()
        each = self.chance(25)
        said = {
            **({"each": "provider"} if each else {}),
            **settles,
            "start": "fee" if each else self.start() if not settles else "base - spend",
            "steps": self.steps(each, 2),
            "slices": self.slices(),
            "from": self.payer(),
        }
        self.paid_by_account(said["slices"])
        said["slices"] = self.reached(said["slices"])
        if each:
            self.reach("slices for each party")
            for piece in said["slices"]:
                if self.chance(40):
                    piece["to"] = self.one(("provider", {"provider": "60%", "rest": "stays"}))
        said["to"] = "providers"
        names = [*self.providers, *([self.account("reserve")] if self.chance(20) else [])]
        said["shared"] = {
            "providers": self.one(({"by": "equally", "among": "provider"}, {"by": "weight"}, self.fixed(names)))
        }
        self.reach("slices")
        if self.chance(40):
            said["party_limits"] = self.party_limits()
        self.carried_by_one(said)
        return said

    def pay_records(self) -> dict[str, Any]:
        self.reach("each record")
        start = self.one(("n * price", "n * tariff by kind", "n * price if ok else 0", "n * price * share"))
        to = self.one(("who", self.steady[0], "two"))
        said = {
            "each": "places",
            "start": start,
            "from": self.payer(),
            "to": self.fixed(self.steady) if to == "two" else to,
        }
        if self.chance(50):
            said["steps"] = [{"multiply": self.one(self.percents)}]
        if self.chance(20):
            said["steps"] = [{"gate": self.one(("ok", "gone is known", "not (gone < week)", "kind = a"))}]
        if self.chance(30):
            said.setdefault("steps", []).append({self.one(("at_most", "at_least")): self.cash(0, 400)})
            self.reach("each record limited")
        if self.chance(20):
            said["party_limits"] = self.party_limits()
        if to == "who":
            self.reach("payee is a field")
        if self.chance(30):
            said["slices"] = [self.record_slice(i) for i in range(self.number(1, 3))]
            self.reach("each record sliced")
            self.paid_by_account(said["slices"])
            said["slices"] = self.reached(said["slices"])
            self.carried_by_one(said)
        return said

    def carried_by_one(self, said: dict[str, Any]) -> None:
        """What a limit cuts of slices of different payers is not carried: a contract may not say so."""
        payers = {str(piece.get("from", said["from"])) for piece in said["slices"]}
        for side, limit in said.get("party_limits", {}).items():
            if limit["beyond"] == "carry" and len(payers) > 1:
                limit["beyond"] = "others"
                self.features[f"party limit {side} beyond carry"] -= 1
                self.reach(f"party limit {side} beyond others")

    def reached(self, slices: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those that something may be left for: a contract with others is refused."""
        found: list[dict[str, Any]] = []
        taken: set[str] = set()
        for piece in slices:
            sides = {piece["only"]} if "only" in piece else {"gain", "loss"}
            if not sides <= taken:
                found.append(piece)
            if "up_to" not in piece and "when" not in piece and str(piece.get("from")) not in self.accounts:
                taken |= sides
        return found

    def record_slice(self, index: int) -> dict[str, Any]:
        piece: dict[str, Any] = {"name": f"slice {index}"}
        if self.chance(70):
            piece["up_to"] = self.one((self.cash(0, 300), "n * price / 2", "1 * tariff by kind"))
        if self.chance(25):
            piece["when"] = self.one(("ok", "gone is known", "kind = a", *self.truths))
        if self.chance(30):
            piece["to"] = self.one(("who", self.steady[-1]))
        if self.chance(25):
            piece["from"] = self.payer()
        return piece

    def paid_by_account(self, slices: list[dict[str, Any]]) -> None:
        """An account that pays some of the slices, and a payment that fills it."""
        if not self.chance(45):
            return
        reserve = self.account("reserve", may_go_below=self.one(("0", self.cash(-300, 0))))
        for piece in self.some(slices, 1):
            piece["from"] = reserve
            self.reach("slice paid by an account")
        if self.chance(70) and "filling" not in self.payments:
            self.payments["filling"] = {"start": self.cash(0, 900), "from": self.payer(), "to": reserve}

    def pay_groups(self) -> dict[str, Any]:
        fund = self.account("fund", by="person", may_go_below="0")
        if self.chance(40):
            self.accounts[fund]["at_most"] = "ceiling"
            self.reach("account with a ceiling")
        self.reach("each group of records")
        self.reach("account by key")
        test = self.one(
            ("ok", "ok and not (seen < on)", "seen - on <= 30 days", "seen is known", "amount > 10 " + self.currency)
        )
        start = self.one(
            (
                f"sum(amount where {test})",
                "sum(amount)",
                f"count(where ok) * {self.cash(0, 9)}",
                f"max(amount where {test}) else 1 {self.currency}",
            )
        )
        to = self.one((fund, fund, self.steady[0]))
        if to != fund:
            self.reach("groups together")
        return {
            "each": "person in packages",
            "start": start,
            "steps": [
                {"multiply": self.percent(0, 100)},
                {"at_least": "0"},
                *([{"at_most": self.cash(0, 99)}] if self.chance(30) else []),
            ],
            "from": self.payer(),
            "to": to,
        }

    def pay_units(self) -> dict[str, Any]:
        """Places, and no money."""
        self.reach("account of units")
        held = self.account("held", unit="count")
        start = self.one(("volume / 3", "volume * share", "volume - 2"))
        return {"unit": "count", "start": start, "steps": [{"at_least": "0"}], "from": self.payer(), "to": held}

    def pay_categories(self) -> dict[str, Any]:
        self.reach("each category")
        options = ["volumes * tariff", "tariff * volume", f"volumes * tariff - {self.cash(0, 200)}"]
        start = self.one([*options, *(["mix * tariff"] if "mix" in self.figures else [])])
        to: dict[str, Any] = {"to": self.one(self.steady)} if self.chance(50) else {"to": self.fixed(self.steady)}
        return {"each": "track", "start": start, "steps": self.steps(False, 2), "from": self.payer(), **to}

    def pay_advance(self) -> dict[str, Any]:
        """An advance, and a payment that it is taken back out of."""
        owed = self.account("advance", by="provider")
        payer = self.account("reserve", may_go_below="0") if self.chance(25) else self.payers[0]
        self.payments["advance_paid"] = {
            "each": "provider",
            "start": self.cash(0, 900),
            "when": "met",
            "from": payer,
            "to": "provider",
            "owed": owed,
        }
        said = {
            "each": "provider",
            "start": self.one(("fee * 5%", self.cash(0, 900))),
            "steps": self.steps(True, 1),
            "from": payer,
            "to": "provider",
        }
        said["recoup"] = {"account": owed}
        if self.chance(50):
            said["recoup"]["at_most"] = self.one(("50% * earned", self.cash(0, 200)))
        if len(self.payers) > 1 and self.chance(30):
            said["slices"] = [{"up_to": self.cash(0, 400), "from": self.payers[1]}, {"from": payer}]
            self.reach("an advance taken back from two payers")
        self.reach("recoupment" if payer in self.payers else "an advance out of an account")
        return said

    def pay_from_reserve(self) -> dict[str, Any]:
        reserve = self.account("reserve", may_go_below="0")
        self.accounts[reserve]["may_go_below"] = "0"
        self.reach("an account pays")
        if self.chance(40):
            self.reach("an account pays each")
            kind, start = self.one((("provider", "fee * 20%"), ("track", "volumes * tariff"), ("places", "n * price")))
            to = {"provider": "provider", "track": self.steady[0], "places": "who"}[kind]
            said = {"each": kind, "start": start, "from": reserve, "to": to}
            if self.chance(40):
                said["slices"] = [{"up_to": self.cash(0, 300)}, {"from": self.payers[0]}]
            return said
        return {
            "start": self.cash(0, 900),
            "steps": [*self.steps(False, 1), {"at_least": "0"}],
            "from": reserve,
            **self.sharing(False, False),
        }

    def known_payments(self) -> None:
        makers = [
            self.pay_each,
            self.pay_each,
            self.pay_pool,
            self.pay_pool,
            self.pay_plain,
            self.pay_plain,
            self.pay_plain,
        ]
        makers += [
            self.pay_slices,
            self.pay_slices,
            self.pay_records,
            self.pay_groups,
            self.pay_categories,
            self.pay_advance,
        ]
        makers += [self.pay_from_reserve, self.pay_units]
        for i in range(self.number(1, 4)):
            maker = self.one(makers)
            if maker == self.pay_advance and "advance_paid" in self.payments:
                continue
            self.payments[f"pay{i}"] = said = maker()
            if self.chance(8):
                year = self.years.label(self.first)
                said["shadow"] = self.one(("true", {year: "true"}))
                self.reach("shadow payment")
        for said in self.payments.values():
            said["pays_for"] = "outcome"
            if not said.get("steps", True):
                del said["steps"]
