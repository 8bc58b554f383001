"""The entries of a contract once built: names resolved, formulas checked, ready to settle.

The pydantic models under `model` are the file's shape; these are its meaning.
"""

from alliance.contract.entries.common import Expr, Rounding, Stretches
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
from alliance.contract.entries.proved import Earlier, Example, Expectation
from alliance.contract.entries.ruled import ACTING, Absence, Consequence, Ladder, Met, Pattern, Rule, Somebody
from alliance.contract.entries.who import Account, Decision, Party
from alliance.contract.entries.worked import (
    Band,
    Counted,
    Derived,
    Figure,
    Interval,
    Measure,
    Points,
    Ratio,
    Score,
)

__all__ = [
    "ACTING",
    "Absence",
    "Account",
    "Band",
    "Consequence",
    "Counted",
    "Decision",
    "Derived",
    "Each",
    "Earlier",
    "Example",
    "Expectation",
    "Expr",
    "Field",
    "Figure",
    "Funding",
    "Group",
    "Input",
    "Interval",
    "Ladder",
    "Measure",
    "Met",
    "OnAccount",
    "Party",
    "PartyLimit",
    "Pattern",
    "Payment",
    "Points",
    "Ratio",
    "Reading",
    "Recoup",
    "Rounding",
    "Rule",
    "Score",
    "Share",
    "Slice",
    "Somebody",
    "Step",
    "Stretches",
    "Term",
]
