"""Stock files of SIRENE in INSEE's layout, and establishments, for tests. The companies are
invented; their numbers have valid keys."""

import csv
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from merchants.company_search import Company
from merchants.models import Category, Commune, Shop, SireneCase, User
from merchants.models.role import RoleKind
from merchants.models.sirene import SireneKind
from merchants.workflow.roles import give_role
from tests.factories import NOW, make_category, make_user

# The layout of 2026: INSEE, "dessin de fichier" of StockEtablissement and StockUniteLegale.
ESTABLISHMENT = (
    "siren,nic,siret,statutDiffusionEtablissement,dateCreationEtablissement,"
    "trancheEffectifsEtablissement,anneeEffectifsEtablissement,"
    "activitePrincipaleRegistreMetiersEtablissement,dateDernierTraitementEtablissement,"
    "etablissementSiege,nombrePeriodesEtablissement,complementAdresseEtablissement,"
    "numeroVoieEtablissement,indiceRepetitionEtablissement,dernierNumeroVoieEtablissement,"
    "indiceRepetitionDernierNumeroVoieEtablissement,typeVoieEtablissement,"
    "libelleVoieEtablissement,codePostalEtablissement,libelleCommuneEtablissement,"
    "libelleCommuneEtrangerEtablissement,distributionSpecialeEtablissement,"
    "codeCommuneEtablissement,codeCedexEtablissement,libelleCedexEtablissement,"
    "codePaysEtrangerEtablissement,libellePaysEtrangerEtablissement,"
    "identifiantAdresseEtablissement,coordonneeLambertAbscisseEtablissement,"
    "coordonneeLambertOrdonneeEtablissement,complementAdresse2Etablissement,"
    "numeroVoie2Etablissement,indiceRepetition2Etablissement,typeVoie2Etablissement,"
    "libelleVoie2Etablissement,codePostal2Etablissement,libelleCommune2Etablissement,"
    "libelleCommuneEtranger2Etablissement,distributionSpeciale2Etablissement,"
    "codeCommune2Etablissement,codeCedex2Etablissement,libelleCedex2Etablissement,"
    "codePaysEtranger2Etablissement,libellePaysEtranger2Etablissement,dateDebut,"
    "etatAdministratifEtablissement,enseigne1Etablissement,enseigne2Etablissement,"
    "enseigne3Etablissement,denominationUsuelleEtablissement,activitePrincipaleEtablissement,"
    "nomenclatureActivitePrincipaleEtablissement,caractereEmployeurEtablissement,"
    "activitePrincipaleNAF25Etablissement"
).split(",")
UNIT = (
    "siren,statutDiffusionUniteLegale,unitePurgeeUniteLegale,dateCreationUniteLegale,"
    "sigleUniteLegale,sexeUniteLegale,prenom1UniteLegale,prenom2UniteLegale,prenom3UniteLegale,"
    "prenom4UniteLegale,prenomUsuelUniteLegale,pseudonymeUniteLegale,"
    "identifiantAssociationUniteLegale,trancheEffectifsUniteLegale,anneeEffectifsUniteLegale,"
    "dateDernierTraitementUniteLegale,nombrePeriodesUniteLegale,categorieEntreprise,"
    "anneeCategorieEntreprise,dateDebut,etatAdministratifUniteLegale,nomUniteLegale,"
    "nomUsageUniteLegale,denominationUniteLegale,denominationUsuelle1UniteLegale,"
    "denominationUsuelle2UniteLegale,denominationUsuelle3UniteLegale,"
    "categorieJuridiqueUniteLegale,activitePrincipaleUniteLegale,"
    "nomenclatureActivitePrincipaleUniteLegale,nicSiegeUniteLegale,"
    "economieSocialeSolidaireUniteLegale,societeMissionUniteLegale,caractereEmployeurUniteLegale,"
    "activitePrincipaleNAF25UniteLegale"
).split(",")


def number(n: int) -> str:
    """The n-th of a row of SIRETs with valid keys."""
    siren = _with_key(f"{70000000 + n:08d}")
    return _with_key(f"{siren}0001")


def _with_key(digits: str) -> str:
    """With the digit that makes Luhn's sum a multiple of ten."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return f"{digits}{-total % 10}"


def establishment(siret: str, **values: str) -> dict[str, str]:
    """A line of StockEtablissement: an open bakery at 12 rue de la Paix in Suresnes. Titles may be
    given without their end ("enseigne1" for "enseigne1Etablissement")."""
    row = {
        "siren": siret[:9], "nic": siret[9:], "siret": siret, "statutDiffusion": "O",
        "dateCreation": "2024-03-01", "etablissementSiege": "true", "numeroVoie": "12",
        "typeVoie": "RUE", "libelleVoie": "DE LA PAIX", "codePostal": "92150",
        "libelleCommune": "SURESNES", "codeCommune": "92073", "dateDebut": "2025-01-01",
        "etatAdministratif": "A", "enseigne1": "LE FOURNIL", "activitePrincipale": "10.71C",
        "nomenclatureActivitePrincipale": "NAFRev2", "caractereEmployeur": "O",
    } | values  # fmt: skip
    return _whole(row, "Etablissement", ESTABLISHMENT)


def unit(siret: str, **values: str) -> dict[str, str]:
    """A line of StockUniteLegale: an active company."""
    row = {
        "siren": siret[:9], "statutDiffusion": "O", "dateDebut": "2020-01-01",
        "etatAdministratif": "A", "denomination": "LE FOURNIL DE MAMIE",
        "categorieJuridique": "5499",
    } | values  # fmt: skip
    return _whole(row, "UniteLegale", UNIT)


def _whole(values: dict[str, str], end: str, titles: list[str]) -> dict[str, str]:
    row = dict.fromkeys(titles, "")
    for title, value in values.items():
        row[title if title in row else f"{title}{end}"] = value
    assert set(row) == set(titles), set(row) - set(titles)
    return row


def write_stock(path: Path, rows: Iterable[dict[str, str]], titles: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, titles, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def company(n: int = 1, **fields) -> Company:
    """An open bakery at 12 rue de la Paix in Suresnes, since 2024."""
    values = {
        "siret": number(n), "siren": number(n)[:9], "name": "LE FOURNIL DE MAMIE",
        "house_number": "12", "street": "RUE DE LA PAIX", "postcode": "92150", "city": "SURESNES",
        "commune_code": "92073", "naf": "10.71C", "since": date(2024, 3, 1),
    } | fields  # fmt: skip
    return Company(**values)


def closed(n: int = 1, **fields) -> Company:
    return company(n, is_open=False, **{"since": date(2026, 3, 1)} | fields)


def make_bakery() -> Category:
    return make_category("Boulangerie", naf_codes=["10.71C", "47.24Z"])


def make_case(
    commune: Commune,
    kind: str = SireneKind.UNLISTED,
    *,
    n: int = 1,
    shop: Shop | None = None,
    now: datetime = NOW,
    **fields,
) -> SireneCase:
    values = {
        "siret": number(n), "name": "Le Fournil de Mamie", "naf": "10.71C",
        "category": make_bakery(), "house_number": "12", "street": "rue de la Paix",
        "postcode": "92150", "since": date(2024, 3, 1),
    } | fields  # fmt: skip
    return SireneCase.objects.create(commune=commune, kind=kind, shop=shop, found_at=now, **values)


def make_agent(commune: Commune, role: str = "agent") -> User:
    user = make_user()
    give_role(user, commune, role=RoleKind(role), by=None, now=NOW)
    return user
