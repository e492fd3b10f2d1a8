"""`medt-gen view`: what it writes, and what it refuses."""

from __future__ import annotations

import webbrowser

import pytest
from support import run


def test_it_writes_one_page(tmp_path, capsys):
    path = tmp_path / "page.html"
    status, out, _ = run(capsys, "view", "medt", "-o", path)
    assert status == 0
    assert out == f"{path}: written; open it in a browser\n"
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert path.stat().st_size < 300_000
    for word in ("http://", "https://", "@import", "url("):
        found = text.replace("http://www.w3.org/2000/svg", "")
        assert word not in found.partition('<script type="application/json"')[0]


def test_set_changes_the_spec(tmp_path, capsys):
    path = tmp_path / "page.html"
    status, _, _ = run(capsys, "view", "medt", "--set", "params.heads=4", "-o", path)
    assert status == 0
    path = tmp_path / "both.html"
    status, _, _ = run(
        capsys, "view", "medt", "medt", "--set-b", "params.heads=4", "-o", path
    )
    assert status == 0
    assert "heads 8 -\\u003e 4 in 11 blocks" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["medt", "--set-b", "params.heads=4"], "--set-b is for two sides"),
        (["medt", "--exact"], "--exact is for two sides, and there is one"),
        (["medt", "gated", "--set", "params.heads=4"], "--set is for one side"),
        (["nothing-such"], "nothing-such"),
        (["medt", "--set", "params.head=4"], "there is no `params.head` in this spec"),
        (["medt", "gated", "--set-b", "params.x=4"], "--set-b:1:8: error"),
    ],
)
def test_what_is_refused(tmp_path, capsys, arguments, message):
    path = tmp_path / "page.html"
    status, _, told = run(capsys, "view", *arguments, "-o", path)
    assert status in (1, 2)
    assert message in told
    assert not path.exists()


def test_another_file_is_not_written_over(tmp_path, capsys):
    path = tmp_path / "page.html"
    path.write_text("<p>mine</p>")
    status, _, told = run(capsys, "view", "gated", "-o", path)
    assert status == 1
    assert "is kept: it is no page of ours" in told
    assert path.read_text() == "<p>mine</p>"
    assert run(capsys, "view", "gated", "-o", path, "--force")[0] == 0
    assert run(capsys, "view", "medt", "-o", path)[0] == 0


def test_open_opens_the_browser_or_says_that_there_is_none(
    tmp_path, capsys, monkeypatch
):
    asked = []
    monkeypatch.setattr(webbrowser, "open", lambda url: asked.append(url) or True)
    path = tmp_path / "page.html"
    assert run(capsys, "view", "gated", "-o", path, "--open")[0] == 0
    assert asked == [path.as_uri()]
    monkeypatch.setattr(webbrowser, "open", lambda url: False)
    status, _, told = run(capsys, "view", "gated", "-o", path, "--open")
    assert (status, told) == (0, "no browser was found to open it\n")


def test_a_printout_from_a_pipe(tmp_path, capsys, monkeypatch):
    import io

    monkeypatch.setattr(
        "sys.stdin", io.TextIOWrapper(io.BytesIO(b"Net(\n  (a): ReLU()\n)"))
    )
    path = tmp_path / "page.html"
    assert run(capsys, "view", "-", "-o", path)[0] == 0
    assert "ReLU" in path.read_text(encoding="utf-8")
