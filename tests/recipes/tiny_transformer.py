"""A transformer with random weights, of a few numbers, in place of the one that a package holds."""

import json

import pytest
import torch


def write_tiny_transformer(place):
    """Write a model and its pieces of words into a new folder; skips where a package is missing."""
    transformers = pytest.importorskip("transformers", reason="needs seqlabel-rnn[teacher]")
    place.mkdir(parents=True)
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "ana", "see", "##s", "rain", "it"]
    (place / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    (place / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "BertTokenizer"}), encoding="utf-8"
    )
    sizes = {
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 8,
    }
    torch.manual_seed(0)
    transformers.BertModel(
        transformers.BertConfig(vocab_size=len(pieces), **sizes)
    ).save_pretrained(place)
