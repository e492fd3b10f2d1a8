"""Every command in the tutorial, the how-tos and the README prints what they show."""

from __future__ import annotations

import pytest
from support import ROOT

from tools.docs.blocks import blocks_of, commands_of
from tools.docs.compare import is_shown
from tools.docs.pages import renewed, run_pages
from tools.docs.run import prepared, run_page

PAGES = {str(path.relative_to(ROOT)): path for path in run_pages(ROOT)}


def starts_python(name):
    text = PAGES[name].read_text()
    return "$ python " in text or "$ pytest " in text


@pytest.mark.parametrize(
    "name",
    [
        # Starting Python with torch takes long.
        pytest.param(name, marks=[pytest.mark.slow] * starts_python(name))
        for name in PAGES
    ],
)
def test_a_page_prints_what_it_shows(name, tmp_path):
    page = PAGES[name].read_text()
    for ran in run_page(page, prepared(tmp_path)):
        assert ran.code == ran.command.code, f"{ran.command.line}\n{ran.output}"
        shown = is_shown(ran.command.output, ran.output)
        assert shown, f"{ran.command.line} prints\n{ran.output}"


def test_pages_have_commands_and_leave_none_out():
    counts = {}
    for name, path in PAGES.items():
        consoles = [x for x in blocks_of(path.read_text()) if x.language == "console"]
        counts[name] = sum(len(list(commands_of(block))) for block in consoles)
        # What is not run says why, and there is nothing of the kind today.
        assert not [block for block in consoles if block.not_run]
        assert path.read_text().count("```console") == len(consoles)
    del counts["docs/plugins.md"]
    assert all(counts.values())


def test_other_pages_say_why_their_commands_are_not_run():
    left = {}
    for path in sorted((ROOT / "docs").rglob("*.md")):
        if path in PAGES.values():
            continue
        for block in blocks_of(path.read_text()):
            if block.language == "console":
                left.setdefault(path.name, []).append(block.not_run)
    # Theirs are examples on files that a reader has.
    yours = "its files are yours"
    assert left == {"import.md": [yours, yours], "weights.md": [yours]}


def test_python_in_the_docs_compiles():
    for path in PAGES.values():
        for block in blocks_of(path.read_text()):
            if block.language == "python":
                compile(block.text, str(path), "exec")


PAGE = """\
```text
# hello.txt
one
two
three
```

```console
$ cat hello.txt
# hello.txt
...
three
$ medt-gen explain nothing-such    # exit code 2
error[usage]: nothing is called `nothing-such`
...
```
"""


def test_files_are_written_and_outputs_compared(tmp_path):
    first, second = run_page(PAGE, tmp_path)
    assert is_shown(first.command.output, first.output)
    assert (second.code, second.command.code) == (2, 2)
    assert is_shown(second.command.output, second.output)


@pytest.mark.parametrize(
    ("expected", "found", "right"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\nb\n", "a\n", False),
        ("a\n", "a\nb\n", False),
        ("a\n...\n", "a\nb\nc\n", True),
        ("a\n...\n", "a\n", False),
        ("...\nc\n", "a\nb\nc\n", True),
        ("...\nc\n", "c\n", False),
        ("a\n...\nc\n", "a\nb\nc\n", True),
        ("a\n...\nb\n", "a\nb\n", False),
        ("a\n...\nc\n...\ne\n", "a\nb\nc\nd\ne\n", True),
        ("a\n...\nx\n...\ne\n", "a\nb\nc\nd\ne\n", False),
        ("a  \n", "a\n", True),
        ("took 1.5s\n", "took 20s\n", True),
        ("took 1.5s\n", "took long\n", False),
        ("torch 2.13.0\n", "torch 2.4.1+cpu\n", True),
        ("", "", True),
        ("", "a\n", False),
    ],
)
def test_a_cut_is_one_line_or_more_and_what_changes_is_masked(expected, found, right):
    assert is_shown(expected, found) is right


def test_a_stale_output_is_renewed_and_a_right_one_stays(tmp_path):
    stale = PAGE.replace("three\n$", "four\n$")
    page = renewed(stale, list(run_page(stale, tmp_path)))
    assert "$ cat hello.txt\n# hello.txt\none\ntwo\nthree\n$" in page
    assert "`nothing-such`\n...\n" in page


def test_an_unknown_command_is_refused(tmp_path):
    with pytest.raises(ValueError, match="can't run `rm -rf x`"):
        list(run_page("```console\n$ rm -rf x\n```\n", tmp_path))


def test_a_block_that_is_not_run_says_why(tmp_path):
    page = "<!-- not run: it needs a GPU -->\n```console\n$ rm x\n```\n"
    assert list(run_page(page, tmp_path)) == []
    (block,) = blocks_of(page)
    assert block.not_run == "it needs a GPU"


AN_ENVIRONMENT = """\
```console
$ python -c "import os; print(*sorted(set(os.environ) & {'CI', 'FORCE_COLOR', 'OURS'}))"

$ medt-gen list specs
[...]
```
"""


def test_pages_print_the_same_wherever_they_are_run(tmp_path, monkeypatch):
    # pytest cuts less where CI is set, and FORCE_COLOR colours what is compared.
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("FORCE_COLOR", "1")
    python, listed = run_page(AN_ENVIRONMENT, prepared(tmp_path))
    assert python.output == "\n"
    assert listed.output
    assert "\x1b" not in listed.output
