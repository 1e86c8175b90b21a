"""What a sentence on deliveries tells: where, from which amount, for which fee, how soon.

"le bourg, dès 40 €, 5 €, sous 48 h": parts between commas, each of which is one of these or a
note. Nothing is guessed. A part is an area only if it names a place and nothing else. An amount
or a delay that follows a note belongs to it ("gros objets, 15 €"). Without an area, or with two,
a sentence that is not understood in full stays whole, as the note.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from merchants.text import normalise
from merchants.workflow.listing import Service


class Around(NamedTuple):
    """The shop's commune and department, and whether a normalised name is a commune nearby."""

    commune: str
    department: str
    is_commune: Callable[[str], bool]


def delivery_of(text: str, around: Around) -> Service:
    """The delivery service that the text describes; no word of it is lost."""
    whole = Service(kind="livraison", note=cut(text, 300))
    found: dict = {}
    area: list[str] = []
    notes: list[str] = []
    last = ""  # "area", "amount" or "note": what the part before was
    for part in filter(None, (part.strip() for part in re.split(r",\s+", text))):
        if _is_area(part, around, listed=last == "area"):
            if area and last != "area":
                return whole  # Two areas, each with its conditions.
            area.append(part)
            last = "area"
        elif last != "note" and (term := _term(part)):
            if term[0] in found:
                return whole
            found[term[0]] = term[1]
            last = "amount"
        elif last == "area" and _is_proper(part):
            return whole  # One more place, or something else: nobody can tell.
        else:
            notes.append(part)
            last = "note"
    where = ", ".join(area)
    if len(where) > 200 or (notes and not where):
        return whole
    return Service(kind="livraison", area=where, note=cut(", ".join(notes), 300), **found)


def cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


# Amounts and delays ----------------------------------------------------------------------------

_AMOUNT = r"(\d{1,5}(?:[.,]\d{1,2})?)\s*(?:€|euros?)"
_MINIMUM = re.compile(
    rf"(?:dès|à partir de|(?:commande\s+)?(?:minimum|mini\.?)(?:\s+de)?)\s+{_AMOUNT}"
    rf"(?:\s+(?:d[’']achats?|de commande))?",
    re.IGNORECASE,
)
_FEE = re.compile(
    rf"(?:frais(?:\s+de\s+(?:livraison|port))?(?:\s+de)?\s+)?{_AMOUNT}"
    rf"(?:\s+(?:de\s+frais|de\s+port|la\s+livraison))?",
    re.IGNORECASE,
)
_FREE = re.compile(r"(?:livraison\s+)?(?:gratuite?|offerte?)|sans\s+frais", re.IGNORECASE)
_DELAY = re.compile(
    r"(?:sous|en|dans les)\s+\d{1,3}(?:\s*(?:à|-)\s*\d{1,3})?\s*"
    r"(?:h|heures?|mn|min|minutes?|jours?(?:\s+ouvrés)?|semaines?)",
    re.IGNORECASE,
)


def _term(part: str) -> tuple[str, Decimal | str] | None:
    if match := _MINIMUM.fullmatch(part):
        return "minimum_order", _euros(match[1])
    if match := _FEE.fullmatch(part):
        return "fee", _euros(match[1])
    if _FREE.fullmatch(part):
        return "fee", Decimal(0)
    return ("delay", part) if _DELAY.fullmatch(part) else None


def _euros(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


# Places ----------------------------------------------------------------------------------------

_DEPARTMENTS = set(
    map(
        normalise,
        "Ain, Aisne, Allier, Alpes-de-Haute-Provence, Hautes-Alpes, Alpes-Maritimes, Ardèche, "
        "Ardennes, Ariège, Aube, Aude, Aveyron, Bouches-du-Rhône, Calvados, Cantal, Charente, "
        "Charente-Maritime, Cher, Corrèze, Corse-du-Sud, Haute-Corse, Corse, Côte-d’Or, "
        "Côtes-d’Armor, Creuse, Dordogne, Doubs, Drôme, Eure, Eure-et-Loir, Finistère, Gard, "
        "Haute-Garonne, Gers, Gironde, Hérault, Ille-et-Vilaine, Indre, Indre-et-Loire, Isère, "
        "Jura, Landes, Loir-et-Cher, Loire, Haute-Loire, Loire-Atlantique, Loiret, Lot, "
        "Lot-et-Garonne, Lozère, Maine-et-Loire, Manche, Marne, Haute-Marne, Mayenne, "
        "Meurthe-et-Moselle, Meuse, Morbihan, Moselle, Nièvre, Nord, Oise, Orne, Pas-de-Calais, "
        "Puy-de-Dôme, Pyrénées-Atlantiques, Hautes-Pyrénées, Pyrénées-Orientales, Bas-Rhin, "
        "Haut-Rhin, Rhône, Haute-Saône, Saône-et-Loire, Sarthe, Savoie, Haute-Savoie, Paris, "
        "Seine-Maritime, Seine-et-Marne, Yvelines, Deux-Sèvres, Somme, Tarn, Tarn-et-Garonne, "
        "Var, Vaucluse, Vendée, Vienne, Haute-Vienne, Vosges, Yonne, Territoire de Belfort, "
        "Essonne, Hauts-de-Seine, Seine-Saint-Denis, Val-de-Marne, Val-d’Oise, Guadeloupe, "
        "Martinique, Guyane, La Réunion, Mayotte, Île-de-France, Auvergne-Rhône-Alpes, "
        "Bourgogne-Franche-Comté, Bretagne, Centre-Val de Loire, Grand Est, Hauts-de-France, "
        "Normandie, Nouvelle-Aquitaine, Occitanie, Pays de la Loire, "
        "Provence-Alpes-Côte d’Azur".split(", "),
    )
)
# Departments that are ordinary words, too: only after an article ("le Lot").
_ORDINARY = {"cher", "creuse", "landes", "lot", "manche", "nord", "somme"}
_NUMBER = r"(?:0[1-9]|[1-8]\d|9[0-5]|2[ab]|97[1-6]|98[678])"
# First words that many communes share, and that mean something else alone.
_COMMON_FIRST = set(
    "beau belle bois bourg champ chateau croix eaux etang ferme fontaine grand grande haut haute "
    "jardin mont petit petite pont port roche saint sainte source tour vieux ville vins".split()
)

# What may stand before a place; compared, as all that follows, on normalised words.
_LEAD = re.compile(
    r"(?:livraisons? )?(?:a domicile )?(?:partout )?(?:(?:sur|dans|a|vers|en|au|aux) )?"
    r"(?:toute?s? )?"
    r"(?:(?:la ville|la commune|les communes|les villes|l agglomeration|la metropole|le canton) "
    r"(?:des|de|du|d) )?"
)
_ARTICLE = re.compile(r"(?:le|la|les|l|du|de la|departement(?: (?:du|des|de la|de l|de))?) ")
_OF = r"(?: (?:de|du|des|d|l|la|le|les|\w+)){1,6}"
_PHRASE = re.compile(
    "|".join(
        [
            r"(?:la |notre )?(?:ville|commune)(?: entiere)?",
            r"(?:le |l |hyper )?(?:centre ville|centre bourg|bourg|village)",
            rf"(?:le |les |notre )?quartiers?(?:{_OF})?",
            r"(?:un |une )?(?:rayon )?(?:de |d )?(?:environ )?\d{1,3} ?(?:km|kilometres?)"
            r"(?: (?:autour|alentour|alentours|a la ronde|maximum|max|environ))?"
            rf"(?: (?:de|du|d){_OF})?",
            rf"(?:les |ses |aux )?(?:alentours|environs)(?: (?:de|du|d){_OF})?",
            r"(?:les |toutes les )?(?:communes|villes|villages)(?: \w+)? "
            r"(?:voisine?s|limitrophes|alentour|alentours|proches|environnante?s)",
            r"(?:la |l |les )?(?:metropole|agglomeration|region|banlieue) \w+",
            r"(?:la )?(?:petite|grande) couronne",
            rf"(?:la )?communaute (?:de communes|d agglomeration|urbaine)(?:{_OF})?",
            r"(?:le |les )?\d{1,2}(?:er|e|eme|emes) arrondissements?",
            r"(?:la )?france(?: entiere| metropolitaine)?",
            r"(?:le )?departement",
        ]
    )
)  # fmt: skip
_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w’']*"
_PROPER = re.compile(
    rf"(?:(?:Le|La|Les) |L[’'])?{_CAPITAL}"
    rf"(?:[ -](?:{_CAPITAL}|sur|sous|en|et|de|du|des|d[’']\w+|l[’']\w+|la|le|les|lès|aux?|à))*"
)

# Written like names of places, and none.
_NO_PLACES = set(
    "lundi mardi mercredi jeudi vendredi samedi dimanche noel paques toussaint colissimo "
    "chronopost uber deliveroo stuart gratuit gratuite devis".split()
)


def _is_area(part: str, around: Around, *, listed: bool) -> bool:
    """Whether a part names places and nothing else.

    One of them must be certain; the others may then be any proper names ("Rueil et Chatou"), and
    so may those that end a list begun before (`listed`: "Suresnes, Puteaux et Saint-Cloud").
    """
    items = [item for item in re.split(r"\s+(?:et|ou|&|\+)\s+|\s*[/;]\s*", part) if item]
    certain = [_is_place(item, around) for item in items]
    possible = all(
        sure or _is_proper(item) or re.fullmatch(_NUMBER, normalise(item))
        for item, sure in zip(items, certain, strict=True)
    )
    return possible and (any(certain) or (listed and len(items) > 1))


def _is_proper(item: str) -> bool:
    return bool(_PROPER.fullmatch(item)) and normalise(item) not in _NO_PLACES


def _is_place(item: str, around: Around) -> bool:
    words = normalise(item)
    if "€" in item:
        return False
    rest = words[_LEAD.match(words).end() :]
    if _PHRASE.fullmatch(rest) or _PHRASE.fullmatch(words):
        return True
    rest = re.sub(r"^\d{5} (?=\w)", "", rest)
    here = normalise(around.commune)
    if rest in {here, f"{here} centre"} or re.fullmatch(rf"{here} \d{{1,2}}(?:er|e|eme)", rest):
        return True
    bare = _ARTICLE.sub("", rest, count=1) if _ARTICLE.match(rest) else rest
    led = bare != words
    if re.fullmatch(_NUMBER, bare):
        return led or bare == around.department.lower()
    if not any(letter.isupper() for letter in item):
        return False  # A name of a commune, written as no name.
    if bare in _DEPARTMENTS or rest in _DEPARTMENTS:
        return led or bare not in _ORDINARY
    first = here.split()[0]
    if rest == first and len(first) > 3 and first not in _COMMON_FIRST:
        return True  # "Rueil" of Rueil-Malmaison
    return around.is_commune(rest)
