"""A labeler exported to ONNX against the same one in torch: what runs it can import neither torch
nor seqlabel.
"""

import dataclasses

import pytest

from seqlabel import Labeler
from seqlabel.errors import OptionError
from seqlabel.models.export import export_onnx
from seqlabel.models.tagging.labeler import LabelerConfig
from seqlabel.nn.network_configs import LanguageModelConfig, Recurrence
from seqlabel.text.tokenizers import Words
from tests.models.sized_labelers import HEADS, SIZES, VOCABULARY, sized_labeler

for needed in ("onnx", "onnxruntime"):
    pytest.importorskip(needed, reason=f"{needed} is not installed (seqlabel-rnn[export])")


@pytest.mark.parametrize("change", [{"recurrence": Recurrence.LSTM}, {"layers": 2}, None])
def test_other_networks_are_refused(change, tmp_path):
    config = LanguageModelConfig(vocabulary=len(VOCABULARY), embedding=8, hidden=6, tied=False)
    if change is not None:
        config = dataclasses.replace(SIZES["narrow"][0], **change)
    labeler = Labeler(LabelerConfig(config, HEADS, hidden=5), VOCABULARY)
    with pytest.raises(OptionError, match=r"^labeler: "):
        export_onnx(labeler, tmp_path / "exported")
    assert not (tmp_path / "exported").exists()


def test_syntactic_words_of_english_texts_are_refused(tmp_path):
    # Their lists of Italian and other multiword tokens are not exported.
    labeler = Labeler(
        dataclasses.replace(sized_labeler().config, words=Words.SYNTACTIC), VOCABULARY
    )
    with pytest.raises(OptionError, match="syntactic"):
        export_onnx(labeler, tmp_path / "exported")
    assert not (tmp_path / "exported").exists()


def test_a_folder_with_other_files_is_kept(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OptionError, match=r"notes\.txt"):
        export_onnx(sized_labeler(), tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"
