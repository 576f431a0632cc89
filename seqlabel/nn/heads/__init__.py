"""Output layers, one module per head: its options, loss and decoding, and the parts that compiled
steps and the export need.

Start with `head`, the interface of every head that tags words. Layers below heads are in
`seqlabel.nn.encoders`.
"""
