"""The spaCy side: pipes, trainable components, architectures and a corpus reader.

spaCy finds all of it through entry points; nothing here has to be imported by hand.
"""
