"""Files and spaCy Docs to documents and back: one module per format.

Start with `read_documents`, which reads any of them. What a document is stands in
`seqlabel.documents`.
"""

from seqlabel.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
