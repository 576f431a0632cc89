"""Texts or documents in, labelled documents out: batched, on documents of any length; training is
elsewhere.

A `Labeler` is a tagging model with all that it needs: what its heads say, its words, and the
tokeniser for plain text.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import replace
from functools import partial
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, overload

from pydantic import TypeAdapter
from safetensors import SafetensorError
from safetensors.numpy import load

from seqlabel.batches.windows import RowEnd
from seqlabel.documents.document import LEMMA, SENTENCE, Document, paragraph_starts, sentence_starts
from seqlabel.documents.edit_scripts import KnownLemmas, is_script
from seqlabel.documents.label_sets import LabelSet, Unit
from seqlabel.documents.tag_sets import TagSet, annotate
from seqlabel.errors import CheckpointError, OptionError, check_type, choose
from seqlabel.io.markup import table_html, table_lines
from seqlabel.models.folders import (
    READER,
    ModelForm,
    ModelKind,
    StoredModel,
    building_from,
    find_folder,
    read_kind,
)
from seqlabel.models.model_configs import (
    HeadConfig,
    LabelerConfig,
    TagPairs,
    can_be_paired,
    head_config,
)
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.inference import Inference, Paragraphs, SentenceBorders
from seqlabel.models.tagging.native import Arrays, arrays_of
from seqlabel.models.tagging.weights import LabelerWeights
from seqlabel.models.texts import grouped_texts, label_as_given
from seqlabel.names import LateModule
from seqlabel.native.compiled import Floats
from seqlabel.native.parallel import check_threads, in_order, pooled
from seqlabel.native.span_reader import NOTHING_DROPPED, SpanReader
from seqlabel.nn.heads.head import Head
from seqlabel.nn.network_configs import Decision, EncoderConfig, WordModelConfig, check_rate
from seqlabel.text.tokenizers import Tokenizer, Words
from seqlabel.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from seqlabel.batches.rows import RowEncoder
    from seqlabel.models import language_model, saving
    from seqlabel.models.language_model import LanguageModel, WordLanguageModel
    from seqlabel.models.tagging import building
    from seqlabel.nn import layers
    from seqlabel.nn.encoders import TextEncoder
    from seqlabel.nn.networks import TaggingModel, TagHead
    from seqlabel.text.pieces import Pieces
    from seqlabel.training import devices
else:
    language_model = LateModule("seqlabel.models.language_model")
    layers = LateModule("seqlabel.nn.layers")
    saving = LateModule("seqlabel.models.saving")
    building = LateModule("seqlabel.models.tagging.building")
    devices = LateModule("seqlabel.training.devices")


_FORM = ModelForm(
    ModelKind.LABELER,
    TypeAdapter(LabelerConfig),
    lambda config: building.build_labeler_module(config),
)
_HEADS = ("layer", "head", "labels", "names")
_HIDDEN = 128
"""The width of a fresh layer under the heads, in each direction."""
_WORD_DROPOUT = 0.2
"""How often a word's own vector is hidden in training."""
_SHOWN = 48
"""Characters of labels that are shown by name."""
_BATCHES = 16
"""How many batches of texts are collected at once, by all threads together, so that rows of like
length are found.
"""
_REMOTE_BATCHES = 4
"""The same on a GPU, whose batches are four times as large."""


class Labeler:
    """Labels the words of texts and documents, and whole documents, with a layer for each head.

    Long documents are cut into windows of `window` words, each read with `context` words on both
    sides; the labels of a shorter one do not depend on what else is labelled with it. Labelling
    leaves the model in evaluation mode, so that threads may share it. A new labeler has fresh
    heads.

    Attributes:
        trained: Whether its heads have learnt, so that further training must not make it forget:
            `load` and `fine_tune` set it, and copies keep it.

    Args:
        config: Its numbers.
        vocabulary: The words or pieces that the encoder reads. Without one an error says how a
            labeler is loaded.
        encoder: The encoder that the labeler holds from now on, built of the numbers in
            `config.encoder`; a fresh one if None.
        arrays: The weights that the labeler has, as they are stored, where the compiled steps read
            them; then there is no network in torch until `module` is asked for.
        arithmetic: The numbers in which it multiplies when it labels; training always has its own.

    Raises:
        OptionError: There is no head, two heads write one layer, or numbers do not fit together.
    """

    def __init__(
        self,
        config: LabelerConfig,
        vocabulary: "Vocabulary | Pieces | None" = None,
        *,
        encoder: "TextEncoder | None" = None,
        arrays: Arrays | None = None,
        arithmetic: Arithmetic = Arithmetic.AUTO,
    ) -> None:
        if vocabulary is None or isinstance(config, str | Path):
            advice = (
                f"Labeler.load({str(config)!r})"
                if isinstance(config, str | Path)
                else 'Labeler.load("en_pos")'
            )
            raise OptionError(
                f"expected a config and a vocabulary. To load a labeler, write {advice}."
            )
        self.config = config
        self.vocabulary = vocabulary
        self._weights = LabelerWeights(
            config,
            vocabulary,
            building.build_labeler_module(config, encoder) if arrays is None else arrays,
        )
        self.inference = Inference(self._weights, arithmetic=arithmetic)
        self._tokenizer = Tokenizer(config.language, config.words)
        self._reader: SpanReader | None = None
        # What `decisions` was made of, and what it made of that.
        self._decided: tuple[tuple[object, ...], list[Decision]] | None = None
        self.trained = False

    @property
    def module(self) -> "TaggingModel":
        """The network in torch; its weights may be changed. What was loaded for the compiled steps
        becomes one.
        """
        return self._weights.module

    @property
    def words(self) -> "RowEncoder":
        """The encoder that makes words the network's inputs."""
        return self._weights.encoder

    @classmethod
    def on(
        cls,
        encoder: "WordLanguageModel | LanguageModel | Labeler | Path | str",
        heads: Sequence[LabelSet | HeadConfig],
        *,
        hidden: int | None = None,
        dropout: float = 0.1,
        word_dropout: float | None = None,
        language: str = "en",
        words: Words = Words.SPACY,
        seed: int | None = 0,
    ) -> "Labeler":
        """Put fresh heads on a copy of a language model's encoder, or on copies of a trained
        labeler's layers.

        A labeler such as `en_ner` has a second layer that other labels have taught. It helps where
        your labels are like them, and can harm where they are not (docs/trials.md). A head of a
        layer that it has, of the same kind, keeps what it knows of the labels that both have; a tag
        set of such a layer takes the scheme that it has there.

        Args:
            encoder: The language model or the labeler, its folder, or the name of one that ships.
            heads: The layers to label. A tag set with a scheme gets a CRF head, one without a
                softmax head, a relation set a head of trees, categories a head of documents.
            hidden: The width of the fresh layer under the heads of words, in each direction; None
                for 128. That of a labeler keeps its width.
            dropout: The share of values dropped in training around that layer, and from the vectors
                of words.
            word_dropout: How often a word's own vector is hidden in training, where the encoder has
                hashed features; None for 0.2, and where all heads are those of documents for what
                the encoder learnt with.
            language: The language of the tokeniser for plain text.
            words: The words that plain text is cut into.
            seed: The seed of the fresh weights; None draws them from torch's own random numbers.

        Returns:
            The labeler, to be trained.

        Raises:
            CheckpointError: The folder holds neither a language model nor a labeler.
            OptionError: Numbers do not fit together, or `hidden` is not the width of the labeler's
                layer.

        Example:
            >>> from seqlabel import TagSet
            >>> labeler = Labeler.on("en_ner", [TagSet("topic", ("farm", "town"))])
            >>> labeler.config.layers
            ['topic']

            Tags of words and a label per document in one pass:

            >>> from seqlabel import Categories
            >>> heads = [TagSet("ner", ("PER",), "BIOES"), Categories("topic", ("farm", "town"))]
            >>> Labeler.on("en", heads).config.layers
            ['ner', 'topic']
        """
        if not hasattr(encoder, "config"):
            expected = "a language model, a labeler, or the folder or name of one"
            check_type("encoder", encoder, str | Path, expected)
        check_type("heads", heads, list | tuple, "a list such as [TagSet('upos', ('ADJ', 'NOUN'))]")
        if isinstance(encoder, str | Path) and read_kind(find_folder(encoder)) is ModelKind.LABELER:
            encoder = cls.load(encoder)
        if isinstance(encoder, Labeler):
            taught: Labeler | None = encoder
            numbers: EncoderConfig = encoder.config.encoder
            below: TextEncoder = encoder.module.encoder
            vocabulary = encoder.vocabulary
            language_model.warn_of_new_language(numbers, language, "The labeler")
            if encoder.config.hidden and hidden not in (None, encoder.config.hidden):
                raise OptionError(
                    f"hidden: expected {encoder.config.hidden}, the width of the labeler's layer, "
                    f"got {hidden}. Leave it out."
                )
            hidden = encoder.config.hidden or hidden
            heads = [encoder._in_own_scheme(head) for head in heads]
        else:
            taught = None
            model = language_model.encoder_for(encoder, language)
            numbers = model.config
            below = model.module.encoder
            vocabulary = model.vocabulary
        configs = tuple(map(head_config, heads))
        of_words = any(head.tag_set.unit is not Unit.DOCUMENT for head in configs)
        if isinstance(numbers, WordModelConfig) and (of_words or word_dropout is not None):
            rate = _WORD_DROPOUT if word_dropout is None else word_dropout
            numbers = replace(numbers, word_dropout=check_rate("word_dropout", rate))
        width = (_HIDDEN if hidden is None else hidden) if of_words or not configs else 0
        config = LabelerConfig(
            numbers, configs, hidden=width, language=language, dropout=dropout, words=words
        )
        with layers.seeded(seed):
            labeler = cls(config, vocabulary, encoder=building.copied_encoder(below, numbers))
        if taught is None:
            return labeler
        if taught.module.second is not None and labeler.module.second is not None:
            labeler.module.second.load_state_dict(taught.module.second.state_dict())
        for number, head in enumerate(configs):
            layer = head.tag_set.layer
            if layer not in taught.config.layers:
                continue
            known = taught.config.head(layer)
            if building.shares_labels(known, head):
                old = taught.module.tag_heads[taught.config.layers.index(layer)]
                labeler.module.heads[number] = building.extend_head(old, known, head)
        return labeler

    def _in_own_scheme(self, head: LabelSet | HeadConfig) -> LabelSet | HeadConfig:
        """Give a tag set of spans the scheme that this labeler has for its layer, so that what it
        knows of the tags is kept; heads with numbers of their own stay as they are.
        """
        if not isinstance(head, TagSet) or head.scheme is None:
            return head
        for own in self.tag_sets:
            if isinstance(own, TagSet) and own.layer == head.layer and own.scheme is not None:
                return replace(head, scheme=own.scheme)
        return head

    def __repr__(self) -> str:
        return f"Labeler(layers: {', '.join(self.config.layers)}; {self.parameters:,} parameters)"

    def __str__(self) -> str:
        return "\n".join([repr(self), *table_lines(_HEADS, self._head_rows())])

    def _repr_html_(self) -> str:
        return table_html(_HEADS, self._head_rows(), caption=repr(self))

    @property
    def parameters(self) -> int:
        """How many numbers are trained."""
        return self._weights.parameters

    def _head_rows(self) -> list[tuple[str, str, str, str]]:
        """The rows that are shown of the heads."""
        return [
            (
                head.tag_set.layer,
                f"{head.kind.name}, {head.tag_set.scheme}"
                if head.tag_set.scheme
                else head.kind.name,
                str(len(head.tag_set.labels)),
                shorten(", ".join(head.tag_set.labels), _SHOWN, placeholder=" …"),
            )
            for head in self.config.heads
        ]

    @property
    def tag_sets(self) -> list[LabelSet]:
        """The labels of each head."""
        return [head.tag_set for head in self.config.heads]

    @property
    def decisions(self) -> list[Decision]:
        """How each head's scores are read; `config` is the one place that says it."""
        # Making them takes longer than labelling a short text. A config is replaced as a whole
        # where it changes.
        parts = (self.config, self.vocabulary, self.reader)
        if self._decided is None or any(
            own is not part for own, part in zip(self._decided[0], parts, strict=True)
        ):
            self._decided = (parts, self._decisions())
        return list(self._decided[1])

    def _decisions(self) -> list[Decision]:
        partners = self.config.partners
        decisions: list[Decision] = []
        for number, head in enumerate(self.config.heads):
            lemmas = self._known_lemmas(head)
            decisions.append(
                Decision(head.temperature, head.threshold_offset, partners.get(number), lemmas)
            )

        reader = self.reader
        if reader is not None:
            number = self.config.layers.index(reader.config.layer)
            offset = decisions[number].threshold_offset + reader.config.offset
            tag_set = self.config.heads[number].tag_set
            own = reader.reading(tag_set) if isinstance(tag_set, TagSet) else None
            decisions[number] = replace(decisions[number], threshold_offset=offset, reader=own)
        return decisions

    @property
    def reader(self) -> SpanReader | None:
        """The second reader, which judges the spans of a layer and drops the unlikely ones; None
        without one.
        """
        return None if self.config.reader is None else self._reader

    def set_reader(self, reader: SpanReader | None) -> None:
        """Set what judges the spans of a layer after they are found. Training the labeler takes it
        away.

        Args:
            reader: A reader of this labeler's states; None for none.

        Raises:
            OptionError: The labeler lacks the reader's layer, it is not one of spans, or states
                have another width.
        """
        if reader is not None and reader.width != 2 * self.config.hidden:
            raise OptionError(
                f"reader: expected states of {2 * self.config.hidden} values, got a reader of "
                f"{reader.width}. Train one for this labeler."
            )
        self.config = replace(self.config, reader=None if reader is None else reader.config)
        self._reader = reader

    def set_rows(self, rows: RowEnd | str) -> None:
        """Set what ends a row of words, which is read by itself; `fine_tune` then trains on such
        rows too.

        No span crosses a blank line in any case. With `paragraph` nothing is seen across one: what
        was trained on sentences labels long documents better so.

        Args:
            rows: `text`, or `paragraph` to end rows at blank lines too.

        Raises:
            OptionError: `rows` is neither.
        """
        self.config = replace(self.config, rows=choose(RowEnd, "rows", rows))

    def _known_lemmas(self, head: HeadConfig) -> KnownLemmas | None:
        """What chooses between edit scripts by the words that the encoder knows, where the head has
        such tags.
        """
        tags = head.tag_set.tags
        if head.tag_set.layer != LEMMA or not can_be_paired(head) or not all(map(is_script, tags)):
            return None
        return (
            KnownLemmas(tags, self.vocabulary) if isinstance(self.vocabulary, Vocabulary) else None
        )

    def set_pairs(self, together: TagPairs | None) -> None:
        """Set the pairs of tags that two layers may give a word; the most likely of these is then
        chosen.

        `fine_tune` does so where it makes more tags right on dev.

        Args:
            together: The pairs; None to choose each layer by itself.

        Raises:
            OptionError: The labeler lacks a layer or tag, or a layer is not one of tags with a
                softmax head.
        """
        self.config = replace(self.config, together=together)

    def set_following(self, following: Sequence[TagPairs]) -> None:
        """Set layers that get only tags that go with those of another layer, such as features with
        a part of speech.

        `fine_tune` does so where it makes more tags right on dev.

        Args:
            following: Pairs of tags of a layer that leads and one that follows it; none for no such
                layers.

        Raises:
            OptionError: The labeler lacks a layer or tag, a layer is not one of tags with a softmax
                head, or it is led twice, or is led and leads.
        """
        self.config = replace(self.config, following=tuple(following))

    def set_temperatures(self, temperatures: Sequence[float]) -> None:
        """Set what each head's scores are divided by before they become probabilities; no label
        changes.

        The method is temperature scaling (Guo et al. 2017).

        Args:
            temperatures: The divisor for each head, in the order of the heads; numbers above 0, and
                1 leaves scores as they are.

        Raises:
            OptionError: A temperature is not a finite number above 0.
            ValueError: There are more or fewer temperatures than heads.
        """
        heads = [
            replace(head, temperature=t)
            for head, t in zip(self.config.heads, temperatures, strict=True)
        ]
        self.config = replace(self.config, heads=tuple(heads))

    def set_threshold_offset(self, layer: str, threshold_offset: float) -> None:
        """Set what is subtracted from the score of `O` before a layer's tags are chosen.

        `threshold_offset_for` measures the one that reaches a recall.

        Args:
            layer: A layer of spans.
            threshold_offset: The offset in nats; with a higher one more spans are found, and more
                of them are wrong.

        Raises:
            OptionError: The labeler lacks the layer, the offset is not a finite number, or the
                layer's tags have no `O`.
        """
        self.config = self.config.with_head(layer, threshold_offset=threshold_offset)

    def with_sensitivity(self, sensitivity: float) -> "Labeler":
        """Copy the labeler so that it finds more spans, or fewer.

        Args:
            sensitivity: Added to the threshold offset of each layer of spans: 0 changes nothing, 2
                finds far more, -1 less. A higher one finds all words that a lower one finds; 0
                keeps the sequences of a CRF, which may differ from both by a word. With a second
                reader, up to 3 fewer of the spans found are dropped (`SpanReader.at`), and above 3
                more are found.

        Returns:
            A labeler with weights of its own, which have the same values.

        Raises:
            OptionError: There is no layer of spans, or this is not a finite number.
        """
        spans = [head for head in self.config.heads if head.tag_set.scheme is not None]
        if not spans:
            raise OptionError("sensitivity: this labeler has no layer of spans. Leave it out.")
        other = self.copy()
        for head in spans:
            layer = head.tag_set.layer
            reader = self.reader
            more = sensitivity
            if reader is not None and reader.config.layer == layer:
                # Up to there only what is dropped changes; from there on nothing is dropped, and
                # more is found.
                other.set_reader(reader.at(sensitivity))
                more = max(sensitivity - NOTHING_DROPPED, 0.0)
            other.set_threshold_offset(layer, head.threshold_offset + more)
        return other

    @overload
    def __call__(  # type: ignore[overload-overlap]
        self, texts: str | Document, *, layers: Sequence[str] | None = None, threads: int = 1
    ) -> Document: ...

    @overload
    def __call__(  # type: ignore[overload-overlap]
        self,
        texts: Sequence[str | Document],
        *,
        layers: Sequence[str] | None = None,
        threads: int = 1,
    ) -> list[Document]: ...

    @overload
    def __call__(
        self,
        texts: Iterable[str | Document],
        *,
        layers: Sequence[str] | None = None,
        threads: int = 1,
    ) -> Iterator[Document]: ...

    def __call__(
        self,
        texts: str | Document | Iterable[str | Document],
        *,
        layers: Sequence[str] | None = None,
        threads: int = 1,
    ) -> Document | list[Document] | Iterator[Document]:
        """Label a text or several, in order.

        Args:
            texts: A text, which `tokenize` cuts into words, or a document, which has words; or a
                list or another iterable of these.
            layers: The layers to label, which takes less time than all; None for all.
            threads: How many threads label; the labels are the same for any number.

        Returns:
            A document for each text, with the heads' layers and their probabilities: one document
            for one text, a list for a list, and for any other iterable the iterator of `pipe`.

        Raises:
            DataError: For what is neither a text nor a document.
            OptionError: For what cannot be iterated over, and for a layer that the labeler lacks.

        Example:
            >>> labeler = Labeler.load("en_pos")
            >>> labeler("She reads.").tags["upos"].labels
            ('PRON', 'VERB', 'PUNCT')
            >>> [len(document) for document in labeler(["She reads.", "Yes."])]
            [3, 2]
        """
        return label_as_given(texts, partial(self.pipe, layers=layers, threads=threads))

    def pipe(
        self,
        texts: Iterable[str | Document],
        *,
        layers: Sequence[str] | None = None,
        batch_words: int | None = None,
        threads: int = 1,
    ) -> Iterator[Document]:
        """Label texts one after another, in order; only some batches are held at once.

        Args:
            texts: Texts, which `tokenize` cuts into words, or documents, which have words.
            layers: The layers to label, which takes less time than all; None for all.
            batch_words: About how many words are read at once; None for 4,096, and 16,384 on a GPU.
            threads: How many threads label; the labels are the same for any number. On a GPU there
                is always one, next to the caller's, which works on with the documents meanwhile, as
                `PrivateFinder` does with its rules.

        Yields:
            A document for each text, with the heads' layers and their probabilities.

        Raises:
            DataError: For what is neither a text nor a document.
            OptionError: For what is not a list of texts, for a layer that the labeler lacks, and
                for numbers of words or threads that do not fit.
        """
        check_threads(threads)
        engine = self.inference.engine
        if batch_words is None:
            batch_words = engine.batch_words
        batches = max((_REMOTE_BATCHES if engine.is_remote else _BATCHES) // threads, 1)
        groups = grouped_texts(texts, self.tokenize, batch_words=batch_words, batches=batches)
        asked = self.config.heads if layers is None else map(self.config.head, layers)
        heads = list(map(self.config.heads.index, asked))
        label = partial(self._label, heads=heads, batch_words=batch_words)
        if engine.is_remote:
            pool = ThreadPoolExecutor(threads, thread_name_prefix="seqlabel")
            labeled = pooled(pool, label, groups, ahead=threads)
        else:
            labeled = in_order(label, groups, threads=threads)
        for documents in labeled:
            yield from documents

    def probabilities(self, documents: Sequence[Document], layer: str) -> list[Floats]:
        """Score every tag of a layer for the words of documents, or every label of a layer of
        categories.

        Args:
            documents: Documents of any length.
            layer: The layer.

        Returns:
            For each document the probability of each tag of the layer's tag set, an array (words,
            tags), of a layer of categories (1, labels). It is that of the head alone; threshold
            offsets and other layers take no part.

        Raises:
            OptionError: The labeler lacks the layer.

        Example:
            >>> labeler = Labeler.load("en_pos")
            >>> labeler.probabilities([labeler.tokenize("She reads.")], "upos")[0].shape
            (3, 17)
        """
        number = self.config.heads.index(self.config.head(layer))
        if self.tag_sets[number].unit is Unit.SENTENCE:
            raise OptionError(
                f"layer: expected a layer of tags, spans or categories, got {layer!r}, one of "
                "trees. Name another one."
            )
        if self.tag_sets[number].unit is Unit.DOCUMENT:
            words = [document.words for document in documents]
            (labels,) = self.inference.tags(words, self.decisions, heads=[number])
            return [label.scores[None] for label in labels]
        tags = len(self.tag_sets[number].tags)
        texts = [document.words for document in documents]
        alone = replace(self.decisions[number], threshold_offset=0.0, reader=None)
        return self.inference.probabilities(
            texts, number, alone, tags, paragraphs=self._paragraphs(documents)
        )

    def judged_probabilities(self, documents: Sequence[Document], layer: str) -> list[Floats]:
        """Score every tag of a layer as `probabilities` does; words of the spans that are found
        share their span's.

        Args:
            documents: Documents of any length.
            layer: The layer.

        Returns:
            For each document the probability of each tag, an array (words, tags). Without a second
            reader for the layer they are those of `probabilities`.

        Raises:
            OptionError: The labeler lacks the layer.
        """
        number = self.config.heads.index(self.config.head(layer))
        decision = self.decisions[number]
        if decision.reader is None:
            return self.probabilities(documents, layer)
        texts = [document.words for document in documents]
        tags = len(self.tag_sets[number].tags)
        return self.inference.probabilities(
            texts, number, decision, tags, paragraphs=self._paragraphs(documents)
        )

    def tokenize(self, text: str, *, multiwords: bool = True) -> Document:
        """Cut a text into words (`seqlabel.text.tokenizers`).

        Args:
            text: Any text.
            multiwords: Whether multiword tokens are split, where the labeler reads syntactic words.

        Returns:
            A document of its words, without white space.
        """
        return self._tokenizer(text) if multiwords else self._tokenizer.whole(text)

    def split_multiwords(self, document: Document) -> Document:
        """Split the multiword tokens among a document's words, where the labeler reads syntactic
        words (`Words`).

        Args:
            document: A document without layers.

        Returns:
            The document with the words that these tokens stand for; for another labeler the same
            one.
        """
        return self._tokenizer.split(document)

    def _label(
        self, documents: list[Document], heads: list[int], batch_words: int
    ) -> list[Document]:
        texts = [document.words for document in documents]
        borders = self._borders(documents, asked=heads)
        tags_of_heads = self.inference.tags(
            texts,
            self.decisions,
            heads=heads,
            batch_words=batch_words,
            borders=borders,
            paragraphs=self._paragraphs(documents),
        )
        tag_sets = [self.config.heads[head].tag_set for head in heads]
        labeled: list[Document] = []
        for document, *layers in zip(documents, *tags_of_heads, strict=True):
            numbers = [(ids.tolist(), scores.tolist()) for ids, scores in layers]
            labeled.append(annotate(document, tag_sets, numbers))
        return labeled

    def _paragraphs(self, documents: Sequence[Document]) -> Paragraphs:
        starts = [paragraph_starts(document.text, document.offsets) for document in documents]
        return Paragraphs(starts, self.config.rows)

    def _borders(self, documents: Sequence[Document], asked: Sequence[int]) -> SentenceBorders:
        """Where sentences begin: as the documents will say once they are annotated."""
        layers = self.config.layers
        number = layers.index(SENTENCE) if SENTENCE in layers else None

        def starts(text: int, ids: Sequence[int] | None) -> Sequence[int]:
            document = documents[text]
            if document.sentences == (0,) or (document.sentences and number not in asked):
                return document.sentences
            tags = self.tag_sets[number].tags if number is not None else ()
            return sentence_starts(
                document.text, document.offsets, [tags[tag] for tag in ids or ()]
            )

        return SentenceBorders(number, starts)

    def copy(self) -> "Labeler":
        """Copy the labeler with its weights, so that training one leaves the other as it is.

        Returns:
            A labeler with weights of its own, which have the same values.
        """
        return self._with(self.config, self._weights.copy())

    def keep(self, layers: Sequence[str]) -> "Labeler":
        """Copy the labeler without the heads of other layers, such as one that only helped to train
        it.

        Args:
            layers: The layers whose heads are kept, in their order.

        Returns:
            An independent copy with the same predictions for these layers.

        Raises:
            OptionError: The labeler lacks a layer, or none is named.
        """
        config = self.config.keeping(layers)
        heads = [self.module.tag_heads[self.config.layers.index(layer)] for layer in layers]
        return self.with_heads(config, heads)

    def with_layers(
        self, heads: Sequence[LabelSet | HeadConfig], *, seed: int | None = 0
    ) -> "Labeler":
        """Copy the labeler and add fresh heads for other layers, to be trained together with its
        own.

        Args:
            heads: The further layers to label. A tag set with a scheme gets a CRF head, one without
                a softmax head, a relation set a head of trees, categories a head of documents.
            seed: The seed of the fresh weights; None draws them from torch's own random numbers.

        Returns:
            An independent copy with the same predictions for the layers that it had.

        Raises:
            OptionError: A layer is named twice or is there already.

        Example:
            >>> from seqlabel import TagSet
            >>> labeler = Labeler.load("en_pos").with_layers([TagSet("mood", ("ask", "say"))])
            >>> [tag_set.layer for tag_set in labeler.tag_sets][-1]
            'mood'
        """
        added = tuple(map(head_config, heads))
        of_words = any(head.tag_set.unit is not Unit.DOCUMENT for head in added)
        hidden = self.config.hidden or (_HIDDEN if of_words else 0)
        config = replace(self.config, heads=(*self.config.heads, *added), hidden=hidden)
        with layers.seeded(seed):
            fresh = [building.build_head(head, config) for head in added]
            return self.with_heads(config, [*self.module.tag_heads, *fresh])

    def with_labels(self, labels: Sequence[str], *, layer: str | None = None) -> "Labeler":
        """Copy the labeler and add labels to a layer, to be trained on examples of them.

        Until it is trained, the copy labels as this labeler does.

        Args:
            labels: The new labels, none of which the layer has.
            layer: The layer; None where the labeler has one only.

        Returns:
            A labeler with weights of its own.

        Raises:
            OptionError: The labeler lacks the layer or has several, or a label is empty, repeated
                or there already.

        Example:
            >>> labeler = Labeler.load("en_pii").with_labels(["TICKET"])
            >>> labeler.tag_sets[0].labels[-1]
            'TICKET'
        """
        config = self.config.with_labels(labels, layer)
        heads = [
            head if before is after else building.extend_head(head, before, after)
            for head, before, after in zip(
                self.module.tag_heads, self.config.heads, config.heads, strict=True
            )
        ]
        return self.with_heads(config, heads)

    def with_heads(self, config: LabelerConfig, heads: "Sequence[TagHead]") -> "Labeler":
        """Copy the labeler with other heads.

        Args:
            config: The config that names the heads.
            heads: Their modules, which are copied.

        Returns:
            A labeler with weights of its own.
        """
        module = building.with_heads(self.module, heads, hidden=config.hidden)
        weights = LabelerWeights(config, self.vocabulary, module)
        return self._with(config, weights)

    def _with(self, config: LabelerConfig, weights: LabelerWeights) -> "Labeler":
        """A labeler of the same words with another config and other weights."""
        other = copy(self)
        other.config = config
        other._weights = weights
        other.inference = Inference(other._weights, arithmetic=self.inference.arithmetic)
        return other

    def save(self, folder: Path | str, *, compact: bool = False) -> None:
        """Write config, vocabulary and weights to a folder, in place of the model that was there.

        Args:
            folder: The folder; it is made where it is missing.
            compact: Whether to store weights in 8 and 16 bits, as models that ship are.

        Raises:
            CheckpointError: The folder cannot be written; the model that was there is then as it
                was.
            OptionError: The folder holds other files, which would be lost.
        """
        saving.save_model(_FORM, self, folder, compact=compact)

    @classmethod
    def load(
        cls,
        path_or_name: Path | str | StoredModel,
        *,
        arithmetic: Arithmetic = Arithmetic.AUTO,
        device: str = "cpu",
        heads: Sequence[type[Head]] = (),
        recurrences: Sequence[type] = (),
    ) -> "Labeler":
        """Load a labeler, ready to use.

        Args:
            path_or_name: A folder that `save` wrote, the name of a labeler that ships, or either as
                a `StoredModel`, which others may read too.
            arithmetic: The numbers in which it multiplies when it labels; training always has its
                own.
            device: Where it labels; see `to`.
            heads: The classes of heads of your own that the labeler has; no code is run because a
                file names it.
            recurrences: The classes of recurrences of your own that its encoder has.

        Returns:
            The labeler.

        Raises:
            CheckpointError: A file is missing or damaged, the folder holds another kind of model,
                or it names a class of your own that was not passed.
            OptionError: This machine lacks the device.
        """
        arithmetic = choose(Arithmetic, "arithmetic", arithmetic)
        own = [*heads, *recurrences]
        if isinstance(path_or_name, StoredModel):
            stored = path_or_name
        else:
            stored = StoredModel(path_or_name, ModelKind.LABELER)

        labeler = cls._load_arrays(stored, arithmetic, own) if arithmetic.is_compiled else None
        labeler = labeler or saving.load_model(
            _FORM, stored.folder, partial(cls, arithmetic=arithmetic), own=own
        )
        labeler.trained = True
        labeler.set_reader(stored_reader(stored, labeler.config))
        return labeler if device == "cpu" else labeler.to(device)

    def to(self, device: str) -> "Labeler":
        """Move the labeler to a device, where it labels from now on.

        On a GPU it reads 16,384 words at once, with a copy of its layers in 16 bits where the GPU
        multiplies in these (`Arithmetic.FLOAT32` does without); weights stay float32. Labels may
        differ in the rare word whose two best tags are equally probable.

        Args:
            device: `auto` (CUDA, then MPS, then CPU), `cpu`, `cuda`, `cuda:N` or `mps`. MPS is
                untested.

        Returns:
            This labeler.

        Raises:
            OptionError: This machine lacks the device.
        """
        chosen = devices.choose_device(device)
        if chosen.type != "cpu" or self.inference.engine.is_remote:
            self.module.to(chosen)
        return self

    @classmethod
    def _load_arrays(
        cls, stored: StoredModel, arithmetic: Arithmetic, own: Sequence[type]
    ) -> "Labeler | None":
        """Load a labeler for the compiled steps; None where these do not read it."""
        config = stored.config(_FORM.config, own=own)
        arrays = arrays_of(config, stored.data, rename=stored.weight_name)
        if arrays is None or not isinstance(config.encoder, WordModelConfig):
            return None
        vocabulary = stored.vocabulary()
        if not isinstance(vocabulary, Vocabulary) or len(vocabulary) != config.encoder.words:
            return None
        with building_from(stored.folder):
            return cls(config, vocabulary, arrays=arrays, arithmetic=arithmetic)


def stored_reader(stored: StoredModel, config: LabelerConfig) -> SpanReader | None:
    """Read the second reader in a labeler's folder.

    Args:
        stored: The folder.
        config: The labeler's config.

    Returns:
        The reader; None without one.

    Raises:
        CheckpointError: Its weights are damaged, or those of another labeler.
    """
    if config.reader is None:
        return None
    path = stored.folder / READER
    tag_set = config.head(config.reader.layer).tag_set
    assert isinstance(tag_set, TagSet)
    try:
        return SpanReader(config.reader, load(stored.reader_data), tag_set)
    except (SafetensorError, KeyError, TypeError, ValueError, OptionError) as error:
        reason = str(error).partition("\n")[0]
        raise CheckpointError(
            f"{path}: holds no second reader of this labeler ({reason}). Restore the file."
        ) from error
