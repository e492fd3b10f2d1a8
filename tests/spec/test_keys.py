"""A key of the language is one entry: checks, schema, hover and docs follow from it."""

from __future__ import annotations

from dataclasses import replace

import jsonschema
import pytest
from support import ROOT

import medt_gen
from medt_gen.messages.diagnostics import Source
from medt_gen.messages.problems import Problems
from medt_gen.spec.key_tables import KEY_TABLES as TABLES
from medt_gen.spec.keys import (
    KeyContext,
    KeyEntry,
    KeyTable,
    check_keys,
    check_needed,
    read_keys,
    read_part,
    table_schema,
)
from medt_gen.spec.nodes import MappingNode, node_data
from medt_gen.spec.read_class import BLOCK_KEYS, TITLE
from medt_gen.spec.read_flow import PATCHES_KEYS
from medt_gen.spec.read_network import (
    CHANNELS,
    INPUT_KEYS,
    NETWORK_KEYS,
)
from medt_gen.spec.read_training import FROZEN_EPOCHS, GATES, TRAINING
from medt_gen.spec.schema import spec_schema
from medt_gen.spec.yaml_events import parse_document
from tools.refresh.tables import PARTS, key_table, with_tables

LANGUAGE_PAGE = ROOT / "docs" / "language.md"
ENTRIES = {
    f"{table.where} {entry.name}": entry for table in TABLES for entry in table.entries
}


def mapping(text: str) -> MappingNode:
    return parse_document(Source("<text>", text))


def said(problems: Problems) -> list[tuple[str, str]]:
    return [(item.code, item.message) for item in problems.in_order()]


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_an_example_is_its_key_and_is_read_without_a_complaint(entry):
    node, problems = mapping(entry.example), Problems()
    assert list(node.items) == [entry.name]
    context = KeyContext(node.keys[entry.name], node, problems)
    value = entry.read(node.items[entry.name], context)
    assert said(problems) == []
    assert value != entry.absent


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_an_example_fits_the_schema_of_its_key(entry):
    schema = {**entry.schema, "$defs": spec_schema()["$defs"]}
    value = node_data(mapping(entry.example))[entry.name]
    jsonschema.Draft202012Validator(schema).validate(value)


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_what_a_key_says_is_one_sentence(entry):
    assert entry.says[0].isupper()
    assert entry.says.endswith(".")
    assert ". " not in entry.says


def descriptions(schema) -> set[str]:
    """Every text that an editor can show."""
    if isinstance(schema, list):
        return set().union(*map(descriptions, schema))
    if not isinstance(schema, dict):
        return set()
    own = {schema["description"]} if isinstance(schema.get("description"), str) else {}
    return set(own).union(*map(descriptions, schema.values()))


def test_an_editor_shows_what_each_key_says():
    assert {entry.says for entry in ENTRIES.values()} <= descriptions(spec_schema())


PLACES = {
    "a spec": "",
    "`input:`": "input: {channels: 4, size: 16, HERE}\n",
    "`training:`": "training: {HERE}\n",
    "`gates:`": "training: {gates: {HERE}}\n",
    "a block": "blocks: {B: {HERE, modules: {}}}\n",
    "a patch step": (
        "forward: {out: {patches: {of: x, grid: [2, 2], as: p}, forward: {}, HERE}}\n"
    ),
    "`patches:`": (
        "forward: {out: {patches: {of: x, grid: [2, 2], as: p, HERE}, forward: {}}}\n"
    ),
}


@pytest.mark.parametrize("where", PLACES)
def test_an_unknown_key_is_refused_wherever_it_stands(where):
    body = PLACES[where].replace("HERE", "colour: red") or "colour: red\n"
    parts = {"input": "input: {channels: 4, size: 16}\n", "modules": "modules: {}\n"}
    rest = "".join(text for key, text in parts.items() if not body.startswith(key))
    text = f"medt-gen: 1\n{rest}{body}"
    with pytest.raises(medt_gen.InvalidInput) as caught:
        medt_gen.load(text=text)
    messages = [item.message for item in caught.value.diagnostics]
    assert f"{where} has no key `colour`" in messages
    validator = jsonschema.Draft202012Validator(spec_schema())
    assert list(validator.iter_errors(node_data(mapping(text))))


def test_a_block_has_the_keys_of_a_spec_but_for_three():
    """As docs/language.md says where the table of a spec stands."""
    missing = set(NETWORK_KEYS.names) - set(BLOCK_KEYS.names)
    assert missing == {"input", "blocks", "training"}
    assert set(BLOCK_KEYS.names) - set(NETWORK_KEYS.names) == {"inputs"}


DROPPED: KeyEntry[float] = KeyEntry(
    name="dropped",
    says="The share of patches that are dropped.",
    example="dropped: 0.5",
    schema={"type": "number"},
    read=lambda node, context: float(node.value),
    absent=0.0,
)


def test_a_new_key_is_one_entry_in_a_table():
    """Nothing else knows the key: reading, checking, schema and docs take the table."""
    table = PATCHES_KEYS.extended("`patches:`", DROPPED)
    problems = Problems()
    node = mapping("of: x\ngrid: [2, 2]\nas: p\ndropped: 0.25\n")
    keys = read_part(node, table, problems)
    assert keys is not None
    assert keys[DROPPED] == 0.25
    assert said(problems) == []
    schema = table_schema(table)["properties"]["dropped"]
    assert schema == {"type": ["number", "null"], "description": DROPPED.says}
    assert f"| `dropped` | {DROPPED.says} | `{DROPPED.example}` |" in key_table(table)
    assert read_part(node, PATCHES_KEYS, problems) is not None
    assert said(problems) == [("unknown-key", "`patches:` has no key `dropped`")]


def test_what_a_key_says_is_kept_for_who_asks():
    """A later stage finds a value by its entry; declarations need no field for it."""
    text = (
        "medt-gen: 1\ninput: {channels: 4, size: 16}\ntitle: A title\n"
        "training: {gates: {frozen_epochs: 3}}\nmodules: {}\nforward: {out: x}\n"
    )
    keys = medt_gen.load(text=text).network.root.declaration.keys
    assert keys[TITLE] == "A title"
    assert keys[TRAINING][GATES][FROZEN_EPOCHS] == 3


def test_a_key_that_is_not_written_has_its_default():
    keys = read_keys(mapping("size: 3"), INPUT_KEYS, Problems())
    assert keys[CHANNELS] is CHANNELS.absent
    assert keys[TRAINING][GATES][FROZEN_EPOCHS] is None
    assert keys[DROPPED] == 0.0


def test_keys_are_read_as_of_the_place_that_they_extend():
    """A network reads `class:` more strictly; only its `forward:` may end in several
    values, and only a block has `inputs:`."""
    same = [
        entry.name for entry in BLOCK_KEYS.entries if entry not in NETWORK_KEYS.entries
    ]
    assert same == ["medt-gen", "class", "inputs", "forward"]


def test_one_line_mends_several_missing_keys_and_is_offered_once():
    problems = Problems()
    node = mapping("statistics: batch")
    assert not check_needed(node, PATCHES_KEYS, node.place, problems)
    assert said(problems) == [("missing-key", "`patches:` needs `of:`")]


def test_each_missing_key_that_needs_a_line_of_its_own_is_named():
    problems = Problems()
    node = mapping("title: Nothing else")
    assert not check_needed(node, NETWORK_KEYS, node.place, problems)
    assert [message.split("`")[1] for _, message in said(problems)] == [
        "medt-gen: 1",
        "modules:",
        "input:",
    ]


def test_a_misspelled_key_gets_its_neighbour():
    problems = Problems()
    check_keys(mapping("chanels: 3"), INPUT_KEYS, problems)
    assert [item.help for item in problems.errors] == ["did you mean `channels`?"]


def test_the_tables_of_the_language_page_are_fresh():
    page = LANGUAGE_PAGE.read_text(encoding="utf-8")
    assert with_tables(page) == page, "run python -m tools.refresh"


@pytest.mark.parametrize("what", PARTS)
def test_one_page_has_every_table(what):
    pages = (LANGUAGE_PAGE, LANGUAGE_PAGE.with_name("printouts.md"))
    texts = [page.read_text(encoding="utf-8") for page in pages]
    assert sum(text.count(PARTS[what]()) for text in texts) == 1


def test_a_stale_table_is_written_anew_and_the_rest_is_kept():
    page = LANGUAGE_PAGE.read_text(encoding="utf-8")
    stale = page.replace("How many channels the input has", "Colours")
    assert stale != page
    assert with_tables(stale) == page


def test_a_table_of_no_place_is_refused():
    page = LANGUAGE_PAGE.read_text(encoding="utf-8")
    with pytest.raises(KeyError, match="a star"):
        with_tables(page.replace("keys of a module,", "keys of a star,"))


def test_bars_in_an_example_do_not_end_a_cell():
    entry = replace(DROPPED, example="dropped: x | y")
    assert r"`dropped: x \| y`" in key_table(KeyTable("here", (entry,)))


def test_a_spec_that_states_its_difference_fits_the_schema():
    """The README's example: the keys that it leaves out come from its parent."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    text = readme.split("```yaml\n# mynet.yaml\n")[1].split("```")[0]
    validator = jsonschema.Draft202012Validator(spec_schema())
    assert list(validator.iter_errors(node_data(mapping(text)))) == []
