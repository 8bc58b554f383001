"""Contracts that hold as much of everything as they may: read and settled soon, or refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.bad.hostile import HEAD, PAYMENT, SETTLE, case, chain, contract

contract("", "a chain of 2,600 figures", lambda: chain("f{0} + 1", 2_600, "1"), *SETTLE)
contract(
    "",
    "a chain of 2,600 figures, last first",
    lambda: (
        HEAD
        + "figures:\n"
        + "".join(f"  f{i}: {{is: f{i + 1} + 1}}\n" for i in range(2_600))
        + "  f2600: {is: 1}\n"
        + PAYMENT % "f0 * 1 GBP"
    ),
    *SETTLE,
)
contract(
    "",
    "a chain of 2,600 terms",
    lambda: (
        HEAD
        + "terms:\n  t0: {unit: count, value: 1}\n"
        + "".join(f"  t{i}: {{unit: count, is: t{i - 1} + 1}}\n" for i in range(1, 2_600))
        + PAYMENT % "t2599 * 1 GBP"
    ),
    *SETTLE,
)
contract(
    "",
    "terms that double back 1,500 times",
    lambda: (
        HEAD
        + "terms:\n  t0: {unit: count, value: 1}\n"
        + "".join(f"  t{i}: {{unit: count, is: t{i - 1} + t{i - 1} - t{i - 1}}}\n" for i in range(1, 1_500))
        + PAYMENT % "t1499 * 1 GBP"
    ),
    *SETTLE,
)
contract("", "figures that double back 1,500 times", lambda: chain("f{0} + f{0} - f{0}", 1_500, "1"), *SETTLE)
contract("AC054", "a circle of 2,600 figures", lambda: chain("f{0} + 1", 2_600, "f2599"))
contract(
    "",
    "12,000 days of one term",
    lambda: [
        HEAD.replace("2026-04-01, to: 2029-03-31", "1920-01-01, to: 2199-03-31"),
        "terms:\n  t:\n    unit: GBP a year\n    values:\n",
        *(f"      {1920 + i // 336}-{i // 28 % 12 + 1:02d}-{i % 28 + 1:02d}: {i}\n" for i in range(12_000)),
        PAYMENT % "t",
    ],
    *SETTLE,
)
contract(
    "",
    "3,000 days of a term by 3 parties",
    lambda: [
        HEAD.replace("2026-04-01, to: 2029-03-31", "1920-01-01, to: 2199-03-31"),
        "  south: {name: S, role: provider}\nterms:\n  t:\n    unit: GBP a year\n    by: party\n    values:\n",
        *(
            f"      {1920 + i // 336}-{i // 28 % 12 + 1:02d}-{i % 28 + 1:02d}: {{north: {i}, south: 1, council: 2}}\n"
            for i in range(3_000)
        ),
        PAYMENT % "t by north",
    ],
    *SETTLE,
)
contract(
    "",
    "4,100 parties",
    lambda: [
        HEAD,
        *(f"  p{i}: {{name: P, role: provider}}\n" for i in range(4_100)),
        PAYMENT.replace("to: north", "shared: {by: equally, among: provider}") % "5 GBP",
    ],
    *SETTLE,
)
contract(
    "",
    "4,100 roles",
    lambda: [HEAD, *(f"  p{i}: {{name: P, role: role_{i}}}\n" for i in range(4_100)), PAYMENT % "5 GBP"],
    *SETTLE,
)
contract(
    "",
    "a payment for each of 4,100 parties",
    lambda: [
        HEAD,
        *(f"  p{i}: {{name: P, role: provider}}\n" for i in range(4_100)),
        PAYMENT.replace("start", "each: provider, start").replace("to: north", "to: provider") % "5 GBP",
    ],
    *SETTLE,
)
contract(
    "",
    "2,400 payments",
    lambda: [
        HEAD,
        "payments:\n",
        *(f"  p{i}: {{pays_for: outcome, start: 5 GBP, from: council, to: north}}\n" for i in range(2_400)),
    ],
    *SETTLE,
)
contract(
    "",
    "3,900 steps",
    lambda: (
        HEAD
        + PAYMENT.replace("from", "steps: [" + "{{add: 1 GBP}}, " * 3_900 + "{{add: 0}}], from")
        .replace("{{", "{")
        .replace("}}", "}")
        % "5 GBP"
    ),
    *SETTLE,
)
contract(
    "",
    "6,100 terms",
    lambda: [HEAD, "terms:\n", *(f"  t{i}: {{value: 1}}\n" for i in range(6_100)), PAYMENT % "5 GBP"],
    *SETTLE,
)
contract(
    "",
    "6,100 inputs",
    lambda: [HEAD, "inputs:\n", *(f"  t{i}: {{unit: count}}\n" for i in range(6_100)), PAYMENT % "5 GBP"],
    *SETTLE,
)
contract(
    "",
    "1,500 measures",
    lambda: [
        HEAD,
        "measures:\n",
        *(f"  t{i}: {{reported: percent, score: {{nothing_at: 1%, full_at: 2%}}}}\n" for i in range(1_500)),
        PAYMENT % "5 GBP",
    ],
    *SETTLE,
)
contract(
    "",
    "6,100 accounts",
    lambda: [HEAD, "accounts:\n", *(f"  t{i}: {{title: A}}\n" for i in range(6_100)), PAYMENT % "5 GBP"],
    *SETTLE,
)
contract(
    "",
    "a category of 24,000 options",
    lambda: [HEAD, "categories:\n  k: [", *(f"o{i}, " for i in range(24_000)), "last]\n", PAYMENT % "5 GBP"],
    *SETTLE,
)
contract(
    "",
    "a figure for each of 12,000 options",
    lambda: [
        HEAD,
        "categories:\n  k: [",
        *(f"o{i}, " for i in range(12_000)),
        "last]\nfigures:\n  f: {each: k, is: 1}\n",
        PAYMENT % "sum(f for k) * 1 GBP",
    ],
    *SETTLE,
)
contract(
    "",
    "3,900 points of a curve",
    lambda: [
        HEAD,
        "inputs:\n  x: {unit: count}\nfigures:\n  f:\n    curve:\n      of: x\n      points:\n",
        *(f"        {i}: {i}\n" for i in range(3_900)),
        PAYMENT % "f * 1 GBP",
    ],
    *SETTLE,
    "--set",
    "x=3899.5",
)
contract(
    "",
    "1,900 bands",
    lambda: [
        HEAD,
        "inputs:\n  x: {unit: count}\nfigures:\n  f:\n    bands:\n      of: x\n      bands:\n",
        "        - {below: 1, gives: 0}\n",
        *(f"        - {{from: {i}, below: {i + 1}, gives: {i}}}\n" for i in range(1, 1_899)),
        "        - {from: 1899, gives: 1899}\n",
        PAYMENT % "f * 1 GBP",
    ],
    *SETTLE,
    "--set",
    "x=1899.5",
)
contract(
    "AC041",
    "6,000 figures with an unknown name",
    lambda: [
        HEAD,
        "figures:\n",
        *(f"  figure_of_the_alliance_{i}: {{is: figure_of_the_allianse_{i}}}\n" for i in range(6_000)),
    ],
)
contract(
    "*",
    "1,000 variations",
    lambda: [
        HEAD,
        PAYMENT % "5 GBP",
        "variations:\n",
        *(
            f"  - {{title: V, made: 2026-04-01, effective: 2026-05-01, terms: {{t{i}: {{value: 1}}}}}}\n"
            for i in range(1_000)
        ),
    ],
)
contract(
    "*",
    "50 variations of a contract of 22,000 values",
    lambda: [
        HEAD,
        "terms:\n",
        *(f"  t{i}: {{value: 1}}\n" for i in range(5_500)),
        PAYMENT % "5 GBP",
        "variations:\n",
        *(
            f"  - {{title: V, made: 2026-{i // 28 % 12 + 1:02d}-{i % 28 + 1:02d}, effective: 2027-{11 - i // 28 % 12 + 1:02d}-{28 - i % 28:02d}, terms: {{u{i}: {{value: 1}}}}}}\n"
            for i in range(50)
        ),
    ],
)
contract(
    "AC034",
    "2,000 examples of a contract of 500 figures",
    lambda: (
        chain("f{0} + 1", 500, "1")
        + "examples:\n"
        + "".join(
            f"  - {{title: E{i}, period: 2026-27, given: {{}}, expect: {{paid.earned: 500}}}}\n" for i in range(2_000)
        )
    ),
    *SETTLE,
)
contract(
    "AC034",
    "2,000 examples to test",
    lambda: (
        chain("f{0} + 1", 500, "1")
        + "examples:\n"
        + "".join(
            f"  - {{title: E{i}, period: 2026-27, given: {{}}, expect: {{paid.earned: 500}}}}\n" for i in range(2_000)
        )
    ),
    "test",
    "c.yaml",
)
contract(
    "*",
    "parties gone through five times over",
    lambda: [
        HEAD,
        *(f"  p{i}: {{name: P, role: provider}}\n" for i in range(100)),
        PAYMENT % "sum(sum(sum(sum(sum(1 GBP for provider) for provider) for provider) for provider) for provider)",
    ],
    *SETTLE,
)
contract(
    "*",
    "figures by 1,000 parties that sum over them",
    lambda: [
        HEAD,
        *(f"  p{i}: {{name: P, role: provider}}\n" for i in range(1_000)),
        "figures:\n  f0: {each: provider, is: 1}\n",
        *(f"  f{i}: {{each: provider, is: sum(f{i - 1} for provider)}}\n" for i in range(1, 50)),
        PAYMENT % "5 GBP",
    ],
    *SETTLE,
)
contract("", "shown: 2,600 figures", lambda: chain("f{0} + 1", 2_600, "1"), "show", "c.yaml")
contract(
    "",
    "inputs: 6,100",
    lambda: [HEAD, "inputs:\n", *(f"  t{i}: {{unit: count}}\n" for i in range(6_100)), PAYMENT % "5 GBP"],
    "inputs",
    "c.yaml",
)
contract(
    "",
    "explained: a chain of 2,600 figures",
    lambda: chain("f{0} + 1", 2_600, "1"),
    "explain",
    "c.yaml",
    "--period",
    "2026-27",
)
contract(
    "",
    "explained: figures that double back 1,500 times",
    lambda: chain("f{0} + f{0} - f{0}", 1_500, "1"),
    "explain",
    "c.yaml",
    "--period",
    "2026-27",
)

# ---- very many mistakes in the data of contracts of very many names


def mistakes(
    code: str, name: str, text: str, file: str, first: str, again: str, option: str, times: int = 20_000
) -> None:
    """A case of a file in which each line has a word that is nearly one of very many others."""

    def make(folder: Path) -> list[str]:
        (folder / "c.yaml").write_text(text)
        (folder / file).write_text(first + "".join(again.format(i) for i in range(times)))
        return [*SETTLE, *option.split()]

    case(code, name)(make)


OPTIONS = f"categories:\n  k: [{', '.join(f'option_of_the_alliance_{i}' for i in range(6_000))}]\n"
PARTIES = "".join(f"  party_of_the_alliance_{i}: {{name: P, role: provider}}\n" for i in range(1_500))
ACCOUNTS = "".join(f"  account_of_the_alliance_{i}: {{title: A}}\n" for i in range(2_000))
RECORDS = "inputs:\n  v: {records: {person: id, kind: k}}\n"
mistakes("AC138", "20,000 options that are nearly one", HEAD + OPTIONS + RECORDS + PAYMENT % "count(v) * 1 GBP", "v.csv",
         "person,kind\n", "p{0},option_of_the_allianse_{0}\n", "--data v=v.csv")  # fmt: skip
mistakes("AC132", "20,000 parties that are nearly one", HEAD + PARTIES + "inputs:\n  x: {unit: GBP, by: provider}\n"
         + PAYMENT % "5 GBP", "in.csv", "name,party,value\n", "x,party_of_the_allianse_{0},5\n", "--inputs in.csv")  # fmt: skip
mistakes("AC121", "20,000 accounts that are nearly one", HEAD + "accounts:\n" + ACCOUNTS + PAYMENT % "5 GBP", "op.csv",
         "account,amount\n", "account_of_the_allianse_{0},5\n", "--opening op.csv")  # fmt: skip
mistakes("AC135", "5,000 agreements with a fault", HEAD + OPTIONS + "inputs:\n  x: {unit: k}\n" + PAYMENT % "5 GBP if x == option_of_the_alliance_1 else 6 GBP", "t.csv",
         "agreement,x\n", "a{0},option_of_the_allianse_{0}\n", "--table t.csv --key agreement", 5_000)  # fmt: skip
mistakes("undetermined", "6,000 values that nobody brought", HEAD + OPTIONS + "inputs:\n  x: {unit: count, by: k}\n"
         + PAYMENT % "sum(x for k) * 1 GBP", "none.csv", "", "", "", 0)  # fmt: skip

# ---- little that is said once for many

_OPTIONS = "categories:\n  k: [" + ", ".join(f"o{i}" for i in range(3_000)) + "]\n"
_PROVIDERS = "".join(f"  p{i}: {{name: P, role: provider}}\n" for i in range(1_000))


def _said(code: str, name: str, head: str, entry: str, times: int, paid: str = PAYMENT % "5 GBP") -> None:
    contract(code, name, lambda: [HEAD, head, *(entry.replace("@", str(i)) for i in range(times)), paid], *SETTLE)


_said("AC034", "200 figures for 3,000 options", _OPTIONS + "figures:\n", "  f@: {each: k, is: @}\n", 200)
_said("AC140", "30 figures for 3,000 options, of many words", _OPTIONS + "figures:\n",
      "  f@: {each: k, is: " + "1 + 2 * (3 - 4) + " * 16 + "@}\n", 30)  # fmt: skip
_EACH = "  paid@: {pays_for: outcome, each: provider, start: 5 GBP, from: council, to: provider}\n"
_said("AC034", "300 payments to each of 1,000", _PROVIDERS + "payments:\n", _EACH, 300, "")
_SHARED = "  paid@: {pays_for: outcome, start: 500 GBP, from: council, shared: {by: equally, among: provider}}\n"
_said("AC034", "300 payments shared among 1,000", _PROVIDERS + "payments:\n", _SHARED, 300, "")
_said("AC034", "a payment to each of 1,000 that all share", _PROVIDERS + "payments:\n",
      _SHARED.replace("start", "each: provider, start"), 1, "")  # fmt: skip
_RULE = "  - {rule: r@, for: %s, when: 1 > 0, then: [{%s}]}\n"
_REQUIRE = "require: duty @, of: each provider, within: 14 days"
_said("AC034", "a rule of 1,000 about each of 1,000", _PROVIDERS + PAYMENT % "5 GBP" + "rules:\n",
      _RULE % ("provider", _REQUIRE), 1, "")  # fmt: skip
_said("AC034", "100 rules that pay for 3,000 options", _OPTIONS + PAYMENT % "5 GBP" + "rules:\n",
      _RULE % ("k", "pay: x@, amount: 1 GBP, from: north, to: council"), 100, "")  # fmt: skip


def _events(name: str, rows: int, rules: Callable[[], str]) -> None:
    def make(folder: Path) -> list[str]:
        events = "inputs:\n  ev: {events: {day: date, n: count}, dated: day}\n"
        (folder / "c.yaml").write_text(HEAD + PAYMENT % "5 GBP" + events + "rules:\n" + rules())
        (folder / "e.csv").write_text("day,n\n" + "".join(f"2026-05-01,{i + 1}\n" for i in range(rows)))
        return [*SETTLE, "--events", "e.csv"]

    case("AC140", name)(make)


def _chained() -> str:
    first = "  - {rule: r0, for: ev, when: n > 0, then: [{raise: f0, with: {m: n}}]}\n"
    rule = "  - {rule: r%d, for: f%d, when: m > 0, then: [{raise: f%d, with: {m: m + 1}}]}\n"
    return first + "".join(rule % (i, i - 1, i) for i in range(1, 400))


_PAYS = "  - {rule: r%d, for: ev, when: n > %d, then: [{pay: x%d, amount: 1 GBP * n, from: north, to: council}]}\n"
_events("400 rules, each of what the last raised, for 300 events", 300, _chained)
_events("700 rules for 600 events", 600, lambda: "".join(_PAYS % (i, i % 50, i) for i in range(700)))

# ---- packs

_USES = "rules:\n" + "  - {use: p.yaml, with: {}}\n" * 50
_PACK = "pack: p\nversion: 1\ntitle: P\nparameters: {%s}\nrules:\n"


def _packed(code: str, name: str, uses: str, pack: str) -> None:
    def make(folder: Path) -> list[str]:
        (folder / "c.yaml").write_text(HEAD + PAYMENT % "5 GBP" + uses)
        (folder / "p.yaml").write_text(pack)
        return ["validate", "c.yaml"]

    case(code, name)(make)


def _rule(name: str, when: str = "1 > 2", say: str = "hello") -> str:
    return f"  - rule: {name}\n    when: {when}\n    then: [{{notify: [north], say: '{say}'}}]\n"


_packed("AC020", "a pack of 1,000 rules 50 times", _USES, _PACK % "" + "".join(_rule(f"r{i}") for i in range(1_000)))
_packed("AC020", "a pack of 1,000 rules of one name", _USES, _PACK % "" + _rule("r") * 1_000)
_packed("AC020", "a pack of more than a contract", _USES, _PACK % "" + "".join(_rule(f"r{i}") for i in range(3_000)))
_packed("", "a pack of 1.9 million characters 50 times", _USES, _PACK % "" + _rule("r") + "# a comment\n" * 160_000)
_packed(
    "AC003",
    "a pack that says 1,000 characters 400,000 times",
    "rules:\n  - {use: p.yaml, with: {a: " + "x" * 1_000 + "}}\n",
    _PACK % "a: {is: text}" + "".join(_rule(f"r{i}", say="$a " * 4_000) for i in range(100)),
)
_packed(
    "AC171",
    "packs that are given 50 long formulas",
    "".join(
        [
            "rules:\n",
            *(f"  - {{use: p.yaml, with: {{a: ({'1+' * 90}1)+({'1+' * 90}1)+({'1+' * 90}1)}}}}\n" for _ in range(50)),
        ]
    ),
    _PACK % "a: {is: formula}" + _rule("r", "$a > 0"),
)
_packed(
    "AC171",
    "a pack with 900 formulas of its own",
    "rules:\n  - {use: p.yaml, with: {}}\n",
    _PACK % ", ".join(f"a{i}: {{is: formula, default: {'1+' * 90}1}}" for i in range(900)) + _rule("r"),
)
