"""Models of `seqlabel` for twelve languages of Europe: folders of weights that `Labeler.load` finds
by their names.
"""
