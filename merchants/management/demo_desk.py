"""What waits on the desk of the demonstration's town hall: one or two cases of every kind."""

from datetime import date, datetime, timedelta

from allauth.account.models import EmailAddress

from merchants.company_search import Company
from merchants.models import Commune, Shop, ShopStatus, User
from merchants.models.claim import ClaimProof, CodeChannel
from merchants.models.report import ReportKind
from merchants.workflow import claims, reports
from merchants.workflow.members import add_member
from merchants.workflow.sirene import find_cases

CLOSED = "Quincaillerie Rabot"
NEWCOMERS = [
    ("99981295100013", "ATELIER DU CUIR FAUVE", "27", "RUE HERVET", "47.72B"),
    ("99981572300013", "LE BOL DE JADE", "3", "RUE JEAN LE COZ", "56.10A"),
]


def fill_desk(town: Commune, *, now: datetime) -> None:
    """Cases about invented shops of `town`, a few days old; those that wait there get an owner.

    Effects: those of each function of the workflow that is called here, mails included.
    """

    def ago(**age: int) -> datetime:
        return now - timedelta(**age)

    def listing(name: str) -> Shop:
        return Shop.objects.in_commune(town).get(name=name)

    waiting = Shop.objects.in_commune(town).filter(status=ShopStatus.PENDING)
    for number, shop in enumerate(waiting.order_by("pk"), start=1):
        add_member(shop, _person(f"inscription-{number}", "Marie Martin"), by=None, now=now)

    claims.claim(
        listing("La Page Blanche"),
        proof=ClaimProof.CODE,
        channel=CodeChannel.PHONE,
        message="J’ai repris la librairie en septembre.",
        by=_person("libraire", "Jeanne Libraire"),
        now=ago(days=1),
    )

    reports.make(
        listing("Le Celtique"),
        kind=ReportKind.HOURS,
        message="Fermé le lundi depuis cet été.",
        email="habitante@demo.example",
        now=ago(days=3),
    )
    reports.make(
        listing("Presse du Château"),
        kind=ReportKind.CLOSED,
        message="Le rideau est baissé, le bail est à céder.",
        now=ago(hours=5),
    )

    find_cases(town, _register(listing(CLOSED)), now=ago(days=4), complete=False)


def _person(name: str, called: str) -> User:
    """With a verified address and no password: nobody logs in as them."""
    user = User.objects.create_user(f"{name}@demo.example", name=called)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def _register(closed: Shop) -> list[Company]:
    """What SIRENE would say: a shop of the directory has closed, two have opened."""
    town = {"postcode": "92500", "city": "RUEIL MALMAISON", "commune_code": "92063"}
    gone = Company(
        siret=closed.siret,
        siren=closed.siret[:9],
        name=closed.name.upper(),
        is_open=False,
        since=date(2026, 9, 30),
        **town,
    )
    newcomers = [
        Company(
            siret=siret,
            siren=siret[:9],
            name=name,
            house_number=number,
            street=street,
            naf=naf,
            since=date(2026, 10, 1),
            **town,
        )
        for siret, name, number, street, naf in NEWCOMERS
    ]
    return [gone, *newcomers]
