"""Names of shops: the trade that they tell, and whether two of them may be the same shop's.

Compared without accents, case, punctuation, articles and legal forms. Likeness is rapidfuzz's
`token_set_ratio`, from 0 to 100.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from merchants.text import STOP_WORDS, normalise

# Two listings this near to each other may be the same shop.
SAME_PLACE_KM = 0.15
# From here on two names are alike. The pairs in tests/leaves/test_names.py are why: what is the
# same has 92 or more there, what is not less than 84.5.
ALIKE = 85.0
# One of the names is its trade and nothing else ("Boulangerie"), and so is the other's trade.
# Such names are alike next door only.
BARE = 80.0
NEXT_DOOR_KM = 0.03

# Category slug -> how names tell that trade, normalised.
TRADES: dict[str, str] = {
    "boulangerie": "boulangerie, boulanger",
    "patisserie-chocolaterie": "patisserie, chocolaterie, chocolatier, confiserie",
    "boucherie": "boucherie, charcuterie, triperie, rotisserie",
    "poissonnerie": "poissonnerie",
    "primeur": "primeur, primeurs, fruits et legumes, marchand de legumes",
    "fromagerie": "fromagerie, cremerie",
    "epicerie": "epicerie, alimentation generale, superette",
    "supermarche": "supermarche",
    "caviste": "caviste, cave a vins",
    "traiteur": "traiteur",
    "marche": "marche aux com, marche couvert, halle du marche",
    "restaurant": "restaurant, trattoria, pizzeria, creperie, bistro, bistrot, brasserie",
    "restauration-rapide": "restauration rapide, sandwicherie, snack, kebab, burger, fast food",
    "cafe": "cafe, salon de the, coffee",
    "bar": "bar, pub",
    "hotel": "hotel, appart hotel, appart hotels",
    "coiffeur": "coiffure, coiffeur, coiffeurs, barbier, barber",
    "institut-de-beaute": "institut de beaute, onglerie, esthetique, manucure",
    "bien-etre": "bronzage, spa, hammam, massage",
    "pharmacie": "pharmacie, parapharmacie",
    "opticien": "opticien, opticiens, optique, optic",
    "audioprothesiste": "audition, audioprothesiste",
    "vetements": "vetements, pret a porter",
    "enfant": "puericulture",
    "chaussures": "chaussures, chausseur, shoe",
    "bijouterie": "bijouterie, horlogerie",
    "mercerie": "mercerie",
    "decoration": "decorations, decoration",
    "bricolage": "bricolage, quincaillerie, droguerie",
    "informatique-telephonie": "informatique, multimedia, telephonie, produits multimedias",
    "fleuriste": "fleuriste, fleurs",
    "animalerie": "animalerie, toilettage, canin et felin",
    "veterinaire": "veterinaire, veterinaires, clinique veterinaire",
    "librairie": "librairie",
    "presse-papeterie": "presse, papeterie",
    "tabac": "tabac, bureau de tabac",
    "jouets": "jouets",
    "musique": "cassettes video, disquaire",
    "sport": "articles de sport",
    "photographe": "photographe, photographie",
    "cinema-sorties": "cinema, theatre, bowling",
    "salle-de-sport": "fitness, salle de sport",
    "electricien": "electricite, electricien",
    "serrurier": "serrurerie, serrurier",
    "macon": "couverture, couvreur, maconnerie",
    "plombier": "plomberie, plombier, chauffagiste",
    "couture": "retouche, retouches, coutures et retouches, couturier, couturiere",
    "cordonnerie": "cordonnerie, cordonnier",
    "pressing": "pressing, laverie, laundrette, blanchisserie",
    "garage": "garage, centre de lavage",
    "station-service": "station service",
    "auto-ecole": "auto ecole",
    "banque": "banque",
    "assurance": "assurance, assurances, gestion d assurances",
    "agence-immobiliere": "immobilier, immobiliere, agence immobiliere",
    "poste": "bureau de poste",
    "taxi": "taxi, taxis, ambulances",
    "agence-voyages": "voyages, agence de voyages",
    "imprimerie": "imprimerie, photocopie, reprographie",
    "conseil": "avocat, avocats, societe d avocats, notaire, notariale, etude notariale, "
    "huissier, huissiers, expert comptable, interim",
    "services-domicile": "service a la personne, aide a domicile",
    "pompes-funebres": "pompes funebres, funeraire",
    "occasion": "depot vente, friperie, vetements depot vente, antiquites, brocante",
}

# Trades that one shop often joins, or that go by each other's name. Any other two trades are two
# shops: the pharmacy and the hotel "de la Gare".
JOINED = [
    set(trades.split())
    for trades in (
        "boulangerie patisserie-chocolaterie cafe",
        "boucherie traiteur epicerie",
        "patisserie-chocolaterie traiteur",
        "bar cafe restaurant restauration-rapide traiteur",
        "hotel restaurant",
        "bar cafe tabac presse-papeterie",
        "tabac presse-papeterie librairie",
        "librairie jouets cafe",
        "imprimerie presse-papeterie photographe",
        "epicerie primeur supermarche caviste fromagerie",
        "coiffeur institut-de-beaute bien-etre",
        "bien-etre salle-de-sport",
        "vetements chaussures enfant sport mercerie occasion",
        "bijouterie vetements decoration occasion fleuriste",
        "opticien audioprothesiste photographe",
        "couture mercerie pressing cordonnerie",
        "cordonnerie serrurier",
        "garage station-service",
        "electricien plombier serrurier macon bricolage",
        "banque assurance agence-immobiliere",
        "pompes-funebres fleuriste macon",
        "taxi pompes-funebres",
    )
]

_LEGAL_FORMS = (
    "sarl|s a r l|sasu|s a s u|sas|s a s|eurl|e u r l|eirl|e i r l|ei|e i|sa|s a|snc|s n c|sci|"
    "scop|selarl|selas|scea|earl|gaec|ets|etablissements?|ste|societe|"
    "(?:auto|micro) (?:entrepreneur|entreprise)|entreprise individuelle|et cie|cie"
)
_LEGAL_FORM = re.compile(rf"\b(?:{_LEGAL_FORMS})\b")
# Words that many names have, and that tell no shop from another.
_COMMON = frozenset(
    "maison boutique magasin salon atelier commerce artisan petit petite grand grande bon bonne "
    "nouveau nouvelle fils fille pere frere soeur monsieur madame".split()
)
_TRADE_OF = {word: slug for slug, words in TRADES.items() for word in words.split(", ")}
_TRADE = re.compile(
    rf"\b(?:{'|'.join(sorted(map(re.escape, _TRADE_OF), key=len, reverse=True))})\b"
)


@dataclass(frozen=True, slots=True)
class _Name:
    trades: frozenset[str]
    words: tuple[str, ...]  # all but articles and legal forms
    telling: tuple[str, ...]  # neither trade, nor town, nor common word


def alike(one: str, other: str, *, city: str = "") -> bool:
    """Whether two names in the same place may be the same shop's; see `likeness`."""
    return likeness(one, other, city=city) >= ALIKE


def likeness(one: str, other: str, *, city: str = "") -> float:
    """How much alike two names are, from 0 to 100: ALIKE and more, or exactly BARE, count.

    Legal forms, articles and the name of the town are left out; the trade too, where both names
    have something else ("Boulangerie Dupont", "Maison Dupont"). Two trades that no shop joins make
    two shops.
    """
    first, second = _read(one, city), _read(other, city)
    if first.trades and second.trades and not _joined(first.trades, second.trades):
        return 0.0
    if first.telling and second.telling:
        left, right = first.telling, second.telling
        return max(
            fuzz.token_set_ratio(" ".join(left), " ".join(right)),
            fuzz.ratio("".join(left), "".join(right)),  # "Mc Donald’s", "McDonalds"
        )
    if first.words == second.words:
        return 100.0
    score = fuzz.token_sort_ratio(" ".join(first.words), " ".join(second.words))
    if score < ALIKE and first.trades and second.trades:
        return BARE
    return score


@lru_cache(maxsize=16_384)
def _read(name: str, city: str) -> _Name:
    text = normalise(name)
    text = _LEGAL_FORM.sub(" ", text).strip() or text
    trades = frozenset(_TRADE_OF[match] for match in _TRADE.findall(text))
    town = set(normalise(city).split())
    words = tuple(_singular(w) for w in text.split() if w not in STOP_WORDS) or tuple(text.split())
    left = _TRADE.sub(" ", text).split()
    telling = tuple(
        _singular(word) for word in left if word not in STOP_WORDS | _COMMON and word not in town
    )
    return _Name(trades, words, telling)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def _joined(some: frozenset[str], others: frozenset[str]) -> bool:
    return bool(some & others) or any(some & joined and others & joined for joined in JOINED)
