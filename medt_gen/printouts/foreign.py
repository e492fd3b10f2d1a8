"""What a text is that holds no printed module tree.

Networks are shown in many forms: each is known by a line that only it has, and lacks
something that a spec needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from medt_gen.messages.codes import Code
from medt_gen.printouts.leaves import mentioned_leaf

_PRINT = "print the model itself: `print(model)` has names, classes and arguments"
_FIT = "`medt-gen fit` reads it: `medt-gen fit FILE` alone, or with what should load it"


@dataclass(frozen=True)
class Seen:
    """What a text is instead, where that shows, and what to do."""

    code: Code
    message: str
    help: str
    offset: int | None = None


@dataclass(frozen=True)
class _Form:
    """A form of text: the line that tells it, its name, and what it lacks."""

    sign: re.Pattern[str]
    name: str
    lacks: str
    help: str = _PRINT


def _form(sign: str, name: str, lacks: str, help: str = _PRINT) -> _Form:
    return _Form(re.compile(sign, re.MULTILINE), name, lacks, help)


_KEY = r"[A-Za-z_][\w]*(?:\.[\w]+)+"
_FORMS = (
    _form(
        r"Error\(s\) in loading state_dict"
        r"|(?:Missing|Unexpected) key\(s\) in state_dict"
        r"|^\s*size mismatch for [\w.]+: copying",
        "the text of a failed load_state_dict",
        "what matches is not in it",
        _FIT,
    ),
    _form(
        r"Layer \(type(?: \([^()\n]*\))?:depth-idx\)"
        r"|^[\s|\u2502]*[\u251c\u2514]\u2500.*: \d+-\d+",
        "a table of torchinfo",
        "it lacks the arguments of the layers, and their names",
    ),
    _form(
        r"^\W*Layer \(type\)\s+\W*Output Shape\s+\W*Param #.*\n(?:.*\n){1,2}?"
        r"[\s\u2502|]*[\w/]+ \([A-Z]\w*\)",
        "a summary of Keras",
        "it lacks the arguments of the layers, and is no PyTorch model",
    ),
    _form(
        r"Layer \(type\).*Output Shape.*Param #",
        "a table of torchsummary",
        "it lacks the arguments of the layers, and their names",
    ),
    _form(
        r"[|\u2503\u2502]\s*Name\s*[|\u2503\u2502]\s*Type\s*[|\u2503\u2502]\s*Params",
        "a table of Lightning",
        "it lacks the arguments of the layers, and all below its first level",
    ),
    _form(
        r"^\s*ir_version:|onnx::|^\s*op_type:|graph torch-jit-export|main_graph \(",
        "a dump of an ONNX graph",
        "it lacks the modules: only operations are in it",
    ),
    _form(
        r"^\s*graph\(%self",
        "a graph of TorchScript",
        "it lacks the modules: only operations are in it",
    ),
    _form(
        r"odict_keys\(\[|dict_keys\(\["
        rf"|^\W*{_KEY}\W+(?:\w+\W+)?(?:torch\.Size\()?[\[(]\d+(?:, ?\d+)*,?[\])].*\n"
        rf"\W*{_KEY}\W+(?:\w+\W+)?(?:torch\.Size\()?[\[(]\d*(?:, ?\d+)*,?[\])]",
        "a list of a state_dict's keys",
        "it lacks classes, arguments, and modules without tensors",
        _FIT,
    ),
    _form(
        r"^medt-gen\s*:",
        "a spec",
        "it is no printout",
        "the other commands read it: `medt-gen build FILE`",
    ),
    _form(
        r"^\s*(?:import torch\b|from torch\b|class \w+\(.*\):"
        r"|def (?:forward|__init__)\()"
        r"|^\s*self\.\w+ *= *(?:torch\.)?nn\.",
        "source code",
        "no Python is run to find out what it makes",
        "run it, and save what `print(model)` shows",
    ),
)


def what_it_is(text: str, name: str) -> Seen:
    """What to say of a text in which no printed module tree was found."""
    for form in _FORMS:
        if match := form.sign.search(text):
            return Seen(
                "printout-other",
                f"{name} holds {form.name} and no printed module tree: {form.lacks}",
                form.help,
                match.start() + len(match[0]) - len(match[0].lstrip()),
            )
    leaf = mentioned_leaf(text)
    if leaf is not None:
        return Seen(
            "printout-none",
            f"no printed module tree found in {name}, only single layers: the first "
            f"is `{leaf.text}`",
            "a layer is read where it has a line of its own",
            leaf.offset,
        )
    return Seen(
        "printout-none",
        f"no printed module tree found in {name}",
        "a printout starts like `Net(` and has rows like `(conv): Conv2d(...)`",
    )
