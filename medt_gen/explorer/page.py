"""The page itself: one file of HTML, with its data, style and scripts in it."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from medt_gen.explorer.encode import encoded
from medt_gen.explorer.records import Exploration
from medt_gen.figures.svg import MARK
from medt_gen.figures.themes import THEMES, TINTS, Theme, mixed
from medt_gen.version import __version__

_SCRIPTS = (
    "elements.js",
    "geometry.js",
    "model.js",
    "legend.js",
    "tree.js",
    "shapes.js",
    "flow.js",
    "details.js",
    "main.js",
)
"""The scripts in the order in which they are read; `types.js` has only types."""

_FOCUS = {"light": "#0b57d0", "dark": "#8ab4f8"}
_STATES = {
    "light": ("#0b6e2c", "#b3261e", "#8a5300"),
    "dark": ("#6fdc8c", "#ff8a80", "#ffc266"),
}


def page_text(exploration: Exploration) -> str:
    """The page as the text of a file that needs no other one, and no network."""
    style, script = _style(), _script()
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    text: str = _template().render(
        title=exploration.title,
        generator=f"{MARK} {__version__}",
        policy=policy,
        style=Markup(style),
        script=Markup(script),
        data=Markup(_json(encoded(exploration))),
    )
    return text


def _json(data: dict[str, Any]) -> str:
    """The data as JSON that no browser takes for markup, whatever is in it."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text.encode("utf-8", "replace").decode("utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _read(name: str) -> str:
    return (files("medt_gen.explorer") / "page" / name).read_text(encoding="utf-8")


@cache
def _script() -> str:
    parts = "\n".join(_read(name) for name in _SCRIPTS)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


@cache
def _style() -> str:
    light, dark = (_variables(THEMES[name]) for name in ("light", "dark"))
    paper = f"@media print {{ :root {{ {light} }} }}"
    return (
        f":root {{ {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n{paper}\n"
        f"{_families()}\n{_read('style.css')}"
    )


def _variables(theme: Theme) -> str:
    """The colours of a theme by what they are for."""
    added, removed, changed = _STATES[theme.name]
    colours = {
        "background": theme.background,
        "ink": theme.ink,
        "quiet": theme.quiet,
        "detail": theme.detail,
        "skip": theme.skip,
        "region": theme.region,
        "line": mixed(theme.ink, theme.background, 0.3),
        "border": mixed(theme.ink, theme.background, 0.75),
        "raised": mixed(theme.ink, theme.background, 0.96),
        "hover": mixed(theme.ink, theme.background, 0.92),
        "chosen": mixed(theme.region, theme.background, 0.82),
        "type": mixed(theme.region, theme.ink, 0.2),
        "bar": mixed(theme.region, theme.background, 0.35),
        "focus": _FOCUS[theme.name],
        "added": added,
        "removed": removed,
        "changed": changed,
    }
    for family in theme.fills:
        for tint in range(TINTS):
            colours[f"{family}-{tint}"] = theme.fill(family, tint)
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())


def _families() -> str:
    return "\n".join(
        f".family-{family}.tint-{tint} {{ --fill: var(--{family}-{tint}); }}"
        for family in THEMES["light"].fills
        for tint in range(TINTS)
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, keep_trailing_newline=True)
    return environment.from_string(_read("page.html.jinja"))
