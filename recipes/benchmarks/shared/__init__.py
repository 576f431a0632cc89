"""What benchmarks share: the English corpora, contestants that take turns, and other tools as they
are called.
"""
