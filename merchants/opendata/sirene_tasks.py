"""The whole register compared with a commune's directory in the background."""

from contextlib import ExitStack
from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from merchants.models import Commune, SireneReading, User
from merchants.workflow import WorkflowError
from merchants.workflow.sirene_readings import begin_reading, end_reading, fail_reading

from . import background
from .background import Busy, Progress, Teller
from .files import ImportFileError
from .sirene import Told
from .sirene_stock import Stock, compare_stock, stock_in

# One at a time on a server: each keeps a core busy for minutes.
NAME = "sirene"


def stock_here() -> Stock | None:
    """The files that whoever runs the server keeps for the page; None without."""
    return stock_in(settings.SIRENE_DIR)


def reading_progress(reading: SireneReading, commune: Commune) -> Progress:
    """How far a comparison that has not ended has come; nothing of one that has."""
    return Progress() if reading.ended_at else background.progress_of(_name(commune))


def start_reading(commune: Commune, *, by: User, now: datetime) -> None:
    """Begins to compare, once the transaction is over; the commune's `sirene_reading` tells.

    Raises WorkflowError where there is no file, where a comparison is under way on this server, or
    for somebody who decides nothing there.
    """
    stock = stock_here()
    if stock is None:
        raise WorkflowError(_("La base de l’INSEE n’est plus sur le serveur."))
    name = _name(commune)
    with ExitStack() as locks:
        try:
            locks.enter_context(background.hold(NAME))
            locks.enter_context(background.hold(name))
        except Busy as error:
            raise WorkflowError(
                _("Une comparaison est déjà en cours\u00a0: réessayez dans quelques minutes.")
            ) from error
        begin_reading(commune, by=by, now=now, stock_date=stock.date)
        background.start(name, lambda: _compare(commune.pk, stock, name), locks.pop_all())


def _compare(pk: int, stock: Stock, name: str) -> None:
    commune, told = Commune.objects.light().get(pk=pk), Told()
    try:
        with translation.override(settings.LANGUAGE_CODE):
            [found] = compare_stock(
                [commune], stock.establishments, stock.units, told,
                now=timezone.now(), complete=True, tell=Teller(name),
            )  # fmt: skip
            if not told.here:
                raise ImportFileError(nothing_of(commune))
    except (ImportFileError, WorkflowError) as error:
        fail_reading(commune, str(error), now=timezone.now())
    except Exception:
        fail_reading(commune, _("Une erreur inattendue a tout arrêté."), now=timezone.now())
        raise
    else:
        end_reading(commune, found, now=timezone.now())


def nothing_of(commune: Commune) -> str:
    return _("Ce fichier ne contient aucun établissement de %(name)s.") % {"name": commune.name}


def _name(commune: Commune) -> str:
    return f"sirene-{commune.insee_code}"
