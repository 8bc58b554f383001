"""alliance makes alliance contracts executable: measured outcomes decide who is paid what, to the penny.

>>> import alliance
>>> contract = alliance.load("contracts/shared-savings")
>>> year = {"benchmark": 100_000_000, "spend": 90_000_000, "minimum_rate": "2%", "track": "E", "quality_met": True}
>>> alliance.settle(contract, period="2023", inputs=year).paid("cms", "aco")
4900000
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alliance.version import __version__

_HOMES = {
    "load": "alliance.contract.contract",
    "loads": "alliance.contract.contract",
    "Contract": "alliance.contract.contract",
    "settle": "alliance.settlement.settle",
    "Settlement": "alliance.settlement.result",
    "State": "alliance.settlement.state",
    "read_results": "alliance.data.results",
    "Fault": "alliance.contract.faults",
    "AllianceError": "alliance.contract.faults",
    "ContractError": "alliance.contract.faults",
    "InputError": "alliance.contract.faults",
}

__all__ = ["__version__", *_HOMES]

if TYPE_CHECKING:
    from alliance.contract.contract import Contract as Contract
    from alliance.contract.contract import load as load
    from alliance.contract.contract import loads as loads
    from alliance.contract.faults import AllianceError as AllianceError
    from alliance.contract.faults import ContractError as ContractError
    from alliance.contract.faults import Fault as Fault
    from alliance.contract.faults import InputError as InputError
    from alliance.data.results import read_results as read_results
    from alliance.settlement.result import Settlement as Settlement
    from alliance.settlement.settle import settle as settle
    from alliance.settlement.state import State as State


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that `import alliance` stays light."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'alliance' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
