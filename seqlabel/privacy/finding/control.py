"""Settings with their files read and their patterns compiled: which values are private, and which
findings stay.

What the model finds, and how both are joined, is in `finder`.
"""

from collections.abc import Collection

from seqlabel.documents.document import Document
from seqlabel.documents.spans import Span
from seqlabel.privacy.finding.lists import ValueFinder, bare, read_entries
from seqlabel.privacy.finding.own_patterns import BoundedPattern, PatternFinder, PatternIndex
from seqlabel.privacy.finding.settings import PrivacySettings
from seqlabel.privacy.rules.engine import Rule, RuleIndex, Value, find_values
from seqlabel.privacy.rules.table import standard_rules


class Control:
    """Settings with their files read and their patterns compiled.

    Args:
        settings: The settings of the user.
        labels: The labels whose values the library's rules find; None for all.

    Raises:
        DataError: For a list that cannot be read.
        OptionError: For a value or a pattern that is refused, and where packages of the rules are
            missing.
    """

    def __init__(self, settings: PrivacySettings, labels: Collection[str] | None = None) -> None:
        allow = settings.allow
        deny = settings.deny
        allowed = read_entries(allow.words, allow.files, key="allow")
        denied = read_entries(deny.words, deny.files, key="deny")

        choice = settings.rule_choice
        rules = [] if choice is None else list(standard_rules(choice.disable, only=choice.only))
        rules = [rule for rule in rules if labels is None or rule.label in labels]

        own: list[tuple[Rule, BoundedPattern]] = []
        for number, pattern in enumerate(settings.patterns):
            key = f"pattern[{number}]"
            finder = PatternFinder(pattern, key=key)
            own.append((Rule(pattern.label, finder, pattern.id or key), finder.pattern))
        if denied:
            rules.append(Rule(deny.label, ValueFinder(denied), "deny", always=True))
        for number, expression in enumerate(deny.patterns):
            bounded = BoundedPattern(expression, name=f"deny.patterns[{number}]")
            own.append((Rule(deny.label, bounded, "deny", always=True), bounded))

        self._rules = RuleIndex(rules)
        self._own_rules = PatternIndex(own)
        self.has_rules = bool(rules or own)
        """Whether anything but the model finds values."""

        self._thresholds = dict(settings.thresholds)
        self._allowed = frozenset(bare(entry.text) for entry in allowed)
        self._allowed_forms = [
            BoundedPattern(expression, name=f"allow.patterns[{number}]")
            for number, expression in enumerate(allow.patterns)
        ]
        self.keeps_all = not (self._thresholds or allow)
        """Whether no finding is dropped for its score or its value."""

    def values(self, text: str) -> list[Value]:
        """Find the values of all rules, patterns and the deny list.

        Args:
            text: The text.

        Returns:
            The values in document order.

        Raises:
            DataError: If a pattern takes too long.
        """
        return find_values(text, self._rules, more=self._own_rules) if self.has_rules else []

    def keeps(self, document: Document, span: Span, score: float) -> bool:
        """Return whether a finding stays one: its score reaches its label's threshold, and it is
        not an allowed value.

        Args:
            document: The document that it is in.
            span: The finding.
            score: Its probability.

        Returns:
            Whether it stays.

        Raises:
            DataError: If a pattern takes too long.
        """
        if self.keeps_all:
            return True
        if score < self._thresholds.get(span.label, 0.0):
            return False
        start, end = document.characters(span)
        text = document.text[start:end]
        shown = bare(text)
        return shown not in self._allowed and not any(
            form.matches(spelling) for form in self._allowed_forms for spelling in (text, shown)
        )
