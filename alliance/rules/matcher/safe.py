"""The safe subset: what durable_rules 2.0.28 is known to get right, as checks of rules and of facts.

Written the natural way the package joins wrongly, reads past its arrays and crashes. Everything that it was measured to
get wrong is refused here, or is avoided by the form that rules are compiled to (`compile.py`). The plain matcher is
held to the same rules, so that a rule pack means the same wherever it runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from alliance.rules.matcher.errors import FactError

if TYPE_CHECKING:
    from alliance.rules.matcher.types import Fact, Join, MatchRule, Pattern, RuleSet, Schema

MAX_TYPES = 400  # every fact is tried against the test for every type, in a table of 512 places
MAX_FIELDS = 100  # the package holds 255 in a byte, its own three included
MAX_RULES = 4000
MAX_PATTERNS = 8  # a match holds 16 facts at most
MAX_TERMS = 20  # tests and joins of one pattern; the package's sequence of joins has 32 places
MAX_INT = 2**53
MAX_TEXT = 4096  # lengths are cut to 16 bits, and a character may take 12 bytes once escaped
MAX_NAME = 100

EQUALITY = ("==", "!=")
ORDERING = ("<", "<=", ">", ">=")
# Ordering of text is by bytes of escaped JSON there, and ordering of truth by number: neither means anything.
OPERATORS = {"int": (*EQUALITY, *ORDERING), "text": EQUALITY, "bool": ("==",)}
KINDS: dict[str, type] = {"int": int, "text": str, "bool": bool}

# The package gives every fact these, and joining on them returned wrong answers.
RESERVED_FIELDS = ("id", "sid", "t")
# The package reads these words where a field or an alias stands, and knows them by their hash alone.
RESERVED_WORDS = (
    *("$eq", "$neq", "$lt", "$lte", "$gt", "$gte", "$ex", "$nex", "$mt", "$imt", "$iall", "$iany", "$and", "$or"),
    *("$m", "$i", "$s", "$add", "$sub", "$mul", "$div", "$l", "$r", "$forward"),
)

Types = Mapping[str, Mapping[str, str]]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def fnv1a(text: str) -> int:
    """The 32-bit FNV-1a hash of a text. The package takes it for identity: names with one hash are one name to it.

    >>> fnv1a("costarring") == fnv1a("liquid")
    True
    """
    value = 0x811C9DC5
    for byte in text.encode("utf-8", "surrogatepass"):
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def rule_problems(ruleset: RuleSet) -> list[str]:
    """Why the rules lie outside the safe subset, as plain sentences; nothing if they do not."""
    problems = list(_schema_problems(ruleset.schema))
    if len(ruleset.rules) > MAX_RULES:
        problems.append(f"There are {len(ruleset.rules)} rules in one stage; at most {MAX_RULES} are allowed.")
    problems += _twice("rules have the name", (rule.name for rule in ruleset.rules))
    problems += _twice("rules have the order", (rule.order for rule in ruleset.rules))
    problems += _absent_and_required(ruleset)
    types = {fact_type.name: dict(fact_type.fields) for fact_type in ruleset.schema.types}
    for rule in ruleset.rules:
        where = f'Rule "{rule.name}"'
        problems += (f"{where}: {problem}" for problem in _rule_problems(rule, types))
    return problems


def check_facts(schema: Schema, facts: Sequence[Fact]) -> None:
    """Raise `FactError` for the first fact that is not of its type.

    Missing fields and mixed kinds were measured to give wrong answers: the package compares a number with a text as
    texts, and skips a test of a field that is not there. So every field is there, and every value is of its kind.
    """
    types = {fact_type.name: fact_type.fields for fact_type in schema.types}
    for index, fact in enumerate(facts):
        fields = types.get(fact.type)
        if fields is None:
            raise FactError(f'Fact {index} is of the type "{fact.type}", which the schema does not have.')
        if len(fact.values) != len(fields):
            raise FactError(f'Fact {index} has {len(fact.values)} values; a "{fact.type}" has {len(fields)} fields.')
        for (name, kind), value in zip(fields, fact.values, strict=True):
            if problem := _value_problem(value, kind):
                raise FactError(f'Fact {index}, the field "{name}" of "{fact.type}": {problem}.')


def _value_problem(value: object, kind: str) -> str:
    """What is wrong with a value; nothing if nothing is."""
    # By exact type: to Python True is an int, and a subclass may compare or print as it likes.
    if type(value) is not KINDS[kind]:
        return f"a value of the type {type(value).__name__} is not of the kind {kind}"
    if isinstance(value, int):
        return "" if -MAX_INT <= value <= MAX_INT else "the number is beyond 2^53"
    assert isinstance(value, str)
    if len(value) > MAX_TEXT:
        return f"the text is longer than {MAX_TEXT} characters"
    # Two lone surrogates and the character that they would make are written alike in JSON, which is what is compared.
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        return "the text holds half of a character (a lone surrogate)"
    return ""


def _schema_problems(schema: Schema) -> Iterator[str]:
    if len(schema.types) > MAX_TYPES:
        yield f"There are {len(schema.types)} fact types in one stage; at most {MAX_TYPES} are allowed."
    yield from _twice("fact types have the name", (fact_type.name for fact_type in schema.types))
    for fact_type in schema.types:
        yield from _name_problems("fact type", fact_type.name)
        if len(fact_type.fields) > MAX_FIELDS:
            yield f'The fact type "{fact_type.name}" has {len(fact_type.fields)} fields; {MAX_FIELDS} are allowed.'
        yield from _twice(f'fields of "{fact_type.name}" have the name', (name for name, _ in fact_type.fields))
        for name, kind in fact_type.fields:
            yield from _name_problems("field", name)
            if name in RESERVED_FIELDS:
                yield f'The field name "{name}" is reserved.'
            if kind not in KINDS:
                yield f'The field "{name}" of "{fact_type.name}" is of the kind {kind!r}; it may be int, text or bool.'
    names = dict.fromkeys(name for fact_type in schema.types for name, _ in fact_type.fields)
    yield from _collisions("field", sorted(names.keys() - set(RESERVED_FIELDS)), (*RESERVED_FIELDS, *RESERVED_WORDS))


def _absent_and_required(ruleset: RuleSet) -> Iterator[str]:
    """A match already made is not always withdrawn when a fact that must be absent arrives. So such facts are asserted
    before all others, and nothing may wait for them."""
    absent = ruleset.absent_types()
    for rule in ruleset.rules:
        for name in sorted({pattern.type for pattern in rule.patterns if not pattern.absent} & absent):
            yield (
                f'Rule "{rule.name}": it requires a fact of the type "{name}", which a rule of the same stage asks to '
                "be absent. Put one of them in another stage."
            )


def _rule_problems(rule: MatchRule, types: Types) -> Iterator[str]:
    if not rule.name:
        yield "it has no name."
    if len(rule.patterns) > MAX_PATTERNS:
        yield f"it has {len(rule.patterns)} patterns; at most {MAX_PATTERNS} are allowed."
    if not any(not pattern.absent for pattern in rule.patterns):
        yield "it requires no fact to be there; at least one pattern must not be absent."
    elif rule.patterns[0].absent:
        # The package never fires a rule whose first pattern is absent.
        yield f'its first pattern, "{rule.patterns[0].alias}", is absent; begin with a fact that is there.'
    aliases = [pattern.alias for pattern in rule.patterns]
    yield from _twice("patterns have the alias", aliases)
    yield from _collisions("alias", dict.fromkeys(aliases), RESERVED_WORDS)
    earlier: dict[str, str] = {}
    for pattern in rule.patterns:
        yield from _name_problems("alias", pattern.alias)
        if pattern.type in types:
            yield from _pattern_problems(pattern, earlier, types)
        else:
            yield f'the pattern "{pattern.alias}" is of the type "{pattern.type}", which the schema does not have.'
        if not pattern.absent:
            earlier[pattern.alias] = pattern.type


def _pattern_problems(pattern: Pattern, earlier: Mapping[str, str], types: Types) -> Iterator[str]:
    fields = types[pattern.type]
    where = f'the pattern "{pattern.alias}"'
    if len(pattern.tests) + len(pattern.joins) > MAX_TERMS:
        yield f"{where} has {len(pattern.tests) + len(pattern.joins)} tests and joins; at most {MAX_TERMS} are allowed."
    for test in pattern.tests:
        kind = fields.get(test.field)
        if kind is None:
            yield f'{where} tests the field "{test.field}", which the type "{pattern.type}" does not have.'
        elif test.op not in OPERATORS.get(kind, ()):
            yield f'{where} tests "{test.field}" by {test.op}, which is not for the kind {kind}.'
        elif problem := _value_problem(test.constant, kind):
            yield f'{where} tests "{test.field}": {problem}.'
    for join in pattern.joins:
        if problem := _join_problem(pattern, join, earlier, types):
            yield f"{where} {problem}"


def _join_problem(pattern: Pattern, join: Join, earlier: Mapping[str, str], types: Types) -> str:
    kind = types[pattern.type].get(join.field)
    other_type = earlier.get(join.other_alias)
    other_kind = types.get(other_type or "", {}).get(join.other_field)
    if kind is None:
        return f'joins by the field "{join.field}", which the type "{pattern.type}" does not have.'
    if other_type is None:
        return f'joins with "{join.other_alias}", which is not an earlier pattern whose fact is there.'
    if other_kind is None:
        return f'joins with the field "{join.other_field}" of "{join.other_alias}", which it does not have.'
    if kind != other_kind:
        return f'joins "{join.field}", of the kind {kind}, with "{join.other_field}", of the kind {other_kind}.'
    if join.op not in OPERATORS.get(kind, ()):
        return f'joins "{join.field}" by {join.op}, which is not for the kind {kind}.'
    return ""


def _name_problems(what: str, name: str) -> Iterator[str]:
    if len(name) > MAX_NAME or not _NAME.fullmatch(name):
        yield f"The {what} {name[:MAX_NAME]!r} is not a plain name of letters, digits and underscores."


def _twice(what: str, names: Iterable[object]) -> Iterator[str]:
    seen: dict[object, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
    yield from (f'{count} {what} "{name}".' for name, count in seen.items() if count > 1)


def _collisions(what: str, names: Iterable[str], words: Iterable[str]) -> Iterator[str]:
    """Names that the package cannot tell apart, from each other or from a word of its own."""
    by_hash = {fnv1a(word): word for word in words}
    for name in names:
        other = by_hash.setdefault(fnv1a(name), name)
        if other != name:
            yield f'The {what} "{name}" has the hash of "{other}", and would be taken for it; choose another name.'
