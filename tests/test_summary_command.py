"""`medt-gen summary`: tables, totals, groups, and the forms for programs."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from support import run

OPEN = """\
medt-gen: 1
class: Net
input: {channels: 2, size: 8}
modules:
  c: {type: Conv2d, in_channels: 2, out_channels: 5, kernel_size: 1}
  odd: {open: Odd, prints: "7"}
"""


def test_a_table_has_two_levels_and_totals(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    status, out, err = run(capsys, "summary", "medt")
    assert (status, err) == (0, "")
    assert re.search(r"├─ relu +ReLU +4 sizes  x51 +- +- +6.55 MB", out)
    assert re.search(r"│  ├─ 0 +AxialBlock_dynamic +64 x 32 x 32 +12,184 +83.9 M", out)
    assert "hight_block" not in out
    assert re.search(r"mult-adds +1\.15 G \(1,147,699,200\)", out)
    assert "1,560,140 (1,560,116 trainable, 24 frozen)" in out
    assert "what is built does less" in out


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_table_fits_and_says_what_it_leaves_out(width, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    _, out, _ = run(capsys, "summary", "medt", "--depth", "1")
    lines = out.splitlines()
    table = [line for line in lines if "─ " in line]
    assert max(map(len, lines)) <= max(width, 60)
    assert re.search(r"├─ conv1 ", table[0]) and "8 x 64 x 64" in table[0]
    assert ("no room for" in out) == (width < 80)
    assert "…" not in "".join(line[:16] for line in table)


@pytest.mark.parametrize(("depth", "rows"), [("1", 32), ("2", 43), ("all", 238)])
def test_depth_is_how_many_levels_are_shown(depth, rows, capsys):
    _, out, _ = run(capsys, "summary", "medt", "--depth", depth)
    assert sum("├─ " in line or "└─ " in line for line in out.splitlines()) == rows


@pytest.mark.parametrize("depth", ["0", "-1", "x", "", "1.5", "²"])
def test_a_depth_that_is_none(depth, capsys):
    status, out, err = run(capsys, "summary", "medt", f"--depth={depth}")
    assert (status, out) == (2, "")
    assert "--depth takes a number from 1 on, or `all`" in err


def test_branches_share_the_table(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    _, out, _ = run(capsys, "summary", "medt", "--by", "branch")
    assert re.search(r"whole input +35 layers +70,986 +281 M +135 MB", out)
    assert re.search(r"local \(4 x 4 patches\) +75 layers +1,453,584 +867 M", out)
    assert re.search(r"whole input and local +1 layer +- +- +-", out)
    assert re.search(r"never called +12 layers +35,570 +- +-", out)


def test_json_has_all_rows_without_options(capsys):
    _, out, _ = run(capsys, "summary", "medt", "--json")
    record = json.loads(out)
    rows = {row["path"]: row for row in record["modules"]}
    assert len(rows) == 238
    assert rows["relu"]["outputs"][0] == {"shape": [8, 64, 64], "calls": 2}
    assert rows["layer1_p.0.hight_block.bn_qkv"]["calls"] == 16
    assert record["outputs"] == {"out": [2, 128, 128]}
    assert record["totals"]["multiply_adds"] == 1_147_699_200
    _, out, _ = run(capsys, "summary", "medt", "--json", "--depth", "1")
    assert len(json.loads(out)["modules"]) == 32


def test_json_of_groups(capsys):
    _, out, _ = run(capsys, "summary", "medt", "--json", "--by", "block")
    record = json.loads(out)
    assert "modules" not in record
    assert [item["name"] for item in record["groups"]] == [
        "medt_net",
        "AxialBlock_dynamic",
        "AxialBlock_wopos",
    ]


def test_csv_is_a_table_of_all_rows(capsys):
    _, out, _ = run(capsys, "summary", "medt", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    found = {row["path"]: row for row in rows}
    assert found["layer2"]["outputs"] == "64x32x32"
    assert found["layer1_p"]["outputs"] == "32x16x16 (16 times)"
    assert int(found["layer2"]["parameters"]) == 22_192
    assert not any(None in row for row in rows)


def test_options_that_exclude_each_other(capsys):
    for pair in (("--json", "--csv"), ("--depth=1", "--by=block")):
        status, _, err = run(capsys, "summary", "medt", *pair)
        assert status == 2
        assert "not allowed with" in err


def test_without_a_flow_and_with_open_modules_it_says_so(capsys, tmp_path):
    path = tmp_path / "open.yaml"
    path.write_text(OPEN)
    status, out, _ = run(capsys, "summary", path)
    assert status == 0
    assert "not known: the spec has no `forward:`" in out
    assert "without those of 1 open module" in out
    assert "mult-adds " not in out.splitlines()[-1]


def test_set_changes_what_is_summed_up(capsys):
    _, out, _ = run(capsys, "summary", "medt", "--set", "input.size=256", "--json")
    assert json.loads(out)["outputs"] == {"out": [2, 256, 256]}
