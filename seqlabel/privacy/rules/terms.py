"""Terms that hold a name of a person and name none: eponyms, programs and products; lists and the words around them.

`refining` asks about each name that a labeler found. A title, a field or a first name before it outweighs all of this.
Everything is decided by at most `cues.REACH` characters around the name.
"""

import re

# Names that few people have: with the nouns of `_CLEAR` they are terms even where `'s` is between.
_EPONYMS = """
    Achilles Alzheimer Apgar Avogadro Babinski Banach Bartholin Bartter Basedow Bayes Behçet
    Boltzmann Bonferroni Brugada
    Burkitt Cauchy Chagas Charcot Chebyshev Cheyne-Stokes Chiari Colles Creutzfeldt-Jakob Crohn Cushing Descartes
    Dijkstra Dirichlet Duchenne Dupuytren Eisenmenger Ehlers-Danlos Epstein-Barr Euclid Euler Eustachian Fabry
    Fallopian Fanconi Fermat Fibonacci Fourier Galois Gauss Gaucher Giemsa Godel Gödel Goodpasture Guillain-Barre
    Guillain-Barré Halley Hardy-Weinberg Hashimoto Heimlich Heisenberg Henoch-Schönlein Hilbert Hirschsprung Hodgkin
    Huntington Kaplan-Meier Kaposi Kawasaki Kepler Klinefelter Kolmogorov Kolmogorov-Smirnov Korsakoff Kupffer
    Kussmaul Lagrange Langerhans Laplace Legendre Legg-Calvé-Perthes Lennox-Gastaut Lewy Lipschitz Lyme Mallory-Weiss
    Marfan Markov Maxwell Meckel Meniere Ménière Minkowski Munchausen Navier-Stokes Niemann-Pick Nissen Noether
    Non-Hodgkin Nyquist Osgood-Schlatter Paget Papanicolaou Pareto Parkinson Parseval Perthes Peyronie Phalen Planck
    Plummer-Vinson Poincaré Poisson Prader-Willi Purkinje Pythagoras Raynaud Riemann Scheuermann Schrödinger Seldinger
    Sjogren Sjögren Stargardt Sturge-Weber Swan-Ganz Takayasu Tay-Sachs Tourette Trendelenburg Turing Valsalva Virchow
    Voronoi Waldenström Waterhouse-Friderichsen Wernicke Wilms Wolff-Parkinson-White Zollinger-Ellison
"""
EPONYMS = frozenset(name.lower() for name in _EPONYMS.split())
"""Names of diseases, tests, laws and their like, in lower case."""

_CLEAR = """
    algorithm arteritis axiom bacillus breathing carcinoma coefficient comet conjecture contracture correlation
    criteria dementia disease distribution dystrophy encephalopathy entropy equation equilibrium fibre fiber formula
    gland hypothesis inequality integral lemma lymphoma maneuver manoeuvre matrix matrices multiplier oesophagus
    esophagus operator paralysis phenomenon polynomial postulate purpura regression respiration sarcoma space stain
    syndrome tendon theorem theory thyroiditis transform transformation triad tube virus wave
"""
_CLEAR_NOUNS = frozenset(_CLEAR.split())
"""Nouns that make a term of a listed name."""
_NO_ONES = frozenset(("theorem", "lemma", "conjecture", "inequality", "polynomial"))
"""Nouns that make a term of any name."""
_UNOWNED = """
    arteritis diverticulum encephalopathy fundoplication gangrene lymphoma maneuver manoeuvre sarcoma syndrome
    thyroiditis
"""
_NOT_OWNED = frozenset(_UNOWNED.split())
"""Nouns that make a term of any name that they stand behind without `'s`."""

_OFTEN_OWNED = {
    "disease": "Addison Bowen Bright Buerger Castleman Dent Graves Grover Hansen Hartnup Kennedy Kienböck Leigh Ormond "
    "Paget Pick Pompe Pott Still Usher Whipple Wilson",
    "palsy": "Bell Erb",
    "cyst": "Baker Bartholin",
    "fracture": "Barton Bennett Colles Jones Pott Smith Salter-Harris",
    "procedure": "Hartmann Whipple Ross Fontan",
    "solution": "Hartmann Ringer",
    "lactate": "Ringer",
    "incision": "Kocher McBurney",
    "catheter": "Foley Swan-Ganz Hickman",
    "oesophagus": "Barrett",
    "esophagus": "Barrett",
    "series": "Taylor Fourier Laurent",
    "score": "Apgar Beck Bishop Braden Child-Pugh Gleason Norton Rankin Ranson Rockwood Wells Waterlow",
    "tumor": "Wilms Krukenberg Klatskin Pancoast",
    "tumour": "Wilms Krukenberg Klatskin Pancoast",
    "formula": "Stirling Simpson Cauchy",
    "theorem": "Fisher Green Noether Stokes Taylor",
    "stain": "Gram Giemsa Wright",
    "algorithm": "Kruskal Prim Floyd Grover Shor Strassen",
    "contracture": "Volkmann",
    "regression": "Cox",
    "correlation": "Pearson Spearman Kendall",
    "equation": "Bernoulli Maxwell Stokes Pell",
    "space": "Banach Hilbert Sobolev Hausdorff",
    "test": "Allen Coombs Fisher Guthrie Hess Kolmogorov-Smirnov Kruskal-Wallis Lachman Mann-Whitney Mantoux McMurray "
    "McNemar "
    "Pap Phalen Rinne Romberg Rorschach Schirmer Simmonds Student Trendelenburg Turing "
    "Weber Welch Wilcoxon Finkelstein",
    "sign": "Babinski Brudzinski Chvostek Cullen Homan Homans Kernig Lhermitte Murphy Tinel Trousseau Hoffmann Romberg",
    "scale": "Barthel Beaufort Braden Celsius Epworth Kelvin Likert Norton Rankin Richter Rockwood Waterlow Mohs Borg",
    "index": "Barthel Gini Ankle Katz Lequesne",
    "law": "Boyle Charles Coulomb Darcy Faraday Fick Hess Hooke Joule Kepler Lambert Moore Murphy Newton Ohm Pascal "
    "Planck Zipf Gauss Beer-Lambert Amdahl Conway Goodhart Parkinson Snell Stokes Wien Graham Henry Hubble Godwin",
    "rule": "Bayes Cramer Horner Simpson Naegele Ockham Occam Markovnikov Hund Leibniz Born",
    "method": "Newton Euler Seldinger Galerkin Horner Heun Jacobi Brent Delphi",
    "number": "Avogadro Reynolds Mach Fibonacci Bernoulli Euler Catalan Prandtl Froude Erdős Stirling",
    "constant": "Avogadro Boltzmann Planck Hubble Faraday Euler Lipschitz",
    "principle": "Heisenberg Pauli Archimedes Pareto Huygens Bernoulli Le Peter Fermat Hamilton Dirichlet",
    "paradox": "Simpson Zeno Russell Fermi Olbers Bertrand",
    "problem": "Hilbert Dirichlet Cauchy Basel Steiner Plateau Waring",
    "position": "Trendelenburg Fowler Sims Lloyd-Davies",
    "line": "Hickman Kerley Beau Shenton",
    "drain": "Jackson-Pratt Penrose Robinson Blake",
    "chart": "Snellen Gantt Ishihara Jaeger",
    "monitor": "Holter",
    "ulcer": "Curling Cushing Marjolin",
    "node": "Virchow Ranvier Schmorl Osler Heberden Bouchard",
    "cell": "Kupffer Langerhans Leydig Purkinje Reed-Sternberg Schwann Sertoli Voronoi",
    "sound": "Korotkoff",
    "reflex": "Moro Babinski Hoffmann Galant",
    "lobe": "Riedel",
    "point": "McBurney Erb",
    "patches": "Peyer",
    "angina": "Ludwig Prinzmetal",
    "lesion": "Janeway Dieulafoy",
    "pouch": "Morison Rathke",
    "ligament": "Treitz Cooper",
    "aphasia": "Broca Wernicke",
    "body": "Lewy Barr Howell-Jolly Heinz",
    "joint": "Charcot",
    "neuroma": "Morton",
    "canal": "Schlemm Alcock Volkmann",
    "area": "Broca Wernicke",
    "grade": "Gleason Fuhrman Edmondson",
    "class": "Child-Pugh Killip Mallampati",
    "stage": "Tanner Braak",
    "exercise": "Kegel Buerger Brandt-Daroff",
    "kappa": "Cohen Fleiss",
    "alpha": "Cronbach",
    "razor": "Occam Ockham",
    "argument": "Cantor Gödel",
    "triangle": "Pascal Sierpinski Calot Reuleaux",
    "diagram": "Venn Voronoi Feynman Hertzsprung-Russell Ishikawa",
    "curve": "Kaplan-Meier Lorenz Bézier Bezier Lissajous Frank-Starling Koch",
    "motion": "Brownian Newton Kepler",
    "frequency": "Nyquist",
    "sampling": "Gibbs Thompson Latin",
    "sequence": "Cauchy Fibonacci",
    "chain": "Markov",
    "process": "Poisson Markov Wiener Bernoulli Gauss",
    "noise": "Johnson Johnson-Nyquist",
    "force": "Waals Lorentz Coulomb",
    "machine": "Turing Boltzmann Mealy",
    "trial": "Bernoulli",
    "front": "Pareto",
    "effect": "Doppler Casimir Hall Zeeman Stark Hawthorne Dunning-Kruger Matthew Pygmalion Compton Coriolis Raman",
    "cat": "Schrödinger",
    "demon": "Maxwell",
    "elimination": "Gauss Gauss-Jordan",
    "tree": "Fenwick Steiner Huffman",
    "code": "Hamming Huffman Gray Morse Reed-Solomon",
    "value": "Shapley Cauchy",
    "filter": "Kalman Bloom Gabor Wiener Butterworth",
}
_OWNED: dict[str, frozenset[str]] = {
    noun: frozenset(name.lower() for name in names.split()) for noun, names in _OFTEN_OWNED.items()
}
"""Nouns of what a person may have too, with the eponyms that make a term with each."""

_ADJECTIVES = (
    "last|first|second|third|exact|little|great|incompleteness|uncertainty|exclusion|diagonal|halting|simple|body|coma"
    "|frailty|fixed|point|central|limit|product|sum|rank|conditional|optimal|normal|like|type|cell"
)
# Behind a noun, these say that it is a person's: `Fisher's test results`, `Newton's law degree`.
_OF_PERSONS = "results?|came|comes|degrees?|firm|school|office|practice|books?|exams?|teacher|appointment"
_HYPHENS = "-\u2010\u2013"
_TERM = re.compile(
    rf"(?P<name>[^\W\d_]+(?:[{_HYPHENS}][^\W\d_]+){{0,2}})(?P<owner>['\u2019]s?)?"
    rf"(?: (?:{_ADJECTIVES})){{0,2}}[ \u00a0](?P<noun>[a-z]+)(?! (?:{_OF_PERSONS})(?!\w))"
)
_CAPITAL_BEFORE = re.compile(
    r"(?:(?<=^)|(?<=[\s(\"'\u201c]))(?P<word>[A-Z](?:[^\W\d_]|['\u2019-]|\.(?=[A-Z])){0,24}\.?) \Z"
)
_LONGEST_SHORT = 5
"""Letters of the longest word that is a title or an initial with its full stop; a longer one ends a sentence."""
_BEGINS_SENTENCE = """
    The A An By In On At Of Use Using With Without For From To No Not Known Positive Negative Possible Probable
    Suspected Severe Mild Acute Chronic Early Late Juvenile Familial Atypical Classical Bilateral Recurrent Previous
    Her His Their My Our Your This That These Both And Or But If When While Is Was Has Had Diagnosed Diagnosis Rule
    Exclude Excluded Apply Via As Then So Let We He She They Some Any Each Every All Also Like Did Does Do Type
    Primary Secondary
"""
_NO_FIRST_NAMES = frozenset(_BEGINS_SENTENCE.split())
BEFORE = 24
"""How many characters before a name are read for a word that makes it a person's or a term's."""


def is_term(text: str, start: int, end: int, *, company: bool = False) -> bool:
    """Tell whether a name at a place is an eponym, a thing that is sold, a verb or, if no company's, a program.

    Args:
        text: The text.
        start: The first character of the name.
        end: The character behind it.
        company: Whether the name was taken for a company's.

    Returns:
        Whether it is one of them.

    Example:
        >>> is_term("has Parkinson's disease", 4, 13), is_term("Julia 1.9", 0, 5)
        (True, True)
    """
    if not company and is_program(text, start, end):
        return True
    # Behind most names there is no word that could make a term of them.
    if text[end : end + 1] not in _GOES_ON and text.find(" ", start, end) < 0:
        return is_titled_product(text, start, end)
    return (
        is_eponym(text, start, end)
        or is_product(text, start, end)
        or is_titled_product(text, start, end)
        or is_verb(text, start, end)
    )


_GOES_ON = frozenset(" \u00a0'\u2019" + _HYPHENS)


def is_eponym(text: str, start: int, end: int) -> bool:
    """Tell whether a name at a place is a part of a term: `Parkinson` in `Parkinson's disease`.

    Args:
        text: The text.
        start: The first character of the name.
        end: The character behind it.

    Returns:
        Whether a listed name has the noun of a term behind it, or any name one that is always a term's, with no other
        word with a capital before it.

    Example:
        >>> is_eponym("has Parkinson's disease", 4, 13), is_eponym("James Parkinson's disease", 6, 15)
        (True, False)
    """
    start = _begin_of_word(text, start, end)
    term = _TERM.match(text, start)
    if term is None or term.end() < end:
        return False
    name, noun = term["name"].lower(), term["noun"]
    return any(
        _is_a_term(name, one, owned=term["owner"] is not None) for one in (noun, noun.removesuffix("s"))
    ) and not is_named_before(text, start)


def _is_a_term(name: str, noun: str, *, owned: bool) -> bool:
    """Whether a name and a noun are a term, with `'s` between if it is owned."""
    if name in _OWNED.get(noun, ()) or (noun in _CLEAR_NOUNS and name in EPONYMS):
        return True
    return noun in _NO_ONES or (noun in _NOT_OWNED and not owned)


def _begin_of_word(text: str, start: int, end: int) -> int:
    """The first letter of the word, with its hyphens, that a place begins in."""
    while start < end and not text[start].isalpha():
        start += 1
    least = max(start - BEFORE, 0)
    while start > least and (
        text[start - 1].isalpha() or (text[start - 1] in _HYPHENS and text[start - 2 : start - 1].isalpha())
    ):
        start -= 1
    return start


def is_named_before(text: str, start: int) -> bool:
    """Tell whether the word before a place is a first name, an initial, a title or a profession.

    Args:
        text: The text.
        start: The first character of the place.

    Returns:
        Whether a word with a capital is before it that does not only begin or end a sentence.
    """
    before = _CAPITAL_BEFORE.search(text, max(start - BEFORE, 0), start)
    if before is None or before["word"] in _NO_FIRST_NAMES:
        return False
    return not before["word"].endswith(".") or len(before["word"]) <= _LONGEST_SHORT


_PROGRAMS = """
    Ada Adam Alexa Apollo Argo Athena Babel Bert Cassandra Celery Claude Delphi Elmo Ernie Gemma Gradle Helm Hermes
    Hugo Ivy Jaeger Jasmine Jasper Jekyll Jenkins Julia Kafka Luigi Maven Mistral Pascal Perl Phoenix Prometheus
    Puppet Ruby Salt Sentry Siri Swagger Travis Vagrant Zeppelin
"""
_PROGRAM_NAMES = frozenset(name.lower() for name in _PROGRAMS.split())
"""Programs, languages and models whose names people have too."""
_ONLY = """
    Airflow Ansible BERT CircleCI Cortana Cypress Debian Django Docker ELMo Erlang Flask GitHub GitLab GPT Grafana
    Hadoop Haskell Istio Java JavaScript Keras Kibana Kotlin Kubernetes Llama Numpy Postgres PyTorch Python RabbitMQ
    Redis Scala Sidekiq Splunk TensorFlow Terraform Theano TypeScript Ubuntu Zookeeper
"""
ONLY_PROGRAMS = frozenset(name.lower() for name in _ONLY.split())
"""Programs and languages whose names hardly anyone has."""
_NOUNS_OF_PROGRAMS = (
    "agents?|api|app|backend|brokers?|builds?|cache|cli|client|cluster|code|compiler|config(?:uration)?|connector|consumers?"
    "|container|daemon|dashboard|database|deployment|docs?|driver|exporter|gem|images?|index|interpreter|jobs?|keyspace|kernel"
    "|lag|library|logs|master|minions?|model|modules?|nodes?|operator|optimi[sz]er|packages?|pipelines?|plugins?|pod"
    "|producers?|quer(?:y|ies)|releases?|repo(?:sitory)?|reports?|runner|runtime|schema|scripts?|sdk|servers?|sidecar|stack"
    "|table|tasks?|templates?|tokeni[sz]er|topics?|traces?|transpiler|ui|upgrade|version|webhooks?|workers?"
)
_BEHIND_PROGRAM = re.compile(
    rf" (?:[vV]?[0-9]+(?:\.[0-9]+)*(?![\w:/-])|(?:{_NOUNS_OF_PROGRAMS})(?![\w'\u2019])"
    r"|(?:compiles|transpiles|scrapes|deploys|serialises|encrypts|times out|timed out|segfaulted)(?!\w))"
    r"|:? (?:[Bb]uild|[Jj]ob|[Pp]ipeline) #?[0-9]+|: GC "
    r"|, (?:turn|play|set|stop|dim|open|remind|add|pause) (?:the|a|on|off|me|my)(?!\w)"
)
_BESIDE = re.compile(
    r"(?:,| and| or| vs\.?| but|,? with| versus| to) (?P<name>[A-Z]\w*)(?![\w'\u2019])|(?:/|, )(?P<next>[A-Z]\w*)"
)
_BESIDE_BEFORE = re.compile(r"(?P<name>[A-Z]\w*)(?: [0-9][0-9.]*)?(?:,| and| or| vs\.?|/|,? with| versus| to) ?\Z")
_BEFORE_PROGRAM = re.compile(
    r"(?:(?:\b(?:DEBUG|INFO|WARN(?:ING)?|ERROR|FATAL|TRACE)\]?:?|\[)|\b(?:apt|pip|npm|brew|gem|cargo|docker|helm"
    r"|systemctl) [a-z]{2,12}) \Z"
)
_CALLED = re.compile(r"(?<!\w)[Hh]ey,? \Z")
_OF_OPTIMISERS = re.compile(
    r"(?<![A-Za-z])(?:lr|learning rate|optimi[sz]er|schedule|weight decay|beta[12]?|SGD|AdamW|Adagrad|RMSProp"
    r"|[0-9]e-[0-9])"
)


def is_program(text: str, start: int, end: int) -> bool:
    """Tell whether a name at a place is a program's: `Julia` in `Julia 1.9`.

    Args:
        text: The text.
        start: The first character of the name.
        end: The character behind it.

    Returns:
        Whether it is one that no person has, or one that is listed with a version, a noun or a verb of programs or
        another program beside it, and no word with a capital before it.

    Example:
        >>> is_program("Julia 1.9 is out", 0, 5), is_program("Julia is out", 0, 5)
        (True, False)
    """
    first, _, rest = text[start:end].partition(" ")
    name = first.lower()
    if name in ONLY_PROGRAMS:
        return not is_named_before(text, start)
    if name not in _PROGRAM_NAMES or not (rest == "" or rest.islower()):
        return False
    end = start + len(first)
    before = max(start - BEFORE, 0)
    if _BEFORE_PROGRAM.search(text, before, start) or (
        name in ("alexa", "siri") and _CALLED.search(text, before, start)
    ):
        return True
    if is_named_before(text, start):
        return False
    if _BEHIND_PROGRAM.match(text, end):
        return True
    if name == "adam" and _OF_OPTIMISERS.search(text, before, min(end + 2 * BEFORE, len(text))):
        return True
    beside = _BESIDE.match(text, end), _BESIDE_BEFORE.search(text, before, start)
    return any(one is not None and (one[one.lastgroup or 0]).lower() in ONLY_PROGRAMS for one in beside)


# None that a person is likely to be called, as John Lewis is.
_BRANDS = """
    Abercrombie & Fitch|Alfa Romeo|Ben & Jerry's|Calvin Klein|Christian Dior|Dolce & Gabbana|Ernst & Young
    |Estée Lauder|Estee Lauder|Harley-Davidson|Hewlett-Packard|Jim Beam|Johnnie Walker|Johnson & Johnson|Louis Vuitton
    |Madame Tussauds|Marks & Spencer|Mercedes-Benz|Merrill Lynch|Morgan Stanley|Procter & Gamble|Ralph Lauren|Ray-Ban
    |Rolls-Royce|Sherwin-Williams|Tiffany & Co.|Tommy Hilfiger|Uncle Ben's|Victoria's Secret|Yves Saint Laurent
"""
_BRAND_NAMES = tuple(" ".join(name.split()) for name in _BRANDS.split("|"))
_BRAND_WORDS = frozenset(word for name in _BRAND_NAMES for word in re.findall(r"[^\W\d_]{3,}", name))
_BRAND = re.compile(rf"(?<![\w-])(?:{'|'.join(re.escape(name) for name in _BRAND_NAMES)})(?![\w-])")
_LONGEST_BRAND = max(map(len, _BRAND_NAMES))
_WORD = re.compile(r"[^\W\d_]{3,}")


def brand_at(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Find the brand that a name at a place is a part of: `Klein` in `Calvin Klein`.

    Args:
        text: The text.
        start: The first character of the name.
        end: The character behind it.

    Returns:
        The half-open characters of the brand; None where there is none.

    Example:
        >>> brand_at("by Johnson & Johnson", 3, 10)
        (3, 20)
    """
    word = _WORD.search(text, start, end)
    if word is None or word.group() not in _BRAND_WORDS:
        return None
    for match in _BRAND.finditer(text, max(start - _LONGEST_BRAND, 0), min(end + _LONGEST_BRAND, len(text))):
        if match.start() <= start and end <= match.end():
            return match.span()
    return None


_GOODS = (
    (
        "chocolate cornflakes cereal coffee cream ice-cream ketchup milk rice sauce soup soups tea whiskey whisky gin",
        "Ben's Campbell Campbell's Hershey's Heinz Kellogg Kellogg's Jim Beam Johnnie Walker Grey Jack Daniel Daniel's",
    ),
    ("apples", "Smith"),
    (
        "jeans shirt shirts shoes bag bags perfume lipstick cream glasses sunglasses suit suits dress watch watches",
        "Calvin Klein Ralph Lauren Tommy Hilfiger Louis Vuitton Christian Dior Estée Lauder Hugo Boss Mary Jane Levi's",
    ),
    (
        "car cars truck trucks tractor tractors motorcycle motorcycles engine engines dealer dealers parts tyres tires",
        "John Deere Lincoln Harley-Davidson Ford Mercedes Chevrolet Honda Porsche Ferrari",
    ),
    ("guitar guitars piano pianos amp amps", "Martin Gibson Fender Steinway"),
    ("paint paints", "Benjamin Moore Sherwin-Williams"),
    ("shaver razor drill oven washer toaster", "Philips Bosch Siemens Kärcher"),
)
_SOLD: dict[str, frozenset[str]] = {good: frozenset(names.split()) for goods, names in _GOODS for good in goods.split()}
_GOOD_BEHIND = re.compile(r"(?P<name>[^\W\d_]+(?:-[^\W\d_]+)?)(?P<owner>['\u2019]s)? (?P<good>[a-z-]+)(?![\w-])")


_TITLED_GOODS = frozenset(("Pepper", "Martens", "Oetker", "Scholl", "Kipling", "Muscle", "Whippy"))
"""Names of goods that have a title before them, such as Dr Pepper, a drink."""
_TITLE_BEFORE = re.compile(r"(?<!\w)(?:Dr|Mr)\.? \Z")
_SOLD_BEFORE = re.compile(
    r"(?<!\w)(?:some|any|diet|cherry|pair of|(?:cans?|bottles?|glass(?:es)?|sips?) of|drink(?:s|ing)?|drank|bought|buy"
    r"|wear(?:s|ing)?|wore) \Z"
)
_SOLD_BEHIND = re.compile(
    r"(?:'s)? (?:cans?|bottles?|floats?|[Zz]ero|cherry|[0-9]+ ?(?:ml|cl|oz|l)|boots?|shoes?|pizzas?|cakes?|pies?|spray"
    r"|ice[ -]cream|and (?:a )?(?:Coke|Pepsi|Sprite|burger|fries)|or (?:a )?(?:Coke|Pepsi|Sprite))(?!\w)"
)


def is_titled_product(text: str, start: int, end: int) -> bool:
    """Tell whether a name behind a title is that of goods: `Pepper` in `two cans of Dr Pepper`.

    Args:
        text: The text.
        start: The first character of the name, behind its title.
        end: The character behind it.

    Returns:
        Whether it is listed and has a word for goods or what one does with them on one side of it.

    Example:
        >>> is_titled_product("a can of Dr Pepper", 12, 18), is_titled_product("ask Dr Pepper", 7, 13)
        (True, False)
    """
    name = _WORD.match(text, start)
    if name is None or name.group() not in _TITLED_GOODS:
        return False
    title = _TITLE_BEFORE.search(text, max(start - BEFORE, 0), start)
    if title is None:
        return False
    sold = _SOLD_BEHIND.match(text, name.end()) or _SOLD_BEFORE.search(
        text, max(title.start() - BEFORE, 0), title.start()
    )
    return sold is not None


_VERBS = frozenset(("Mark", "Chase", "Grant", "Rob", "Jack", "Pat", "Bill", "Sue", "Nick", "Skip", "Pierce", "Josh"))
_BEGINS = re.compile(r"(?:\A|[\n.!?:] ?)\Z")
_OBJECT = re.compile(r" (?:the|all|a|an|this|that|these|those|each|every|any|your|my|our|it|them|up)(?= [a-z])")


def is_verb(text: str, start: int, end: int) -> bool:
    """Tell whether a word at a place is a verb at the begin of a sentence: `Mark the box`.

    Args:
        text: The text.
        start: The first character of the word.
        end: The character behind it.

    Returns:
        Whether it is one that is a name too, with the begin of its object behind it.

    Example:
        >>> is_verb("Mark the box", 0, 4), is_verb("Mark, the box", 0, 4)
        (True, False)
    """
    return (
        text[start:end] in _VERBS
        and _OBJECT.match(text, end) is not None
        and _BEGINS.search(text[max(start - BEFORE, 0) : start]) is not None
    )


def is_product(text: str, start: int, end: int) -> bool:
    """Tell whether a name at a place is that of a thing that is sold: `Calvin Klein jeans`, `Kellogg's cornflakes`.

    Args:
        text: The text.
        start: The first character of the name.
        end: The character behind it.

    Returns:
        Whether all words of the name are a brand's and what it sells is behind it. Of one that people have too, such as
        `Martin guitars`, `'s` says that it is a person's.

    Example:
        >>> is_product("a Calvin Klein shirt", 2, 14), is_product("Calvin's shirt", 0, 6)
        (True, False)
    """
    start = _begin_of_word(text, start, end)
    return any(_is_sold(text, start, end, last) for last in {start, text.rfind(" ", start, end) + 1})


def _is_sold(text: str, start: int, end: int, last: int) -> bool:
    """Whether a name whose last word begins at a place is a brand's, with what it sells behind it."""
    found = _GOOD_BEHIND.match(text, last) if start <= last else None
    if found is None or found.end() < end:
        return False
    brands = _SOLD.get(found["good"], frozenset())
    if found["owner"] and found["name"] + "'s" not in brands:
        return False
    words = text[start : found.end("name")].split()
    return all(word in brands for word in words) and (len(words) > 1 or not is_named_before(text, start))
