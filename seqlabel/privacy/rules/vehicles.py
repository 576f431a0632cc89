"""Cars by make and model, or by colour and one of both, which labelers take for names; a make alone is in `nobody`."""

import re

from seqlabel.privacy.rules.cues import in_match

_COLOURS = "black|blue|brown|green|grey|gray|gold|maroon|orange|purple|red|silver|tan|white|yellow"
_MAKES = (
    "Audi|BMW|Chevrolet|Chevy|Citro[eë]n|Dodge|Fiat|Ford|Holden|Honda|Hyundai|Jeep|Kia|Maruti|Mazda|Mini|Mitsubishi|Nissan"
    "|Opel|Peugeot|Renault|Seat|Skoda|Škoda|Subaru|Suzuki|Tata|Tesla|Toyota|Vauxhall|Volkswagen|Volvo|VW"
)
_MODELS = (
    "[A-Z]-?[0-9]{1,3}|[A-Z]{2}-[0-9]{1,2}|[1-8] Series|[0-9]{3}|Model [3SXY]|Accord|Alto|Altima|Astra|Auris|Aygo"
    "|Berlingo|Caddy|Camry|Captur|Ceed|Charger|Civic|Clio|Commodore|Cooper|Corolla|Corsa|CR-V|Ducato|Elantra|Escape|Escort|Explorer"
    "|Fabia|Fiesta|Fit|Focus|Forester|Galaxy|Golf|Hilux|i10|i20|i30|Ibiza|Impala|Impreza|Insignia|Jazz|Juke|Ka|Kangoo|L200"
    "|Leaf|Leon|Malibu|Megane|Mégane|Micra|Mondeo|Mustang|Navara|Nexon|Octavia|Outback|Outlander|Panda|Partner|Passat"
    "|Picanto|Polo|Prius|Puma|Punto|Qashqai|Ram|Ranger|RAV4|Rio|Sentra|Silverado|Sonata|Sportage|Superb|Swift|Tacoma|Tahoe"
    "|Tiguan|Trafic|Transit|Transporter|Tucson|Up|Vivaro|Wrangler|Yaris|Zoe"
)
_AFTER_COLOUR = (
    "Astra|Camry|Civic|Clio|Corolla|Corsa|Fiesta|Focus|Golf|Hilux|Mondeo|Passat|Polo|Prius|Qashqai|Transit|Yaris"
)
_VEHICLE = re.compile(
    rf"(?<!\w)(?:(?:(?i:{_COLOURS}) )?(?:{_MAKES}) (?:{_MODELS})|(?i:{_COLOURS}) (?:{_MAKES}|{_AFTER_COLOUR}))(?!\w)"
)
_BEFORE = 24


def in_vehicle(text: str, start: int, end: int) -> bool:
    """Tell whether a place is a part of the name of a car.

    Args:
        text: The text.
        start: The first character of the place.
        end: The character behind it.

    Returns:
        Whether a make and a model, or a colour and one of both, hold the place.

    Example:
        >>> in_vehicle("in a silver Vauxhall Corsa", 12, 26), in_vehicle("at Ford", 3, 7)
        (True, False)
    """
    return in_match(_VEHICLE, text, start, end, _BEFORE)
