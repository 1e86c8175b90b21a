"""Guessing a trade from a shop's name, for files that do not tell the activity.

Three lists of words, compared on normalised names. Of the trades and the clear non-shops, what
stands first in the name decides; at the same place, the longer words ("hôtel de ville" before
"hôtel").
"""

import re

from merchants.text import normalise

# Category slug -> words of a name; brands stand with the trade that they are known for.
TRADES = {
    "boulangerie": "boulangerie, boulanger, paradis du pain, paul",
    "patisserie-chocolaterie": "patisserie, chocolaterie, chocolatier, confiserie, jeff de bruges",
    "boucherie": "boucherie, charcuterie, triperie, rotisserie",
    "poissonnerie": "poissonnerie",
    "primeur": "primeur, primeurs, fruits et legumes, marchand de legumes, verger de, "
    "cours des halles",
    "fromagerie": "fromagerie, cremerie",
    "epicerie": "epicerie, alimentation generale, superette",
    "bio-vrac": "naturalia, biocoop, bio c bon, l eau vive, la vie claire",
    "supermarche": "supermarche, carrefour, monoprix, franprix, picard, intermarche, lidl, aldi, "
    "auchan, casino supermarche, leclerc, leader price",
    "caviste": "caviste, cave a vins, caves de, nicolas, caisse des bieres",
    "traiteur": "traiteur",
    "marche": "marche aux com, marche couvert, halle du marche",
    "restaurant": "restaurant, trattoria, pizzeria, creperie, bistro, bistrot, brasserie, "
    "casino restauration, sushi shop, planet sushi, sushi maki, lune sushi, bo sushi, fujiyama",
    "restauration-rapide": "restauration rapide, sandwicherie, snack, kebab, burger, fast food",
    "cafe": "cafe, salon de the, coffee",
    "bar": "bar, pub",
    "hotel": "hotel, appart hotel, appart hotels, hotexco, ibis, citadines",
    "coiffeur": "coiffure, coiffeur, coiffeurs, barbier, barber, franck provost, fabio salsa, "
    "tchip, jean louis david",
    "institut-de-beaute": "institut de beaute, onglerie, esthetique, source de beaute, manucure",
    "bien-etre": "bronzage, spa, hammam, massage",
    "pharmacie": "pharmacie, parapharmacie",
    "opticien": "opticien, opticiens, optique, optic, lissac",
    "audioprothesiste": "audition, audioprothesiste, audika, amplifon, entendre, audi c",
    "vetements": "vetements, pret a porter, dress code",
    "enfant": "puericulture",
    "chaussures": "chaussures, chausseur, shoe",
    "bijouterie": "bijouterie, horlogerie, cleor",
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
    "sport": "decathlon, intersport, articles de sport",
    "photographe": "photographe, photographie",
    "cinema-sorties": "cinema, theatre, bowling",
    "salle-de-sport": "fitness, salle de sport",
    "electricien": "electricite, electricien",
    "serrurier": "serrurerie, serrurier",
    "macon": "couverture, couvreur, maconnerie",
    "plombier": "plomberie, plombier, chauffagiste",
    "couture": "retouche, retouches, coutures et retouches, couturier, couturiere",
    "cordonnerie": "cordonnerie, cordonnier",
    "pressing": "pressing, laverie, laundrette, blanchisserie, clean o clair",
    "garage": "garage, carglass, centre de lavage, midas, norauto, feu vert",
    "vehicules": "avis budget, hertz, europcar",
    "station-service": "station service, total marketing, total maketing",
    "auto-ecole": "auto ecole, defense permis, cer charras",
    "banque": "banque, lcl, bnp, bnp paribas, societe generale, bred, caisse d epargne, cic, "
    "credit agricole, credit mutuel, credit lyonnais, banque postale, agence bpe",
    "assurance": "assurance, assurances, mma, matmut, maif, macif, assu 2000, axa, "
    "mutuelle de poitiers, gestion d assurances",
    "agence-immobiliere": "immobilier, immobiliere, agence immobiliere, foncia, nexity, "
    "impact immo, la foret immobilier, era becon, century 21, orpi, guy hoquet",
    "poste": "la poste, bureau de poste",
    "taxi": "taxi, taxis, ambulances",
    "agence-voyages": "voyages, agence de voyages",
    "imprimerie": "imprimerie, copy top, photocopie, reprographie",
    "conseil": "avocat, avocats, societe d avocats, notaire, notariale, etude notariale, "
    "huissier, huissiers, expert comptable, interim, adecco, manpower, randstad, agence crit",
    "services-domicile": "service a la personne, aide a domicile",
    "pompes-funebres": "pompes funebres, funeraire",
    "occasion": "depot vente, friperie, vetements depot vente, antiquites, brocante",
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


_TRADES, _NOT_SHOPS, _DECISIVE = _table(TRADES), _table(NOT_SHOPS), _table(DECISIVE)


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
