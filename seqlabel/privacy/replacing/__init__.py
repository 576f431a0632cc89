"""What replaces private values, and how they come back: policies, pseudonyms, keys, encryption,
placeholders.
"""
