"""Contracts and formulas that are out to do harm. Each case makes its files in a folder and gives the command."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

HEAD = """alliance: 1
contract:
  id: hostile
  title: Hostile
  term: {from: 2026-04-01, to: 2029-03-31}
parties:
  council: {name: Council, role: commissioner}
  north: {name: North, role: provider}
"""
PAYMENT = "payments:\n  paid: {pays_for: outcome, start: %s, from: council, to: north}\n"
SETTLE = ["settle", "c.yaml", "--period", "2026-27", "--format", "csv"]
NINES = "9" * 60

Make = Callable[[Path], list[str]]
CASES: dict[str, tuple[str, Make]] = {}
"""By name: the code of the fault that answers (empty where there is none), and what makes the files."""


def case(code: str, name: str) -> Callable[[Make], Make]:
    def note(make: Make) -> Make:
        assert name not in CASES, name
        CASES[name] = (code, make)
        return make

    return note


def contract(code: str, name: str, text: Callable[[], str | bytes | Iterable[str]], *args: str) -> None:
    """A case that is one contract; `args` are the command, to validate it where none is given."""

    def make(folder: Path) -> list[str]:
        found = text()
        data = found if isinstance(found, bytes) else (found if isinstance(found, str) else "".join(found)).encode()
        (folder / "c.yaml").write_bytes(data)
        return list(args) or ["validate", "c.yaml"]

    case(code, name)(make)


def formula(code: str, name: str, text: Callable[[], str]) -> None:
    """A case that is one formula."""
    contract(code, f"formula: {name}", lambda: HEAD + PAYMENT % json.dumps(text()))


def chain(text: str, length: int, first: str, last: str = "f{0}") -> str:
    """Figures of which each is worked out from the one before it."""
    figures = [f"  f{i}: {{is: {text.format(i - 1)}}}\n" for i in range(1, length)]
    return (
        HEAD
        + f"figures:\n  f0: {{is: {first}}}\n"
        + "".join(figures)
        + PAYMENT % (last.format(length - 1) + " * 1 GBP")
    )


# ---- the text of a contract

contract("AC019", "brackets of 200,000", lambda: "a: " + "[" * 200_000)
contract("AC019", "blocks 1,500 deep", lambda: (" " * i + "a:\n" for i in range(1_500)))
contract(
    "AC015",
    "an alias bomb",
    lambda: ["l0: &l0 [x]\n", *(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]\n" for i in range(1, 12))],
)
contract("AC021", "many aliases", lambda: "a: &a 1\nb: [" + "*a, " * 400_000 + "1]\n")
contract(
    "AC022", "a title of 1.9 million characters", lambda: HEAD.replace("title: Hostile", f"title: {'ha ' * 630_000}")
)
contract("AC003", "ten million digits", lambda: HEAD + "terms:\n  t: {unit: count, value: " + "7" * 10_000_000 + "}\n")
contract("AC022", "1.9 million digits", lambda: HEAD + "terms:\n  t: {unit: count, value: " + "7" * 1_900_000 + "}\n")
contract("AC032", "3,900 digits", lambda: HEAD + "terms:\n  t: {unit: count, value: " + "7" * 3_900 + "}\n")
contract("AC032", "1e999999999", lambda: HEAD + "terms:\n  t: {unit: count, value: 1e999999999}\n")
contract("AC032", "NaN", lambda: HEAD + "terms:\n  t: {unit: count, value: NaN}\n")
contract("AC032", ".inf", lambda: HEAD + "terms:\n  t: {unit: count, value: -.inf}\n")
contract("AC032", "infinity", lambda: HEAD + "terms:\n  t: {unit: percent, value: Infinity%}\n")
contract("AC005", "not UTF-8", lambda: HEAD.encode() + b"  \xff\xfe: {}\n")
contract("AC005", "an overlong slash", lambda: HEAD.encode() + b"include: [..\xc0\xafsecret]\n")
contract("AC006", "an escape sequence", lambda: HEAD + 'note: "\x1b]0;owned\x07"\n')
contract("AC006", "an escaped escape sequence", lambda: HEAD.replace("Hostile", '"\\e[31mHostile"'))
contract("AC006", "directions overridden", lambda: HEAD.replace("North,", "\u202eNorth\u202c,"))
contract("AC006", "a NUL", lambda: HEAD + "\0")
contract("AC014", "a Python object", lambda: HEAD + 'note: !!python/object/apply:os.system ["id"]\n')
contract("AC020", "300,000 keys", lambda: (f"a{i}: 1\n" for i in range(150_000)))
contract("AC030", "12,000 unknown keys", lambda: [HEAD, *(f"a{i}: 1\n" for i in range(12_000))])
contract(
    "AC030",
    "12,000 unknown keys of a party",
    lambda: [HEAD, "  south:\n    name: South\n    role: r\n", *(f"    nam{i}: 1\n" for i in range(12_000))],
)
contract("AC032", "6,000 wrong values", lambda: [HEAD, "terms:\n", *(f"  t{i}: {{value: x}}\n" for i in range(6_000))])
contract("AC008", "20,000 quotes that are not closed", lambda: "a: '" * 20_000)
contract("AC004", "one key 50,000 times", lambda: "a: 1\n" * 50_000)

# ---- formulas

formula("AC040", "60,000 brackets", lambda: "(" * 1_900 + "1" + ")" * 1_900)
formula("", "brackets 60 deep, three times", lambda: "+".join("(" * 60 + "1 GBP" + ")" * 60 for _ in range(3)))
formula("AC040", "3,900 minus signs", lambda: "-" * 3_900 + "1")
formula("AC040", "900 nots", lambda: "not " * 900 + "true")
formula("AC040", "300 choices", lambda: "1 GBP if true else " * 200 + "1 GBP")
formula("AC040", "600 fallbacks", lambda: "1 GBP else " * 350 + "1 GBP")
formula("AC040", "1,900 additions", lambda: "1+" * 1_900 + "1")
formula("AC040", "600 by", lambda: "a by b" + " by b" * 700)
formula("AC040", "1,000 calls", lambda: "max(" * 900 + "1")
formula("AC032", "4,001 characters", lambda: "1 +" * 1_334)
formula("AC040", "3,900 quotes", lambda: "'" * 3_900)
formula("AC040", "3,900 digits", lambda: "7" * 3_900)
formula("AC040", "an exponent", lambda: "1e999999999 GBP")
formula("AC040", "3,900 full stops", lambda: "." * 3_900)
formula("AC040", "no operators", lambda: "a " * 1_900)
formula("AC041", "an unknown name of 3,900 characters", lambda: "a" * 3_900)
formula("AC040", "a class of Python", lambda: "start.__class__")
formula("AC041", "a year past the calendar", lambda: "2026-04-01 + 9999999999 days")
contract(
    "undetermined",
    "formula: months past the calendar",
    lambda: HEAD + PAYMENT % f"1 GBP if 2026-04-01 + {NINES} months > 2026-04-01 else 2 GBP",
    *SETTLE,
)

# ---- numbers that run away

contract("AC140", "squared 200 times", lambda: chain("f{0} * f{0}", 200, "1000001"), *SETTLE)
contract("AC140", "cubed 200 times", lambda: chain("f{0} * f{0} * f{0}", 200, "3"), *SETTLE)
contract(
    "AC140",
    "multiplied by itself 60 times in each of 60 figures",
    lambda: chain(" * ".join(["f{0}"] * 60), 60, NINES),
    *SETTLE,
)
contract(
    "AC140", "numbers of 60 digits multiplied", lambda: chain("f{0} * " + " * ".join([NINES] * 50), 30, "1"), *SETTLE
)
contract("AC140", "quotients with other denominators", lambda: chain("f{0} / 7 + 1 / {0}1", 1_000, "1"), *SETTLE)
contract("AC140", "squared below one", lambda: chain("f{0} * f{0}", 200, "1 / 1000003"), *SETTLE)
contract("", "divided by itself squared", lambda: chain("f{0} / (f{0} * f{0})", 200, "3"), *SETTLE)
contract(
    "AC140",
    "steps that multiply 2,600 times",
    lambda: [
        HEAD,
        PAYMENT.replace("from", "steps: [" + "{{multiply: 9.99}}, " * 2_600 + "{{add: 0}}], from")
        .replace("{{", "{")
        .replace("}}", "}")
        % "5 GBP",
    ],
    *SETTLE,
)
contract(
    "",
    "an uplift each year for 270 years",
    lambda: (
        HEAD.replace("2026-04-01, to: 2029-03-31", "1920-04-01, to: 2199-03-31")
        + "terms:\n  t: {unit: GBP a year, value: 1_000_000, uplift: {each: 04-01, from: 1921-04-01, by: 3.1%}}\n"
        + PAYMENT % "t"
    ),
    *SETTLE,
)
contract(
    "AC059",
    "an uplift of 60 digits each year for 270 years, by 100 parties",
    lambda: [
        HEAD.replace("2026-04-01, to: 2029-03-31", "1920-04-01, to: 2199-03-31"),
        *(f"  p{i}: {{name: P, role: provider}}\n" for i in range(100)),
        "terms:\n  t: {unit: GBP a year, by: party, value: 1_000_000, uplift: {each: 04-01, from: 1921-04-01, by: 3."
        + "1" * 57
        + "%}}\n"
        + PAYMENT % "t by north",
    ],
    *SETTLE,
)
