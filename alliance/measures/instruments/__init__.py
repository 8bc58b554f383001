"""Instruments: questionnaires and bundles as YAML, and scoring what people answered."""

from __future__ import annotations

from alliance.measures.instruments.answered import Answered, read_answers
from alliance.measures.instruments.entries import Answer, Instrument, Item, Mode, Scale
from alliance.measures.instruments.load import find_instrument, load_beside, load_instrument, loads_instrument, shipped
from alliance.measures.instruments.result import OnItem, OnScale, Result, Sides, summed_up
from alliance.measures.instruments.score import Person, Scored, score_people, score_person, supplied

__all__ = [
    "Answer",
    "Answered",
    "Instrument",
    "Item",
    "Mode",
    "OnItem",
    "OnScale",
    "Person",
    "Result",
    "Scale",
    "Scored",
    "Sides",
    "find_instrument",
    "load_beside",
    "load_instrument",
    "loads_instrument",
    "read_answers",
    "score_people",
    "score_person",
    "shipped",
    "summed_up",
    "supplied",
]
