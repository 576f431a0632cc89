"""Engines that tests choose themselves."""

from seqlabel.models.tagging.inference import Inference
from seqlabel.models.tagging.torch_engine import TorchEngine
from seqlabel.models.tagging.weights import LabelerWeights


class Fixed:
    """The same engine, whatever is asked for."""

    def __init__(self, engine):
        self._engine = engine

    def engine(self, arithmetic):
        return self._engine


def own_layers(labeler, encoder=None):
    """The labels of a labeler as the model's own layers give them, without any fast way."""
    engine = TorchEngine(labeler.module.eval(), encoder or labeler.words, None)
    return Inference(Fixed(engine), arithmetic=labeler.inference.arithmetic)


def weights_of(labeler):
    """The weights of a labeler's network, with no engine made of them yet."""
    return LabelerWeights(labeler.config, labeler.vocabulary, labeler.module)
