"""The small words of plain English: numbers, money, dates, lists, plurals and titles inside a sentence."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date
from fractions import Fraction

from alliance.contract.calendar import day_text
from alliance.contract.numbers import Number, to_decimal_text

SYMBOLS = {"GBP": "£", "USD": "$", "EUR": "€"}
_COUNTED = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_PREPOSITION = re.compile(
    "about|after|against|among|as|at|back|before|between|by|each|every|for|from|held|how|in|inside|into|left|less|more|"
    "no|not|of|on|out|over|owed|paid|per|since|so|spent|that|to|under|until|up|what|when|where|which|who|whose|with|"
    "within|without"
)
_CALENDAR = re.compile(
    "January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday|"
    "Thursday|Friday|Saturday|Sunday|Christmas|Easter|England|English|Wales|Welsh|Scotland|Scottish|I"
)
_ACCOUNT = re.compile("account|advance|balance|bank|budget|fund|pool|reserve|withhold")
_PEOPLE = frozenset({"people", "children", "women", "men"})
_OPERATOR = re.compile(r",|;| (?:plus|less|times|divided|if|otherwise|where) ")
_ABSTRACT = ("ance", "care", "ence", "ing", "ion", "ity", "ment", "ness", "ship")
_REMARK = re.compile(r"\s*\([^()]*\)\Z")


# ---- numbers


def number_text(value: Number, places: int | None = None) -> str:
    """A number with its thousands set apart.

    >>> number_text(1480), number_text(Fraction(1, 8)), number_text(-1150, 2)
    ('1,480', '0.125', '-1,150.00')
    """
    text = to_decimal_text(value, places)
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _, part = digits.partition(".")
    return f"{sign}{int(whole):,}" + (f".{part}" if part else "")


def percent_text(value: Number) -> str:
    """A share of one as a percentage.

    >>> percent_text(Fraction(61, 500))
    '12.2%'
    """
    return number_text(value * 100) + "%"


def money_text(value: Number, currency: str = "", places: int = 2) -> str:
    """A sum of money; the minor unit is left out of a whole sum, and what is finer than it is rounded.

    >>> money_text(6_000_000, "GBP"), money_text(Fraction(2301, 2), "GBP"), money_text(-5, "AUD")
    ('£6,000,000', '£1,150.50', '-5 AUD')
    """
    text = number_text(value) if Fraction(value).denominator == 1 else number_text(value, places)
    symbol = SYMBOLS.get(currency)
    if symbol is None:
        return f"{text} {currency}".rstrip()
    return f"-{symbol}{text[1:]}" if text.startswith("-") else symbol + text


def duration_text(value: Number) -> str:
    """A number of days, in hours where it is not whole.

    >>> duration_text(30), duration_text(1), duration_text(Fraction(1, 2))
    ('30 days', '1 day', '12 hours')
    """
    if Fraction(value).denominator == 1 or Fraction(value * 24).denominator != 1:
        return counted(value, "day")
    return counted(value * 24, "hour")


def months_text(months: int) -> str:
    """A number of months, in years where it is whole.

    >>> months_text(3), months_text(12)
    ('3 months', '1 year')
    """
    return counted(months // 12, "year") if months and months % 12 == 0 else counted(months, "month")


def counted(count: Number, singular: str) -> str:
    """So many of something.

    >>> counted(1, "case"), counted(30, "case"), counted(2, "party")
    ('1 case', '30 cases', '2 parties')
    """
    return f"{number_text(count)} {singular if count == 1 else plural(singular)}"


def in_words(count: int) -> str:
    """A small whole number in words.

    >>> in_words(6), in_words(40)
    ('six', '40')
    """
    return _COUNTED[count] if 0 <= count < len(_COUNTED) else str(count)


def value_text(value: Number, kind: str, currency: str = "", places: int = 2) -> str:
    """A quantity by the kind of its unit.

    >>> value_text(Fraction(1, 20), "percent"), value_text(5, "money", "GBP"), value_text(5, "count")
    ('5%', '£5', '5')
    """
    if kind == "percent":
        return percent_text(value)
    if kind == "money":
        return money_text(value, currency, places)
    if kind == "days":
        return duration_text(value)
    return months_text(int(value)) if kind == "months" else number_text(value)


# ---- words


def plural(noun: str) -> str:
    """The plural of the last word of a noun.

    >>> plural("provider"), plural("family carer"), plural("party"), plural("class"), plural("services")
    ('providers', 'family carers', 'parties', 'classes', 'services')
    """
    if noun.endswith(("ss", "x", "ch", "sh", "z")):
        return noun + "es"
    if noun.endswith("s"):
        return noun
    if noun.endswith("y") and noun[-2:-1] not in tuple("aeiou"):
        return noun[:-1] + "ies"
    return noun + "s"


def is_plural(phrase: str) -> bool:
    """Whether a phrase speaks of several things, by the noun before its first preposition or participle.

    >>> is_plural("ambulance calls from care homes"), is_plural("expected spend on admissions"), is_plural("a bonus")
    (True, False, False)
    >>> is_plural("people helped"), is_plural("hours saved in care"), is_plural("verified spend")
    (True, True, False)
    """
    last = ""
    for word in re.split(r"[\s(]+", phrase.lower()):
        if last and (_PREPOSITION.fullmatch(word) or (word.endswith("ed") and _several(last))):
            break
        last = word.rstrip(",;:")
        if last != word:
            break
    return _several(last)


def _several(noun: str) -> bool:
    return noun in _PEOPLE or (noun.endswith("s") and not noun.endswith(("ss", "us", "is", "'s", "’s")))


def a(noun: str) -> str:
    """The noun with its article.

    >>> a("outcome"), a("provider")
    ('an outcome', 'a provider')
    """
    return f"{'an' if noun[:1].lower() in tuple('aeiou') else 'a'} {noun}"


def role_of(role: str) -> str:
    """What a party of a role is.

    >>> role_of("commissioner"), role_of("lived_experience")
    ('a commissioner', 'a party for lived experience')
    """
    said = spaced(role)
    return f"a party for {said}" if said.endswith(_ABSTRACT) else a(said)


def members_of(role: str) -> str:
    """Those who have a role.

    >>> members_of("provider"), members_of("providers"), members_of("lived_experience")
    ('providers', 'providers', 'parties for lived experience')
    """
    said = spaced(role)
    return f"parties for {said}" if said.endswith(_ABSTRACT) else plural(said)


def joined(items: Iterable[str], word: str = "and", mark: str = ",") -> str:
    """A list as it is said.

    >>> joined(["a", "b", "c"]), joined(["a", "b"], "or"), joined(["a"])
    ('a, b and c', 'a or b', 'a')
    """
    words = list(items)
    if len(words) < 2:
        return "".join(words)
    return f"{f'{mark} '.join(words[:-1])}{mark if mark == ';' else ''} {word} {words[-1]}"


def spaced(name: str) -> str:
    """A name of the contract as words."""
    return name.replace("_", " ")


def whose(name: str) -> str:
    """That something is of a fact that a rule gives a name.

    >>> whose("o"), whose("incident")
    ('o’s', 'the incident’s')
    """
    return f"{name}’s" if len(name) == 1 else f"the {spaced(name)}’s"


def quoted(title: str) -> str:
    """A title set apart from the sentence that it stands in."""
    return f"“{title.rstrip('.')}”"


def lowered(title: str, proper: Collection[str] = ()) -> str:
    """A title as it stands inside a sentence; proper names and abbreviations keep their capitals.

    >>> lowered("Expected spend on unplanned admissions."), lowered("NHS tariff"), lowered("Shared Lives places")
    ('expected spend on unplanned admissions', 'NHS tariff', 'Shared Lives places')
    """
    words = title.strip().rstrip(".").split(" ")
    first = re.sub(r"['’]s\Z", "", words[0])
    abbreviated = not first[1:].islower() and first != "A"
    if abbreviated or first in proper or _CALENDAR.fullmatch(first):
        return " ".join(words)
    if len(words) > 1 and words[1][:1].isupper() and words[1] != "I" and not words[1].isupper():
        return " ".join(words)
    return " ".join([words[0][:1].lower() + words[0][1:], *words[1:]])


def proper_words(titles: Iterable[str]) -> frozenset[str]:
    """Words that some title writes with a capital elsewhere than at its start, and which are therefore names."""
    found = (word.strip("()“”\"',;:") for title in titles for word in title.split(" ")[1:])
    return frozenset(re.sub(r"['’]s\Z", "", word) for word in found if word[:1].isupper())


def tricky(phrase: str) -> bool:
    """Whether a title holds words that would be taken for those of the formula around it.

    >>> tricky("benchmark less expenditures"), tricky("expected spend on admissions")
    (True, False)
    """
    return _OPERATOR.search(phrase) is not None


def unremarked(title: str) -> str:
    """A title without the remark in brackets at its end.

    >>> unremarked("Achievement threshold (the median of all hospitals)")
    'Achievement threshold'
    """
    return _REMARK.sub("", title) or title


def the(phrase: str) -> str:
    """An account's title with its article, where it takes one.

    >>> the("risk and reward pool"), the("money not earned, kept for prevention"), the("people's contingency funds")
    ('the risk and reward pool', 'money not earned, kept for prevention', "people's contingency funds")
    """
    first = phrase.partition(" ")[0].lower()
    head = re.split(r",| (?:of|for|to|from|in|on|with) ", phrase)[0]
    if first in ("the", "a", "an", "each", "every", "what") or first.endswith(("'s", "’s", "s’", "s'")):
        return phrase
    return f"the {phrase}" if _ACCOUNT.fullmatch(head.rpartition(" ")[2].lower()) else phrase


def sentence(text: str) -> str:
    """Words as a sentence: a capital at its start, and a full stop where nothing ends it."""
    text = text.strip()
    first = len(text) - len(text.lstrip("("))
    text = text[:first] + text[first : first + 1].upper() + text[first + 1 :]
    return text if text.endswith((".", "!", "?", ".”", ":")) else text + "."


def span_text(start: date, end: date | None) -> str:
    """A stretch of days, as the start of a sentence."""
    return f"From {day_text(start)}" + (f" to {day_text(end)}" if end else "")
