"""The spaCy pipe `private_finder`: `PrivateFinder`, model and rules, in a pipeline; findings are
replaced elsewhere.

    nlp.add_pipe("private_finder", config={"model": "en_pii", "sensitivity": 1.0})
    nlp.add_pipe("redactor", config={"policy": "mask"})

Findings are the same as those of `PrivateFinder` on the text of the Doc, whatever spaCy's tokens
are.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Union

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import logger

from seqlabel.documents.document import Document
from seqlabel.errors import choose
from seqlabel.io.markup import visible
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder
from seqlabel.privacy.finding.settings import MODEL, PrivacySettings
from seqlabel.privacy.finding.settings_file import load_settings
from seqlabel.spacy.annotations import Existing, Place, Target, write_group
from seqlabel.spacy.doc_words import on_tokens, tokens_touched
from seqlabel.spacy.layer_writer import write_entities
from seqlabel.spacy.scorers import score_places
from seqlabel.spacy.storing import StoredModel, StoredPipe, make_ready


class PrivateFinderPipe(StoredPipe):
    """Finds private data in the text of each Doc and writes spans of tokens with their exact
    characters.

    `doc.spans[spans_key]` has every token that private data touches: findings that meet on a token
    become one span, with the label of the one with more words. The group's `attrs["characters"]`
    has for each span the findings in it, `[start, end, label, score, source]` each, with offsets of
    characters in `doc.text`; a source is `model`, the id of a rule or of a pattern in the settings,
    or `deny`. `attrs["scores"]` has the lowest probability of each span. `redactor` and `redact`
    replace the exact characters.

    Args:
        name: The name of the component.
        settings: `sensitivity`, `labels`, `except_` and `rules` of `PrivateFinder`, or its
            `settings`.
        spans_key: The span group to write.
        annotate_ents: Whether the spans are also written to `doc.ents`.
        existing: How to treat existing spans and entities.
        arithmetic: In which numbers the labeler multiplies.
        threads: How many batches of `pipe` are read at a time.

    Raises:
        OptionError: For a model without the layer `pii`, for a number of threads below 1, and as
            `PrivateFinder` does.
    """

    _finder: PrivateFinder | None = None
    _of_model = ("_stored", "_finder")

    def __init__(
        self,
        name: str,
        *,
        settings: Mapping[str, Any],
        spans_key: str,
        annotate_ents: bool,
        existing: Existing,
        arithmetic: Arithmetic,
        threads: int = 1,
    ) -> None:
        super().__init__(name, arithmetic=arithmetic, threads=threads)
        self.spans_key = spans_key
        self.annotate_ents = annotate_ents
        self.existing = existing
        self._settings = settings

    def _use(self, stored: StoredModel) -> None:
        make_ready(stored.model)
        self._finder = PrivateFinder(stored.model, **self._settings)
        self._stored = stored

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that can be found, in alphabetical order."""
        return () if self._finder is None else tuple(sorted(self._finder.labels))

    def predict(self, docs: Sequence[Doc]) -> list[Document]:
        """Find private data; the Docs stay as they are; see `WorkingPipe`.

        Raises:
            CheckpointError: If there is no model.
        """
        self._held()
        assert self._finder is not None
        return list(self._finder([doc.text for doc in docs]))

    def set_annotations(self, docs: Sequence[Doc], predictions: Sequence[Document]) -> None:
        """Write findings to Docs; see `WorkingPipe`."""
        findings = []
        for doc, document in zip(docs, predictions, strict=True):
            layer = document.spans[LAYER]
            # Most texts hold nothing private: their words are not looked for among the tokens.
            findings.append(
                on_tokens(layer, *tokens_touched(doc, document.offsets)) if layer.spans else layer
            )
        if self.annotate_ents:
            write_entities(docs, findings, existing=self.existing)
        for doc, document, spans in zip(docs, predictions, findings, strict=True):
            exact = document.character_spans(LAYER) if spans.spans else []
            write_group(doc, self.spans_key, spans, existing=self.existing, exact=exact)

    def score(self, examples: Iterable[Example], **_: Any) -> dict[str, Any]:
        """Score the span group and the entities.

        Args:
            examples: Docs with gold annotation.

        Returns:
            spaCy's scores of both.
        """
        self._held()
        places = [
            Place(Target.SPANS, self.spans_key),
            *([Place(Target.ENTS)] if self.annotate_ents else []),
        ]
        return score_places(list(examples), places, labels=self.labels)


def load_loudly(name: str, path: str) -> PrivacySettings:
    """Read the settings that a pipeline names, and say what they take away: the pipeline may be
    another's.

    Args:
        name: The name of the component.
        path: The file.

    Returns:
        The settings.

    Raises:
        OptionError: For a file that cannot be read, and for what is not allowed in it.
    """
    settings = load_settings(path)
    if taken := settings.narrowing():
        logger.warning(
            "%s: uses the settings in %s, which %s", name, visible(path), "; ".join(taken)
        )
    return settings


@Language.factory(
    "private_finder",
    assigns=["doc.spans", "doc.ents", "token.ent_iob", "token.ent_type"],
)
def create_private_finder(
    nlp: Language,
    name: str,
    model: str = "en_pii",
    sensitivity: float = 0.0,
    labels: Union[list[str], None] = None,  # noqa: UP007
    rules: bool = True,
    settings: Union[str, None] = None,  # noqa: UP007
    spans_key: str = LAYER,
    annotate_ents: bool = True,
    existing: str = "keep",
    arithmetic: str = "auto",
    threads: int = 1,
    except_: Union[list[str], None] = None,  # noqa: UP007
) -> PrivateFinderPipe:
    """Make the pipe `private_finder` of a config.

    A folder that holds no model, or one that the settings do not fit, is an error when the pipe is
    used: spaCy makes pipes before it loads their weights, wherever the pipeline is run.

    Args:
        nlp: The pipeline.
        name: The name of the component.
        model: The name of a model that ships or the folder of a labeler with the layer `pii`.
        sensitivity: How readily the model finds something: 0 is the default, and a higher number
            finds more.
        labels: The labels to find; None finds all.
        rules: Whether values whose form proves them, such as card numbers and IP addresses, are
            found too.
        settings: A file of settings, such as `seqlabel.toml`, instead of `sensitivity`, `labels`,
            `except_` and `rules`. Its model is used unless `model` names another.
        spans_key: The span group to write.
        annotate_ents: Whether `doc.ents` is written too.
        existing: How to treat existing spans and entities: `keep`, `override` or `clear`.
        arithmetic: In which numbers the model multiplies: `auto`, `float32` or `int8`.
        threads: How many batches of `nlp.pipe` are read at a time.
        except_: Labels to leave out; None leaves out none. In `seqlabel.toml` it is
            `except`, a word that Python reserves.

    Returns:
        The pipe.

    Raises:
        OptionError: For an unknown choice, for a number of threads below 1, and for labels that a
            model that ships does not have.

    Example:
        >>> import spacy
        >>> nlp = spacy.blank("en")
        >>> pipe = nlp.add_pipe("private_finder")
        >>> doc = nlp("Ann Moss wrote to ann@moss.example.")
        >>> [(span.text, span.label_) for span in doc.spans["pii"]]
        [('Ann Moss', 'PERSON'), ('ann@moss.example', 'EMAIL')]
        >>> [one[4] for findings in doc.spans["pii"].attrs["characters"] for one in findings]
        ['model', 'email']
    """
    asked: dict[str, Any] = {
        "sensitivity": sensitivity,
        "labels": labels,
        "rules": rules,
        "except_": except_ or (),
    }
    if settings is not None:
        chosen = load_loudly(name, settings)
        asked["settings"] = chosen
        model = str(chosen.model) if model == MODEL else model
    pipe = PrivateFinderPipe(
        name,
        settings=asked,
        spans_key=spans_key,
        annotate_ents=annotate_ents,
        existing=choose(Existing, "existing", existing),
        arithmetic=choose(Arithmetic, "arithmetic", arithmetic),
        threads=threads,
    )
    return pipe.take_named(model, nlp, late=False)
