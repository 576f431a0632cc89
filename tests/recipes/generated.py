"""What is true of all generated texts: their spans."""


def assert_spans_fit(text, spans):
    """Spans are in order, inside of the text, and hold no white space at their ends."""
    end_before = 0
    for start, end, label in spans:
        assert end_before <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert type(label) is str
        end_before = end
