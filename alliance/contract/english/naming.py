"""What the names of a contract are called inside a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from alliance.contract.english import words as w
from alliance.contract.formula import tree as t

ACCOUNTS = {
    "opening": "the opening balance of {}",
    "balance": "the balance of {}",
    "closing": "the closing balance of {}",
    "in": "what has gone into {}",
    "out": "what has come out of {}",
    "funded": "what is paid into {} for the period",
}
PAYMENTS = {
    "earned": "what {} earns",
    "on_account": "what {} pays on account",
    "net": "what {} pays in all",
    "unearned": "what {} does not earn",
    "kept": "what the payer keeps of {}",
}
PERIOD = {"start": "the first day of the period", "end": "the last day of the period", "days": "the days of the period"}
MEASURES = {"value": "the value of {}", "score": "the score of {}", "cases": "the number of cases of {}"}
FIELDS = {"days_late": "lateness"}
REPORTS = {"days_late": "the lateness of {}", "supplier": "the supplier of {}"}


class Naming:
    """Names as phrases. Two names of one title are told apart, unless one of them is `apart`: set apart in quotation
    marks already. A remark in brackets at the end of a title is left out where two are not then alike.

    `called` says whose something is that a formula reads of a fact, by what a rule calls the fact ("o’s" offer, "its"
    party); under the empty name, whose the fields are that stand by themselves.
    """

    def __init__(
        self, names: Mapping[str, str], apart: Collection[str] = (), called: Mapping[str, str] | None = None
    ) -> None:
        self.names, self.called = names, called or {}
        proper = w.proper_words(names.values())
        bare = {name: w.lowered(w.unremarked(title), proper) for name, title in names.items()}
        alike = Counter(phrase for name, phrase in bare.items() if name not in apart)
        self._phrases = {n: p if alike[p] < 2 else w.lowered(names[n], proper) for n, p in bare.items()}
        told = Counter(phrase for name, phrase in self._phrases.items() if name not in apart)
        self._alike = {phrase for phrase, count in told.items() if count > 1}

    def title(self, name: str) -> str:
        """What a name is called, as it is written."""
        return self.names.get(name) or w.spaced(name)

    def phrase(self, name: str) -> str:
        """What a name is called inside a sentence."""
        said = self._phrases.get(name)
        if said is None:
            return w.spaced(name)
        return f"{said} ({w.spaced(name)})" if said in self._alike and said != w.spaced(name) else said

    def account(self, name: str) -> str:
        """An account inside a sentence, with its article."""
        said = self.phrase(name)
        return w.quoted(self.title(name)) if w.tricky(said) else w.the(said)

    def reference(self, ref: t.Ref) -> str:
        """A name that a formula reads, with what it reads of it."""
        name = ref.name
        if ref.kind == "account":
            return ACCOUNTS[ref.attribute].format(self.account(name))
        if ref.kind == "payment":
            return PAYMENTS[ref.attribute].format(w.quoted(self.title(name)))
        if ref.kind in ("input", "measure") and ref.attribute in REPORTS:
            return REPORTS[ref.attribute].format(self.phrase(name))
        if ref.kind == "measure":
            return MEASURES[ref.attribute or "value"].format(self.phrase(name))
        if ref.kind in ("fact", "field", "binding") and self.called:
            return self._of_fact(ref)
        if ref.kind == "ladder":
            return f"the step on the ladder {w.quoted(self.title(name))}"
        if ref.kind in ("field", "binding", "party_field", "earned"):
            local = {"field": "{}", "binding": "the {}", "party_field": "the party's {}", "earned": "what is {}"}
            return local[ref.kind].format(w.spaced(name))
        if ref.kind == "period":
            return PERIOD[ref.attribute]
        said = self.phrase(name)
        return f"the yearly rate of {said}" if ref.attribute == "rate" else said

    def _of_fact(self, ref: t.Ref) -> str:
        """A field of a fact with whose it is, or a party or category in hand. A date is said to be one, for it is often
        called by a verb alone: opened, closed."""
        if ref.kind == "binding":
            return self.called.get(ref.name, f"the {w.spaced(ref.name)}")
        field = ref.attribute if ref.kind == "fact" else ref.name
        said = FIELDS.get(field, w.spaced(field))
        if ref.unit is not None and ref.unit.kind == "date":
            said = f"date {w.quoted(said)}"
        if ref.kind == "fact":
            return f"{self.called.get(ref.name, w.whose(ref.name))} {said}"
        whose = self.called.get("", "")
        return f"{whose} {said}" if whose else f"the {said}" if said.startswith("date ") else said

    def truth(self, ref: t.Ref, holds: bool = True) -> str:
        """Something true or false, as a clause that says that it holds, or that it does not."""
        if ref.kind == "field":
            return ("" if holds else "not ") + w.spaced(ref.name.removeprefix("is_"))
        if ref.kind == "fact":
            whose = self.called.get(ref.name, w.whose(ref.name)).removesuffix("’s")
            who = {"its": "it"}.get(whose, whose)
            return f"{who} is {'' if holds else 'not '}{w.spaced(ref.attribute.removeprefix('is_'))}"
        if ref.kind == "party_field":
            return f"the party {'is' if holds else 'is not'} {w.spaced(ref.name)}"
        title = w.quoted(self.title(ref.name))
        if ref.kind == "decision":
            return f"the decision {title} {'has' if holds else 'has not'} been made"
        return f"{title} {'holds' if holds else 'does not hold'}"
