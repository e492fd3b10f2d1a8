"""The parser of the command line, which knows what was likely meant."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import NoReturn

from medt_gen.messages.wording import did_you_mean, nearest


class Parser(argparse.ArgumentParser):
    """A parser that says which command or option was likely meant."""

    def parse_whole(self, given: Sequence[str]) -> argparse.Namespace:
        """As `parse_args`; what a command does not know is told by that command."""
        arguments, unknown = self.parse_known_args(given)
        if unknown:
            message = f"unrecognized arguments: {' '.join(unknown)}"
            self.commands[arguments.command].error(message)
        return arguments

    @property
    def commands(self) -> dict[str, argparse.ArgumentParser]:
        """The parsers of its commands, by name."""
        return {
            name: parser
            for item in self._actions
            if isinstance(item, argparse._SubParsersAction)
            for name, parser in item.choices.items()
        }

    def error(self, message: str) -> NoReturn:
        """Write the usage and the mistake; exit with 2."""
        help = self._suggestion(message)
        super().error(f"{message}\n{help}" if help else message)

    def _suggestion(self, message: str) -> str | None:
        choice = re.search(
            r"invalid choice: '?([^' ]*)'? \(choose from (.*)\)", message
        )
        if choice is not None:
            known = [item.strip(" '") for item in choice[2].split(",")]
            return did_you_mean(choice[1], known)
        unknown = re.search(r"unrecognized arguments:.*?(--[\w-]+)", message)
        if unknown is None:
            return None
        options = [name for item in self._actions for name in item.option_strings]
        near = nearest(unknown[1], options, most=1)
        return f"did you mean `{near[0]}`?" if near else None
