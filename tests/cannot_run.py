"""A browser test that cannot run is said in the last lines, and fails a run that must be whole (CI)."""

import os
from collections.abc import Iterator
from typing import Any

import pytest


def skipped_browser_tests(reporter: Any) -> list[str]:
    """Give the reasons, one a test, of the tests marked browser that were skipped."""
    if reporter is None:
        return []
    skipped = [report for report in reporter.stats.get("skipped", []) if "browser" in report.keywords]
    return [report.longrepr[2].removeprefix("Skipped: ") for report in skipped]


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and skipped_browser_tests(reporter) and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(wrapper=True, tryfirst=True)  # after everything else that is said
def pytest_terminal_summary(terminalreporter: Any) -> Iterator[None]:
    yield
    if reasons := skipped_browser_tests(terminalreporter):
        tests = "1 browser test was" if len(reasons) == 1 else f"{len(reasons)} browser tests were"
        terminalreporter.write_line(
            f"{tests} not run: {'; '.join(sorted(set(reasons)))}", red=True, bold=True
        )
