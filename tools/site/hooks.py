"""Pages beside the README in the site, and links to files of the repository."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
_PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "SECURITY.md": "SECURITY.md",
}
"""Pages of the repository that stand outside of docs/, and where the site has them."""

_FOLDERS = {"specs": "gallery.md", "specs/variants": "gallery.md"}
"""Folders that pages link to, and the page that tells of them."""

_LINK = re.compile(r"(?P<picture>!?)\[(?P<text>[^\]]+)\]\((?P<target>[^)\s]+)\)")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages beside the README, and the files that pages link to."""
    for source, target in _PAGES.items():
        files.append(File.generated(config, target, abs_src_path=str(ROOT / source)))
    for path in _raw_files():
        text = path.read_text(encoding="utf-8")
        name = f"files/{path.relative_to(ROOT).as_posix()}.txt"
        files.append(File.generated(config, name, content=text))
    return files


def _raw_files() -> Iterator[Path]:
    yield ROOT / "LICENSE"
    for folder, pattern in (("specs", "*.yaml"), ("generated", "*.py")):
        yield from sorted((ROOT / folder).rglob(pattern))
    yield from sorted((ROOT / "docs" / "drafts").glob("*.yaml"))


def on_page_markdown(markdown: str, page: Page, config: Any, files: Files) -> str:
    """Turn links to files of the repository, and pictures, into those of the site."""
    site = page.file.src_uri
    origins = {target: source for source, target in _PAGES.items()}
    source = origins.get(site, f"docs/{site}")

    def link(found: re.Match[str]) -> str:
        target, text = found["target"], found["text"]
        if re.match(r"[a-z]+:|#", target):
            return found[0]
        path, _, anchor = target.partition("#")
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        place = _in_site(wanted, files)
        if place is None:
            # A file that the site leaves out; one that is nowhere fails the build.
            return text if (ROOT / wanted).exists() else found[0]
        way = posixpath.relpath(place, posixpath.dirname(site) or ".")
        return f"{found['picture']}[{text}]({way}{'#' + anchor if anchor else ''})"

    return _LINK.sub(link, markdown)


def _in_site(path: str, files: Files) -> str | None:
    """Where the site has a file of the repository; None where it has none."""
    if path in _PAGES:
        return _PAGES[path]
    if path in _FOLDERS:
        return _FOLDERS[path]
    own = path.removeprefix("docs/")
    # A page that is missing is told by the strict build.
    if path != own and path.endswith(".md"):
        return own
    raw = f"files/{path}.txt"
    if files.get_file_from_path(raw) is not None:
        return raw
    is_picture = path != own and files.get_file_from_path(own) is not None
    return own if is_picture else None
