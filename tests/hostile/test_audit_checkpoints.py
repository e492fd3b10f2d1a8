"""Reading a hostile checkpoint executes, imports, writes and sends nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import json, os, pickle, runpy, sys
import torch
from medt_gen.weights.read import read_checkpoint
from medt_gen.messages.diagnostics import MedtGenError

names = runpy.run_path(sys.argv[1])
folder = sys.argv[2]

class Exploit:
    def __reduce__(self):
        return os.system, ("touch " + os.path.join(folder, "executed"),)

def path(name):
    return os.path.join(folder, name)

torch.save({"weight": torch.zeros(10)}, path("good.pt"))
torch.save({"weight": Exploit()}, path("evil.pt"))
torch.save(torch.nn.Linear(2, 2), path("module.pt"))
with open(path("bare.pt"), "wb") as file:
    pickle.dump(Exploit(), file)
with open(path("good.pt"), "rb") as file, open(path("cut.pt"), "wb") as cut:
    cut.write(file.read()[:-30])

def read(name):
    try:
        return bool(read_checkpoint(path(name)))
    except MedtGenError:
        return False

files = ["good.pt", "evil.pt", "module.pt", "bare.pt", "cut.pt"]
results = [read(name) for name in files]  # what is imported on first use is there now
events, watching = [], [True]

def hook(event, arguments):
    if not watching[0]:
        return
    if event.startswith(names["_FORBIDDEN"]) or names["_writes"](event, arguments):
        events.append([event, repr(arguments)[:80]])

sys.addaudithook(hook)
again = [read(name) for name in files]
watching[0] = False
executed = os.path.exists(path("executed"))
print(json.dumps([results, again, events, executed]))
"""


def test_reading_checkpoints_does_nothing_but_read(tmp_path: Path) -> None:
    watched = Path(__file__).parent / "watched.py"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(watched), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results, again, events, executed = json.loads(done.stdout)
    assert results == again == [True, False, False, False, False]
    assert not executed
    assert events == []
