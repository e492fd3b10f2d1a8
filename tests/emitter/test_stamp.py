"""The end of an emitted file says what it came from, and tells later edits."""

import pytest

from medt_gen.emitter.output import write_source
from medt_gen.emitter.stamp import (
    embedded_spec,
    is_ours,
    is_untouched,
    spec_hash,
    spec_text,
    stamped,
)
from medt_gen.messages.diagnostics import InvalidInput, UnreadableInput

DOCUMENT = {"medt-gen": 1, "title": "a net", "params": {"k": [1, 2]}}
SOURCE = "import torch\n\n\nclass Net: ...\n"
OURS = stamped(SOURCE, DOCUMENT)


def test_a_file_keeps_its_source_above_and_holds_its_spec():
    assert OURS.startswith(SOURCE + "\n\n")
    assert embedded_spec(OURS) == DOCUMENT
    assert OURS.endswith("\n")
    assert not OURS.endswith("\n\n")


def test_all_below_the_source_is_a_comment():
    below = OURS.removeprefix(SOURCE)
    assert below.startswith("\n\n#")
    assert all(line.startswith("#") for line in below.strip("\n").splitlines())
    compile(OURS, "net.py", "exec")


def test_blank_lines_at_the_end_of_a_source_are_not_kept():
    assert stamped(SOURCE + "\n\n", DOCUMENT) == OURS


def test_a_file_is_ours_and_untouched_until_a_character_changes():
    assert is_ours(OURS)
    assert is_untouched(OURS)
    for place in range(0, len(SOURCE), 7):
        edited = OURS[:place] + "~" + OURS[place:]
        assert is_ours(edited)
        assert not is_untouched(edited)
    assert not is_untouched(OURS + "# more\n")


def test_a_newline_more_or_less_at_the_end_is_no_edit():
    assert is_untouched(OURS + "\n")
    assert is_untouched(OURS.rstrip("\n"))


@pytest.mark.parametrize(
    "text", ["", "\n", SOURCE, "# sha256: none\n", "x # sha256: 0\n"]
)
def test_what_has_no_hash_is_not_ours(text):
    assert not is_ours(text)
    assert not is_untouched(text)


def test_a_spec_is_told_by_sixteen_digits_that_follow_from_its_text():
    digits = spec_hash(DOCUMENT)
    assert len(digits) == 16
    assert int(digits, 16)
    assert spec_hash(dict(DOCUMENT)) == digits
    assert spec_hash({**DOCUMENT, "title": "another"}) != digits
    assert spec_text(DOCUMENT) == '{"medt-gen":1,"title":"a net","params":{"k":[1,2]}}'


def with_spec(data):
    return OURS.replace(OURS.split("# spec: ")[1].split("\n")[0], data)


NO_SPECS = {
    "no line of it": SOURCE,
    "no base 85": with_spec("~~~ä"),
    "not compressed": with_spec("VPaz"),
    "no mapping": stamped(SOURCE, [1, 2]),
    "longer than a mebibyte": stamped(SOURCE, {"title": "a" * (1 << 20)}),
}


@pytest.mark.parametrize("text", NO_SPECS.values(), ids=NO_SPECS)
def test_a_file_without_a_spec_that_can_be_read_says_so(text):
    with pytest.raises(ValueError, match="holds no spec"):
        embedded_spec(text)


def test_a_spec_is_read_up_to_a_mebibyte():
    frame = len(spec_text({"title": ""}))
    most = {"title": "a" * ((1 << 20) - frame)}
    assert embedded_spec(stamped(SOURCE, most)) == most


def test_a_file_that_is_new_or_ours_and_untouched_is_written(tmp_path):
    path = tmp_path / "net.py"
    write_source(path, OURS)
    assert path.read_text() == OURS
    other = stamped(SOURCE, {"title": "another"})
    write_source(path, other)
    assert path.read_text() == other


@pytest.mark.parametrize(
    ("held", "reason"),
    [("mine\n", "did not write it"), (OURS.replace("Net", "Mine"), "was edited")],
)
def test_work_of_others_is_kept_unless_it_is_asked_for(tmp_path, held, reason):
    path = tmp_path / "net.py"
    path.write_text(held)
    with pytest.raises(InvalidInput) as caught:
        write_source(path, OURS)
    (only,) = caught.value.diagnostics
    assert only.code == "not-overwritten"
    assert reason in only.message
    assert "--force" in only.help
    assert path.read_text() == held
    write_source(path, OURS, force=True)
    assert path.read_text() == OURS


def test_what_can_not_be_written_is_said(tmp_path):
    for path in (tmp_path, tmp_path / "nowhere" / "net.py"):
        with pytest.raises(UnreadableInput) as caught:
            write_source(path, OURS)
        assert [item.code for item in caught.value.diagnostics] == ["unwritable"]
