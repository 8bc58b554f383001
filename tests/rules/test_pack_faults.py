"""Packs that are at fault, and contracts that use one wrongly: each told at its file and line, and nothing let in."""

from __future__ import annotations

from pathlib import Path

import pytest

from alliance.contract.contract import Contract, load, loads
from alliance.contract.faults import ContractError
from alliance.contract.packs import MOST_USES, find_pack, read_pack
from alliance.settlement.settle import settle

CONTRACT = """\
alliance: 1
contract: {id: t, title: T, term: {from: 2026-04-01, to: 2028-03-31}, working_days: England, settles: quarterly}
parties:
  council: {name: Council, role: commissioner}
  north: {name: North, role: provider}
  south: {name: South, role: provider, small: true}
inputs:
  spend: {unit: GBP, from: north, due: 20 working days}
  incidents: {events: {party: party, kind: text, opened: date, closed: optional date}}
  bare: {events: {party: party}}
measures:
  quality: {better: higher, reported: percent, by: provider}
payments:
  block: {pays_for: block, each: provider, start: 1_000.00 GBP, from: council, to: provider}
"""
OWN = """\
pack: own
version: 3
title: One of our own
parameters:
  payment: {is: payments, title: what is scaled}
  part: {is: percent, title: the part that is left, default: 50%}
  also: {is: payment, optional: true, title: what is shut besides}
  said: {is: text, title: what is said, default: something happened}
  test: {is: formula, title: when, default: spend > 0}
rules:
  - rule: own
    when: $test
    then:
      - {scale: $payment, by: $part}
      - {gate: $also}
  - rule: told
    when: $test
    then: [{notify: council, say: $said}]
"""


def faults(text: str, folder: Path | None = None) -> list[str]:
    """The faults of a contract, a line each; it must have some."""
    with pytest.raises(ContractError) as error:
        contract(text, folder)
    return [str(f).splitlines()[0] for f in error.value.faults]


def contract(text: str, folder: Path | None = None) -> Contract:
    whole = f"{CONTRACT}rules:\n{text}"
    if folder is None:
        return loads(whole)
    (folder / "contract.yaml").write_text(whole)
    return load(folder)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "own.yaml").write_text(OWN)
    return tmp_path


def used(**given: str) -> str:
    """A contract's use of the pack of one's own."""
    return "  - {use: own.yaml, with: {payment: block" + "".join(f", {k}: {v}" for k, v in given.items()) + "}}\n"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("  - use: late-dta\n", ["contract.yaml:16:10: AC170 there is no pack \"late-dta\". Did you mean \"late-data\"?"]),
        ("  - use: late-data\n    with: {payment: block, input: spend, first: 1%}\n",
         ["contract.yaml:16:10: AC171 the pack late-data is used without at_most"]),
        ("  - use: late-data\n    with: {payment: block, input: spend, first: 1, at_most: 5%}\n",
         ["contract.yaml:17:49: AC171 first: \"1\" is not a percentage, such as 5%."]),
        ("  - use: late-data\n    with: {payment: block, input: spend, first: 1%, at_most: 5%, gracee: 3}\n",
         ["contract.yaml:17:66: AC171 the pack late-data has no parameter \"gracee\". Did you mean \"grace\"?"]),
        ("  - use: late-data\n    with: {payment: block, input: spend, first: 1%, at_most: 5%, grace: soon}\n",
         ["contract.yaml:17:73: AC171 grace: \"soon\" is not a plain number of days."]),
        ("  - use: late-data\n    with: {payment: blok, input: spend, first: 1%, at_most: 5%}\n",
         ["contract.yaml:17:21: AC171 payment: the contract has no payment \"blok\", which the pack late-data asks for."
          " Did you mean \"block\"?"]),
        ("  - use: late-data\n    with: {payment: [block, blok], input: spent, first: 1%, at_most: 5%}\n",
         ["contract.yaml:17:29: AC171 payment: the contract has no payment \"blok\"",
          "contract.yaml:17:43: AC171 input: the contract has no input \"spent\""]),
        ("  - use: late-data\n    with: {payment: {a: b}, input: spend, first: [1%], at_most: 5%}\n",
         ["contract.yaml:17:21: AC171 payment: names of payments are wanted here.",
          "contract.yaml:17:50: AC171 first: a single value is wanted here."]),
        ("  - use: safeguarding-gate\n    with: {payment: block, events: bare}\n",
         ["contract.yaml:17:36: AC171 events: bare lacks kind (text), opened (date), closed (optional date)"]),
        ("  - use: safeguarding-gate\n    with: {payment: block, events: spend}\n",
         ["contract.yaml:17:36: AC171 events: spend lacks party"]),
        ("  - use: quality-gate\n    with: {payment: block, each: providr, passes: quality.value > 50%}\n",
         ["contract.yaml:17:34: AC171 each: the contract has no role \"providr\""]),
        ("  - use: quality-gate\n    with: {payment: block, passes: quality.value >}\n",
         ["contract.yaml:17:36: AC171 passes: \"quality.value >\" is not a formula"]),
        ("  - use: capacity-guarantee\n    with: {price: 1.00 GBP, payer: council, provider: north, told: council}\n",
         ["contract.yaml:16:10: AC171 places: the contract has no events \"places\" (given as places, unless another is"
          " said under with:)"]),
        ("  - {use: late-data, rule: x}\n", ["contract.yaml:16:22: AC030"]),
        ("  - use: [late-data]\n", ["contract.yaml:16:10: AC032"]),
        ("  - use: x/own.yaml\n", ["contract.yaml:16:10: AC170 a contract that is not read from a file"]),
    ],
)  # fmt: skip
def test_a_use_that_is_wrong(rule: str, said: list[str]) -> None:
    found = faults(rule)
    assert len(found) == len(said), found
    for line, start in zip(found, said, strict=True):
        assert line.startswith(start.split(" Did you")[0]), line


def test_a_hint_stands_below_a_fault() -> None:
    with pytest.raises(ContractError) as error:
        contract("  - use: late-dta\n")
    assert error.value.faults[0].hint == 'Did you mean "late-data"?'


# files of one's own


def test_one_of_our_own_settles(own: Path) -> None:
    s = settle(contract(used(also="block"), own), "2026-27 Q1", {"spend": 1})
    assert s.payment("block").earned == 0
    assert [r.pack for r in s.rules] == ["own 3", "own 3"]


def test_what_is_optional_and_left_out_is_not_done(own: Path) -> None:
    c = contract(used(), own)
    assert [(r.name, len(r.then)) for r in c.built.rules] == [("own", 1), ("told", 1)]
    assert settle(c, "2026-27 Q1", {"spend": 1}).payment("block").earned == 1_000


def test_a_rule_from_which_nothing_follows_any_more_is_left_out(own: Path) -> None:
    (own / "own.yaml").write_text(OWN.replace("      - {scale: $payment, by: $part}\n", ""))
    assert [r.name for r in contract(used(), own).built.rules] == ["told"]


def test_a_rule_that_asks_for_what_is_left_out_is_left_out(own: Path) -> None:
    optional = OWN.replace("title: when, default: spend > 0", "title: when, optional: true")
    (own / "own.yaml").write_text(optional)
    assert contract(used(), own).built.rules == ()
    assert len(contract(used(test="spend > 5.00 GBP"), own).built.rules) == 2


def test_a_pack_used_twice_has_its_rules_told_apart(own: Path) -> None:
    c = contract(used() + used(part="10%"), own)
    assert [r.name for r in c.built.rules] == ["own", "told", "own-2", "told-2"]
    s = settle(c, "2026-27 Q1", {"spend": 1})
    assert s.payment("block").earned == 100  # 2,000 x 50% x 10%
    assert [n.text for n in s.notices] == ["something happened", "something happened"]


def test_a_pack_keeps_clear_of_a_rule_of_the_contract(own: Path) -> None:
    rule = "  - {rule: own-2, when: spend > 0, then: [{notify: council}]}\n"
    names = [r.name for r in contract(used() + rule + used(), own).built.rules]
    assert names == ["own", "told", "own-2", "own-3", "told-2"]


def test_as_many_uses_as_there_may_be(own: Path) -> None:
    assert len(contract(used() * MOST_USES, own).built.rules) == 2 * MOST_USES
    for more in (1, 2):
        assert faults(used() * (MOST_USES + more), own) == [
            f"{own}/contract.yaml:66:5: AC170 the contract uses more than 50 packs, which is the limit. Write the rules out."
        ]


def test_a_ladder_that_asks_for_what_is_left_out_is_left_out(own: Path) -> None:
    ladders = "ladders:\n  up: {each: provider, steps: [$part]}\n  further: {each: provider, steps: [$also]}\nrules:"
    (own / "own.yaml").write_text(OWN.replace("rules:", ladders))
    assert {n: x.steps for n, x in contract(used(), own).built.ladders.items()} == {"up": ("50%",)}
    assert list(contract(used(also="block"), own).built.ladders) == ["up", "further"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("just words", "own.yaml:11:5: AC032 rule 1: keys with their values (key: value) are wanted here."),
        ("{when: spend > 0, then: [{gate: all}]}", 'own.yaml:11:5: AC031 rule 1 lacks "rule".'),
        ("{rule: [a], when: spend > 0, then: [{gate: all}]}", "own.yaml:11:12: AC032"),
    ],
)
def test_a_rule_of_a_pack_that_has_no_shape_is_told_in_the_pack(own: Path, rule: str, said: str) -> None:
    (own / "own.yaml").write_text(f"{OWN.partition('rules:')[0]}rules:\n  - {rule}\n")
    (found,) = faults(used(), own)
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("../own.yaml", "AC0"),
        ("/etc/own.yaml", "AC0"),
        ("sub/../../own.yaml", "AC0"),
        ("none.yaml", "AC0"),
        ("link.yaml", "AC0"),
        ("folder.yaml", "AC0"),
    ],
)
def test_a_path_stays_in_the_folder_of_the_contract(tmp_path: Path, path: str, code: str) -> None:
    (tmp_path / "own.yaml").write_text(OWN)
    home = tmp_path / "home"
    (home / "sub").mkdir(parents=True)
    (home / "folder.yaml").mkdir()
    (home / "link.yaml").symlink_to(tmp_path / "own.yaml")
    found = faults(used().replace("own.yaml", path), home)
    assert len(found) == 1
    assert f"contract.yaml:16:{11}" in found[0]
    assert code in found[0]


def test_a_pack_includes_nothing(own: Path) -> None:
    (own / "more.yaml").write_text("- {rule: x, when: spend > 0, then: [{notify: council}]}\n")
    (own / "own.yaml").write_text(OWN.split("rules:")[0] + "rules:\n  include: more.yaml\n")
    found = faults(used(), own)
    assert found
    assert all("own.yaml:" in line for line in found)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("title: One of our own\n", ""), 'own.yaml:1:1: AC031 this lacks "title".'),
        (("is: percent", "is: proportion"), "own.yaml:6:14: AC0"),
        (("default: 50%", "default: half"), 'own.yaml:6:62: AC171 "half" is not a percentage, such as 5%.'),
        (("version: 3", "version: 3\nversions: 4"), "own.yaml:3:1: AC030"),
        (("by: $part", "by: $prt"), "own.yaml:14:31: AC0"),
        (("when: $test", "whn: $test"), "own.yaml:12:5: AC030"),
        (("parameters:", "parameters: &p"), ""),
        (("pack: own", "pack: own\npack: twice"), "own.yaml:2:1: AC004"),
        (("rules:\n", "rules:\n\t"), "own.yaml:"),
    ],
)
def test_a_pack_file_at_fault_is_told_at_its_line(own: Path, change: tuple[str, str], said: str) -> None:
    (own / "own.yaml").write_text(OWN.replace(*change, 1))
    if not said:
        contract(used(), own)
        return
    found = faults(used(), own)
    assert any(line.startswith(said) for line in found), found


HOSTILE = [
    "'x\", y: \"z'",
    "'}, {gate: all'",
    "'a\nthen: [{gate: all}]'",
    "'$payment'",
    "'\\'",
    '"bell \\x07"',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_change_no_rule(own: Path, text: str) -> None:
    """What a contract gives stands in texts only: it is refused, or it is words."""
    try:
        c = contract("  - use: own.yaml\n    with:\n      payment: block\n      said: " + text + "\n", own)
    except ContractError as error:
        assert all(str(f.mark).startswith(str(own)) for f in error.faults)
        return
    assert [[x.verb for x in r.then] for r in c.built.rules] == [["scale"], ["notify"]]


@pytest.mark.parametrize(
    "text",
    ["spend > 0) or (true", "true or true) and (spend > 0", "spend > 0 # or", "", "spend >", "x" * 5_000, "(" * 100],
)
def test_a_formula_cannot_reach_out_of_its_brackets(own: Path, text: str) -> None:
    found = faults(f"  - use: own.yaml\n    with:\n      payment: block\n      test: '{text}'\n", own)
    assert all("AC171" in line and "contract.yaml:19" in line for line in found), found


def test_words_that_look_like_a_formula_are_words(own: Path) -> None:
    c = contract(used(said="'spend > 0 or true; 100% of $'").replace("$'", "it'"), own)
    assert c.built.rules[1].then[0].say == "spend > 0 or true; 100% of it"


# found by name or path


def test_a_pack_is_found_by_name_folder_or_file(own: Path) -> None:
    assert find_pack("late-data")[0].title == "Late or missing data"
    assert find_pack(str(own / "own.yaml"))[0].pack == "own"
    folder = own / "mine"
    folder.mkdir()
    (folder / "pack.yaml").write_text(OWN)
    assert find_pack(str(folder))[2] == folder / "pack.yaml"
    with pytest.raises(ContractError, match='No pack that comes with the package is called "late-dta"'):
        find_pack("late-dta")
    with pytest.raises(ContractError, match="AC001"):
        find_pack(str(own / "none.yaml"))
    assert read_pack(own / "own.yaml")[0].version == "3"


def test_what_a_pack_is_given_is_short(own: Path) -> None:
    said = "x" * 1_001
    (found,) = faults(f"  - use: own.yaml\n    with: {{payment: block, said: {said}}}\n", own)
    assert "is not a text that a pack can be given" in found
    (found,) = faults("  - use: own.yaml\n    with: {payment: block, said: costs $5}\n", own)
    assert "is not a text that a pack can be given" in found


def test_a_pack_that_cannot_be_read_is_told_once(own: Path) -> None:
    assert len(faults("  - {use: none.yaml, with: {}}\n" * 3, own)) == 1


def test_a_list_of_names_counts_as_what_it_is_written_out(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use = "  - use: own.yaml\n    with: {payment: block}\n"
    contract(use, own)
    monkeypatch.setattr("alliance.contract.filling.MOST_GIVEN", 8)
    (found,) = faults(use, own)
    assert "AC171 the formulas that packs are given have more than 8 characters, which is the limit." in found


def test_packs_count_towards_what_a_contract_may_hold(own: Path) -> None:
    rule = "  - rule: r{0}\n    when: spend > 0\n    then: [{{notify: council, say: $said}}]\n"
    pack = "pack: big\nversion: 1\ntitle: Big\nparameters: {said: {is: text}}\nrules:\n"
    (own / "big.yaml").write_text(pack + "".join(rule.format(i) for i in range(800)))
    use = "  - {use: big.yaml, with: {said: x}}\n"
    found, *_ = faults(use * 9, own)
    assert "AC020 with its packs written out the contract has more than 40,000 keys, values and lists" in found
    (own / "big.yaml").write_text(pack + rule.format(1).replace("$said", f'"{"$said " * 3_000}"') * 3)
    (found,) = faults(use.replace("x}", f"{'x' * 900}}}"), own)
    assert "AC003 with its packs written out the contract is larger than 4,000,000 bytes" in found


def test_payments_that_are_no_mapping_are_told_and_nothing_more_is_said_of_them(own: Path) -> None:
    text = CONTRACT[: CONTRACT.index("payments:")] + "payments: [block]\n"
    text += "rules:\n  - {use: own.yaml, with: {payment: block}}\n"
    (own / "contract.yaml").write_text(text)
    with pytest.raises(ContractError) as error:
        load(own)
    (told,) = (str(f).splitlines()[0] for f in error.value.faults)
    assert told.startswith(f"{own / 'contract.yaml'}:13:11: AC032 payments: names"), told
