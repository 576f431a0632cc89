"""Requests of Presidio's analyzer and anonymizer read, and answered as they are; how they arrive is the service's."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from seqlabel.errors import DataError, OptionError, did_you_mean
from seqlabel.names import how_to_install
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder
from seqlabel.privacy.finding.lists import ValueFinder, ValueSet, read_entries
from seqlabel.privacy.finding.own_patterns import BoundedPattern
from seqlabel.privacy.rules.entity_names import PRESIDIO_NAMES

_MOST_RECOGNIZERS, _MOST_PATTERNS = 20, 20
_KEYS = frozenset(
    {
        *("text", "language", "entities", "score_threshold", "correlation_id", "return_decision_process", "trace"),
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
    if not isinstance(text, list) or not all(isinstance(one, str) for one in text):
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
            raise OptionError(f"Found a key that {address} does not have. {advice}")


def entities(finder: PrivateFinder) -> list[str]:
    """List what can be found, by Presidio's names.

    Args:
        finder: What finds it.

    Returns:
        The names, sorted.
    """
    return sorted({PRESIDIO_NAMES.get(label, label) for label in finder.labels})


def analyze(finder: PrivateFinder, asked: Mapping[str, Any], *, most_texts: int) -> Any:
    """Answer a request of `/analyze`.

    Patterns and deny lists of `ad_hoc_recognizers` are used; context words do not raise scores, and the model and the
    rules give no explanation (`analysis_explanation` is null, as in Presidio's lean answers).

    Args:
        finder: What finds private data.
        asked: The request.
        most_texts: The most texts of a batch.

    Returns:
        A list of results in the order of the text, or, for a list of texts, a list of these.

    Raises:
        DataError: For a request without text.
        OptionError: For another language than English, and for values that are not allowed.
    """
    texts, is_batch = texts_of(asked, most_texts)
    check_keys(asked, _KEYS, "/analyze")
    if asked.get("language") != "en":
        raise OptionError("language: expected en; the model reads English.")
    wanted = asked.get("entities") or None
    least = asked.get("score_threshold") or 0
    if wanted is not None and not (isinstance(wanted, list) and all(isinstance(one, str) for one in wanted)):
        raise OptionError("entities: expected a list of names.")
    if not isinstance(least, int | float):
        raise OptionError("score_threshold: expected a number.")
    own = list(_ad_hoc(asked.get("ad_hoc_recognizers") or []))
    allowed = _allowed(asked)
    answers = []
    for text, document in zip(texts, finder(texts), strict=True):
        found = [
            (span.start, span.end, PRESIDIO_NAMES.get(span.label, span.label), span.score or 1.0)
            for span in document.character_spans(LAYER)
        ]
        found += [(start, end, name, score) for name, score, find in own for start, end in find(text)]
        answers.append(
            [
                {"analysis_explanation": None, "end": end, "entity_type": name, "score": score, "start": start}
                for start, end, name, score in sorted(found)
                if score >= least and (wanted is None or name in wanted) and not allowed(text[start:end])
            ]
        )
    return answers if is_batch else answers[0]


def _ad_hoc(recognizers: Any) -> Iterator[tuple[str, float, Any]]:
    if not isinstance(recognizers, list) or len(recognizers) > _MOST_RECOGNIZERS:
        raise OptionError(f"ad_hoc_recognizers: expected a list of at most {_MOST_RECOGNIZERS}.")
    for number, one in enumerate(recognizers):
        key = f"ad_hoc_recognizers[{number}]"
        name = one.get("supported_entity") if isinstance(one, dict) else None
        if not isinstance(name, str):
            raise OptionError(f"{key}.supported_entity: expected a name.")
        patterns = one.get("patterns") or []
        if not isinstance(patterns, list) or len(patterns) > _MOST_PATTERNS:
            raise OptionError(f"{key}.patterns: expected a list of at most {_MOST_PATTERNS}.")
        for place, pattern in enumerate(patterns):
            regex = pattern.get("regex") if isinstance(pattern, dict) else None
            score = pattern.get("score", 0.5) if isinstance(pattern, dict) else None
            if not isinstance(regex, str) or not isinstance(score, int | float):
                raise OptionError(f"{key}.patterns[{place}]: expected an object with regex and score.")
            yield name, float(score), BoundedPattern(regex, name=f"{key}.patterns[{place}].regex")
        if one.get("deny_list"):
            yield name, 1.0, ValueFinder(read_entries(map(str, one["deny_list"]), (), key=f"{key}.deny_list"))


def _allowed(asked: Mapping[str, Any]) -> Any:
    listed = asked.get("allow_list") or []
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise OptionError("allow_list: expected a list of texts.")
    if asked.get("allow_list_match", "exact") == "regex":
        forms = [BoundedPattern(one, name=f"allow_list[{number}]") for number, one in enumerate(listed)]
        return lambda text: any(form.matches(text) for form in forms)
    known = ValueSet(read_entries(listed, (), key="allow_list"))
    return lambda text: text in known


def anonymize(asked: Mapping[str, Any]) -> Any:
    """Answer a request of `/anonymize`, by Presidio's own engine.

    Args:
        asked: The request: `text`, `analyzer_results`, and perhaps `anonymizers`.

    Returns:
        The text and the items that were replaced.

    Raises:
        DataError: For a request without text or results, and for results that do not fit the text.
        OptionError: For an anonymizer that is not known, and without the package `presidio-anonymizer`.
    """
    try:
        from presidio_anonymizer import AnonymizerEngine
        from presidio_anonymizer.entities import InvalidParamError, OperatorConfig, RecognizerResult
    except ImportError as error:
        raise OptionError(f"/anonymize needs presidio-anonymizer: {how_to_install('serve')}.") from error
    text, results = asked.get("text"), asked.get("analyzer_results")
    if not isinstance(text, str) or not isinstance(results, list):
        raise DataError("Expected text and analyzer_results. Send what /analyze answered, beside its text.")
    given = asked.get("anonymizers") or asked.get("anonymizers_config") or {}
    try:
        found = [RecognizerResult.from_json(one) for one in results]
        operators = {
            name: OperatorConfig(str(one["type"]), {key: value for key, value in one.items() if key != "type"})
            for name, one in given.items()
        }
        engine: Any = AnonymizerEngine
        done = engine().anonymize(text=text, analyzer_results=found, operators=operators)
    except InvalidParamError as error:
        raise OptionError(
            f"anonymizers: {type(error).__name__}. Give types and values as Presidio documents them."
        ) from None
    except (KeyError, TypeError, AttributeError):
        raise DataError("analyzer_results or anonymizers are not as Presidio documents them.") from None
    return {"text": done.text, "items": [item.to_dict() for item in done.items]}
