"""Requests of Presidio's analyzer and anonymizer read, and answered as they are; how they arrive is
the service's.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from seqlabel.errors import DataError, OptionError, did_you_mean
from seqlabel.names import needed
from seqlabel.privacy.finding.explaining import Reason, explain
from seqlabel.privacy.finding.finder import LAYER, MODEL_SOURCE, PrivateFinder
from seqlabel.privacy.finding.lists import ValueFinder, bare, read_entries
from seqlabel.privacy.finding.own_patterns import BoundedPattern, Budget
from seqlabel.privacy.rules.kinds import PRESIDIO_NAMES

RECOGNIZER = "SeqlabelRecognizer"
"""The name of what finds values, for Presidio."""
PATTERN_SECONDS = 5.0
"""The CPU time that all patterns and lists of a request may take together."""
_MOST_RECOGNIZERS = 20
_MOST_PATTERNS = 20
_MOST_RESULTS = 100_000
_COVERED = {
    "US_DRIVER_LICENSE": "DRIVING_LICENCE",
    "US_PASSPORT": "PASSPORT",
    "US_BANK_NUMBER": "ACCOUNT",
    "US_ITIN": "TAX_ID",
    "UK_NHS": "MEDICAL_ID",
    "UK_NINO": "NATIONAL_ID",
}
"""Entities of Presidio that are part of what a label finds; asked for, all of that label is
answered by their name.
"""
_KEYS = frozenset(
    {
        *(
            "text",
            "language",
            "entities",
            "score_threshold",
            "correlation_id",
            "return_decision_process",
            "trace",
        ),
        *("ad_hoc_recognizers", "context", "allow_list", "allow_list_match", "regex_flags"),
    }
)


def texts_of(asked: Mapping[str, Any], most: int) -> tuple[list[str], bool]:
    """Read the text or the list of texts of a request.

    Args:
        asked: The request.
        most: The most texts.

    Returns:
        The texts, and whether it was a list.

    Raises:
        DataError: For anything else, and for too many.
    """
    text = asked.get("text")
    if isinstance(text, str):
        return [text], False
    if not isinstance(text, list) or not all(isinstance(part, str) for part in text):
        raise DataError("text: expected a text or a list of texts. Send one of these.")
    if len(text) > most:
        raise DataError(f"text: got {len(text):,} texts. Send at most {most:,} at once.")
    return text, True


def check_keys(asked: Mapping[str, Any], known: Collection[str], address: str) -> None:
    """Refuse a request with a key that would be ignored.

    Args:
        asked: The request.
        known: The keys that it may have.
        address: What was asked, for the message.

    Raises:
        OptionError: For another key.
    """
    for key in asked:
        if key not in known:
            # Not repeated: it may be private text.
            advice = did_you_mean(key, known) or f"Allowed are {', '.join(sorted(known))}."
            raise OptionError(f"Expected keys of {address}, got another one. {advice}")


def entities(finder: PrivateFinder) -> list[str]:
    """List what can be found, by Presidio's names.

    Args:
        finder: What finds it.

    Returns:
        The names, sorted.
    """
    return sorted({PRESIDIO_NAMES.get(label, label) for label in finder.labels})


def languages_of(finder: PrivateFinder) -> tuple[str, ...]:
    """Return the languages that a finder's model has read, or that of its tokenizer where its
    encoder names none.

    Args:
        finder: What finds private data.

    Returns:
        spaCy's codes of the languages; empty for a model of any language.
    """
    config = finder.labeler.config
    read = tuple(getattr(config.encoder, "languages", ()))
    return read or (() if config.language == "xx" else (config.language,))


def check_language(language: object, known: Collection[str]) -> None:
    """Refuse a language that the model has not read.

    Args:
        language: The language that a request names.
        known: The languages that the model has read; empty for any.

    Raises:
        OptionError: For another language.
    """
    if known and language not in known:
        # The value is not repeated: it may be private text.
        raise OptionError(
            f"language: expected a language that the model has read, {', '.join(known)}."
        )


def analyze(
    finder: PrivateFinder,
    asked: Mapping[str, Any],
    *,
    most_texts: int,
    languages: Collection[str] | None = None,
    pattern_seconds: float = PATTERN_SECONDS,
) -> Any:
    """Answer a request of `/analyze`.

    Patterns and deny lists of `ad_hoc_recognizers` are used; context words do not raise scores.
    With `return_decision_process` an explanation has the id of the rule or pattern, or the words
    around the value that decided the model most; these are of the text. Without it
    `analysis_explanation` is null, as in Presidio's lean answers.

    Args:
        finder: What finds private data.
        asked: The request.
        most_texts: The most texts of a batch.
        languages: The languages that a request may name; None for those of `languages_of`.
        pattern_seconds: The CPU time that all patterns and lists of the request may take together.

    Returns:
        A list of results in the order of the text, or, for a list of texts, a list of these.

    Raises:
        DataError: For a request without text, and for patterns that take too long.
        OptionError: For a language that the model has not read, for an entity that nothing finds,
            and for values that are not allowed.
    """
    texts, is_batch = texts_of(asked, most_texts)
    check_keys(asked, _KEYS, "/analyze")
    known_languages = languages_of(finder) if languages is None else languages
    check_language(asked.get("language"), known_languages)
    least = _score(asked.get("score_threshold") or 0, "score_threshold")
    budget = Budget(pattern_seconds, name="ad_hoc_recognizers and allow_list")
    recognizers = _listed(
        asked.get("ad_hoc_recognizers"), "ad_hoc_recognizers", most=_MOST_RECOGNIZERS
    )
    own = list(_ad_hoc(recognizers, budget, known_languages))
    known = {*entities(finder), *(name for name, _, _ in own)}
    asked_for = _texts(asked.get("entities"), "entities")
    wanted = _wanted(asked_for, known, finder.labels) if asked_for else None
    allowed = _allowed(asked, budget)
    is_explained = bool(asked.get("return_decision_process"))
    answers = []
    for text, document in zip(texts, finder(texts), strict=True):
        spans = document.character_spans(LAYER)
        reasons = explain(finder, document) if is_explained else [None] * len(spans)
        results = [
            (
                span.start,
                span.end,
                PRESIDIO_NAMES.get(span.label, span.label),
                span.score or 1.0,
                reason,
            )
            for span, reason in zip(spans, reasons, strict=True)
        ]
        for name, score, find in own:
            reason = Reason(name) if is_explained else None
            results += [(start, end, name, score, reason) for start, end in find(text)]
            if len(results) > _MOST_RESULTS:
                raise DataError(
                    f"ad_hoc_recognizers: found more than {_MOST_RESULTS:,} values. Send less text."
                )
        answers.append(
            [
                {
                    "analysis_explanation": reason and _explanation(reason, score),
                    "end": end,
                    "entity_type": entity,
                    "score": score,
                    "start": start,
                }
                for start, end, name, score, reason in sorted(results, key=lambda span: span[:4])
                for entity in ((name,) if wanted is None else wanted.get(name, ()))
                if score >= least and not allowed(text[start:end])
            ]
        )
    return answers if is_batch else answers[0]


def _explanation(reason: Reason, score: float) -> dict[str, Any]:
    """An explanation with the fields of Presidio's."""
    return {
        "recognizer": RECOGNIZER,
        "pattern_name": None if reason.source == MODEL_SOURCE else reason.source,
        "pattern": None,
        "original_score": score,
        "score": score,
        "textual_explanation": str(reason),
        "score_context_improvement": 0,
        "supportive_context_word": reason.words[0] if reason.words else "",
        "validation_result": None,
        "regex_flags": None,
    }


def _score(value: Any, key: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise OptionError(f"{key}: expected a number from 0 to 1.")
    return value


def _listed(value: Any, key: str, *, most: int) -> list[Any]:
    if not isinstance(value or [], list) or len(value or []) > most:
        raise OptionError(f"{key}: expected a list of at most {most}.")
    return value or []


def _texts(value: Any, key: str) -> list[str]:
    if not isinstance(value or [], list) or not all(isinstance(text, str) for text in value or []):
        raise OptionError(f"{key}: expected a list of texts.")
    return value or []


def _wanted(
    asked: Collection[str], known: Collection[str], labels: Collection[str]
) -> dict[str, list[str]]:
    """The entities that are asked for, by the name that they are found by."""
    covered = {
        name: PRESIDIO_NAMES.get(label, label)
        for name, label in _COVERED.items()
        if label in labels
    }
    wanted: dict[str, list[str]] = {}
    for number, address in enumerate(dict.fromkeys(asked)):
        if address not in known and address not in covered:
            # Not repeated: it may be private text.
            advice = did_you_mean(address, {*known, *covered})
            allowed = f"Choose from {', '.join(sorted(known))}."
            raise OptionError(
                " ".join(
                    filter(
                        None, (f"entities[{number}]: nothing finds this entity.", advice, allowed)
                    )
                )
            )
        wanted.setdefault(address if address in known else covered[address], []).append(address)
    return wanted


def _ad_hoc(
    recognizers: Sequence[Any], budget: Budget, languages: Collection[str]
) -> Iterator[tuple[str, float, Any]]:
    for number, recognizer in enumerate(recognizers):
        key = f"ad_hoc_recognizers[{number}]"
        name = recognizer.get("supported_entity") if isinstance(recognizer, dict) else None
        if not isinstance(name, str) or not name:
            raise OptionError(f"{key}.supported_entity: expected a name.")
        if "supported_language" in recognizer:
            check_language(recognizer["supported_language"], languages)
        patterns = _listed(recognizer.get("patterns"), f"{key}.patterns", most=_MOST_PATTERNS)
        denied = _texts(recognizer.get("deny_list"), f"{key}.deny_list")
        if not patterns and not denied:
            raise OptionError(
                f"{key}: has no patterns and no deny_list, so it would find nothing. Pass one "
                "of them."
            )
        for index, pattern in enumerate(patterns):
            within = f"{key}.patterns[{index}]"
            if not isinstance(pattern, dict) or not isinstance(pattern.get("regex"), str):
                raise OptionError(
                    f"{within}: expected an object with regex, a text, and score, a number from "
                    "0 to 1."
                )
            likely = _score(pattern.get("score", 0.5), f"{within}.score")
            yield (
                name,
                likely,
                BoundedPattern(pattern["regex"], name=f"{within}.regex", budget=budget),
            )
        if denied:
            score = _score(recognizer.get("deny_list_score", 1.0), f"{key}.deny_list_score")
            with budget.spending():
                find = ValueFinder(read_entries(denied, (), key=f"{key}.deny_list"))
            yield name, score, _timed(find, budget)


def _timed(find: ValueFinder, budget: Budget) -> Any:
    def found(text: str) -> list[tuple[int, int]]:
        with budget.spending():
            return list(find(text))

    return found


def _allowed(asked: Mapping[str, Any], budget: Budget) -> Callable[[str], bool]:
    listed = _texts(asked.get("allow_list"), "allow_list")
    match = asked.get("allow_list_match") or "exact"
    if match not in ("exact", "regex"):
        raise OptionError("allow_list_match: expected exact or regex.")
    # Listed words have no flags, as with Presidio.
    flags = _regex_flags(asked.get("regex_flags"))
    if match == "regex":
        forms = [
            BoundedPattern(
                f"(?{flags}:{text})" if flags else text, name=f"allow_list[{number}]", budget=budget
            )
            for number, text in enumerate(listed)
        ]
        return lambda text: any(form.matches(text) for form in forms)
    known = {bare(entry.text) for entry in read_entries(listed, (), key="allow_list")}
    return lambda text: bare(text) in known


def _regex_flags(value: Any) -> str:
    """The letters of the flags of Python's `re` that a request names by their sum, as Presidio
    takes them.
    """
    if value is None:
        return ""
    letters = {re.IGNORECASE: "i", re.DOTALL: "s"}
    if (
        not isinstance(value, int)
        or isinstance(value, bool)
        or value & ~(re.IGNORECASE | re.DOTALL | re.MULTILINE)
    ):
        raise OptionError(
            f"regex_flags: expected a sum of {int(re.IGNORECASE)} (IGNORECASE), "
            f"{int(re.MULTILINE)} (MULTILINE, which always holds) and {int(re.DOTALL)} (DOTALL)."
        )
    return "".join(letter for flag, letter in letters.items() if value & flag)


def anonymize(asked: Mapping[str, Any]) -> Any:
    """Answer a request of `/anonymize`, by Presidio's own engine.

    Args:
        asked: The request: `text`, `analyzer_results`, and perhaps `anonymizers`.

    Returns:
        The text and the items that were replaced.

    Raises:
        DataError: For a request without text or results, and for results that do not fit the text.
        OptionError: For an anonymizer that is not known, and without the package
            `presidio-anonymizer`.
    """
    check_keys(
        asked, ("text", "analyzer_results", "anonymizers", "anonymizers_config"), "/anonymize"
    )
    presidio = _presidio()
    text = asked.get("text")
    results = asked.get("analyzer_results")
    if not isinstance(text, str) or not isinstance(results, list):
        raise DataError(
            "Expected text and analyzer_results. Send what /analyze answered, with its text."
        )
    given = asked.get("anonymizers") or asked.get("anonymizers_config") or {}
    with _presidio_errors("anonymizers", "analyzer_results"):
        results_read = [presidio.entities.RecognizerResult.from_json(result) for result in results]
        known = {
            "DEFAULT",
            *PRESIDIO_NAMES.values(),
            *(result.entity_type for result in results_read),
        }
        unlike = [
            advice for name in given if name not in known and (advice := did_you_mean(name, known))
        ]
    if unlike:
        # By a mistyped name, a value would be replaced by another operator than its own.
        raise OptionError(f"anonymizers: has an entity that no result has. {unlike[0]}")
    with _presidio_errors("anonymizers", "analyzer_results"):
        done = presidio.AnonymizerEngine().anonymize(
            text=text, analyzer_results=results_read, operators=_operators(presidio, given)
        )
    return {"text": done.text, "items": [item.to_dict() for item in done.items]}


def deanonymize(asked: Mapping[str, Any]) -> Any:
    """Answer a request of `/deanonymize`, by Presidio's own engine.

    It decrypts what `/anonymize` encrypted. Values of the policy `encrypt` are put back by
    `seqlabel restore`.

    Args:
        asked: The request: `text`, `anonymizer_results`, and `deanonymizers`.

    Returns:
        The text and the items that were put back.

    Raises:
        DataError: For a request without text or results, and for values that the key does not
            decrypt.
        OptionError: For a deanonymizer that is not known, and without the package
            `presidio-anonymizer`.
    """
    check_keys(asked, ("text", "anonymizer_results", "deanonymizers"), "/deanonymize")
    presidio = _presidio()
    text = asked.get("text")
    results = asked.get("anonymizer_results")
    given = asked.get("deanonymizers")
    if (
        not isinstance(text, str)
        or not isinstance(results, list)
        or not isinstance(given, dict)
        or not given
    ):
        raise DataError(
            "Expected text, anonymizer_results and deanonymizers. Send the text and the items "
            "that /anonymize answered."
        )
    with _presidio_errors("deanonymizers", "anonymizer_results"):
        results_read = [presidio.entities.OperatorResult.from_json(result) for result in results]
        done = presidio.DeanonymizeEngine().deanonymize(
            text=text, entities=results_read, operators=_operators(presidio, given)
        )
    return {"text": done.text, "items": [item.to_dict() for item in done.items]}


def operators(*, back: bool) -> list[str]:
    """List what Presidio's engine can do with a value.

    Args:
        back: Whether the operators of `/deanonymize` are listed, and not those of `/anonymize`.

    Returns:
        Their names.

    Raises:
        OptionError: Without the package `presidio-anonymizer`.
    """
    presidio = _presidio()
    names = (
        presidio.DeanonymizeEngine().get_deanonymizers()
        if back
        else presidio.AnonymizerEngine().get_anonymizers()
    )
    return list(names)


def _presidio() -> Any:
    return needed("presidio_anonymizer", needed_for="This", extra="serve")


def _operators(presidio: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    operators = {}
    for name, operator in given.items():
        options = {key: value for key, value in operator.items() if key != "type"}
        operators[name] = presidio.entities.OperatorConfig(str(operator["type"]), options)
    return operators


@contextmanager
def _presidio_errors(operators: str, results: str) -> Iterator[None]:
    """Report what Presidio refuses without the values that it quotes."""
    try:
        yield
    except (KeyError, TypeError, AttributeError):
        raise DataError(f"{results} or {operators} are not as Presidio documents them.") from None
    except Exception as error:
        name = type(error).__name__
        if name == "InvalidParamError":
            raise OptionError(
                f"{operators}: {name}. Pass types and values as Presidio documents them."
            ) from None
        raise DataError(
            f"{operators}: {name}. Check the key, and that the text is the one it was used on."
        ) from None
