"""The spaCy pipe `redactor`: Docs whose private spans were found → texts without them; what is found is others' work.

    nlp.add_pipe("seqlabel", config={"model": "en_pii"})
    nlp.add_pipe("redactor", config={"policy": "mask", "source": "spans:pii"})
    nlp(text)._.redacted.text

The Doc itself keeps its text. A key is read from a file or an environment variable, and is in no config, pickle or
saved pipeline.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple
from typing import Any, Union, cast

from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc

from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.docs import scored_characters
from seqlabel.privacy.keys import key_of_file, key_of_variable
from seqlabel.privacy.policies import Policy, policy_named
from seqlabel.privacy.redacted import Finding, Redacted, redact_characters
from seqlabel.spacy.running import WorkingPipe, label_batch, label_stream

_KEY = ("seqlabel", "redacted")
_ENTS, _SPANS = "ents", "spans:"


def redact_doc(
    doc: Doc, policy: Policy, *, source: str = "spans:pii", labels: Collection[str] | None = None
) -> Redacted:
    """Replace the entities (`ents`) or a span group (`spans:KEY`) of a Doc, those with some labels, or all.

    Scores are those of the group. Raises `DataError` where nobody has looked for any: a Doc without entity annotation
    or without the group; `OptionError` for another source.
    """
    if source == _ENTS:
        if len(doc) and not doc.has_annotation("ENT_IOB"):
            raise DataError("found a Doc without entity annotation; put a pipe that finds entities before the redactor")
        spans = [CharacterSpan(span.start_char, span.end_char, span.label_) for span in doc.ents]
    else:
        key = _group_of(source)
        if key not in doc.spans:
            raise DataError(
                f"found a Doc without the span group {key!r}; put a pipe that writes it before the redactor, or name "
                f"another source"
            )
        spans = scored_characters(doc.spans[key])
    if labels is not None:
        spans = [span for span in spans if span.label in labels]
    return redact_characters(doc.text, spans, policy)


def _group_of(source: str) -> str:
    key = source.removeprefix(_SPANS)
    if not key or key == source:
        raise OptionError(f"source: found {source!r}; allowed are {_ENTS!r} and '{_SPANS}KEY'")
    return key


def redacted_of(doc: Doc) -> Redacted | None:
    """What the redactor wrote to a Doc; None where it has not been. It is `Doc._.redacted`."""
    written = cast(Any, doc).user_data.get(_KEY)
    if written is None:
        return None
    text, findings, length = written
    return Redacted(text, tuple(Finding(*finding) for finding in findings), length)


class RedactorPipe(Pipe):
    """Writes `redact_doc` of what goes through to `Doc._.redacted`, which processes and `Doc.to_bytes` take along.

    The key is that of a file or an environment variable. Raises `OptionError` for a policy, a source or a key that is
    not as it should be, or both keys.
    """

    def __init__(
        self,
        name: str,
        policy: str,
        *,
        source: str,
        labels: Collection[str] | None,
        key_file: str | None,
        key_variable: str | None,
    ) -> None:
        if key_file is not None and key_variable is not None:
            raise OptionError("key: found a file and an environment variable; give one of them")
        if source != _ENTS:
            _group_of(source)
        self.name = name
        self._config = {
            "policy": policy,
            "source": source,
            "labels": labels,
            "key_file": key_file,
            "key_variable": key_variable,
        }
        key = key_of_file(key_file) if key_file is not None else None
        key = key_of_variable(key_variable) if key_variable is not None else key
        self._policy = policy_named(policy, key=key)
        self._source = source
        self._labels = labels

    def __call__(self, doc: Doc) -> Doc:
        """Redact a Doc. An error goes to the error handler, and, if that lets it pass, no Doc is given back."""
        done = label_batch(cast(WorkingPipe, self), [doc])
        return done[0] if done else cast(Doc, None)

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Redact Docs as they come."""
        return label_stream(cast(WorkingPipe, self), stream, batch_size=batch_size)

    def predict(self, docs: Sequence[Doc]) -> list[Redacted]:
        """The redacted texts; the Docs stay as they are."""
        return [redact_doc(doc, self._policy, source=self._source, labels=self._labels) for doc in docs]

    def set_annotations(self, docs: Sequence[Doc], predictions: Sequence[Redacted]) -> None:
        """Write the redacted texts to the Docs."""
        for doc, redacted in zip(docs, predictions, strict=True):
            # Lists of plain values, which MessagePack can hold.
            findings = [list(astuple(finding)) for finding in redacted.findings]
            cast(Any, doc).user_data[_KEY] = [redacted.text, findings, redacted.old_length]

    def __reduce__(self) -> tuple[Any, ...]:
        # Without the key: who unpickles reads it again.
        return _restored, (self.name, self._config, getattr(self, "error_handler", None))


def _restored(name: str, config: Mapping[str, Any], error_handler: Any) -> RedactorPipe:
    pipe = RedactorPipe(name, **config)
    if error_handler is not None:
        pipe.set_error_handler(error_handler)
    return pipe


@Language.factory(
    "redactor",
    assigns=["doc._.redacted"],
    default_config={
        "policy": "replace",
        "source": "spans:pii",
        "labels": None,
        "key_file": None,
        "key_variable": None,
    },
)
def create_redactor(
    nlp: Language,
    name: str,
    policy: str,
    source: str,
    labels: Union[list[str], None],  # noqa: UP007
    key_file: Union[str, None],  # noqa: UP007
    key_variable: Union[str, None],  # noqa: UP007
) -> RedactorPipe:
    """Make the pipe `redactor` of a config; see `RedactorPipe` and `redact_doc`.

    Raises `OptionError`, also where another package has an extension `redacted`.
    """
    if not Doc.has_extension("redacted"):
        Doc.set_extension("redacted", getter=redacted_of)
    elif Doc.get_extension("redacted")[2] is not redacted_of:
        raise OptionError("redactor: found another extension Doc._.redacted; remove it, this pipe needs the name")
    return RedactorPipe(name, policy, source=source, labels=labels, key_file=key_file, key_variable=key_variable)
