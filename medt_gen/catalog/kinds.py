"""What an argument may be: a JSON Schema fragment and the words that describe it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

JsonSchema = dict[str, Any]


@dataclass(frozen=True, eq=False)
class ArgumentKind:
    """One kind of value.

    `words` completes "must be ..."; `schema` judges a value as data.
    """

    words: str
    schema: JsonSchema = field(repr=False)

    @property
    def words_allowed(self) -> list[str]:
        """The words that a value of this kind may be."""
        cases = [self.schema, *self.schema.get("anyOf", ())]
        return [word for case in cases for word in case.get("enum", ())]

    @property
    def limits(self) -> list[Limit]:
        """What a single number of this kind has to keep to."""
        cases = [self.schema, *self.schema.get("anyOf", ())]
        return [
            Limit(operator, case[key])
            for case in cases
            if case.get("type") in ("integer", "number")
            for key, operator in _LIMITS.items()
            if key in case and case[key] != LARGEST_SIZE
        ]


_LIMITS = {"minimum": ">=", "maximum": "<=", "exclusiveMinimum": ">"}


@dataclass(frozen=True)
class Limit:
    """`value` is the end of what is allowed, on the side that `operator` says."""

    operator: str
    value: int | float


def too_large(value: object) -> bool:
    """Whether a number is beyond what torch takes for a size."""
    return isinstance(value, int) and abs(value) > LARGEST_SIZE


def accepts(kind: ArgumentKind, value: object) -> bool:
    """Whether `value`, as data, is of `kind`."""
    return bool(_validator(kind).is_valid(value))


@cache
def _validator(kind: ArgumentKind) -> Any:
    return _judge()(kind.schema)


@cache
def _judge() -> Any:
    """The validator of JSON Schema, with torch's idea of an integer."""
    # Imported late: `--help` and the printout tools do without it.
    import jsonschema

    base = jsonschema.Draft202012Validator
    # JSON counts 3.0 as an integer; torch does not.
    checker = base.TYPE_CHECKER.redefine("integer", _is_integer)
    validators: Any = jsonschema.validators
    return validators.extend(base, type_checker=checker)


def _is_integer(_checker: object, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


LARGEST_SIZE = 2**31 - 1


def integer(least: int) -> JsonSchema:
    """The schema of an integer that is at least `least`."""
    return {"type": "integer", "minimum": least, "maximum": LARGEST_SIZE}


def per_axis(words: str, item: JsonSchema) -> ArgumentKind:
    """One value, or a list with one for each axis."""
    many = {"type": "array", "items": item, "minItems": 1, "maxItems": 3}
    text = f"{words}, or a list of one for each axis"
    return ArgumentKind(text, {"anyOf": [item, many]})


def numbers(*names: str) -> ArgumentKind:
    """A list of one number for each name."""
    count = len(names)
    words = f"{_COUNTED[count]} numbers: {', '.join(names)}"
    items = {"type": "array", "items": {"type": "number"}}
    return ArgumentKind(words, {**items, "minItems": count, "maxItems": count})


_COUNTED = {2: "two", 3: "three", 4: "four"}


def choice(*values: str) -> ArgumentKind:
    """One word out of a few."""
    words = "one of " + ", ".join(f"`{value}`" for value in values)
    return ArgumentKind(words, {"enum": list(values)})


POSITIVE = ArgumentKind("a positive integer", integer(1))
COUNT = ArgumentKind("an integer that is not negative", integer(0))
INTEGER = ArgumentKind("an integer", {"type": "integer"})
OPTIONAL_POSITIVE = ArgumentKind(
    "a positive integer, or null", {"anyOf": [integer(1), {"type": "null"}]}
)
OPTIONAL_INTEGER = ArgumentKind("an integer, or null", {"type": ["integer", "null"]})
NUMBER = ArgumentKind("a number", {"type": "number"})
NUMBER_BUT_ZERO = ArgumentKind(
    "a number other than 0", {"type": "number", "not": {"const": 0}}
)
POSITIVE_NUMBER = ArgumentKind(
    "a number above 0", {"type": "number", "exclusiveMinimum": 0}
)
PROBABILITY = ArgumentKind(
    "a probability from 0 to 1", {"type": "number", "minimum": 0, "maximum": 1}
)
MOMENTUM = ArgumentKind(
    "a number from 0 to 1, or null",
    {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "null"}]},
)
BOOLEAN = ArgumentKind("true or false", {"type": "boolean"})
POSITIVES = per_axis("a positive integer", integer(1))
FACTORS = per_axis(
    "a number above 0",
    {"type": "number", "exclusiveMinimum": 0, "maximum": LARGEST_SIZE},
)
COUNTS = per_axis("an integer that is not negative", integer(0))
PADDING = ArgumentKind(
    "an integer that is not negative, a list of one for each axis, or `same`",
    {"anyOf": [*COUNTS.schema["anyOf"], {"enum": ["same", "valid"]}]},
)
OPTIONAL_NUMBER = ArgumentKind("a number, or null", {"type": ["number", "null"]})
EDGES = ArgumentKind(
    "an integer that is not negative, or a list of two for each axis, last axis first",
    {
        "anyOf": [
            integer(0),
            {"type": "array", "items": integer(0), "minItems": 2, "maxItems": 6},
        ]
    },
)
LENGTHS = ArgumentKind(
    "a positive integer, or a list of them",
    {
        "anyOf": [
            integer(1),
            {"type": "array", "items": integer(1), "minItems": 1, "maxItems": 8},
        ]
    },
)
ODD = ArgumentKind(
    "an odd positive integer, or null",
    {"anyOf": [{**integer(1), "not": {"multipleOf": 2}}, {"type": "null"}]},
)
OPTIONAL_POSITIVES = ArgumentKind(
    "a positive integer, a list of one for each axis, or null",
    {"anyOf": [*POSITIVES.schema["anyOf"], {"type": "null"}]},
)


def flag_or_some(*names: str) -> ArgumentKind:
    """True or false for all, or a list of the names for which it is true."""
    listed = ", ".join(f"`{name}`" for name in names)
    items = {"type": "array", "items": {"enum": list(names)}, "uniqueItems": True}
    return ArgumentKind(
        f"true, false or a list out of {listed}",
        {"anyOf": [{"type": "boolean"}, items]},
    )


TENSOR_SHAPE = ArgumentKind(
    "a list of positive integers, empty for a single number",
    {"type": "array", "items": integer(1), "maxItems": 5},
)
RANGE = ArgumentKind(
    "two numbers, the least and the greatest, or null",
    {
        "anyOf": [
            {
                "type": "array",
                "items": {"type": "number"},
                "minItems": 2,
                "maxItems": 2,
            },
            {"type": "null"},
        ]
    },
)
