"""Municipal arrondissements of Paris, Lyon and Marseille: INSEE codes that are no communes.

SIRENE and the national address base (BAN) write the arrondissement where the rest of France has
the commune. Source: INSEE, code officiel géographique.
"""

ARRONDISSEMENTS = {
    "75056": tuple(str(code) for code in range(75101, 75121)),
    "69123": tuple(str(code) for code in range(69381, 69390)),
    "13055": tuple(str(code) for code in range(13201, 13217)),
}
_WHOLE = {part: city for city, parts in ARRONDISSEMENTS.items() for part in parts}


def whole_city(insee_code: str) -> str:
    """Paris for its arrondissements, and so on; any other code as it is."""
    return _WHOLE.get(insee_code, insee_code)


def codes_within(insee_code: str) -> tuple[str, ...]:
    """The codes that files and services may write for an address in this commune."""
    return ARRONDISSEMENTS.get(insee_code, (insee_code,))
