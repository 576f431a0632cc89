"""The spaCy pipe `redactor`: Docs → texts without their private spans, which other pipes or the
redactor itself find.

    nlp.add_pipe("private_finder", config={"model": "en_pii"})
    nlp.add_pipe("redactor", config={"policy": "mask"})
    nlp(text)._.redacted.text

The Doc itself keeps its text. A key is read from a file or an environment variable, and is in no
config, pickle or saved pipeline.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, Union

from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc

from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.docs import scored_characters
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder
from seqlabel.privacy.finding.settings import MODEL, PrivacySettings
from seqlabel.privacy.replacing.keys import key_of_file, key_of_variable
from seqlabel.privacy.replacing.policies import Policy, PolicyName
from seqlabel.privacy.replacing.redacted import Finding, Redacted, redact_characters
from seqlabel.privacy.rules.kinds import STANDARD_LABELS
from seqlabel.privacy.rules.labels import check_chosen, check_labels
from seqlabel.spacy.annotations import Place, Target, user_data
from seqlabel.spacy.private import load_loudly
from seqlabel.spacy.running import WorkingPipe

_KEY = ("seqlabel", "redacted")


def redact_doc(
    doc: Doc,
    policy: Policy | str = "replace",
    *,
    source: str = f"{Target.SPANS}:{LAYER}",
    labels: Collection[str] | None = None,
    policies: Mapping[str, Policy | str] | None = None,
    known_labels: Collection[str] | None = None,
) -> Redacted:
    """Replace the entities or the spans of a group of a Doc.

    Of a group that `private_finder` or `seqlabel` wrote, the exact characters are replaced, which
    are often less than tokens.

    Args:
        doc: A Doc in which private data was found.
        policy: The replacement of a span: a policy, or the name of one that has no key.
        source: `ents`, `spans:KEY` for a group, or `spans` for the group `pii`.
        labels: The labels to replace; None replaces all.
        policies: Policies for some labels, or their names, used instead of `policy`.
        known_labels: The labels that `labels` may name, besides those in the Doc; None is the
            library's labels.

    Returns:
        The redacted text and its findings, with the scores of the group.

    Raises:
        DataError: For a Doc without entity annotation or without the group: private data was not
            looked for.
        OptionError: For another source, and for a label that is not known.
    """
    place = _read_source(source)
    if place.target is Target.ENTS:
        if len(doc) and not doc.has_annotation("ENT_IOB"):
            raise DataError(
                "The Doc came without entity annotation. Put a pipe that finds entities before "
                "the redactor."
            )
        spans = [CharacterSpan(span.start_char, span.end_char, span.label_) for span in doc.ents]
    else:
        if place.name not in doc.spans:
            raise DataError(
                f"The Doc came without the span group {place.name!r}. Put a pipe that writes it, "
                "such as private_finder, before the redactor, or name another source."
            )
        spans = scored_characters(doc.spans[place.name])
    if labels is not None:
        known = STANDARD_LABELS if known_labels is None else known_labels
        check_chosen(labels, {*known, *(span.label for span in spans)})
        spans = [span for span in spans if span.label in labels]
    return redact_characters(doc.text, spans, policy, policies=policies)


def _read_source(source: str) -> Place:
    return Place.read(source, layer=LAYER, option="source", allowed=(Target.ENTS, Target.SPANS))


def redacted_of(doc: Doc) -> Redacted | None:
    """Read what the redactor wrote to a Doc; this is `Doc._.redacted`.

    Args:
        doc: Any Doc.

    Returns:
        The redacted text and its findings, None for a Doc that was not redacted.
    """
    written = user_data(doc).get(_KEY)
    if written is None:
        return None
    text, findings, length = written
    return Redacted(text, tuple(Finding(*finding) for finding in findings), length)


_FOUND = {"doc.ents", "doc.spans", "token.ent_type"}


@dataclass(frozen=True)
class RedactorOptions:
    """The config of a redactor.

    Args:
        policy: The name of a policy.
        policies: The names of policies for some labels, used instead of `policy`.
        source: `ents`, `spans:KEY`, or None for `spans:pii` or else what the pipe finds by itself.
        labels: The labels to replace; None replaces all.
        key_file: The file with the key.
        key_variable: The environment variable with the key in hexadecimal digits.
        settings: The file of settings that names policies, and says what the pipe finds by itself;
            None has none.
    """

    policy: str
    policies: Mapping[str, str]
    source: str | None
    labels: Collection[str] | None
    key_file: str | None
    key_variable: str | None
    settings: str | None


class RedactorPipe(WorkingPipe, Pipe):
    """Writes redacted texts to `Doc._.redacted`, which processes, `Doc.to_bytes` and `Doc.to_json`
    take along.

    A Doc without the group `pii` is read by a `PrivateFinder` of this pipe, the model `en_pii` with
    rules, unless the config names a source.

    Args:
        name: The name of the component.
        options: Its config.
        nlp: The pipeline, whose components find the labels that `labels` and the settings'
            `policies` may name; None where they were checked before.

    Raises:
        OptionError: For an unknown policy, source or label, and for a key that is missing, not
            needed, or given twice.
    """

    def __init__(self, name: str, options: RedactorOptions, nlp: Language | None = None) -> None:
        if options.key_file is not None and options.key_variable is not None:
            raise OptionError(
                "key: expected a file or an environment variable, got both. Pass one of them."
            )
        if options.source is not None:
            _read_source(options.source)
        check_chosen(options.labels, options.labels or ())
        self.name = name
        self._options = options
        key = key_of_file(options.key_file) if options.key_file is not None else None
        key = key_of_variable(options.key_variable) if options.key_variable is not None else key
        self._settings = None if options.settings is None else load_loudly(name, options.settings)
        self._policies: dict[str, Policy] = {}
        if self._settings is None:
            named = PrivacySettings(policy=options.policy, policies=options.policies)
            self._policy, self._policies = named.make_policies(key)
        else:
            if (
                options.policy != PolicyName.REPLACE
                or options.policies
                or options.labels is not None
            ):
                raise OptionError(
                    f"{name}: expected settings alone, got policy, policies or labels too. Put "
                    "these into the settings."
                )
            if key is None and self._settings.key_file is not None:
                key = key_of_file(self._settings.key_file)
            self._policy, self._policies = self._settings.make_policies(key)
        self._finder: PrivateFinder | None = None
        # Kept while a label could be that of a component whose weights are not loaded yet.
        self._unchecked = nlp
        self._check_labels(in_use=False)

    def predict(self, docs: Sequence[Doc]) -> list[Redacted]:
        """Redact the texts of Docs; the Docs stay as they are; see `WorkingPipe`.

        Raises:
            DataError: For a Doc without what `source` names.
            OptionError: For a label that no component finds.
        """
        self._check_labels(in_use=True)
        labels = self._options.labels
        source = self._options.source
        unread = [doc for doc in docs if source is None and LAYER not in doc.spans]
        by_doc = {
            id(doc): redacted for doc, redacted in zip(unread, self._find(unread), strict=True)
        }
        return [
            by_doc.get(id(doc))
            or redact_doc(
                doc,
                self._policy,
                source=source or str(Target.SPANS),
                labels=labels,
                policies=self._policies,
                known_labels=labels or (),
            )
            for doc in docs
        ]

    def _check_labels(self, *, in_use: bool) -> None:
        """Check labels; not where a component without labels may still get some, unless the pipe is
        in use.
        """
        if self._unchecked is None:
            return
        settings = self._settings
        known = set(STANDARD_LABELS)
        waiting = False
        if settings is not None:
            known |= settings.own_labels
        if settings is not None and settings.model != MODEL and self._options.source is None:
            # Its labels may be others than the library's.
            self._finder = self._finder or PrivateFinder(settings=settings)
            known |= self._finder.labels
        for name in self._unchecked.component_names:
            if _FOUND & set(self._unchecked.get_pipe_meta(name).assigns):
                given = getattr(self._unchecked.get_pipe(name), "labels", ())
                known.update(given)
                waiting |= not given
        asked = {"labels": self._options.labels or (), "policies": self._policies}
        if (
            waiting
            and not in_use
            and not all(known.issuperset(labels) for labels in asked.values())
        ):
            return
        for option, labels in asked.items():
            check_labels(labels, known, option=option)
        self._unchecked = None

    def _find(self, docs: Sequence[Doc]) -> Iterator[Redacted]:
        """Redact Docs in which private data was not looked for."""
        if docs and self._finder is None:
            self._finder = PrivateFinder(labels=self._options.labels, settings=self._settings)
        for document in (
            self._finder([doc.text for doc in docs]) if self._finder is not None else ()
        ):
            spans = document.character_spans(LAYER)
            yield redact_characters(document.text, spans, self._policy, policies=self._policies)

    def set_annotations(self, docs: Sequence[Doc], predictions: Sequence[Redacted]) -> None:
        """Write redacted texts to Docs; see `WorkingPipe`."""
        for doc, redacted in zip(docs, predictions, strict=True):
            # Lists of plain values, which MessagePack can hold.
            findings = [list(astuple(finding)) for finding in redacted.findings]
            user_data(doc)[_KEY] = [redacted.text, findings, redacted.old_length]

    def __reduce__(self) -> tuple[Any, ...]:
        self._check_labels(in_use=True)
        # Without the key, which is read again where the pipe is made again.
        return _restored, (self.name, self._options, getattr(self, "error_handler", None))


def _restored(name: str, options: RedactorOptions, error_handler: Any) -> RedactorPipe:
    pipe = RedactorPipe(name, options)
    if error_handler is not None:
        pipe.set_error_handler(error_handler)
    return pipe


@Language.factory("redactor", requires=["doc.spans"], assigns=["doc._.redacted"])
def create_redactor(
    nlp: Language,
    name: str,
    policy: str = "replace",
    policies: Union[dict[str, str], None] = None,  # noqa: UP007
    source: Union[str, None] = None,  # noqa: UP007
    labels: Union[list[str], None] = None,  # noqa: UP007
    key_file: Union[str, None] = None,  # noqa: UP007
    key_variable: Union[str, None] = None,  # noqa: UP007
    settings: Union[str, None] = None,  # noqa: UP007
) -> RedactorPipe:
    """Make the pipe `redactor` of a config.

    Args:
        nlp: The pipeline, whose components have the labels that `labels` may name.
        name: The name of the component.
        policy: `replace`, `remove`, `mask`, `hash`, `pseudonym` or `encrypt`.
        policies: Policies for some labels, such as `{"EMAIL": "mask"}`, used instead of `policy`.
        source: `ents`, or `spans:KEY` for a span group; None for the group `pii`, or, for Docs
            without it, what the model `en_pii` and the rules find.
        labels: The labels to replace; None replaces all.
        key_file: The file with the key.
        key_variable: The environment variable with the key in hexadecimal digits.
        settings: A file of settings, such as `seqlabel.toml`, that names policies, instead of
            `policy`, `policies` and `labels`.

    Returns:
        The pipe.

    Raises:
        OptionError: For a value that is not allowed, and where another package has an extension
            `redacted`.

    Example:
        >>> import spacy
        >>> nlp = spacy.blank("en")
        >>> finder = nlp.add_pipe("private_finder")
        >>> config = {"policy": "mask", "policies": {"PERSON": "replace"}}
        >>> redactor = nlp.add_pipe("redactor", config=config)
        >>> nlp("Ann Moss wrote to ann@moss.example.")._.redacted.text
        '<PERSON> wrote to xxx@xxxx.xxxxxxx.'
    """
    if not Doc.has_extension("redacted"):
        Doc.set_extension("redacted", getter=redacted_of)
    elif Doc.get_extension("redacted")[2] is not redacted_of:
        raise OptionError(
            "redactor: expected no other extension Doc._.redacted, got one. Remove it: this "
            "pipe needs the name."
        )
    return RedactorPipe(
        name,
        RedactorOptions(policy, policies or {}, source, labels, key_file, key_variable, settings),
        nlp,
    )
