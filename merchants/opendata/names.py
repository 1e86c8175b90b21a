"""Guessing a trade from a shop's name, for files that do not tell the activity.

Lists of words, compared on normalised names. Of the trades and the clear non-shops, what
stands first in the name decides; at the same place, the longer words ("hôtel de ville" before
"hôtel").
"""

import re

from merchants.names import TRADES
from merchants.text import normalise

# Category slug -> brands, and words that only a file of establishments writes.
BRANDS = {
    "boulangerie": "paradis du pain, paul",
    "patisserie-chocolaterie": "jeff de bruges",
    "primeur": "verger de, cours des halles",
    "bio-vrac": "naturalia, biocoop, bio c bon, l eau vive, la vie claire",
    "supermarche": "carrefour, monoprix, franprix, picard, intermarche, lidl, aldi, auchan, "
    "casino supermarche, leclerc, leader price",
    "caviste": "caves de, nicolas, caisse des bieres",
    "restaurant": "casino restauration, sushi shop, planet sushi, sushi maki, lune sushi, "
    "bo sushi, fujiyama",
    "hotel": "hotexco, ibis, citadines",
    "coiffeur": "franck provost, fabio salsa, tchip, jean louis david",
    "institut-de-beaute": "source de beaute",
    "opticien": "lissac",
    "audioprothesiste": "audika, amplifon, entendre, audi c",
    "vetements": "dress code",
    "bijouterie": "cleor",
    "sport": "decathlon, intersport",
    "pressing": "clean o clair",
    "garage": "carglass, midas, norauto, feu vert",
    "vehicules": "avis budget, hertz, europcar",
    "station-service": "total marketing, total maketing",
    "auto-ecole": "defense permis, cer charras",
    "banque": "lcl, bnp, bnp paribas, societe generale, bred, caisse d epargne, cic, "
    "credit agricole, credit mutuel, credit lyonnais, banque postale, agence bpe",
    "assurance": "mma, matmut, maif, macif, assu 2000, axa, mutuelle de poitiers",
    "agence-immobiliere": "foncia, nexity, impact immo, la foret immobilier, era becon, "
    "century 21, orpi, guy hoquet",
    "poste": "la poste",
    "imprimerie": "copy top",
    "conseil": "adecco, manpower, randstad, agence crit",
}

SCHOOL = "Établissement scolaire ou accueil d’enfants, pas un commerce."
HEALTH = "Cabinet ou établissement de santé\u00a0: il figure dans les annuaires de santé."
PUBLIC = "Service public\u00a0: la mairie le présente ailleurs."
ASSOCIATION = "Association ou lieu de culte, pas un commerce."
HOUSING = "Immeuble d’habitation ou parties communes, pas un commerce."
PARKING = "Parc de stationnement, pas un commerce."
EMPTY = "Local vide\u00a0: aucun commerce à montrer."

NOT_SHOPS = {
    SCHOOL: "ecole, ecole maternelle, "
    "ecole elementaire, ecole mixte, ecole montessori, college, lycee, creche, creches, "
    "halte garderie, jardin d eveil, relais assistantes maternelles, foyer maternelle, alsh, "
    "centre de vacances, evancia, babilou, pole universitaire, accueil enfant, "
    "toute l enfance en plein air, ee, centre aere",
    HEALTH: "docteur, docteurs, dr, cabinet medical, cabinet dentaire, "
    "cabinet paramedical, cabinet de kinesitherapie, kinesitherapeute, kinesitherapie, kine, "
    "masseur kinesitherapeute, orthophoniste, orthophonie, cabinet d orthophonie, podologue, "
    "podologie, pedicure, psychologue, psychiatre, psychomotricite, spsychomotricite, "
    "psychoterapeute, psychotherapeute, rhumatologue, dermatologue, cabinet ophtalmologique, "
    "ophtalmologie, cabinet de dermatologie, pediatre, pediatrie, ortophonie, medical, medicale, "
    "laboratoire, labo, clinique, assistance paramedicale, sante travail, medecine, cmpp, "
    "dentagest, bio paris ouest, cabinet docteurs, sci medicale, la medicale, "
    "cabinet du docteur, cabinet pediatre",
    PUBLIC: "mairie, hotel de ville, bibliotheque, "
    "centre culturel, conservatoire, musee, gymnase, piscine, patinoire, stade, tennis, "
    "boulodrome, stand de tir, centre omnisports, espace sportif, police, commissariat, "
    "cimetiere, maison de l emploi, maison du travail, maison des syndicats, salles de spectacle, "
    "maison des associations, maison du val, caf, caisse d assurance maladie, cpam, "
    "aide juridique, circonscription sociale, club de billard, c a f, locaux mis a dispo, "
    "local mis a disposition, espace parents, site anciens combattants, caf du 92",
    ASSOCIATION: "association, centre social, centre socioculturel, centre socio culturel, "
    "eglise, paroisse, temple, mosquee, synagogue, "
    "association diocesaine, enfants des arts",
    HOUSING: "ehpad, foyer, residence, residences, logement, "
    "maison perce neige, lcr, gie, immobiliere 3f",
    PARKING: "parking, parc de stationnement, sags",
    EMPTY: "vacant, client vacant, en travaux, sans enseigne, espace de location",
}
# Whatever else the name says, these are no shops.
DECISIVE = {
    PUBLIC: "commune de, aines, conseil departemental, conseil general",
    EMPTY: "vacant, en travaux",
    PARKING: "emplacements de parkings",
}


def _table(words: dict[str, str]) -> list[tuple[re.Pattern, str]]:
    return [
        (re.compile(rf"\b{re.escape(word.strip())}\b"), target)
        for target, listed in words.items()
        for word in listed.split(",")
        if word.strip()
    ]


_TRADES = _table(TRADES) + _table(BRANDS)
_NOT_SHOPS, _DECISIVE = _table(NOT_SHOPS), _table(DECISIVE)


def trade_of(name: str) -> tuple[str, str]:
    """(category slug, "") or ("", the reason why it is no shop); ("", "") where nothing tells."""
    text = normalise(name)
    for pattern, reason in _DECISIVE:
        if pattern.search(text):
            return "", reason
    found = []
    for table, is_trade in ((_TRADES, True), (_NOT_SHOPS, False)):
        for pattern, target in table:
            if match := pattern.search(text):
                found.append((match.start(), -len(match.group()), is_trade, target))
    if not found:
        return "", ""
    *_place, is_trade, target = min(found)
    return (target, "") if is_trade else ("", target)
