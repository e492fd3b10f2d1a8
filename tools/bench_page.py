"""When the first rows and boxes of a page are painted, in a real browser.

    python tools/bench_page.py [CHROMIUM]

Needs playwright, and Chromium. The limits that the project sets itself, on a quiet
machine: 1 s for MedT, 3 s for a printout of 100,000 modules.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import medt_gen

MODULES = 100_000
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def printout(modules: int) -> str:
    """A printout of about that many modules, in blocks of ten."""
    rows = "\n".join(
        f"    (conv{layer}): Conv2d({layer + 1}, 64, kernel_size=(3, 3), bias=False)"
        for layer in range(9)
    )
    blocks = (f"  (block{i}): Block(\n{rows}\n  )" for i in range(modules // 10))
    return "Net(\n" + "\n".join(blocks) + "\n)\n"


def main() -> None:
    """Write both pages, open them, and say when they were painted."""
    program = sys.argv[1] if len(sys.argv) > 1 else shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        text = Path(folder) / "printout.txt"
        text.write_text(printout(MODULES))
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        for name, side in (("medt", "medt"), (f"{MODULES:,} modules", str(text))):
            path = Path(folder) / "page.html"
            medt_gen.view(side).write(path)
            tab = browser.new_page()
            tab.goto(path.as_uri())
            # The page's policy lets nobody wait for a value in it: time has to pass.
            tab.wait_for_timeout(3000)
            painted = tab.evaluate(_PAINTED)
            size = path.stat().st_size
            print(f"{name:18} {size:>10,} bytes, painted after {painted:5.0f} ms")
            tab.close()
        browser.close()


if __name__ == "__main__":
    main()
