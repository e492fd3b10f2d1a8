"""A real browser, as `.ci/run` installs it; no page may fail or ask for anything."""

from __future__ import annotations

import os
import shutil

import pytest

import medt_gen

_SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert program, "there is no chromium: .ci/run installs it"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program, args=list(_SWITCHES)
        )
        yield started
        started.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a page of ours, and sees to it that it keeps to itself.

    `stops` are messages that the browser may write, as of what its policy stopped.
    """
    contexts, wrong = [], []

    def open_page(
        page, *, width=1366, height=768, hash="", text=None, stops=(), **options
    ):
        path = tmp_path / f"page{len(contexts)}.html"
        path.write_text(page.text if text is None else text, encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": height}, **options
        )
        contexts.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda error: wrong.append(f"error: {error}"))

        def heard(message):
            if not any(words in message.text for words in stops):
                wrong.append(f"console: {message.text}")

        tab.on("console", heard)
        tab.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(path.as_uri())
                else wrong.append(f"asks for {request.url}")
            ),
        )
        tab.goto(path.as_uri() + hash)
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong


@pytest.fixture(scope="session")
def medt():
    return medt_gen.view("medt")


@pytest.fixture(scope="session")
def comparison():
    return medt_gen.view("gated", "axialunet")


def rows(tab):
    """The text of every row that is in the document."""
    return tab.locator("#tree .row .module").all_inner_texts()
