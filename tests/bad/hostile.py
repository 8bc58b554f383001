"""Contracts, files and options that are out to do harm. Each makes its files in a folder and gives the command."""

from __future__ import annotations

import json
import os
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
contract("AC019", "blocks 2,000 deep", lambda: (" " * i + "a:\n" for i in range(2_000)))
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
contract("AC030", "40,000 unknown keys", lambda: [HEAD, *(f"a{i}: 1\n" for i in range(40_000))])
contract(
    "AC030",
    "40,000 unknown keys of a party",
    lambda: [HEAD, "  south:\n    name: South\n    role: r\n", *(f"    nam{i}: 1\n" for i in range(40_000))],
)
contract(
    "AC032", "40,000 wrong values", lambda: [HEAD, "terms:\n", *(f"  t{i}: {{value: x}}\n" for i in range(20_000))]
)
contract("AC008", "20,000 quotes that are not closed", lambda: "a: '" * 20_000)
contract("AC004", "one key 50,000 times", lambda: "a: 1\n" * 50_000)

# ---- what a contract leads to

contract("AC025", "an include above the folder", lambda: HEAD + "include: [../c.yaml]\n")
contract("AC025", "an include from the root", lambda: HEAD + "include: [/etc/passwd]\n")
contract("AC025", "an include of Windows", lambda: HEAD + "include: ['C:\\\\boot.ini']\n")
contract("AC002", "an include of its folder", lambda: HEAD + "include: [.]\n")
contract("AC027", "2,000 includes", lambda: HEAD + f"include: [{', '.join(f'a{i}.yaml' for i in range(2_000))}]\n")
contract("AC028", "an include of itself", lambda: HEAD + "include: [c.yaml]\n")


def _led(name: str, code: str, lead: Callable[[Path], object]) -> None:
    def make(folder: Path) -> list[str]:
        (folder / "c.yaml").write_text(HEAD + "include: [led.yaml]\n")
        lead(folder / "led.yaml")
        return ["validate", "c.yaml"]

    case(code, f"an include that is {name}")(make)


_led("a link to a file elsewhere", "AC025", lambda p: p.symlink_to("/etc/passwd"))
_led("a link to a device", "AC025", lambda p: p.symlink_to("/dev/zero"))
_led("a link to itself", "AC001", lambda p: p.symlink_to("led.yaml"))
_led("a pipe", "AC002", lambda p: os.mkfifo(p))
_led("a folder", "AC002", lambda p: p.mkdir())
_led("a gigabyte", "AC003", lambda p: _sparse(p, 10**9))


def _sparse(path: Path, size: int) -> Path:
    with path.open("wb") as file:
        file.truncate(size)
    return path


@case("AC025", "an include through a folder that is a link")
def _through(folder: Path) -> list[str]:
    (folder / "c.yaml").write_text(HEAD + "include: [sub/passwd]\n")
    (folder / "sub").symlink_to("/etc")
    return ["validate", "c.yaml"]


# Where a file is named on the command line
_PLACES: dict[str, Callable[[Path], object]] = {
    "a pipe": lambda p: os.mkfifo(p),
    "a device": lambda p: p.symlink_to("/dev/zero"),
    "a folder": lambda p: p.mkdir(),
    "a link to itself": lambda p: p.symlink_to(p.name),
    "100 gigabytes": lambda p: _sparse(p, 10**11),
}
_USES: dict[str, tuple[str, list[str]]] = {
    "contract": ("x.yaml", ["validate", "x.yaml"]),
    "contract to settle": ("x.yaml", ["settle", "x.yaml", "--period", "2026-27"]),
    "inputs": ("x.csv", [*SETTLE, "--inputs", "x.csv"]),
    "inputs in YAML": ("x.yaml", [*SETTLE, "--inputs", "x.yaml"]),
    "records": ("x.json", [*SETTLE, "--data", "r=x.json"]),
    "table": ("x.xlsx", [*SETTLE, "--table", "x.xlsx", "--key", "a"]),
    "opening": ("x.json", [*SETTLE, "--opening", "x.json"]),
    "opening table": ("x.csv", [*SETTLE, "--opening", "x.csv"]),
}


def _place(use: str, name: str) -> None:
    file, args = _USES[use]

    def make(folder: Path) -> list[str]:
        (folder / "c.yaml").write_text(HEAD + PAYMENT % "5 GBP")
        _PLACES[name](folder / file)
        return args

    code = "" if use == "contract" and name == "a folder" else "*"
    case(code or "AC200", f"{use}: {name}")(make)


for _use in _USES:
    for _name in _PLACES:
        if not (_use == "contract to settle" and _name == "a folder"):
            _place(_use, _name)


def _output(name: str, option: str, place: Callable[[Path], str]) -> None:
    def make(folder: Path) -> list[str]:
        (folder / "c.yaml").write_text(HEAD + PAYMENT % "5 GBP")
        return [*SETTLE, option, place(folder)]

    case("*", f"{option} into {name}")(make)


def _pipe(folder: Path) -> str:
    os.mkfifo(folder / "out")
    return "out"


def _link(folder: Path) -> str:
    (folder / "kept").write_text("kept")
    (folder / "out").symlink_to("kept")
    return "out"


for _option in ("--output", "--save"):
    _output("a pipe", _option, _pipe)
    _output("a link", _option, _link)
    _output("a device", _option, lambda folder: "/dev/full")
    _output("a folder", _option, lambda folder: ".")
    _output("no folder", _option, lambda folder: "a/b/c")
    _output("a name of 300 characters", _option, lambda folder: "x" * 300)
    _output("a name with a NUL", _option, lambda folder: "a\0b")
    _output("a file that is no folder", _option, lambda folder: "c.yaml/out")

# ---- formulas

formula("AC040", "60,000 brackets", lambda: "(" * 1_900 + "1" + ")" * 1_900)
formula("AC040", "brackets 60 deep, three times", lambda: "+".join("(" * 60 + "1 GBP" + ")" * 60 for _ in range(3)))
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
formula("AC041", "a class of Python", lambda: "start.__class__")
formula("AC041", "a year past the calendar", lambda: "2026-04-01 + 9999999999 days")
formula("AC040", "months past the calendar", lambda: f"1 GBP if 2026-04-01 + {NINES} months > 2026-04-01 else 2 GBP")

# ---- numbers that run away

contract("AC140", "squared 200 times", lambda: chain("f{0} * f{0}", 200, "1000001"), *SETTLE)
contract("AC140", "cubed 200 times", lambda: chain("f{0} * f{0} * f{0}", 200, "3"), *SETTLE)
contract(
    "AC140",
    "multiplied by itself 60 times in each of 100 figures",
    lambda: chain(" * ".join(["f{0}"] * 60), 100, NINES),
    *SETTLE,
)
contract(
    "AC140", "numbers of 60 digits multiplied", lambda: chain("f{0} * " + " * ".join([NINES] * 50), 200, "1"), *SETTLE
)
contract("AC140", "quotients with other denominators", lambda: chain("f{0} / 7 + 1 / {0}1", 5_000, "1"), *SETTLE)
contract("AC140", "squared below one", lambda: chain("f{0} * f{0}", 200, "1 / 1000003"), *SETTLE)
contract("AC140", "divided by itself squared", lambda: chain("f{0} / (f{0} * f{0})", 200, "3"), *SETTLE)
contract(
    "AC140",
    "a step that multiplies 20,000 times",
    lambda: [
        HEAD,
        PAYMENT.replace("from", "steps: [" + "{{multiply: 9.99}}, " * 20_000 + "{{add: 0}}], from")
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
    "",
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

# ---- much of everything

contract("", "a chain of 5,000 figures", lambda: chain("f{0} + 1", 5_000, "1"), *SETTLE)
contract(
    "",
    "a chain of 5,000 figures, last first",
    lambda: (
        HEAD
        + "figures:\n"
        + "".join(f"  f{i}: {{is: f{i + 1} + 1}}\n" for i in range(5_000))
        + "  f5000: {is: 1}\n"
        + PAYMENT % "f0 * 1 GBP"
    ),
    *SETTLE,
)
contract(
    "",
    "a chain of 5,000 terms",
    lambda: (
        HEAD
        + "terms:\n  t0: {unit: count, value: 1}\n"
        + "".join(f"  t{i}: {{unit: count, is: t{i - 1} + 1}}\n" for i in range(1, 5_000))
        + PAYMENT % "t4999 * 1 GBP"
    ),
    *SETTLE,
)
contract(
    "",
    "terms that double back 5,000 times",
    lambda: (
        HEAD
        + "terms:\n  t0: {unit: count, value: 1}\n"
        + "".join(f"  t{i}: {{unit: count, is: t{i - 1} + t{i - 1} - t{i - 1}}}\n" for i in range(1, 5_000))
        + PAYMENT % "t4999 * 1 GBP"
    ),
    *SETTLE,
)
contract("", "figures that double back 5,000 times", lambda: chain("f{0} + f{0} - f{0}", 5_000, "1"), *SETTLE)
contract("AC054", "a circle of 5,000 figures", lambda: chain("f{0} + 1", 5_000, "f4999"))
contract(
    "",
    "30,000 days of one term",
    lambda: [
        HEAD.replace("2026-04-01, to: 2029-03-31", "1920-01-01, to: 2199-03-31"),
        "terms:\n  t:\n    unit: GBP a year\n    values:\n",
        *(f"      {1920 + i // 336}-{i // 28 % 12 + 1:02d}-{i % 28 + 1:02d}: {i}\n" for i in range(30_000)),
        PAYMENT % "t",
    ],
    *SETTLE,
)
contract(
    "",
    "8,000 days of a term by 3 parties",
    lambda: [
        HEAD.replace("2026-04-01, to: 2029-03-31", "1920-01-01, to: 2199-03-31"),
        "  south: {name: S, role: provider}\nterms:\n  t:\n    unit: GBP a year\n    by: party\n    values:\n",
        *(
            f"      {1920 + i // 336}-{i // 28 % 12 + 1:02d}-{i % 28 + 1:02d}: {{north: {i}, south: 1, council: 2}}\n"
            for i in range(8_000)
        ),
        PAYMENT % "t by north",
    ],
    *SETTLE,
)
contract(
    "",
    "11,000 parties",
    lambda: [
        HEAD,
        *(f"  p{i}: {{name: P, role: provider}}\n" for i in range(11_000)),
        PAYMENT.replace("to: north", "shared: {by: equally, among: provider}") % "5 GBP",
    ],
    *SETTLE,
)
contract(
    "",
    "11,000 roles",
    lambda: [HEAD, *(f"  p{i}: {{name: P, role: role_{i}}}\n" for i in range(11_000)), PAYMENT % "5 GBP"],
    *SETTLE,
)
contract(
    "",
    "a payment for each of 9,000 parties",
    lambda: [
        HEAD,
        *(f"  p{i}: {{name: P, role: provider}}\n" for i in range(9_000)),
        PAYMENT.replace("start", "each: provider, start").replace("to: north", "to: provider") % "5 GBP",
    ],
    *SETTLE,
)
contract(
    "",
    "5,000 payments",
    lambda: [
        HEAD,
        "payments:\n",
        *(f"  p{i}: {{pays_for: outcome, start: 5 GBP, from: council, to: north}}\n" for i in range(5_000)),
    ],
    *SETTLE,
)
contract(
    "",
    "20,000 steps",
    lambda: (
        HEAD
        + PAYMENT.replace("from", "steps: [" + "{{add: 1 GBP}}, " * 20_000 + "{{add: 0}}], from")
        .replace("{{", "{")
        .replace("}}", "}")
        % "5 GBP"
    ),
    *SETTLE,
)
contract(
    "",
    "20,000 terms",
    lambda: [HEAD, "terms:\n", *(f"  t{i}: {{value: 1}}\n" for i in range(20_000)), PAYMENT % "5 GBP"],
    *SETTLE,
)
contract(
    "",
    "12,000 inputs",
    lambda: [HEAD, "inputs:\n", *(f"  t{i}: {{unit: count}}\n" for i in range(12_000)), PAYMENT % "5 GBP"],
    *SETTLE,
)
contract(
    "",
    "7,000 measures",
    lambda: [
        HEAD,
        "measures:\n",
        *(f"  t{i}: {{reported: percent, score: {{nothing_at: 1%, full_at: 2%}}}}\n" for i in range(7_000)),
        PAYMENT % "5 GBP",
    ],
    *SETTLE,
)
contract(
    "",
    "14,000 accounts",
    lambda: [HEAD, "accounts:\n", *(f"  t{i}: {{title: A}}\n" for i in range(14_000)), PAYMENT % "5 GBP"],
    *SETTLE,
)
contract(
    "",
    "a category of 90,000 options",
    lambda: [HEAD, "categories:\n  k: [", *(f"o{i}, " for i in range(90_000)), "last]\n", PAYMENT % "5 GBP"],
    *SETTLE,
)
contract(
    "",
    "a figure for each of 30,000 options",
    lambda: [
        HEAD,
        "categories:\n  k: [",
        *(f"o{i}, " for i in range(30_000)),
        "last]\nfigures:\n  f: {each: k, is: 1}\n",
        PAYMENT % "sum(f for k) * 1 GBP",
    ],
    *SETTLE,
)
contract(
    "",
    "40,000 points of a curve",
    lambda: [
        HEAD,
        "inputs:\n  x: {unit: count}\nfigures:\n  f:\n    curve:\n      of: x\n      points:\n",
        *(f"        {i}: {i}\n" for i in range(40_000)),
        PAYMENT % "f * 1 GBP",
    ],
    *SETTLE,
    "--set",
    "x=39999.5",
)
contract(
    "",
    "12,000 bands",
    lambda: [
        HEAD,
        "inputs:\n  x: {unit: count}\nfigures:\n  f:\n    bands:\n      of: x\n      bands:\n",
        *(f"        - {{from: {i}, below: {i + 1}, gives: {i}}}\n" for i in range(12_000)),
        PAYMENT % "f * 1 GBP",
    ],
    *SETTLE,
    "--set",
    "x=11999.5",
)
contract(
    "AC041",
    "20,000 figures with an unknown name",
    lambda: [
        HEAD,
        "figures:\n",
        *(f"  figure_of_the_alliance_{i}: {{is: figure_of_the_allianse_{i}}}\n" for i in range(20_000)),
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
    "50 variations of a contract of 60,000 values",
    lambda: [
        HEAD,
        "terms:\n",
        *(f"  t{i}: {{value: 1}}\n" for i in range(15_000)),
        PAYMENT % "5 GBP",
        "variations:\n",
        *(
            f"  - {{title: V, made: 2026-{i // 28 % 12 + 1:02d}-{i % 28 + 1:02d}, effective: 2027-{11 - i // 28 % 12 + 1:02d}-{28 - i % 28:02d}, terms: {{u{i}: {{value: 1}}}}}}\n"
            for i in range(50)
        ),
    ],
)
contract(
    "*",
    "5,000 examples of a contract of 500 figures",
    lambda: (
        chain("f{0} + 1", 500, "1")
        + "examples:\n"
        + "".join(
            f"  - {{title: E{i}, period: 2026-27, given: {{}}, expect: {{paid.earned: 500}}}}\n" for i in range(5_000)
        )
    ),
    *SETTLE,
)
contract(
    "*",
    "5,000 examples to test",
    lambda: (
        chain("f{0} + 1", 500, "1")
        + "examples:\n"
        + "".join(
            f"  - {{title: E{i}, period: 2026-27, given: {{}}, expect: {{paid.earned: 500}}}}\n" for i in range(5_000)
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
contract("", "shown: 5,000 figures", lambda: chain("f{0} + 1", 5_000, "1"), "show", "c.yaml")
contract(
    "",
    "inputs: 12,000",
    lambda: [HEAD, "inputs:\n", *(f"  t{i}: {{unit: count}}\n" for i in range(12_000)), PAYMENT % "5 GBP"],
    "inputs",
    "c.yaml",
)
contract(
    "",
    "explained: a chain of 5,000 figures",
    lambda: chain("f{0} + 1", 5_000, "1"),
    "explain",
    "c.yaml",
    "--period",
    "2026-27",
)
contract(
    "",
    "explained: figures that double back 5,000 times",
    lambda: chain("f{0} + f{0} - f{0}", 5_000, "1"),
    "explain",
    "c.yaml",
    "--period",
    "2026-27",
)
