"""A pytest plugin: regression tests on architecture, for any `nn.Module`.

    def test_my_model(assert_printout):
        assert_printout(MyModel(), "my_model.txt")

compares `print(model)` with the reference in the folder `printouts` beside the test
file, tree by tree, and parameters and buffers with the `.json` beside the reference.
`pytest --update-printouts` writes both. The plugin is loaded by every pytest run where
this package is installed, so it imports nothing heavy before it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from medt_gen.printouts.regression.live import Stateful

FOLDER = "printouts"

_item: ContextVar[pytest.Item | None] = ContextVar("medt_gen_item", default=None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare `--update-printouts` and `--printouts`."""
    group = parser.getgroup("printouts", "printed module trees")
    group.addoption(
        "--update-printouts",
        action="store_true",
        help="write the references of assert_printout instead of comparing with them",
    )
    group.addoption(
        "--printouts",
        choices=("portable", "exact"),
        default="portable",
        help="exact: also count defaults that torch versions print differently",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Remember the running test, so that a plain function can find its folder."""
    token = _item.set(item)
    try:
        return (yield)
    finally:
        _item.reset(token)


def assert_printout(model: Stateful, name: str) -> None:
    """Compare a model with the reference `printouts/<name>` beside the test file.

    Args:
        model: any `nn.Module`.
        name: the reference's file name, such as `my_model.txt`; may have folders.

    Raises:
        AssertionError: the model differs, or there is no reference; lists by path what
            differs.
        RuntimeError: called outside of a running test.
        ValueError: the name leads out of the folder.
    """
    __tracebackhide__ = True
    item = _item.get()
    if item is None:
        raise RuntimeError("assert_printout works only inside of a running pytest test")
    _check(item, model, name)


@pytest.fixture(name="assert_printout")
def _assert_printout(request: pytest.FixtureRequest) -> Callable[[Stateful, str], None]:
    """The function `assert_printout`, without an import."""

    def check(model: Stateful, name: str) -> None:
        __tracebackhide__ = True
        _check(request.node, model, name)

    return check


def _check(item: pytest.Item, model: Stateful, name: str) -> None:
    __tracebackhide__ = True
    from medt_gen.printouts.regression.reference import Reference, snapshot

    folder = Path(item.path).parent / FOLDER
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or path == folder.resolve():
        raise ValueError(f"{name!r} leads out of the folder {FOLDER}")
    reference = Reference(path, exact=item.config.getoption("printouts") == "exact")
    found = snapshot(model)
    if item.config.getoption("update_printouts"):
        reference.update(found)
    elif problem := reference.problem(found):
        raise AssertionError(problem)
