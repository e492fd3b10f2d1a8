"""`medt-gen completion`: what makes a shell complete commands, options and names.

The extra `medt-gen[completion]` brings what it needs.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

from medt_gen.commands.parsing import Parser
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput

_SHELLS = {
    "bash": 'eval "$(medt-gen completion bash)"    # in ~/.bashrc',
    "zsh": 'eval "$(medt-gen completion zsh)"     # in ~/.zshrc, behind compinit',
    "fish": "medt-gen completion fish | source     # in ~/.config/fish/config.fish",
}
_ASKED = "_ARGCOMPLETE"
"""The variable that a shell sets when it asks for completions."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("shell", choices=tuple(_SHELLS), help="the shell to set up")


def run(arguments: argparse.Namespace) -> int:
    """Print the lines that the shell has to read, and where they belong."""
    try:
        from argcomplete.shell_integration import shellcode
    except ImportError:
        raise UnreadableInput(
            Diagnostic(
                "usage",
                "completion needs argcomplete, which is not installed",
                help="pip install 'medt-gen[completion]'",
            )
        ) from None
    code = shellcode(["medt-gen"], shell=arguments.shell)
    sys.stdout.write(f"# {_SHELLS[arguments.shell]}\n{code.rstrip()}\n")
    return 0


def answer_shell(parser: Parser) -> None:
    """Complete the line that a shell asks about, and end; else do nothing."""
    if _ASKED not in os.environ:
        return
    try:
        import argcomplete
    except ImportError:
        return
    _name_what_is_asked(parser)
    argcomplete.autocomplete(parser)


def _name_what_is_asked(parser: Parser) -> None:
    """Give the arguments that take names of ours their names."""
    for command in parser.commands.values():
        for action in command._actions:
            names = _NAMES.get(action.dest)
            if names is not None:
                # argcomplete looks for this attribute; argparse knows nothing of it.
                vars(action)["completer"] = names


def _specs(prefix: str, **_: object) -> list[str]:
    """Shipped names, and files."""
    from argcomplete.completers import FilesCompleter

    from medt_gen.spec.shipped import shipped_names

    found: list[str] = FilesCompleter(allowednames=(".yaml", ".yml"))(prefix)
    return [*(name for name in shipped_names() if name.startswith(prefix)), *found]


def _names(prefix: str, **_: object) -> list[str]:
    """All that `explain` knows."""
    from medt_gen.reference.topics import topics

    names = dict.fromkeys(topic.name for topic in topics())
    return [name for name in names if name.startswith(prefix)]


_NAMES: dict[str, Callable[..., list[str]]] = {
    "spec": _specs,
    "specs": _specs,
    "parent": _specs,
    "target": _specs,
    "left": _specs,
    "right": _specs,
    "name": _names,
}
