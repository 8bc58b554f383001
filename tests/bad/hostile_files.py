"""What a contract or a command line leads to: files that are none, data out to do harm, and places to write to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.bad.hostile import HEAD, PAYMENT, SETTLE, case, contract
from tests.data.files import workbook

# ---- what a contract leads to

contract("AC025", "an include above the folder", lambda: HEAD + "include: [../c.yaml]\n")
contract("AC025", "an include from the root", lambda: HEAD + "include: [/etc/passwd]\n")
contract("AC025", "an include of Windows", lambda: HEAD + "include: ['C:\\\\boot.ini']\n")
contract("AC002", "an include of its folder", lambda: HEAD + "include: [.]\n")
contract("AC027", "2,000 includes", lambda: HEAD + f"include: [{', '.join(f'a{i}.yaml' for i in range(2_000))}]\n")
contract("AC028", "an include of itself", lambda: HEAD + "include: [c.yaml]\n")


_ANSWERS = "inputs:\n  said: {records: {person: id, day: date}, dated: day, instrument: led.yaml}\n"
_LEADS = {
    "an include": HEAD + "include: [led.yaml]\n",
    "an instrument": HEAD + _ANSWERS + PAYMENT % "5 GBP",
    "a pack": HEAD + PAYMENT % "5 GBP" + "rules:\n  - {use: led.yaml, with: {}}\n",
}


def _led(name: str, code: str, lead: Callable[[Path], object]) -> None:
    def made(text: str, args: list[str]) -> Callable[[Path], list[str]]:
        def make(folder: Path) -> list[str]:
            (folder / "c.yaml").write_text(text)
            lead(folder / "led.yaml")
            return args

        return make

    for what, text in _LEADS.items():
        case(code, f"{what} that is {name}")(made(text, ["validate", "c.yaml"]))
    case(code, f"an instrument of what is settled that is {name}")(made(_LEADS["an instrument"], SETTLE))


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

# ---- data that a command is given

WITH_INPUTS = (
    HEAD
    + "inputs:\n  spend: {unit: GBP}\n  visits: {records: {cost: GBP}}\n  kind: {unit: text}\n"
    + PAYMENT % "spend + sum(cost for visits)"
)


def given(code: str, name: str, file: str, make: Callable[[Path], object], *args: str) -> None:
    """A case of one file of data. `args` follow the command that settles; `FILE` stands for the file."""

    def build(folder: Path) -> list[str]:
        (folder / "c.yaml").write_text(WITH_INPUTS)
        make(folder / file)
        return [*SETTLE, *(file if a == "FILE" else a.replace("FILE", file) for a in args)]

    case(code, name)(build)


def _packed(size: int) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(workbook(" " * size))


def _text(*pieces: str, times: int = 1) -> Callable[[Path], object]:
    """A file of a first piece, a second one many times over, and the rest."""
    first, again, *rest = (*pieces, "")
    return lambda path: path.write_text(first + again * times + "".join(rest))


for _use, _args in (("inputs", ["--inputs", "FILE"]), ("a table", ["--table", "FILE", "--key", "a"]),
                    ("records", ["--data", "visits=FILE"])):  # fmt: skip
    given("AC216", f"{_use}: a zip bomb of 200 megabytes", "x.xlsx", _packed(2 * 10**8), *_args)
    given("AC215", f"{_use}: a workbook that is a picture", "x.xlsx", _text("PK\x03\x04", "\0", times=5000), *_args)
    given("AC210", f"{_use}: a million columns", "x.csv", _text("a", ",", "\n", times=1_000_000), *_args)
    given("AC212", f"{_use}: ten million digits", "x.csv", _text("name,value\nspend,", "7", "\n", times=10**7), *_args)
    given("AC249", f"{_use}: a million faults", "x.csv", _text("name,value\n", "1\n", times=10**6), *_args)
given("AC206", "a name that is turned round", "x.csv", _text("name,value\nspend,\u202e100\n"), "--inputs", "FILE")
given("AC206", "a value that clears the screen", "x.csv", _text("name,value\nspend,\x1b[2J5\n"), "--inputs", "FILE")
given(
    "AC205", "bytes that are no text", "x.csv", lambda p: p.write_bytes(b"name,value\nspend,\xff\n"), "--inputs", "FILE"
)
for _number in ("1e999999999", "NaN", "Infinity", "-inf", "0x10", "1_0__0", "٣", "1/3", "9" * 5_000, "0." + "0" * 5_000 + "1"):  # fmt: skip
    given("AC135", f"a value of {_number[:12]}", "x.csv", _text(f"name,value\nspend,{_number}\n"), "--inputs", "FILE")
    given("AC135", f"--set to {_number[:12]}", "x.csv", _text(""), "--set", f"spend={_number}")
given("AC138", "50,000 records with a fault", "x.csv", _text("cost\n", "dear\n", times=50_000), "--data", "visits=FILE")
given("*", "a bomb of aliases in YAML", "x.yaml", _text("a: &a [1]\nb:\n", "- *a\n", "", times=99_000), "--inputs", "FILE")  # fmt: skip
given("AC019", "YAML nested 10,000 deep", "x.yaml", _text("a: ", "[", times=10_000), "--inputs", "FILE")
given("AC225", "JSON nested 100,000 deep", "x.json", _text("", '{"a":', times=100_000), "--inputs", "FILE")
given("AC122", "an opening nested 100,000 deep", "x.json", _text("", "[", times=100_000), "--opening", "FILE")
given("AC122", "an opening of ten million digits", "x.json", _text("", "7", times=10**7), "--opening", "FILE")
given("*", "an opening of 20 megabytes of lists", "x.json", _text("[", "[],", "[]]", times=6_600_000), "--opening", "FILE")  # fmt: skip
given("AC121", "an opening of accounts that are not there", "x.csv", _text("account,amount\n=1+1,5\n"), "--opening", "FILE")  # fmt: skip

# ---- the command line itself


def line(code: str, name: str, *args: str) -> None:
    """A case of the words of a command alone; a code of `usage` stands for a command that is misused."""

    def make(folder: Path) -> list[str]:
        (folder / "c.yaml").write_text(WITH_INPUTS)
        return list(args)

    case(code, f"line: {name}")(make)


for _words in ("2026-27 Q" + "1" * 50_000, "9" * 100_000, "\x1b[31m2026-27", "2026-27\u202e", "٢٠٢٦-٢٧", "../2026", "-1", "0000-01"):  # fmt: skip
    line("usage", f"a period of {len(_words)} characters, {_words[:9]!a}", "settle", "c.yaml", "--period", _words)
line("usage", "a day of ten million", "settle", "c.yaml", "--period", "2026-27", "--as-of", "9" * 100_000)
line("*", "the day before all days", "settle", "c.yaml", "--period", "2026-27", "--as-of", "0001-01-01")
line("usage", "50,000 keys", "settle", "c.yaml", "--period", "2026-27", "--key", "a," * 50_000)
line("*", "a key of commas and a table", "settle", "c.yaml", "--period", "2026-27", "--table", "c.yaml", "--key", ",,")
line("AC130", "a name of 100,000 letters", *SETTLE, "--set", "a" * 100_000 + "=5")
line("AC130", "a name of 50,000 parts", *SETTLE, "--set", "a." * 50_000 + "=5")
line("AC130", "20,000 values", *SETTLE, *(word for n in range(20_000) for word in ("--set", f"spent{n}=5")))
line("usage", "a value given 20,000 times", *SETTLE, *("--set", "spent=5") * 20_000)
line("*", "records of no name", *SETTLE, "--data", "../../etc=c.csv", "--data", "\x1b[2J=c.csv")
line("*", "a contract that is a path of 20,000 letters", "validate", "x/" * 10_000 + "c.yaml")
line("*", "a contract with a NUL in its name", "validate", "c\0.yaml")
line("*", "a contract that clears the screen", "validate", "\x1b[2J\u202ec.yaml")
line("usage", "a command that clears the screen", "\x1b[2J")
line("usage", "an option that clears the screen", "settle", "c.yaml", "--\x1b[2J", "5")
line("*", "a payment that is not there", "explain", "c.yaml", "--period", "2026-27", "--payment", "\x1b[2J" * 9_000)
line("*", "1,000 contracts", "validate", *["none.yaml"] * 1_000)
for _to in ("c.yaml/form.csv", "no/form.csv", "x" * 300 + ".csv", "f\0.csv"):
    line("*", f"a form into {_to[:9]!a}", "inputs", "c.yaml", "--template", _to)
for _from in ("../..", "/etc", "shared-savings/../../..", "a\0b", "\x1b[2J"):
    line("usage", f"a contract of the gallery called {_from!a}", "init", "--from", _from, "new")
