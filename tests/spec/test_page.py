"""What docs/language.md promises in its grammar and its tables, run."""

from __future__ import annotations

import random
import re

import pytest
from catalog.layer_cases import LAYER_CASES
from catalog.measured import INPUTS, complete, open_text
from catalog.operation_cases import OPERATION_CASES
from catalog.test_operations_against_torch import text as operation_text
from support import ROOT

import medt_gen
from medt_gen.catalog import LAYERS, OPERATIONS
from medt_gen.messages.diagnostics import Source
from medt_gen.spec.nodes import ScalarNode
from medt_gen.spec.pipes import parse_pipe
from medt_gen.spec.yaml_events import parse_document

PAGE = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")


def part(what):
    """What stands between two comments of the page."""
    begin = f"<!-- {what}, written by tools.refresh -->\n"
    return PAGE.partition(begin)[2].partition("<!-- end -->")[0]


def rows(what):
    """The cells of each row of a table."""
    lines = part(what).splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def defaults(written):
    """The arguments of a call that have a default, as the page writes them."""
    found = re.findall(r"(\w+)=(\[[^]]*\]|[^,)]+)", written)
    return {name: value for name, value in found if value != "null"}


# --- operations ------------------------------------------------------------------------


def test_every_operation_has_a_row():
    assert [re.match(r"`(\w+)", row[0])[1] for row in rows("operations")] == [
        *OPERATIONS
    ]


CALLS = [
    pytest.param(row[0].strip("`"), id=re.match(r"`(\w+)", row[0])[1])
    for row in rows("operations")
]


@pytest.mark.parametrize("written", CALLS)
def test_the_defaults_of_an_operation_are_what_it_does_without_them(written):
    name = written.partition("(")[0]
    case = OPERATION_CASES[name][0]
    given = sorted(case.takes)[0]
    added = [
        f"{key}={value}"
        for key, value in defaults(written).items()
        if f"{key}=" not in case.step
    ]
    call = re.search(rf"\b{name}\(([^)]*)\)", case.step)
    inside = ", ".join(filter(None, [call[1], *added]))
    step = case.step.replace(call[0], f"{name}({inside})", 1)
    text = operation_text(case, given)
    assert case.step in text
    before = medt_gen.load(text=text).network.root
    after = medt_gen.load(text=text.replace(case.step, step)).network.root
    assert after.output == before.output


# --- layers ----------------------------------------------------------------------------


def test_every_layer_has_a_row():
    torch_layers = [row[0].strip("`") for row in rows("layers of torch")]
    own = [row[0].strip("`") for row in rows("layers of ours")]
    assert {*torch_layers, *own} == set(LAYERS)
    assert len(torch_layers) + len(own) == len(LAYERS)


@pytest.mark.parametrize(
    "row", rows("layers of torch"), ids=lambda row: row[0].strip("`")
)
def test_the_defaults_of_a_layer_are_what_it_is_without_them(row):
    name = row[0].strip("`")
    case = LAYER_CASES[name][0]
    given = complete(name, case)
    added = {k: v for k, v in defaults(row[1].strip("`")).items() if k not in given}
    text = open_text(name, given, INPUTS[case.where])
    parts = "".join(f', "{key}": {value}' for key, value in added.items())
    closing = text.rindex("}", 0, text.rindex("}"))
    longer = text[:closing] + parts + text[closing:]
    before = str(medt_gen.build(medt_gen.load(text=text)))
    assert str(medt_gen.build(medt_gen.load(text=longer))) == before


# --- the grammar -----------------------------------------------------------------------


def productions():
    """The rules of the grammar as it is printed, remarks left out."""
    found = {}
    for line in part("the grammar of pipes").strip("`\n").splitlines():
        match = re.match(r"(\w+) +=  ?(.*)", line)
        if match:
            found[match[1]] = re.split(r"\s{3,}", match[2])[0].strip()
    return found


RULES = productions()
TERMINALS = {
    "name": ["x", "skip3", "_a", "Conv"],
    "key": ["0", "conv", "12"],
    "expression": ["2", "0.5", "-1", "2 * $planes", "($a + 1) // 2", "true"],
}


class Writer:
    """Writes one sentence of the grammar, with choices of a seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def rule(self, name):
        if name in RULES:
            return self.sequence(re.findall(r'"[^"]+"|[\w]+|[][{}()|]', RULES[name]))
        return self.random.choice(TERMINALS.get(name, [name]))

    def sequence(self, tokens):
        options, depth = [[]], 0
        for token in tokens:
            depth += {"[": 1, "{": 1, "(": 1, "]": -1, "}": -1, ")": -1}.get(token, 0)
            if token == "|" and not depth:
                options.append([])
            else:
                options[-1].append(token)
        return self.items(self.random.choice(options))

    def items(self, tokens):
        texts, position = [], 0
        while position < len(tokens):
            token = tokens[position]
            if token in "[{(":
                end = self.closing(tokens, position)
                times = {"[": (0, 1), "{": (0, 3), "(": (1, 1)}[token]
                inside = tokens[position + 1 : end]
                texts += [
                    self.sequence(inside) for _ in range(self.random.randint(*times))
                ]
                position = end + 1
                continue
            texts.append(token.strip('"') if token[0] == '"' else self.rule(token))
            position += 1
        return " ".join(filter(None, texts))

    @staticmethod
    def closing(tokens, start):
        depth = 0
        for position in range(start, len(tokens)):
            depth += {"[": 1, "{": 1, "(": 1, "]": -1, "}": -1, ")": -1}.get(
                tokens[position], 0
            )
            if not depth:
                return position
        raise AssertionError(tokens)


def test_the_grammar_names_what_it_is_made_of():
    words = {
        w for rule in RULES.values() for w in re.findall(r'(?<!")\b[a-z]+\b(?!")', rule)
    }
    assert words <= {*RULES, *TERMINALS, "true", "false"}


@pytest.mark.parametrize("seed", range(300))
def test_every_sentence_of_the_grammar_is_a_pipe(seed):
    pipe = Writer(seed).rule("pipe").replace(" . ", ".")
    node = parse_document(Source("<flow>", f"out: {pipe}")).items["out"]
    assert isinstance(node, ScalarNode)
    parsed = parse_pipe(node)
    bars = re.sub(r"\([^|]*?\)", "", pipe).count("|")
    assert len(parsed.steps) == bars
