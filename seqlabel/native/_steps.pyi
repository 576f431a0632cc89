version: int

def level() -> int: ...
def features(
    words: list[str], lowered: list[str], kinds: object, min_n: int, max_n: int, buckets: int, /
) -> tuple[bytearray, bytearray]: ...
def product(
    weights: object, offset: object, rows: object, inputs: int, out: object, level: int, /
) -> None: ...
def layer(
    table: object,
    places: object,
    lengths: object,
    below: object | None,
    forward: tuple[object, ...] | None,
    backward: tuple[object, ...] | None,
    width: int,
    out: object,
    exact: bool,
    states: object | None,
    level: int,
    /,
) -> None: ...
def marginals(
    scores: object,
    lengths: object,
    tags: int,
    steps: object,
    turned: object,
    start: object,
    end: object,
    out: object,
    /,
) -> list[int]: ...
def viterbi(
    scores: object,
    lengths: object,
    tags: int,
    before: object,
    start: object,
    end: object,
    out: object,
    /,
) -> None: ...
def trees(
    arcs: object, lengths: object, temperature: float, heads: object, shares: object, /
) -> None: ...
def gates(
    features: object,
    offsets: object,
    words: object,
    own: object,
    own_scales: object | None,
    buckets: object,
    bucket_scales: object | None,
    norm_weight: object,
    norm_bias: object,
    up: object,
    up_bias: object,
    down: object,
    down_bias: object,
    layers: tuple[tuple[object, object, object], ...],
    level: int,
    /,
) -> None: ...
def linear(rows: object, weights: object, bias: object, out: object, level: int, /) -> None: ...
def softmax(
    states: object,
    weights: object,
    bias: object,
    tags: int,
    temperature: float,
    offset: float,
    quick: tuple[object, ...] | None,
    ids: object,
    scores: object,
    level: int,
    /,
) -> None: ...
