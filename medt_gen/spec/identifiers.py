"""Names that a spec may take, and those that it may not, with the reason for each.

The attributes of torch.nn.Module are a list, since torch is not imported to check a
spec; a test compares it with torch.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Mapping

NOTHING_TAKEN: Mapping[str, str] = {}
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
OWN_WORDS = frozenset({"self", "torch", "nn", "F"})
"""What the emitted Python needs for itself, beside Python's keywords."""

MODULE_ATTRIBUTES = frozenset(
    """
    T_destination add_module apply bfloat16 buffers call_super_init children compile
    cpu cuda double dump_patches eval extra_repr float forward get_buffer
    get_extra_state get_parameter get_submodule half ipu load_state_dict modules mtia
    named_buffers named_children named_modules named_parameters parameters
    register_backward_hook register_buffer register_forward_hook
    register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter
    register_state_dict_post_hook register_state_dict_pre_hook requires_grad_
    set_extra_state set_submodule share_memory state_dict to to_empty train training
    type xpu zero_grad _apply _backward_hooks _backward_pre_hooks _buffers _call_impl
    _compiled_call_impl _forward_hooks _forward_hooks_always_called
    _forward_hooks_with_kwargs _forward_pre_hooks _forward_pre_hooks_with_kwargs
    _get_backward_hooks _get_backward_pre_hooks _get_name _is_full_backward_hook
    _load_from_state_dict _load_state_dict_post_hooks _load_state_dict_pre_hooks
    _maybe_warn_non_full_backward_hook _modules _named_members
    _non_persistent_buffers_set _parameters _register_load_state_dict_pre_hook
    _register_state_dict_hook _replicate_for_data_parallel _save_to_state_dict
    _slow_forward _state_dict_hooks _state_dict_pre_hooks _version _wrapped_call_impl
    set_epoch spec_parameters
    """.split()
)

# What the layers define and import, by a name of its own in an emitted file.
EMITTED_NAMES = frozenset(
    """
    Any AxialAttention AxialAttention_dynamic AxialAttention_wopos BatchNorm2d Callable
    CrissCrossAttention DropPath F FastAxialAttention FastAxialAttention_dynamic
    FastAxialAttention_wopos Function GATES HeadLines Iterable Mapping NamedTuple
    OrderedDict PatchBatchNorm1d PatchBatchNorm2d PatchBatchNorm3d PatchNorm
    RelativePositions Sequence SimilarityStatistics StochasticDepth Tensor annotations
    attend_lines check_input crop drop_branch init_tensors is_hooked keys_of math
    methodcaller nn over_patches pad_to partial patches_of qkv_transform resize roll
    shift similarity_statistics sizes_in_words take_steps torch unnormalised_weights
    upsample with_patch_norms with_products
    """.split()
)
# The methods of torch's containers, on top of those of every module.
_CONTAINER_ATTRIBUTES = (
    "append clear extend insert items keys pop update values".split()
)

MODULE_NAMES = dict.fromkeys(
    MODULE_ATTRIBUTES, "it would hide an attribute that every nn.Module has"
)
CHILD_NAMES = {
    **MODULE_NAMES,
    **dict.fromkeys(_CONTAINER_ATTRIBUTES, "it would hide a method of its container"),
}
CLASS_NAMES = {
    **dict.fromkeys(dir(builtins), "it would hide a name of Python"),
    **dict.fromkeys(EMITTED_NAMES, "the emitted Python uses that name"),
}
PARAMETER_NAMES = {
    **dict.fromkeys(("super", "range", *EMITTED_NAMES), CLASS_NAMES["nn"]),
    "in_channels": "this parameter is always there",
    **dict.fromkeys(
        ("depth", "height", "width", "patches"), "blocks get an argument of that name"
    ),
}


def name_problem(name: str, taken: Mapping[str, str] = NOTHING_TAKEN) -> str | None:
    """Why `name` can't be an attribute of a module, or None when it can.

    `taken` gives the reason for names that are kept for something else.
    """
    if not IDENTIFIER.fullmatch(name):
        return "a name is made of the letters a to z, digits and `_`" + _strange(name)
    if keyword.iskeyword(name) or name in OWN_WORDS:
        return "it is a word that the emitted Python needs for itself"
    if name.startswith("__"):
        return "names with two leading underscores belong to Python"
    return taken.get(name)


def free_class_name(name: str, taken: Collection[str]) -> str:
    """`name` as a class may have it, numbered where it is taken."""
    # Names with a leading underscore are the layers' own.
    base = name.lstrip("_") or "Block"
    number, free = 1, base
    while free in taken:
        number += 1
        free = f"{base}_{number}"
    return free


def _strange(name: str) -> str:
    """What the first letter that is not ASCII is called: it may look like another."""
    letter = next((item for item in name if not item.isascii()), None)
    if letter is None:
        return ""
    title = unicodedata.name(letter, "a character without a name")
    return f", and U+{ord(letter):04X} is {title}"
