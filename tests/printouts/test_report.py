"""Differences and printouts as lines for people and as JSON for programs."""

from __future__ import annotations

import json

from support import run

from medt_gen.printout import find
from medt_gen.printouts.report import printouts_as_json, printouts_as_lines
from tests.printouts.samples import REFERENCE


def test_the_printouts_of_a_text_as_lists() -> None:
    found = find((REFERENCE / "seed.txt").read_text(encoding="utf-8"))
    lines = printouts_as_lines(found)
    assert lines[0].startswith("1  line 18  ResAxialAttentionUNet, 162 modules, flat")
    assert lines[3].endswith("2.2 Med transformer")
    assert json.loads(json.dumps(printouts_as_json(found)))[2] == {
        "number": 3,
        "class": "medt_net",
        "line": 46,
        "heading": "2.1 local _ global",
        "modules": 231,
        "flattened": True,
        "remarks": 0,
        "cell": "",
    }


def test_the_command_lists_them(capsys) -> None:
    status, out, _ = run(capsys, "printouts", REFERENCE / "seed.txt")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == ["1", "2", "3", "4"]
    status, out, _ = run(
        capsys, "printouts", REFERENCE / "seed.txt", "--format", "json"
    )
    assert [item["class"] for item in json.loads(out)] == [
        "ResAxialAttentionUNet",
        "ResAxialAttentionUNet",
        "medt_net",
        "medt_net",
    ]
