"""One line of a laid-out printout: its key, class, own text, and what stands behind it.

torch writes `(name): Type(...)`; people align by blanks, add remarks behind a row, and
some libraries write `(0) - Type(...): x -> y` or, as torch before 0.4, `Type (...)`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from medt_gen.printouts.grammar import COUNT, TYPE
from medt_gen.printouts.tree import PLAIN, Form

MARK = re.compile(
    r"\s*(?:#|//|<[-=]|[-=~]+>|--|[\u2190-\u21ff\u27f5-\u27ff\u2b05-\u2b07\u2b95]"
    r"|[\U0001f448-\U0001f449])"
)
"""How a remark begins: `#`, `//`, `--`, `<-`, or any arrow."""

_KEY = rf"\((.+?)\)(: +| - ){COUNT}"
_ROW = re.compile(rf"(?:{_KEY})?({TYPE})( ?)\(", re.DOTALL)
_OPEN_ROW = re.compile(rf"(?:\((.+)\)(: +| - ){COUNT})?({TYPE})( ?)\(", re.DOTALL)
_WHOLE_ROW = re.compile(rf"(?:{_KEY})?({TYPE})( ?)\((.*)\)", re.DOTALL)
_BALANCED = re.compile(r"[^()]*(?:\([^()]*\)[^()]*)*")
_TOKEN = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|[()]")
_BRACKET = re.compile(r"[()]")
_ROW_INSIDE = re.compile(rf"\([^()]+\)(?:: +| - ){COUNT}{TYPE} ?\(")
_SIGNATURE = re.compile(r": [\w, ]*->[\w, ]*")


@dataclass(frozen=True, slots=True)
class RowText:
    """A row as one line shows it.

    Attributes:
        name, count, type: the key, how many modules it stands for, and the class.
        own: the text in its parentheses; None where they are closed further down.
        behind: text behind the closing parenthesis that is no remark.
        form: how it is written where that is not torch's way.
        is_crowded: another row stands behind it in the same line.
    """

    name: str
    count: str | None
    type: str
    own: str | None
    behind: str = ""
    form: Form = PLAIN
    is_crowded: bool = False


def read_row(text: str, start: int = 0) -> RowText | None:
    """The row that begins at `start`; None for any other text.

    The root of a printout is a row without a key.
    """
    if text.endswith("("):
        match = _OPEN_ROW.fullmatch(text, start)
        return _opened(match, "") if match else None
    if text.endswith(")"):
        whole = _WHOLE_ROW.fullmatch(text, start)
        if whole and _BALANCED.fullmatch(whole[6]):
            return _closed(whole, whole[6])
    head = _ROW.match(text, start)
    if head is None:
        return None
    end = _closing(text, head.end() - 1)
    if end is None:
        return _unbalanced(text, start, head)
    return _with_rest(head, text[head.end() : end], text[end + 1 :])


def closing_rest(text: str, outer: str) -> tuple[str, str] | None:
    """What stands behind the `)` of a module whose rows are indented by more: its own
    text, and a remark; None where the line does not close it.
    """
    if not text.startswith(outer + ")"):
        return None
    rest = text[len(outer) + 1 :]
    if not rest.strip() or MARK.match(rest):
        return "", rest
    return (rest, "") if _SIGNATURE.fullmatch(rest.rstrip()) else None


def _opened(match: re.Match[str], behind: str) -> RowText:
    return RowText(
        match[1] or "", match[3], match[4], None, form=_form(match, opened=behind)
    )


def _closed(
    match: re.Match[str], own: str, behind: str = "", remark: str = ""
) -> RowText:
    form = _form(match, remark=remark)
    crowded = bool(behind and _ROW_INSIDE.search(behind))
    return RowText(
        match[1] or "", match[3], match[4], own, behind, form, is_crowded=crowded
    )


def _form(match: re.Match[str], opened: str = "", remark: str = "") -> Form:
    separator, space = match[2] or ": ", match[5]
    if separator == ": " and not (space or opened or remark):
        return PLAIN
    return Form(separator, space, opened, remark)


def _with_rest(head: re.Match[str], own: str, rest: str) -> RowText:
    if not rest.strip() or MARK.match(rest):
        return _closed(head, own, remark=rest)
    return _closed(head, own, behind=rest)


def _unbalanced(text: str, start: int, head: re.Match[str]) -> RowText | None:
    """A row that opens a module, with a remark; or one whose brackets do not pair."""
    rest = text[head.end() :]
    if not rest.strip() or MARK.match(rest):
        return _opened(head, rest)
    whole = _WHOLE_ROW.fullmatch(text, start)
    return _closed(whole, whole[6]) if whole else None


def _closing(text: str, opening: int) -> int | None:
    """The offset of the parenthesis that closes the one at `opening`.

    A quoted parenthesis counts as any other, unless only without it the row ends where
    its line does.
    """
    plain = _partner(text, opening, _BRACKET)
    if plain is not None and plain == len(text) - 1:
        return plain
    quoted = _partner(text, opening, _TOKEN)
    if quoted is not None and (plain is None or quoted == len(text) - 1):
        return quoted
    return plain


def _partner(text: str, opening: int, token: re.Pattern[str]) -> int | None:
    depth = 0
    for match in token.finditer(text, opening):
        if match[0] == "(":
            depth += 1
        elif match[0] == ")":
            depth -= 1
            if depth == 0:
                return match.start()
    return None
