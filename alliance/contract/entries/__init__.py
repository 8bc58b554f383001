"""The entries of a contract once built: names resolved, formulas checked, ready to settle.

The pydantic models under `model` are the file's shape; these are its meaning.
"""

from alliance.contract.entries.common import Expr, Rounding
from alliance.contract.entries.known import Field, Input, Reading, Term
from alliance.contract.entries.paid import (
    Each,
    Funding,
    Group,
    OnAccount,
    PartyLimit,
    Payment,
    Recoup,
    Share,
    Slice,
    Step,
)
from alliance.contract.entries.proved import Example, Expectation
from alliance.contract.entries.who import Account, Decision, Party
from alliance.contract.entries.worked import Band, Figure, Measure, Points, Ratio, Score

__all__ = [
    "Account",
    "Band",
    "Decision",
    "Each",
    "Example",
    "Expectation",
    "Expr",
    "Field",
    "Figure",
    "Funding",
    "Group",
    "Input",
    "Measure",
    "OnAccount",
    "Party",
    "PartyLimit",
    "Payment",
    "Points",
    "Ratio",
    "Reading",
    "Recoup",
    "Rounding",
    "Score",
    "Share",
    "Slice",
    "Step",
    "Term",
]
