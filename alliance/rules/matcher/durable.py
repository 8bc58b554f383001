"""The durable_rules matcher: a driver of the package's C module, `durable_rules_engine`, and of nothing else in it.

The package's own Python layer is left alone: its Host starts two threads that never end, cannot delete a ruleset and
swallows what goes wrong in an action. Here a run makes a fresh ruleset, asserts facts, takes out the matches and
deletes everything again. No events, timers, retractions or actions: each of those was measured to go wrong.
"""

from __future__ import annotations

import functools
import importlib
import json
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, cast

from alliance.rules.matcher.compile import SENTINEL, Shard, fact_texts, sentinel_text, shards
from alliance.rules.matcher.errors import MatcherError
from alliance.rules.matcher.types import Fact, Match, RuleSet

# Facts in one ruleset; each takes about 9 kB there. Time grows with their square for a pattern that is neither a rule's
# first nor joined by equality: 40,000 facts took such a rule seconds where the plain matcher took a tenth of one.
MAX_FACTS = 100_000
MAX_MATCHES = 1_000_000

_STATE = "0"  # what the package calls the state of facts that name none
_HANDLED, _NOT_HANDLED = 0, 1  # by some rule, by no rule; any other code is a failure


class Engine(Protocol):
    """What is used of the C module. Failures are of its class `error`, or `MemoryError`."""

    error: type[Exception]

    def create_ruleset(self, name: str, rules: str, /) -> int: ...
    def assert_fact(self, handle: int, fact: str, /) -> tuple[int, int]: ...
    def start_action_for_state(self, handle: int, state: int, /) -> tuple[str, str] | None: ...
    def complete_and_start_action(self, handle: int, state: int, /) -> str | None: ...
    def delete_state(self, handle: int, sid: str, /) -> None: ...
    def delete_ruleset(self, handle: int, /) -> None: ...


def available() -> bool:
    """Whether durable_rules can be used here."""
    return not why_not()


def why_not() -> str:
    """Why durable_rules cannot be used here, as a sentence; nothing if it can."""
    found = _load()
    return found if isinstance(found, str) else ""


@functools.cache
def _load() -> Engine | str:
    """The C module, or why there is none. Loaded when first asked for, and asked for once."""
    if struct.calcsize("l") < 8:
        # It reads the constants of rules into a C long, and would cut those beyond 2^31 without a word.
        return "durable_rules is not used on this platform, where a C long has 32 bits."
    try:
        return cast(Engine, importlib.import_module("durable_rules_engine"))
    except ModuleNotFoundError:
        return "durable_rules is not installed. It ships as source, and needs a C compiler."
    except ImportError as error:
        return (
            f"durable_rules is installed and cannot be imported: {error}. On Python 3.13 and later it must be built "
            "with CPPFLAGS='-DPyEval_CallObject=PyObject_CallObject'."
        )


def matches(ruleset: RuleSet, facts: Sequence[Fact]) -> tuple[Match, ...]:
    """All matches, sorted by the order of the rule and then by the places of the facts.

    The rules and facts must have been checked. `MatcherError` if the package is not there or fails in any way.
    """
    engine = _load()
    if isinstance(engine, str):
        raise MatcherError(engine)
    texts = fact_texts(ruleset.schema, facts)
    # Facts that must be absent go before all others: a match made too early is not always withdrawn.
    absent = ruleset.absent_types()
    order = sorted(range(len(facts)), key=lambda place: facts[place].type not in absent)
    found: list[Match] = []
    for shard in shards(ruleset):
        wanted = [texts[place] for place in order if facts[place].type in shard.types]
        if len(wanted) > MAX_FACTS:
            raise MatcherError(
                f"There are {len(wanted)} facts in one stage; durable_rules is given {MAX_FACTS} at most."
            )
        with _failures(engine):
            found += _run(engine, shard, wanted, len(facts))
    # They come last in, first out.
    found.sort(key=Match.sort_key)
    if len(set(found)) < len(found):
        raise MatcherError("durable_rules reported a match twice.")
    return tuple(found)


@contextmanager
def _failures(engine: Engine) -> Iterator[None]:
    """Turns whatever the package raises into `MatcherError`."""
    try:
        yield
    except (engine.error, MemoryError) as error:
        raise MatcherError(f"durable_rules failed: {error}") from error


def _run(engine: Engine, shard: Shard, texts: Sequence[str], facts: int) -> list[Match]:
    """One ruleset from making to deleting, with the facts of these texts asserted between two sentinels.

    The first sentinel is for deleting: deleting a state in which no rule has yet fired frees memory that was never
    taken, and deleting a ruleset alone leaks its state, 1.4 MB or so. The last one shows that the rules still fire
    when all facts are in, and that every match before it was taken out.
    """
    handle = engine.create_ruleset("alliance", shard.text)
    fired = False
    try:
        state = _assert(engine, handle, sentinel_text(0))
        opening = list(_drain(engine, handle, state))
        fired = bool(opening)
        _expect_sentinel(opening)
        for text in texts:
            _assert(engine, handle, text)
        _assert(engine, handle, sentinel_text(facts + 1))
        found: list[Match] = []
        last: str | None = None
        for message in _drain(engine, handle, state):
            if last is not None:
                found.append(_match(shard, last, facts))
            last = message
        _expect_sentinel([] if last is None else [last])
        return found
    finally:
        try:
            if fired:
                engine.delete_state(handle, _STATE)
        finally:
            engine.delete_ruleset(handle)


def _assert(engine: Engine, handle: int, text: str) -> int:
    """Hands one fact over; the number of the state that it went to."""
    code, state = engine.assert_fact(handle, text)
    if code not in (_HANDLED, _NOT_HANDLED):
        raise MatcherError(f"durable_rules refused a fact (code {code}): {text}")
    return state


def _drain(engine: Engine, handle: int, state: int) -> Iterator[str]:
    """The matches waiting, as the package writes them, taken out of it one by one."""
    started = engine.start_action_for_state(handle, state)
    message = started[1] if started else None
    count = 0
    while message is not None:
        count += 1
        if count > MAX_MATCHES:
            raise MatcherError(f"durable_rules found more than {MAX_MATCHES} matches.")
        yield message
        message = engine.complete_and_start_action(handle, state)


def _expect_sentinel(messages: Sequence[str]) -> None:
    if [list(json.loads(message)) for message in messages] != [[SENTINEL]]:
        raise MatcherError("The sentinel rule of durable_rules did not fire: its state cannot be trusted.")


def _match(shard: Shard, message: str, facts: int) -> Match:
    """A match from what the package wrote: {"rule's number": {"alias": the fact as asserted, ...}}."""
    try:
        ((number, by_alias),) = json.loads(message).items()
        rule = shard.rules[int(number)]
        places = {alias: int(fact["id"]) - 1 for alias, fact in by_alias.items()}
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise MatcherError(f"durable_rules reported what is not a match: {message}") from error
    if places.keys() != set(rule.aliases) or not all(0 <= place < facts for place in places.values()):
        raise MatcherError(f"durable_rules reported what is not a match: {message}")
    return Match(rule.name, rule.order, tuple((alias, places[alias]) for alias in rule.aliases))
