"""The architecture of every spec that ships, kept by the project's own pytest plugin.

After a change on purpose: `pytest tests/network/test_architecture.py --update-printouts`.
"""

import pytest
from support import DRAFTS, GALLERY, SHIPPED

import medt_gen
from medt_gen.pytest_plugin import assert_printout

SPECS = [*SHIPPED, *GALLERY, *sorted(DRAFTS.glob("*.yaml"))]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: getattr(spec, "stem", spec))
def test_the_architecture_is_the_one_that_was_kept(spec):
    name = getattr(spec, "stem", spec)
    assert_printout(medt_gen.build(medt_gen.load(spec)), f"{name}.txt")
