"""What one resolution counts and keeps may change; all that it says may not."""

from support import records

from medt_gen import resolve


def test_only_what_counts_and_keeps_can_be_changed():
    changing = {name for name, frozen in records(resolve).items() if not frozen}
    assert changing == {"Session", "StepCount"}
