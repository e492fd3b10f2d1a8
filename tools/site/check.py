"""Opens the built site in a browser without a network: `python check.py SITE CHROMIUM`.

Every page has to load from the site alone, without an error and without scrolling to
the side on a narrow screen, its links have to lead to pages and files that are there,
and search has to find a word. It runs in the environment
of the docs, and imports nothing of the project.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, Page, Request, Response, Route, sync_playwright

WIDTHS = (1366, 360)
WORD, FOUND = "frozen_epochs", "The language"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing of requests."""


def main(site: Path, chromium: str, pictures: Path | None = None) -> list[str]:
    """What is wrong with the site, in lines."""
    handler = functools.partial(_Quiet, directory=str(site))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    start = f"http://127.0.0.1:{server.server_port}/"
    with sync_playwright() as tool:
        browser = tool.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        problems: list[str] = []
        for width in WIDTHS:
            problems += _checked(browser, site, start, width, pictures)
        browser.close()
    server.shutdown()
    return problems


def _checked(
    browser: Browser, site: Path, start: str, width: int, pictures: Path | None
) -> list[str]:
    problems: list[str] = []
    page = browser.new_page(viewport={"width": width, "height": 768})

    def only_ours(route: Route, request: Request) -> None:
        if request.url.startswith((start, "data:", "blob:")):
            route.continue_()
        else:
            problems.append(f"{page.url} asks for {request.url}")
            route.abort()

    page.route("**/*", only_ours)
    page.on("response", lambda item: problems.extend(_refused(page, item)))
    page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
    paths = sorted(path.parent for path in site.rglob("index.html"))
    for path in paths:
        name = path.relative_to(site).as_posix()
        page.goto(start if name == "." else f"{start}{name}/")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            problems.append(f"{name} is wider than {width}")
        if width == WIDTHS[0]:
            problems += [f"{name} links to {way}" for way in _dead(page, site, start)]
        if pictures is not None:
            target = (
                pictures / f"{name.replace('/', '-').replace('.', 'start')}-{width}.png"
            )
            page.screenshot(path=str(target))
    problems += _searched(page, start)
    page.close()
    return problems


def _refused(page: Page, response: Response) -> Iterator[str]:
    """What a page asks for that the site does not have."""
    if response.status >= HTTPStatus.BAD_REQUEST:
        yield f"{page.url}: {response.url} gives {response.status}"


def _dead(page: Page, site: Path, start: str) -> Iterator[str]:
    """The links to what the site does not have."""
    for link in page.evaluate("[...document.links].map(link => link.href)"):
        way = unquote(urlsplit(link).path).strip("/")
        if link.startswith(start) and not _is_there(site / way):
            yield way


def _is_there(path: Path) -> bool:
    return path.is_file() or (path / "index.html").is_file()


def _searched(page: Page, start: str) -> list[str]:
    """Whether search finds a word, with what the site has."""
    page.goto(start)
    page.keyboard.press("/")
    page.keyboard.type(WORD, delay=20)
    results = page.locator(".md-search-result__item")
    try:
        results.first.wait_for(timeout=20_000)
    except Exception as error:
        return [f"search finds no {WORD}: {error}"]
    text = results.first.inner_text()
    return [] if FOUND in text else [f"search finds something else: {text[:200]}"]


if __name__ == "__main__":
    given = [Path(item) for item in sys.argv[1:]]
    found = main(given[0], str(given[1]), given[2] if len(given) > 2 else None)
    print("\n".join(found) or "every page loads from the site alone; search works")
    sys.exit(1 if found else 0)
