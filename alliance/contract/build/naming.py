"""Who has which name: every entry, role and category of a contract, told apart before anything is built."""

from __future__ import annotations

from alliance.contract.build.builder import Builder
from alliance.contract.build.who import SAID_OF_PARTIES
from alliance.contract.formula.scope import PARTY
from alliance.contract.source_nodes import Scalar

_ENTRIES = (
    ("categories", "a category"),
    ("parties", "a party"),
    ("accounts", "an account"),
    ("decisions", "a decision"),
    ("terms", "a term"),
    ("inputs", "an input"),
    ("measures", "a measure"),
    ("figures", "a figure"),
    ("payments", "a payment"),
    ("ladders", "a ladder"),
)
_READ = ("a term", "an input", "a measure", "a figure")  # by a bare name


def declare(b: Builder) -> None:
    """Take every name in the order of the file, so that of two entries of one name the later is at fault."""
    roles: dict[str, Scalar] = {}
    for party in b.document.parties.values():
        roles.setdefault(str(party.role), party.role)
    for role in roles.values():
        if str(role) != PARTY:
            b.claim(Scalar(str(role), role.mark), "a role of parties")
            b.claim(Scalar(f"{role}s", role.mark), f'all parties of the role "{role}"')
    for name, item in b.document.inputs.items():
        if item.one_of == name and name in b.document.categories:
            b.said_by[str(name)] = name.mark
    found = [(name, what) for part, what in _ENTRIES for name in getattr(b.document, part)]
    names = [(name, what) for name, what in found if b.said_by.get(name) != name.mark]
    for name, what in sorted(names, key=lambda item: item[0].mark):
        if name in SAID_OF_PARTIES and what in _READ:
            b.fault("AC043", name.mark, f'"{name}" is said of a party and cannot name {what}.', "Choose another.")
        else:
            b.claim(name, what)
    for name, _ in names:
        if not b.owns(name):
            b.refused.setdefault(str(name), "")
