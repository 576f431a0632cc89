"""Output layers, one file a head: its numbers, loss and decoding, and what compiled steps and the
export need.

Start with `head`, the interface of every head that tags words. Layers below heads are in
`seqlabel.nn.encoders`.
"""
