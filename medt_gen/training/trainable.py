"""Whether a network can be trained to give masks: known before anything is read."""

from __future__ import annotations

from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput
from medt_gen.messages.wording import first_of
from medt_gen.network.summary import flow_outputs


def check_trainable(spec: Spec) -> None:
    """Raise InvalidInput where the network gives no classes to learn."""
    flow = spec.usual.root.flow
    rank = len(spec.usual.root.input.numbers)
    if flow is None or rank < 3:
        text = "there is no flow of data in this spec, so it can't be run"
        if flow is not None:
            text = "its input has no axes of space, and images have"
        help = "write down `forward:`" if flow is None else None
        raise InvalidInput(Diagnostic("training", text, help=help))
    outputs = flow_outputs(flow)
    classes = {shape[0] for shape in outputs.values()}
    odd = [name for name, shape in outputs.items() if len(shape) != rank]
    if odd or len(classes) > 1:
        names = first_of(odd or list(outputs), 5, "`")
        what = "has no axes of space" if odd else "differ in the number of classes"
        text = f"every output is a map of the same classes, and {names} {what}"
        raise InvalidInput(Diagnostic("training", text))
