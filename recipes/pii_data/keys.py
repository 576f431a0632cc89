"""Single values in plain surroundings: secrets, what looks like some, telephone and identity numbers, firms.

The texts are short and name nobody, so that the form of the value and the few words beside it are all there is to learn
from. Forms, frames and names are in `material/lists/keys.txt`, single lines of firms, of machines and of screens in
`material/rules/lines.txt`.
"""

import random
import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import islice
from typing import Any

from .labels import PiiType
from .maker import Maker, Pieces, finish
from .material import half, keyed, whole
from .slots import read_slots
from .splits import Split

Text = tuple[str, list[tuple[int, int, str]]]
_RUN = re.compile(r"\{(.)(\d+)\}")
_SLOT = re.compile(r"«(\w+)»")
_CUE = re.compile(r"(?i)«name»|token|key:|secret|auth|password|cookie|api-key")
_CASES: tuple[Callable[[list[str]], str], ...] = (
    "_".join,
    lambda words: "_".join(words).upper(),
    lambda words: "_".join(words).upper(),
    lambda words: words[0] + "".join(map(str.capitalize, words[1:])),
    lambda words: "".join(map(str.capitalize, words)),
    "-".join,
    ".".join,
    lambda words: "-".join(map(str.capitalize, words)),
    " ".join,
    "".join,
    lambda words: words[0] + "_" + "".join(words[1:]).upper(),
)


def single_values(count: int, *, seed: int, split: Split) -> Iterator[Text]:
    """Texts of a few words with a value, or with something that only looks like one.

    Args:
        count: How many texts.
        seed: Seed of all chance.
        split: The half of the frames and names.

    Returns:
        An iterator over texts with their spans `(start, end, label)`.
    """
    rng = random.Random(f"keys {split} {seed}")
    drawing = _Drawing(rng, split)
    kinds = (
        drawing.secret,
        drawing.no_secret,
        drawing.harmless,
        drawing.alike,
        drawing.telephone,
        drawing.identity,
        partial(drawing.line, "firm_line"),
        partial(drawing.line, "system_line"),
        partial(drawing.line, "plain_screen"),
    )

    def texts() -> Iterator[Text]:
        while True:
            (write,) = rng.choices(kinds, (22, 9, 11, 24, 20, 14, 40, 30, 20))
            pieces = write()
            # Some stand in a file with others.
            while rng.random() < (0.3 if write in kinds[:6] else 0.6):
                (more,) = rng.choices(kinds[:4] if write in kinds[:3] else (write,), None)
                pieces = [*pieces, ("\n", None), *more()]
            yield finish(pieces)

    return islice(texts(), count)


@cache
def _faker(locale: str) -> Any:
    from faker import Faker

    return Faker(locale)


class _Drawing:
    """Writes single values by a stream of chance."""

    def __init__(self, rng: random.Random, split: Split) -> None:
        self.rng = rng
        self.split = split
        self.slots = read_slots()

    def line(self, rule: str) -> Pieces:
        """A line of a rule; one of a firm in lower case or capitals now and then."""
        maker = Maker(self.rng, self.split, self.slots)
        pieces = maker.expand(maker.template(rule))
        luck = self.rng.random() if rule == "firm_line" else 1.0
        case = str.lower if luck < 0.25 else str.upper if luck < 0.33 else str
        return [(case(text), label) for text, label in pieces]

    def listed(self, name: str) -> str:
        return self.rng.choice(half(name, self.split))

    def signs(self, form: str) -> str:
        """A form with its runs drawn."""
        return _RUN.sub(lambda run: "".join(self.rng.choices(keyed("key_signs")[run[1]][0], k=int(run[2]))), form)

    def name(self, *lists: str) -> str:
        """Words of lists as a name in a program, in one of its cases."""
        words = [word for name in lists for word in re.split(r"[_-]", self.listed(name))]
        return self.rng.choice(_CASES)(words)

    def filled(self, frame: str, value: Callable[[], str], label: str | None, name: str) -> Pieces:
        """The pieces of a frame."""
        pieces: Pieces = []
        for place, part in enumerate(_SLOT.split(frame)):
            if not place % 2:
                # Two backslashes of the material are one.
                pieces.append((part.replace("\\\\", "\\"), None))
            else:
                pieces.append((name, None) if part == "name" else (value(), label))
        return [piece for piece in pieces if piece[0]]

    def secret(self) -> Pieces:
        rng = self.rng
        frame = self.rng.choice(whole("key_frames"))
        if rng.random() < 0.2 and "«name»" in frame:
            name = self.name("password_words") if rng.random() < 0.6 else self.name("key_services", "password_words")
            return self.filled(frame, lambda: self.signs(self.listed("weak_secret_forms")), PiiType.PASSWORD, name)
        name = self.name(*(("key_services", "key_words") if rng.random() < 0.75 else ("key_words",)))
        if rng.random() < 0.15:
            name = rng.choice(whole("key_services")) + rng.choice(
                ("Token", "Key", "_TOKEN", "_token", "_key", "Secret")
            )
        # Without a word that says so, only a form of its own tells a key from a hash.
        told = _CUE.search(frame) is not None
        return self.filled(frame, lambda: self.key(told=told), PiiType.API_KEY, name)

    def key(self, *, told: bool) -> str:
        """A key; one that is not told by the words around it has a form of its own."""
        form = self.rng.choice([one for one in whole("secret_forms") if told or not one.startswith("{")])
        if self.rng.random() < 0.3:
            form = form.replace("{@", "{a").replace("{b", "{a")
        return self.signs(form).removeprefix("Bearer ")

    def no_secret(self) -> Pieces:
        """A placeholder where a secret would stand."""
        name = self.name("key_services", "key_words") if self.rng.random() < 0.7 else self.name("password_words")
        words = re.split(r"[_\-. ]", name.lower())
        cases = {
            "upper": "_".join(words).upper(),
            "lower": "_".join(words),
            "camel": words[0] + "".join(map(str.capitalize, words[1:])),
            "pascal": "".join(map(str.capitalize, words)),
        }
        value = _SLOT.sub(lambda slot: cases[slot[1]], self.signs(self.rng.choice(whole("placeholder_values"))))
        return self.filled(self.rng.choice(whole("key_frames")), lambda: value, None, name)

    def harmless(self) -> Pieces:
        """Values of machines, most of them with a name that says so."""
        if self.rng.random() < 0.5:
            return [(self.signs(self.listed("harmless_lines")), None)]
        frame = next(one for one in iter(lambda: self.rng.choice(whole("key_frames")), "") if "«name»" in one)
        names = ("harmless_words",) if self.rng.random() < 0.6 else ("key_services", "harmless_words")
        return self.filled(frame, lambda: self.signs(self.listed("harmless_values")), None, self.name(*names))

    def alike(self) -> Pieces:
        """What looks like a private value, in plain surroundings."""
        names, form = self.listed("alike_forms").split("|")
        name = self.rng.choice(names.split(","))
        frame = self.rng.choice(whole("alike_frames") if self.rng.random() < 0.8 else whole("key_frames")[:60])
        if "/«" in frame or "<«" in frame or "«name»=" in frame:
            name = re.sub(r"\W", "_", name)
        return self.filled(frame, lambda: self.signs(form), None, name)

    def telephone(self) -> Pieces:
        return self.filled(self.listed("phone_frames"), self._telephones(), PiiType.PHONE, "")

    def _telephones(self) -> Callable[[], str]:
        """Draw a country, and then numbers of it."""
        rng = self.rng
        locales = whole("telephone_locales")
        locale = rng.choice(locales[:24] if rng.random() < 0.75 else locales)
        if rng.random() < 0.65:
            faker = _faker(locale)
            faker.seed_instance(rng.getrandbits(32))
            return lambda: str(faker.phone_number())
        import phonenumbers

        kind, form = rng.randint(0, 1), rng.randint(0, 2)
        example = phonenumbers.example_number_for_type(locale[3:], kind)

        def number() -> str:
            drawn = phonenumbers.PhoneNumber()
            drawn.merge_from(example)
            drawn.national_number = example.national_number // 10**5 * 10**5 + rng.randint(0, 99_999)
            text = phonenumbers.format_number(drawn, form)
            joint = rng.choice((" ", " ", "-", ".", ""))
            return text if rng.random() < 0.5 else text.replace(" ", joint).replace("-", joint)

        return number

    def identity(self) -> Pieces:
        label, names, form = self.rng.choice(whole("id_forms")).split("|")
        name = self.rng.choice(names.split(","))
        if self.rng.random() < 0.15:
            name = name.lower()
        frame = self.listed("id_frames")
        if "«name»" not in frame and re.fullmatch(r"(?:\{[#%]\d+\})+", form):
            frame = "«name» «id»"
        return self.filled(frame, lambda: self.signs(form), label, name)
