"""What an agent would check by hand before publishing, with the result in words.

Two lots: what our own tables tell, which is cheap enough for a list of cases, and what the official
services tell, which is asked for apart and may be out of reach.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from merchants.company_search import Company, CompanySearch, CompanySearchError
from merchants.geocoding import Geocoder, GeocoderError, best
from merchants.mail_domains import belongs_to
from merchants.models import Commune, Photo, Shop, ShopMember, ShopStatus, User
from merchants.models.history import Action
from merchants.names import ALIKE, likeness
from merchants.phone import PhoneError, display_phone, normalise_phone
from merchants.placing import FAR_KM, Address
from merchants.siret import SiretError, normalise_siret
from merchants.streets import same_street

from .listing import PHONE_REGIONS
from .values import Listing

# An account younger than this is told as new.
NEW_ACCOUNT = timedelta(days=1)
# Premium numbers (ARCEP, decision 2018-0881) are none that a shop gives its neighbours.
PREMIUM = ("+3389", "+3381", "+3382")


class Verdict(Enum):
    OK = "ok"
    WARN = "warn"
    UNKNOWN = "unknown"

    @property
    def label(self) -> object:
        return {
            Verdict.OK: gettext_lazy("Bon"),
            Verdict.WARN: gettext_lazy("À regarder"),
            Verdict.UNKNOWN: gettext_lazy("Sans résultat"),
        }[self]

    @property
    def icon(self) -> str:
        return {Verdict.OK: "check", Verdict.WARN: "warning", Verdict.UNKNOWN: "info"}[self]


@dataclass(frozen=True)
class Check:
    """What was looked at, how it came out, and the sentence that says so; `shops` to look at."""

    label: str
    verdict: Verdict
    sentence: str
    shops: Sequence[Shop] = field(default=())


OK, WARN, UNKNOWN = Verdict


def local_checks(
    shop: Shop, listing: Listing, *, sender: User | None, now: datetime
) -> list[Check]:
    """What our own tables tell of a listing as it would be published. About ten queries."""
    others = Shop.objects.exclude(pk=shop.pk).not_told_apart_from(shop)
    found = others.likely_twins(
        listing.name,
        listing.point,
        siret=listing.siret,
        street=listing.street,
        commune=listing.commune,
    )
    return [
        siret_check(listing),
        point_check(listing),
        twins_check(found),
        contact_check(listing),
        _photos_check(list(Photo.objects.filter(shop=shop))),
        sender_check(shop, sender, now=now),
    ]


def siret_check(listing: Listing) -> Check:
    label = _("SIRET")
    if not listing.siret:
        return Check(label, UNKNOWN, _("Aucun SIRET n’est donné."))
    try:
        normalise_siret(listing.siret)
    except SiretError as error:
        return Check(label, WARN, str(error))
    return Check(label, OK, _("%(siret)s est bien écrit.") % {"siret": listing.siret})


def point_check(listing: Listing) -> Check:
    label = _("Point sur la carte")
    if listing.point is None:
        if not listing.street and listing.service_area:
            return Check(label, OK, _("Sans local\u00a0: se déplace dans sa zone d’intervention."))
        return Check(label, WARN, _("Aucun point n’est posé\u00a0: la carte ne le montrera pas."))
    inside = listing.commune.holds(listing.point)
    words = {"commune": listing.commune.name}
    if inside is None:
        return Check(label, UNKNOWN, _("Le contour de %(commune)s n’est pas connu ici.") % words)
    if inside:
        return Check(label, OK, _("Dans la commune de %(commune)s.") % words)
    return Check(label, WARN, _("Hors de la commune de %(commune)s.") % words)


def twins_check(found: Sequence[Shop]) -> Check:
    label = _("Doublons à moins de 150\u00a0m")
    if not found:
        return Check(label, OK, _("Aucune fiche ne lui ressemble."))
    sentence = ngettext(
        "Une fiche lui ressemble.", "%(number)d fiches lui ressemblent.", len(found)
    ) % {"number": len(found)}
    return Check(label, WARN, sentence, tuple(found))


def contact_check(listing: Listing) -> Check:
    """The telephone and the site, as far as reading them tells."""
    label = _("Téléphone et site")
    doubts = [*_phone_doubts(listing), *_site_doubts(listing)]
    if doubts:
        return Check(label, WARN, " ".join(doubts))
    if not (listing.phone or listing.website or listing.email):
        return Check(label, UNKNOWN, _("Ni téléphone, ni site, ni courriel."))
    given = [display_phone(listing.phone), urlsplit(listing.website).hostname or ""]
    given = [each for each in (*given, listing.email) if each]
    return Check(label, OK, _("Plausibles\u00a0: %(given)s.") % {"given": ", ".join(given)})


def _phone_doubts(listing: Listing) -> list[str]:
    if not listing.phone:
        return []
    region = PHONE_REGIONS.get(listing.commune.department, "FR")
    try:
        number = normalise_phone(listing.phone, region=region)
    except PhoneError as error:
        return [str(error)]
    words = {"number": display_phone(number)}
    if number.startswith(PREMIUM):
        return [_("Le %(number)s est un numéro surtaxé.") % words]
    if number.startswith("+") and not number.startswith(("+33", "+262", "+5", "+68", "+377")):
        return [_("Le %(number)s est un numéro étranger.") % words]
    return []


def _site_doubts(listing: Listing) -> list[str]:
    doubts = []
    for address in filter(None, (listing.website, listing.shop_url)):
        host = urlsplit(address).hostname or ""
        if "." not in host or host.replace(".", "").isdigit():
            doubts.append(_("%(site)s n’est pas l’adresse d’un site.") % {"site": address})
        elif address.startswith("http://"):
            doubts.append(_("%(site)s n’est pas en https.") % {"site": host})
    return doubts


def _photos_check(photos: Sequence[Photo]) -> Check:
    label = _("Photos")
    if not photos:
        return Check(label, UNKNOWN, _("Aucune photo."))
    words = {"number": len(photos)}
    silent = sum(1 for photo in photos if not photo.alt)
    said = ngettext("Une photo.", "%(number)d photos.", len(photos)) % words
    if not silent:
        return Check(label, OK, " ".join([said, _("Regardez-les dans l’aperçu.")]))
    without = ngettext(
        "Une n’a pas de description.", "%(number)d n’ont pas de description.", silent
    ) % {"number": silent}
    return Check(label, WARN, f"{said} {without}")


def sender_of(shop: Shop) -> User | None:
    """Who sent the listing last, or who keeps it. Up to two queries."""
    sent = shop.history.filter(action=Action.SUBMIT).select_related("by").first()
    if sent and sent.by:
        return sent.by
    member = ShopMember.objects.filter(shop=shop).select_related("user").order_by("since").first()
    return member.user if member else None


def sender_check(shop: Shop, user: User | None, *, now: datetime) -> Check:
    """Who sends it and since when they are known. Two queries."""
    label = _("Qui l’envoie")
    if user is None:
        return Check(label, UNKNOWN, _("Personne ne tient cette fiche."))
    addresses = list(EmailAddress.objects.filter(user=user, verified=True))
    kept = Shop.objects.kept_by(user).exclude(pk=shop.pk)
    published = kept.filter(status=ShopStatus.PUBLISHED).count()
    who = f"{user.name} ({user.email})" if user.name else user.email
    said = [_("%(who)s, %(known)s.") % {"who": who, "known": _known_since(user, now)}]
    if published:
        said.append(
            ngettext(
                "Tient aussi une fiche publiée.",
                "Tient aussi %(number)d fiches publiées.",
                published,
            )
            % {"number": published}
        )
    if not addresses:
        return Check(label, WARN, " ".join([*said, _("Son adresse n’est pas vérifiée.")]))
    said.append(_("Adresse vérifiée."))
    if any(_is_shops_own(shop, address.email) for address in addresses):
        said.append(_("C’est l’adresse du commerce, ou de son domaine."))
    return Check(label, OK, " ".join(said))


def _known_since(user: User, now: datetime) -> str:
    days = (now - user.date_joined).days
    if now - user.date_joined < NEW_ACCOUNT:
        return _("compte créé aujourd’hui")
    return ngettext("connu depuis un jour", "connu depuis %(days)d jours", days) % {"days": days}


def _is_shops_own(shop: Shop, email: str) -> bool:
    return belongs_to(email, shop_email=shop.email, websites=(shop.website,))


def without_reserve(shops: Sequence[Shop], *, now: datetime) -> set[int]:
    """Which of these registrations have nothing that an agent would have to look at.

    SIRET, point and sender are known for sure, no listing is like it, and nothing else is in
    doubt. Six queries, however many. Prefetch photos.
    """
    if not shops:
        return set()
    communes = Commune.objects.in_bulk({shop.commune_id for shop in shops})
    twins = Shop.objects.with_likely_twins(shops)
    verified = _sent_by_somebody_known(shops)
    clean = set()
    for shop in shops:
        # The whole commune, with the contour that lists leave out.
        shop.commune = communes[shop.commune_id]
        listing = Listing.of(shop)
        sure = (siret_check(listing), point_check(listing))
        doubtful = (contact_check(listing), _photos_check(shop.photos.all()))
        if (
            all(check.verdict == OK for check in sure)
            and all(check.verdict != WARN for check in doubtful)
            and shop.pk not in twins
            and shop.pk in verified
        ):
            clean.add(shop.pk)
    return clean


def _sent_by_somebody_known(shops: Sequence[Shop]) -> set[int]:
    """Those of which somebody with a verified address keeps the listing. One query."""
    verified = EmailAddress.objects.filter(verified=True).values("user")
    members = ShopMember.objects.filter(shop__in=shops, user__in=verified)
    return set(members.values_list("shop", flat=True))


# What the official services tell ---------------------------------------------------------------


def outside_checks(
    listing: Listing, *, companies: CompanySearch, geocoder: Geocoder
) -> list[Check]:
    """What the company register and the address base tell; never inside a transaction.

    Up to two questions of four seconds each. A service that is out of reach is said in a sentence.
    """
    return [company_check(listing, companies), address_check(listing, geocoder)]


def company_check(listing: Listing, companies: CompanySearch) -> Check:
    label = _("Registre des entreprises")
    if not listing.siret:
        return Check(label, UNKNOWN, _("Sans SIRET, le registre ne peut pas être consulté."))
    try:
        found = companies.find(listing.siret)
    except CompanySearchError as error:
        return Check(label, UNKNOWN, str(error))
    if not found:
        return Check(label, WARN, _("Ce SIRET n’est pas dans le registre."))
    company = found[0]
    if not company.is_open:
        return Check(label, WARN, _("L’établissement est fermé d’après le registre."))
    if company.partial_diffusion:
        return Check(
            label, UNKNOWN, _("Établissement ouvert, dont l’adresse n’est pas communiquée.")
        )
    doubts = _company_doubts(listing, company)
    words = {"name": company.best_name, "address": _register_address(company)}
    said = _("Établissement ouvert\u00a0: %(name)s, %(address)s.") % words
    return Check(label, WARN if doubts else OK, " ".join([said, *doubts]))


def _company_doubts(listing: Listing, company: Company) -> list[str]:
    doubts = []
    if company.commune_code and company.commune_code != listing.commune.insee_code:
        doubts.append(_("Le registre le place dans une autre commune."))
    elif listing.street and company.street and not same_street(listing.street, company.street):
        doubts.append(_("Le registre donne une autre rue."))
    elif _differ(listing.house_number, company.house_number):
        doubts.append(_("Le registre donne un autre numéro."))
    names = (company.trade_name, company.name)
    city = listing.commune.name
    if not any(likeness(listing.name, name, city=city) >= ALIKE for name in names if name):
        doubts.append(_("Le nom n’est pas celui du registre\u00a0: une enseigne peut différer."))
    return doubts


def _register_address(company: Company) -> str:
    line = f"{company.house_number} {company.street}".strip()
    town = f"{company.postcode} {company.city}".strip()
    return ", ".join(part for part in (line, town) if part)


def _differ(number: str, other: str) -> bool:
    """Whether both are given and are not the same: "12 BIS", "12bis"."""
    one, two = (each.replace(" ", "").lower() for each in (number, other))
    return bool(one and two) and one != two


def address_check(listing: Listing, geocoder: Geocoder) -> Check:
    label = _("Adresse")
    if not listing.street:
        return Check(label, UNKNOWN, _("Aucune rue n’est donnée."))
    commune = listing.commune
    address = Address(listing.house_number, listing.street, listing.postcode, listing.city)
    address = address.in_town(commune.name, commune.postcodes)
    try:
        places = geocoder.search(
            address.line,
            postcode=address.postcode,
            city=address.city,
            commune_code=commune.insee_code,
            near=commune.centre,
        )
    except GeocoderError as error:
        return Check(label, UNKNOWN, str(error))
    place, weak = best(places, commune)
    if place is None:
        return Check(
            label, WARN, _("La base nationale des adresses ne la connaît pas dans la commune.")
        )
    if weak:
        words = {"address": place.label}
        return Check(label, WARN, _("La base nationale propose plutôt\u00a0: %(address)s.") % words)
    if listing.point is None:
        return Check(label, OK, _("Connue de la base nationale des adresses."))
    km = place.point.distance_km(listing.point)
    words = {"metres": round(km * 1000)}
    if km > FAR_KM.get(place.precision, 1.0):
        return Check(label, WARN, _("Le point est à %(metres)d\u00a0m de l’adresse.") % words)
    return Check(label, OK, _("Connue\u202f; le point en est à %(metres)d\u00a0m.") % words)
