def level() -> int: ...
def product(weights: object, offset: object, rows: object, inputs: int, out: object, level: int, /) -> None: ...
def layer(
    table: object,
    places: object,
    begins: object,
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
    scores: object, lengths: object, tags: int, before: object, start: object, end: object, out: object, /
) -> None: ...
