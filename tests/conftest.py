"""What every test shares: hypothesis profiles, what coverage counts, and no silent skips in continuous integration."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, Phase, settings

IN_CI = bool(os.environ.get("CI"))

# "ci" tries the same cases every time; "dev" tries new ones and remembers those that failed. Neither is timed: a slow
# machine is not a fault.
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("dev", deadline=None)
# Tests that are to fail at once, since each mutant is one that something should fail for.
settings.register_profile(
    "mutation",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=50,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.differing_executors],  # each mutant is tried in a copy of one process
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if IN_CI else "dev"))


UNTRACED = ("tests/docs/", "tests/fuzz/", "tests/oracle/test_agreement", "tests/oracle/test_properties")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What random or very many cases happen to reach does not count as covered: each branch has a test that is about
    it, and coverage is the same in every run. Tracing would double the time of these tests, too."""
    for item in items:
        drawn = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if drawn or item.nodeid.startswith(UNTRACED):
            item.add_marker("no_cover")


class NoSkips:
    """Turns every skip, of a test or of a whole module, into a failure. An expected failure is not a skip."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.skipped and not hasattr(report, "wasxfail"):
            report.outcome = "failed"
            report.longrepr = f"skipped, and CI allows no skips: {report.longreprtext}"
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        report = yield
        if report.skipped:
            report.outcome = "failed"
            report.longrepr = f"skipped, and CI allows no skips: {report.longreprtext}"
        return report


def pytest_configure(config: pytest.Config) -> None:
    # A plugin, since the hooks of this file alone would not see the docstring examples of the package.
    if IN_CI:
        config.pluginmanager.register(NoSkips())
