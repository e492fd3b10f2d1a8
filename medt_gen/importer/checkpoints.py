"""The keys and shapes of a checkpoint -> the YAML of a spec that holds them."""

from __future__ import annotations

from medt_gen.importer.family import Assumed, Family, recognise, spec_text
from medt_gen.importer.keys import KeyTree, UnknownKeysError, tree_of
from medt_gen.importer.options import DEFAULT_GRID, Options, Size
from medt_gen.importer.printouts import Imported
from medt_gen.importer.report import Report
from medt_gen.loading.load import load
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, MedtGenError
from medt_gen.network.tensors import network_tensors
from medt_gen.paths.keys import TensorShapes

_DEFAULT_SIZE = (128, 128)
_ASSUMED = (
    "assumed: the class, and every stride, activation and unused layer, as in the",
    "reference networks; keys and shapes do not tell them.",
)


def import_shapes(shapes: TensorShapes, origin: str, options: Options) -> Imported:
    """The spec of a state_dict; `origin` says in a comment where it was read.

    Raises InvalidInput where the keys are not those of a known family, or contradict
    the options.
    """
    try:
        tree = tree_of(shapes)
    except UnknownKeysError as problem:
        raise _ambiguous(str(problem)) from None
    except (LookupError, ArithmeticError, ValueError):
        # Shapes of other ranks, or of no elements, where the reference has numbers.
        raise _ambiguous("the shapes are not those of its layers") from None
    family = recognise(tree.root)
    if family is None:
        raise _ambiguous("the modules follow neither of the reference networks")
    facts = _facts(family, tree, options)
    text = spec_text(family, facts, [origin, *_ASSUMED])
    try:
        spec = load(text=text)
    except MedtGenError as error:
        raise _ambiguous(error.diagnostics[0].message) from None
    _check(shapes, network_tensors(spec.network))
    report = Report(
        spec.network.root.cost.modules,
        assumed=(" ".join(_ASSUMED), *facts.notes.values()),
    )
    return Imported(text, spec, family=True, report=report)


def _ambiguous(reason: str) -> InvalidInput:
    return InvalidInput(
        Diagnostic(
            "import-ambiguous",
            f"keys and shapes alone do not tell which network this is: {reason}",
            help="import its printout instead; --input-size and --grid give what "
            "a known family's checkpoint leaves open",
        )
    )


def _facts(family: Family, tree: KeyTree, options: Options) -> Assumed:
    """The input and the grids: from tables of positions, options, or the reference."""
    notes: dict[str, str] = {}
    grids: dict[str, Size] = {}
    size = options.size or tree.seen.get("")
    if options.size is None:
        notes["size"] = (
            "from the tables of relative positions, behind a stem of stride 2"
            if size
            else "assumed: no table of relative positions tells the input's size"
        )
    for branch in family.skeleton.branches[1:]:
        patch, given = tree.seen.get(branch.suffix), options.grid(branch.suffix)
        if given is None and patch and size is None:
            size = tuple(4 * length for length in patch)
        if given is None and patch and size:
            grids[branch.suffix] = tuple(
                max(whole // part, 1) for whole, part in zip(size, patch, strict=True)
            )
            notes[branch.suffix] = "from the tables of relative positions"
        else:
            grids[branch.suffix] = given or DEFAULT_GRID
            if given is None:
                notes[branch.suffix] = "assumed: nothing in a checkpoint tells the grid"
    return Assumed(size or _DEFAULT_SIZE, grids, notes)


def _check(wanted: TensorShapes, found: TensorShapes) -> None:
    """The spec must hold exactly the checkpoint's tensors."""
    for key in dict.fromkeys([*wanted, *found]):
        if wanted.get(key) != found.get(key):
            raise _ambiguous(
                f"`{key}` would be {found.get(key, 'missing')}, and the checkpoint has "
                f"{wanted.get(key, 'none')}"
            )
