"""The mean of several encoders that began as one, as a start for labelers; training it is in
`fine_tuning`.

Models that were fine-tuned from the same weights can be averaged weight by weight, and the mean is
often the better start for a new task (Choshen et al. 2022, "Fusing finetuned models for better
pretraining"; Wortsman et al. 2022, "Model soups").
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from seqlabel.errors import OptionError
from seqlabel.models.folders import ModelKind, find_folder, read_kind
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.models.tagging.labeler import Labeler


@torch.no_grad()
def mean_encoder(
    encoder: WordLanguageModel | Path | str,
    others: Sequence[WordLanguageModel | Labeler | Path | str],
) -> WordLanguageModel:
    """Average an encoder with those of other models that began with it, each with the same share.

    Heads that are put on the mean know something of the labels that the others have learnt, and it
    has the size and the speed of one. It helps where the new labels are related to theirs, and can
    harm where they are not (docs/trials.md).

    Args:
        encoder: The pair of language models with which the others began, its folder or its name. It
            stays as it is; the mean has its output layers, which fit the mean worse until `adapt`
            trains both.
        others: Labelers or pairs of language models, at least one, with the same vocabulary and
            sizes.

    Returns:
        The mean.

    Raises:
        OptionError: There are no others, or one has another vocabulary or other sizes.
        CheckpointError: A folder holds no model.

    Example:
        Begin with what the parts of speech and the trees have taught the encoder::

            encoder = mean_encoder("en", ["en_pos", "en_trees"])
            labeler = Labeler.on(encoder, [TagSet.of(train, "ner")])
            fine_tune(labeler, train)
    """
    if isinstance(others, str | Path) or not others:
        raise OptionError(
            f"others: expected a list with at least one model, got {others!r}. Name some, as "
            "['en_pos']."
        )
    first = encoder if isinstance(encoder, WordLanguageModel) else WordLanguageModel.load(encoder)
    mean = WordLanguageModel(first.config, first.vocabulary)
    mean.module.load_state_dict(first.module.state_dict())
    sums = mean.module.encoder.state_dict()

    for number, other in enumerate(others, 1):
        model = _loaded(other)
        name = str(other) if isinstance(other, str | Path) else f"model {number}"
        if list(model.vocabulary) != list(first.vocabulary):
            raise OptionError(
                f"others: expected the words of the first one, got others in {name}. Pass "
                "models that began with it."
            )
        weights = model.module.encoder.state_dict()
        if _shapes(weights) != _shapes(sums):
            raise OptionError(
                f"others: expected an encoder of the sizes of the first one, got others in {name}. "
                "Pass models that began with it."
            )
        for weight_name, total in sums.items():
            total += weights[weight_name].to(total)

    for total in sums.values():
        total /= 1 + len(others)
    mean.module.eval()
    return mean


def _loaded(model: WordLanguageModel | Labeler | Path | str) -> WordLanguageModel | Labeler:
    """Return a model, read from its folder where that is given."""
    if not isinstance(model, str | Path):
        return model
    if read_kind(find_folder(model)) is ModelKind.LABELER:
        return Labeler.load(model)
    return WordLanguageModel.load(model)


def _shapes(weights: Mapping[str, Tensor]) -> dict[str, torch.Size]:
    """Return the shape of each weight."""
    return {name: tensor.shape for name, tensor in weights.items()}
