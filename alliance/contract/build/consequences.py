"""What follows from a rule: each verb with the keys that belong to it, its formulas and its lengths of time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.build.hours import hours_read
from alliance.contract.faults import Mark, did_you_mean, one_of
from alliance.contract.formula.evaluate import compiled
from alliance.contract.formula.scope import PARTY, Scope, Symbol
from alliance.contract.formula.tree import Literal
from alliance.contract.model.ruled import VERBS, Consequence, Rule
from alliance.contract.source_nodes import Scalar
from alliance.contract.units import BOOLEAN, DATE, MONEY, PERCENT, Unit

_KEYS = {
    "gate": ("of", "only"),
    "scale": ("by", "of", "only"),
    "deduct": ("share", "amount", "of"),
    "withhold": ("share", "amount", "of", "until", "reverse_when", "lapses"),
    "hold": ("share", "amount", "of", "until", "reverse_when", "lapses"),
    "pay": ("amount", "from", "to", "pays_for"),
    "require": ("of", "within", "after", "about", "met_by"),
    "notify": ("say",),
    "escalate": ("of",),
    "step_down": ("of",),
    "raise": ("with",),
}
_NEEDED = {"scale": ("by",), "pay": ("amount", "from", "to"), "require": ("of", "within")}
_UNITS = {"by": PERCENT, "share": PERCENT, "amount": MONEY, "until": BOOLEAN, "reverse_when": BOOLEAN, "after": DATE}
_FIELDS = {"from_": "from", "with_": "with", "raise_": "raise"}
_LENGTH = re.compile(r"(?:after )?(\d{1,4}) (working day|day|week|month|period)s?")
EVERYBODY = "everybody"  # of whom: everybody who has something of the payment
WITHHELD, HELD_TITLE = "withheld", "Earned and held back"
"""The account of money that is earned and held back; it is there where a rule holds any."""


def listed(said: Scalar | list[Scalar] | None) -> list[Scalar]:
    """One text, several or none, as a list."""
    return said if isinstance(said, list) else [] if said is None else [said]


def raised_by(rule: Rule) -> Iterable[Scalar]:
    """The names of the facts that a rule raises."""
    return (c.raise_ for c in rule.then if c.raise_ is not None)


def declare_rule_payments(b: Builder) -> None:
    """What rules pay has a name like any payment, by which formulas and examples read it."""
    for rule in b.document.rules:
        for c in rule.then:
            if c.pay is None:
                continue
            if c.pay in b.symbols or c.pay in b.named_at:
                b.fault("AC044", c.pay.mark, f'"{c.pay}" cannot name what a rule pays too.', "Choose another name.")
                continue
            b.claim(c.pay, "a payment of a rule")
            everyone = (*b.parties, *b.accounts)
            b.symbols[str(c.pay)] = Symbol(
                kind="payment",
                name=str(c.pay),
                unit=MONEY,
                title=str(rule.title or c.pay),
                attributes=dict.fromkeys(("earned", "on_account", "net", "unearned", "kept"), MONEY),
                bare=False,
                bare_hint=f"Say {c.pay}.earned or {c.pay}.net.",
                mark=c.pay.mark,
                also_by=everyone,
            )
    holding = [c.withhold or c.hold for r in b.document.rules for c in r.then if c.withhold or c.hold]
    if holding and WITHHELD not in b.named_at:
        b.symbols[WITHHELD] = Symbol(
            kind="account",
            name=WITHHELD,
            unit=MONEY,
            title=HELD_TITLE,
            attributes=dict.fromkeys(("opening", "balance", "in", "out", "closing"), MONEY),
            bare=False,
            bare_hint="Say withheld.opening or withheld.closing: all that rules hold back, together.",
            mark=b.document.rules[0].rule.mark,
        )


def build_consequence(
    b: Builder, rule: str, c: Consequence, scope: Scope, patterns: tuple[e.Pattern, ...]
) -> e.Consequence | None:
    """One consequence; None with a fault."""
    given = [_FIELDS.get(k, k) for k in ("raise_", *VERBS) if getattr(c, k, None) is not None]
    verb = b.only("AC173", c.at.mark, f"what follows from the rule {rule}", VERBS, given)
    if not verb:
        return None
    keys = [k for k in map(str, c.at.node) if k not in (verb, "clause")]
    b.strangers(c, [k for k in keys if k not in _KEYS[verb]], f"it does not go with {verb}.")
    lacking = [k for k in _NEEDED.get(verb, ()) if k not in keys]
    if lacking:
        b.fault("AC173", c.at.mark, f"{verb} lacks {' and '.join(lacking)}.", f"It has: {', '.join(_KEYS[verb])}.")
        return None
    if verb in ("deduct", "withhold", "hold") and {"share", "amount"} <= set(keys):
        b.fault("AC173", c.at.mark, f"{verb} is of a share or of an amount, not of both.", "Keep one of them.")
    if verb == "deduct" and not {"share", "amount"} & set(keys):
        b.fault("AC173", c.at.mark, "deduct says neither a share nor an amount.", "Say share: 5%, or amount: ...")
    if verb in ("escalate", "step_down") and c.of is None and not any(p.kind == "party" for p in patterns):
        hint = "Say of: whom, or let the rule go over the parties of a role (for: provider)."
        b.fault("AC173", c.at.mark, f"{verb} does not say whose step it is.", hint)
        return None
    if verb in e.ACTING and verb != "pay" and c.of is None and any(p.kind == "party" for p in patterns):
        hint = "Say of: party for that party alone, or of: everybody."
        said = f"the rule goes over parties, and {verb} does not say whose payment it touches."
        b.fault("AC173", c.at.mark, said, hint)
    return _Reader(b, rule, c, scope, patterns).read(verb)


class _Reader:
    """Builds one consequence."""

    def __init__(self, b: Builder, rule: str, c: Consequence, scope: Scope, patterns: tuple[e.Pattern, ...]) -> None:
        self.b, self.rule, self.c, self.scope, self.patterns = b, rule, c, scope, patterns

    def read(self, verb: str) -> e.Consequence | None:
        b, c = self.b, self.c
        before = b.count
        targets, name = self._targets(verb)
        figures = {}
        for key, unit in _UNITS.items():
            text = getattr(c, key)
            if text is None:
                continue
            scope = self._later() if key in ("until", "reverse_when") else self.scope
            expr = None if key == "until" and text == "no longer so" else b.expr(text, scope, unit)
            if expr is not None:
                figures[key] = expr
        said = c.within if verb == "require" else c.lapses
        count, of_what = self._length(said, verb) if said is not None else (0, "")
        found = e.Consequence(
            verb=verb,
            targets=targets,
            name=name,
            of=self._somebody(c.of, "of") if c.of is not None and not self._everybody(verb) else None,
            payer=self._somebody(c.from_, "from", accounts=True) if c.from_ is not None else None,
            payee=self._somebody(c.to, "to", accounts=True) if c.to is not None else None,
            only=str(c.only or ""),
            figures=figures,
            count=count,
            of_what=of_what,
            met=self._met(),
            say=str(c.say or (c.require if verb == "require" else "") or ""),
            fields={str(k): x for k, v in c.with_.items() if (x := b.expr(v, self.scope)) is not None},
            clause=str(c.clause or ""),
            mark=c.at.mark,
            told=self._told(verb),
            about=tuple(x for text in listed(c.about) if (x := b.expr(text, self.scope)) is not None),
        )
        if verb == "pay":
            self._by_hour(found)
        elif found.of is None and "amount" in figures:
            apart = [t for t in targets if b.payments[t].each is not None]
            if apart:
                message = f"{verb}: {apart[0]} is worked out one by one, and it is not said whose amount is taken."
                b.fault("AC173", c.at.mark, message, "Say of: whom, or a share, which is taken of each.")
        return found if b.count == before else None

    def _targets(self, verb: str) -> tuple[tuple[str, ...], str]:
        """The payments that are acted on, or those who are told; and the name of a ladder, payment or fact."""
        b, c = self.b, self.c
        said = getattr(c, {"raise": "raise_"}.get(verb, verb))
        if verb in ("escalate", "step_down"):
            if said not in b.ladders and not b.told(said):
                hint = did_you_mean(said, b.ladders) or "Name it under `ladders:`."
                b.fault("AC173", said.mark, f'"{said}" is not a ladder.', hint)
            return (), str(said)
        if verb in ("pay", "raise", "require"):
            return (), str(said)
        items = said if isinstance(said, list) else [said]
        if verb == "notify":
            return tuple(str(i) for i in items if i in b.parties), ""
        found: list[str] = []
        for item in items:
            if item == "all":
                found += [n for n, p in b.payments.items() if p.unit.kind == "money"]
            elif item in b.payments:
                found.append(str(item))
                if b.payments[item].unit.kind != "money" and verb not in ("gate", "scale"):
                    b.fault(
                        "AC173", item.mark, f"{verb}: {item} is not a payment of money.", "Name one that pays money."
                    )
            elif not b.told(item) and item not in b.document.payments:
                hint = did_you_mean(item, b.payments) or one_of(["all", *b.payments])
                b.fault("AC173", item.mark, f'{verb}: "{item[:60]}" is not a payment.', hint)
        return tuple(dict.fromkeys(found)), ""

    def _told(self, verb: str) -> tuple[e.Somebody, ...]:
        """Those who are told who are not parties by name: every party of a role, or the one that a formula comes to."""
        items = listed(self.c.notify) if verb == "notify" else []
        found = (self._somebody(item, "notify") for item in items if item not in self.b.parties)
        return tuple(s for s in found if s is not None)

    def _everybody(self, verb: str) -> bool:
        """Whether a consequence says that it touches what everybody has of a payment."""
        return self.c.of == EVERYBODY and EVERYBODY not in self.b.parties and verb in e.ACTING and verb != "pay"

    def _later(self) -> Scope:
        """Where it is decided later whether held money is let go: its payee is in hand, as one of the role that the
        rule goes over if it does, and the facts are as they stood when it was held."""
        role = next((p.source for p in self.patterns if p.kind == "party"), PARTY)
        loop = self.b.loops.get(role)
        return self.scope if loop is None else self.scope.inside(loop).with_local(**self.scope.local)

    def _length(self, said: Scalar, verb: str) -> tuple[int, str]:
        match = _LENGTH.fullmatch(" ".join(said.split()))
        kinds = ("working day", "day", "week", "month") if verb == "require" else ("period", "month", "day", "week")
        if match is None or match[2] not in kinds or int(match[1]) < 1:
            hint = "Write `20 working days`." if verb == "require" else "Write `after 4 periods` or `after 12 months`."
            self.b.fault("AC173", said.mark, f'"{said[:40]}" is not a length of time that can stand here.', hint)
            return 0, ""
        if match[2] == "working day" and self.b.document.contract.working_days is None:
            hint = "Say working_days: England (or Wales, Scotland, Northern Ireland) at the head of the contract."
            self.b.fault("AC173", said.mark, "the contract does not say whose working days count.", hint)
        return int(match[1]), match[2]

    def _somebody(self, text: Scalar, key: str, accounts: bool = False) -> e.Somebody | None:
        b = self.b
        words = str(text).split()
        if len(words) == 2 and words[0] == "each" and not accounts:
            loop = b.loops.get(words[1])
            if loop is None or loop.kind != "party":
                known = [n for n, v in b.loops.items() if v.kind == "party"]
                b.fault("AC173", text.mark, f'{key}: "{words[1][:40]}" is not a role of the parties.', one_of(known))
                return None
            return e.Somebody("each", loop.name)
        if accounts and str(text) in b.accounts:
            account = b.accounts[str(text)]
            if not account.by:
                return e.Somebody("account", account.name)
            own = [f"{p.alias}.{account.by}".lstrip(".") for p in self.patterns if account.by in p.fields]
            inner = b.expr(Scalar(own[0] if own else account.by, text.mark), self.scope)
            return e.Somebody("account", account.name, inner) if inner is not None else None
        if str(text) in b.parties:
            node = Literal((0, len(text)), b.party_unit(), str(text))
            return e.Somebody("party", str(text), e.Expr(str(text), text.mark, node, compiled(node)))
        unit = Unit("category", options=tuple(b.parties), name=PARTY)
        expr = b.expr(text, self.scope, unit)
        if expr is not None and (expr.unit.kind != "category" or not set(expr.unit.options) <= set(b.parties)):
            b.fault("AC173", text.mark, f'{key}: "{text[:60]}" is not a party, nor a field that holds one.')
            return None
        return e.Somebody("party", "", expr) if expr is not None else None

    def _met(self) -> e.Met | None:
        b, said = self.b, self.c.met_by
        if said is None:
            return None
        loop = b.loops.get(said.events)
        item = b.inputs.get(said.events)
        if loop is None or loop.kind != "records" or item is None:
            known = [n for n, v in b.loops.items() if v.kind == "records"]
            hint = did_you_mean(said.events, known)
            b.fault("AC173", said.events.mark, f'met_by: "{said.events}" is not events that are brought.', hint)
            return None
        on = str(said.on or item.dated)
        if on not in loop.fields or loop.fields[on].unit.kind != "date":
            message = f"met_by: {said.events} does not say which day is theirs."
            b.fault("AC173", said.events.mark, message, "Say which of its fields: on: ...")
        about = listed(said.about)
        for field in about:
            if field not in loop.fields:
                hint = did_you_mean(field, loop.fields) or one_of(loop.fields)
                b.fault("AC173", field.mark, f'met_by: "{field[:60]}" is not a field of {said.events}.', hint)
        if len(about) != len(listed(self.c.about)):
            message = "what a duty is about is said of the duty and of the events that meet it, in the same order."
            b.fault("AC173", said.at.mark, message, "Say `about:` of both, or of neither.")
        test = b.maybe(said.where, b.scope().inside(loop), BOOLEAN)
        return e.Met(str(said.events), test, on, tuple(str(field) for field in about))

    def _by_hour(self, c: e.Consequence) -> None:
        """A rule that pays for outcomes is held to the same as a payment: it does not rise with hours."""
        pays_for = str(self.c.pays_for or "outcome")
        amount = c.figures.get("amount")
        found = hours_read(self.b, amount.node, self.patterns) if amount is not None and pays_for == "outcome" else ""
        if found:
            message = f"{c.name} pays for outcomes, and rises with hours delivered ({found})."
            hint = "Pay for what happened to people, or say what else it pays for."
            self.b.fault("AC098", self.c.at.value("amount"), message, hint)


def _shadow(b: Builder) -> Mapping[str, bool] | bool:
    """When the whole contract only prints."""
    said = b.document.contract.shadow
    if isinstance(said, bool):
        return said
    years = {b.year(label, "shadow"): flag for label, flag in said.items()}
    return {year.label: flag for year, flag in years.items() if year is not None}


def rule_payments(b: Builder) -> None:
    """What rules pay, as payments that settle with the contract, and the account of what they hold back."""
    zero = Literal((0, 1), MONEY, 0)
    nothing = e.Expr("0", Mark(""), zero, compiled(zero))
    holding = next((c for r in b.rules for c in r.then if c.verb in ("withhold", "hold")), None)
    if holding is not None and WITHHELD in b.named_at:
        what, mark = b.named_at[WITHHELD]
        b.fault("AC172", mark, f'"{WITHHELD}" is the account of what rules hold back, and cannot name {what}.')
    elif holding is not None:
        b.accounts[WITHHELD] = e.Account(WITHHELD, HELD_TITLE, "", MONEY, "item", "", nothing, None, "", holding.mark)
    for rule in b.rules:
        for c in rule.then:
            if c.verb != "pay":
                continue
            said = next(x for r in b.document.rules for x in r.then if x.pay == c.name)
            b.payments[c.name] = e.Payment(
                name=c.name,
                title=rule.title,
                clause=c.clause or rule.clause,
                pays_for=str(said.pays_for or "outcome"),
                settles=b.settles,
                shadow=_shadow(b),
                unit=MONEY,
                each=None,
                when=None,
                funding=None,
                start=nothing,
                stretches=e.Stretches(),
                steps=(),
                at_most=None,
                at_least=None,
                limits_only="",
                slices=(),
                payers=(),
                payees=(),
                groups={},
                absent="others",
                unearned="",
                gain_limit=None,
                loss_limit=None,
                on_account=None,
                recoup=None,
                owed="",
                mark=c.mark,
                rule=rule.name,
            )
