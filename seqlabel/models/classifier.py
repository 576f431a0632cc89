"""Texts or documents in, documents with a label for the whole out, whatever their length; training is elsewhere.

A `Classifier` is a document model with all that it needs: its labels, its words, and the tokeniser for plain text.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from seqlabel.documents.document import Document
from seqlabel.errors import CheckpointError, OptionError
from seqlabel.models.language_model import (
    EncoderConfig,
    LanguageModel,
    WordLanguageModel,
    build_encoder_model,
    encoder_config_from,
    load_vocabulary,
    word_encoder,
)
from seqlabel.nn.heads import DocumentHead, WordVotes
from seqlabel.nn.networks import DocumentModel, TwoWayLanguageModel
from seqlabel.text.hashing import hash_ngrams
from seqlabel.text.pieces import Pieces
from seqlabel.text.tokenisers import Tokeniser
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training.checkpoints import (
    MODEL_PARTS,
    building,
    config_from,
    find_folder,
    load_weights,
    new_checkpoint,
    read_config,
    save_weights,
    write_config,
)

_KIND = "classifier"


@dataclass(frozen=True)
class ClassifierConfig:
    """What a classifier is made of: its encoder, its labels, and the layer of categories that it writes.

    `buckets` is how many n-grams of words may vote (`WordVotes`); with 0 none do.
    """

    encoder: EncoderConfig
    labels: tuple[str, ...]
    layer: str = "category"
    language: str = "en"
    dropout: float = 0.0
    buckets: int = 1 << 20
    bptt: int = 128
    gradient_words: int = 256
    temperature: float = 1.0


class Classifier:
    """Labels whole texts and documents. A document is read to its end, in pieces, however long it is."""

    def __init__(self, config: ClassifierConfig, vocabulary: Vocabulary | Pieces) -> None:
        if len(config.labels) < 2 or len(set(config.labels)) < len(config.labels):
            raise OptionError(f"labels: found {list(config.labels)}; at least 2 different ones are needed")
        self.config = config
        self.vocabulary = vocabulary
        self.words = word_encoder(config.encoder, vocabulary)
        below = build_encoder_model(config.encoder)
        if isinstance(below, TwoWayLanguageModel):
            encoders = [below.forward_encoder, below.backward_encoder]
        else:
            encoders = [below.encoder]
        self._pooled_width = 3 * sum(encoder.width for encoder in encoders)
        head = DocumentHead(self._pooled_width, len(config.labels))
        self.module = DocumentModel(
            below.embedder,
            encoders,
            head,
            votes=WordVotes(config.buckets, len(config.labels)) if config.buckets else None,
            bptt=config.bptt,
            gradient_words=config.gradient_words,
            dropout=config.dropout,
        )
        self._tokeniser = Tokeniser(config.language)

    @classmethod
    def on(
        cls,
        encoder: WordLanguageModel | LanguageModel | Path | str,
        labels: Sequence[str],
        *,
        layer: str = "category",
        dropout: float = 0.1,
        language: str = "en",
    ) -> "Classifier":
        """A new head on a copy of a language model's encoder, given as it is, by its folder or by its name.

        Raises `CheckpointError` for a folder without a language model.
        """
        below = LanguageModel.load(encoder) if isinstance(encoder, Path | str) else encoder
        config = ClassifierConfig(below.config, tuple(labels), layer=layer, language=language, dropout=dropout)
        classifier = cls(config, below.vocabulary)
        fresh = classifier.module.state_dict()
        trained = _document_names(below.module.state_dict())
        classifier.module.load_state_dict({**fresh, **{name: trained[name] for name in fresh if name in trained}})
        return classifier

    def set_temperature(self, temperature: float) -> None:
        """Set what scores are divided by before they become probabilities (Guo et al. 2017); no label changes."""
        self.config = replace(self.config, temperature=temperature)

    def __call__(self, texts: Iterable[str | Document], *, batch_words: int = 16_384) -> Iterator[Document]:
        """Yield a document for each text, in order, with the layer of categories and their probabilities.

        Plain text is cut into words by `tokenise`. About `batch_words` words are run at once. A text without words has
        the probabilities of a document whose states are all 0 and of which no n-gram votes. Raises `OptionError` for a
        single text that is not in a list.
        """
        if isinstance(texts, str | Document):
            raise OptionError("found one text; give a list of texts: classifier([text])")
        waiting: list[Document] = []
        words = 0
        for text in texts:
            document = self.tokenise(text) if isinstance(text, str) else text
            waiting.append(document)
            # One at least, so that those without words are not kept for ever.
            words += max(len(document), 1)
            # Several batches at once, so that rows of like length can be found.
            if words >= 8 * batch_words:
                yield from self._label(waiting, batch_words)
                waiting, words = [], 0
        yield from self._label(waiting, batch_words)

    def tokenise(self, text: str) -> Document:
        """A text as a document of spaCy's words, as `seqlabel.text.tokenisers` finds them."""
        return self._tokeniser(text)

    def ngrams(self, rows: Sequence[Sequence[str]]) -> list[Tensor]:
        """The ids of the words and word pairs of each document, on the model's device."""
        device = next(self.module.parameters()).device
        if not self.config.buckets:
            return []
        return [torch.from_numpy(hash_ngrams(row, self.config.buckets)).to(device) for row in rows]

    @torch.inference_mode()
    def _label(self, documents: list[Document], batch_words: int) -> Iterator[Document]:
        order = sorted(range(len(documents)), key=lambda number: len(documents[number]))
        probabilities: dict[int, list[float]] = {}
        device = next(self.module.parameters()).device
        # Left in evaluation mode: with several threads, putting it back would put it back under another one's feet.
        self.module.eval()
        while order and (longest := len(documents[order[-1]])):
            count = max(batch_words // longest, 1)
            group = [number for number in order[-count:] if len(documents[number])]
            order = order[: -len(group)]
            rows = [documents[number].words for number in group]
            lengths = torch.tensor([len(row) for row in rows], device=device)
            logits = self.module(self.words(rows).to(device), lengths, self.ngrams(rows))
            probabilities.update(zip(group, self._probabilities(logits), strict=True))
        if order:
            (wordless,) = self._probabilities(self._wordless_logits(device))
            probabilities.update(dict.fromkeys(order, wordless))
        for number, document in enumerate(documents):
            scores = dict(zip(self.config.labels, probabilities[number], strict=True))
            yield document.with_categories(self.config.layer, scores)

    def _probabilities(self, logits: Tensor) -> list[list[float]]:
        shares: list[list[float]] = (logits.float() / self.config.temperature).softmax(dim=-1).tolist()
        return shares

    def _wordless_logits(self, device: torch.device) -> Tensor:
        """What is left of `DocumentModel.forward` for a document without words: the biases; (1, labels)."""
        logits: Tensor = self.module.head(torch.zeros(1, self._pooled_width, device=device))
        if self.module.votes is not None:
            logits = logits.float() + self.module.votes.share * self.module.votes(self.ngrams([[]]))
        return logits

    def save(self, folder: Path | str, *, compact: bool = False) -> None:
        """Write config, vocabulary and weights to a folder; with `compact`, as small as models that ship."""
        with new_checkpoint(Path(folder), holds=MODEL_PARTS) as beside:
            write_config(beside, kind=_KIND, config=asdict(self.config))
            self.vocabulary.save(beside / "vocabulary.json")
            save_weights(beside / "model.safetensors", self.module, compact=compact)

    @classmethod
    def load(cls, path_or_name: Path | str) -> "Classifier":
        """The classifier in a folder that `save` wrote, or that ships under this name, on the CPU.

        Raises `CheckpointError` if a file is missing or damaged, or holds another model.
        """
        folder = find_folder(path_or_name)
        numbers = read_config(folder, kind=_KIND)
        encoder = encoder_config_from(numbers.get("encoder"), folder)
        labels = numbers.get("labels")
        if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
            raise CheckpointError(f"{folder / 'config.json'}: labels is not a list of names")
        numbers = {**numbers, "encoder": encoder, "labels": tuple(labels)}
        config: ClassifierConfig = config_from(ClassifierConfig, numbers, folder)
        vocabulary = load_vocabulary(folder, encoder)
        with building(folder):
            classifier = cls(config, vocabulary)
        load_weights(folder / "model.safetensors", classifier.module)
        classifier.module.eval()
        return classifier


def _document_names(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """A language model's weights under the names that a document model has for them."""
    numbers = {"encoder": 0, "forward_encoder": 0, "backward_encoder": 1}
    renamed = {}
    for name, tensor in weights.items():
        part, _, rest = name.removeprefix("language_model.").partition(".")
        renamed[f"encoders.{numbers[part]}.{rest}" if part in numbers else f"{part}.{rest}"] = tensor
    return renamed
