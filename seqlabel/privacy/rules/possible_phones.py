"""Whether a telephone number with its country's code has a possible length; where numbers stand is found in `proven`.

The answers are those of `phonenumbers`, whose parser takes ten times longer for what nearly all numbers are.
"""

import re

_PLAIN = re.compile(r"\+[1-9][0-9 ().-]{4,40}[0-9]")
_LONGEST_CODE = 3
"""Digits of the longest code of a country."""


def is_possible_phone(number: str) -> bool:
    """Tell whether a number has as many digits as numbers of its country have.

    Args:
        number: A number that begins with `+` and its country's code.

    Returns:
        Whether it may be dialled from anywhere; a part that can only be dialled from next door may not.

    Raises:
        ImportError: Where `phonenumbers` is missing.

    Example:
        >>> is_possible_phone("+44 20 7946 0958"), is_possible_phone("+44 20 7946")
        (True, False)
    """
    import phonenumbers

    if _PLAIN.fullmatch(number):
        digits = "".join(filter(str.isdigit, number))
        for length in range(1, _LONGEST_CODE + 1):
            code, rest = int(digits[:length]), digits[length:]
            if code not in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
                continue
            region = phonenumbers.region_code_for_country_code(code)
            country = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, region)
            if country is None or country.general_desc is None:
                break
            prefix = country.national_prefix_for_parsing
            # What is dialled inside a country alone, such as the 0 of `(0)20`, is left to the parser.
            if rest.startswith("0") or (prefix and re.match(prefix, rest)):
                break
            return len(rest) in country.general_desc.possible_length
    try:
        possible = phonenumbers.is_possible_number_with_reason(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False
    # What can only be dialled from next door is the beginning of a number that is too long.
    return possible == phonenumbers.ValidationResult.IS_POSSIBLE
