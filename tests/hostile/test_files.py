"""Files that are no specs: what is said, how much is read, and that nothing waits."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import medt_gen
from medt_gen.files import reading as files
from medt_gen.messages.diagnostics import UnreadableInput

GOOD = (Path(__file__).parents[1] / "messages" / "specs" / "ok.yaml").read_text()


def test_a_hundred_megabytes_are_not_read(command, tmp_path, monkeypatch) -> None:
    with (tmp_path / "large.yaml").open("wb") as file:
        file.truncate(100_000_000)
    read = 0
    original = os.read

    def counted(descriptor: int, most: int) -> bytes:
        nonlocal read
        part = original(descriptor, most)
        read += len(part)
        return part

    monkeypatch.setattr(files.os, "read", counted)
    code, text = command("validate", "large.yaml")
    assert code == 2
    assert text == (
        "error[too-large]: large.yaml holds more than 1,048,576 bytes, too many for a "
        "spec\n"
    )
    assert read <= files.MAX_SPEC_BYTES + (1 << 16)


def test_standard_input_is_read_up_to_the_limit(command, monkeypatch) -> None:
    data = io.BytesIO(b"# " + b"x" * 5_000_000)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(data))
    code, text = command("validate", "-")
    assert (code, text.split(": ")[0]) == (2, "error[too-large]")
    assert data.tell() <= files.MAX_SPEC_BYTES + (1 << 16)


def test_a_text_is_held_to_the_same_limit() -> None:
    with pytest.raises(UnreadableInput, match="longer than"):
        medt_gen.load(text="#" * (files.MAX_SPEC_BYTES + 1))


def test_a_good_spec_from_standard_input(command, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(GOOD.encode())))
    assert command("validate", "-") == (0, "-: ok, Network, 84 parameters\n")


def test_a_byte_order_mark_is_no_part_of_the_spec(command, tmp_path) -> None:
    (tmp_path / "marked.yaml").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert command("validate", "marked.yaml")[0] == 0


def test_a_socket(command, tmp_path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("plug")
        code, text = command("validate", "plug")
    assert code == 2
    assert text.startswith("error[unreadable]: can't read plug: No such device")


def test_a_loop_of_symbolic_links(command, tmp_path) -> None:
    (tmp_path / "a.yaml").symlink_to("b.yaml")
    (tmp_path / "b.yaml").symlink_to("a.yaml")
    code, text = command("validate", "a.yaml")
    assert code == 2
    assert text == (
        "error[unreadable]: can't read a.yaml: Too many levels of symbolic links\n"
    )


def test_a_loop_of_folders(command, tmp_path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "again").symlink_to(".")
    (tmp_path / "specs" / "good.yaml").write_text(GOOD)
    assert command("validate", "specs")[1] == (
        "specs/good.yaml: ok, good, 84 parameters\n"
    )


def test_a_pipe_that_nobody_writes_to(command, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(files, "_PATIENCE_WITHOUT_WRITER", 0.05)
    os.mkfifo("pipe")
    code, text = command("validate", "pipe")
    assert code == 2
    assert text == (
        "error[unreadable]: can't read pipe: nothing is written to this pipe\n"
    )


def test_a_pipe_whose_writer_falls_silent(command, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(files, "_PATIENCE_WITHOUT_WRITER", 0.05)
    monkeypatch.setattr(files, "_PATIENCE_WITH_WRITER", 0.1)
    os.mkfifo("pipe")
    held = os.open("pipe", os.O_RDWR)
    os.write(held, b"medt-gen: 1\n")
    code, text = command("validate", "pipe")
    os.close(held)
    assert (code, text.split(": ")[0]) == (2, "error[unreadable]")


def test_a_slow_pipe_is_read_to_its_end(command, tmp_path) -> None:
    os.mkfifo("pipe")

    def write() -> None:
        with Path("pipe").open("w") as pipe:
            for line in GOOD.splitlines(keepends=True):
                pipe.write(line)
                pipe.flush()

    writer = threading.Thread(target=write)
    writer.start()
    assert command("validate", "pipe")[0] == 0
    writer.join()


def test_process_substitution() -> None:
    script = f"{sys.executable} -m medt_gen validate <(cat)"
    done = subprocess.run(
        ["bash", "-c", script], input=GOOD, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["a\0b", "x" * 5_000, "\udcff.yaml", "\n", ""])
def test_names_that_are_no_files(command, name) -> None:
    code, text = command("validate", name)
    assert code == 2
    assert text.startswith("error[unreadable]: ")
    text.encode()


def test_files_that_are_no_text(command, tmp_path) -> None:
    (tmp_path / "program.yaml").write_bytes(bytes(range(1, 256)))
    code, text = command("validate", "program.yaml")
    assert code == 1
    first, *excerpt, last = text.splitlines()
    assert first == "program.yaml:2:118: error[not-text]: the text is not UTF-8"
    assert last == "  help: save it as UTF-8"
    assert all(line.isprintable() for line in excerpt)


def test_one_bad_file_does_not_hide_the_others(command, tmp_path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text("- 1")
    code, text = command("validate", "nowhere.yaml", "bad.yaml", "good.yaml")
    assert code == 2
    assert "nowhere.yaml" in text
    assert "error[not-a-spec]" in text
    assert "good.yaml: ok" in text
