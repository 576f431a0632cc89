"""A row without a known end read by torch: the labels of compiled steps."""

from seqlabel import Labeler
from seqlabel.models import Arithmetic
from seqlabel.models.tagging.torch_engine import TorchLayers
from tests.models.open_rows import WORDS, drawn, needs_compiled, said


@needs_compiled
def test_compiled_layers_say_what_torchs_say():
    found = said(Labeler.load("en_pos"), drawn(), "upos")
    labeler = Labeler.load("en_pos", arithmetic=Arithmetic.FLOAT32)
    assert isinstance(labeler.inference.open_row()._layers, TorchLayers)
    expected = said(labeler, drawn(), "upos")
    # One way is in 8-bit products and the other in float32.
    same = sum(one[0] == other[0] for one, other in zip(found, expected, strict=True))
    assert same >= 0.99 * len(WORDS)
    assert sum(
        abs(one[1] - other[1]) for one, other in zip(found, expected, strict=True)
    ) < 0.01 * len(WORDS)
