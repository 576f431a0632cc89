"""The callback `seqlabel.unfreeze.v1`: pretrained encoders stay as they are until a step of the training.

The pipes that it freezes are in `tagger`, `ner` and `textcat`; the rates at which they learn are the shim's.
"""

from collections.abc import Callable
from typing import Any

from spacy.language import Language
from spacy.util import registry

from seqlabel.errors import OptionError
from seqlabel.spacy.shim import TorchShim


@registry.callbacks("seqlabel.unfreeze.v1")
def create_unfreeze(components: list[str], steps: int) -> Callable[[Language, dict[str, Any]], None]:
    """Make a callback for `[training.before_update]` that freezes encoders until a step.

    Gradual unfreezing (Howard and Ruder 2018) of a pretrained encoder under fresh layers.

    Args:
        components: The components whose encoders are frozen.
        steps: The first step, counted from 0, in which the encoders learn.

    Returns:
        The callback, which raises `OptionError` for a component that is not in the pipeline or has no encoder of this
        library.
    """

    def unfreeze(nlp: Language, info: dict[str, Any]) -> None:
        for name in components:
            pipe = nlp.get_pipe(name) if nlp.has_pipe(name) else None
            shims = [shim for shim in getattr(getattr(pipe, "model", None), "shims", ()) if isinstance(shim, TorchShim)]
            if not shims:
                raise OptionError(
                    f"components: Found {name!r}, which is not a component with an encoder of seqlabel. "
                    f"The pipeline has {', '.join(nlp.pipe_names)}."
                )
            for shim in shims:
                shim.frozen = info["step"] < steps

    return unfreeze
