"""The whole register compared with a commune's directory in the background."""

from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime
from functools import partial

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
    """How far the comparison that is under way has come; nothing where none is.

    The row is read again where nobody is at it: it may have ended since it was read.
    """
    if reading.is_under_way:
        progress = background.progress_of(_name(commune))
        if progress.is_running:
            return progress
        reading.refresh_from_db()
        if reading.is_under_way:
            return progress
    return Progress()


def comparing(communes: Iterable[Commune]) -> ExitStack:
    """The locks of who compares these communes, until they are closed. Raises WorkflowError where
    a comparison is under way on this server."""
    with ExitStack() as locks:
        try:
            for name in (NAME, *map(_name, communes)):
                locks.enter_context(background.hold(name))
        except Busy as error:
            raise WorkflowError(
                _("Une comparaison est déjà en cours\u00a0: réessayez dans quelques minutes.")
            ) from error
        return locks.pop_all()


def start_reading(commune: Commune, *, by: User, now: datetime) -> None:
    """Begins to compare, once the transaction is over; the commune's `sirene_reading` tells.

    Raises WorkflowError where there is no file, where a comparison is under way on this server, or
    for somebody who decides nothing there.
    """
    stock = stock_here()
    if stock is None:
        raise WorkflowError(_("La base de l’INSEE n’est plus sur le serveur."))
    with comparing([commune]) as locks:
        begin_reading(commune, by=by, now=now)
        work = partial(_compare, commune.pk, stock, by=by, began_at=now)
        background.start(_name(commune), work, locks.pop_all())


def _compare(pk: int, stock: Stock, *, by: User, began_at: datetime) -> None:
    commune, told = Commune.objects.light().get(pk=pk), Told()
    try:
        with translation.override(settings.LANGUAGE_CODE):
            [found] = compare_stock(
                [commune], stock.establishments, stock.units, told,
                now=timezone.now(), complete=True, tell=Teller(_name(commune)),
            )  # fmt: skip
            if commune.insee_code not in told.communes:
                raise ImportFileError(nothing_of(commune))
    except (ImportFileError, WorkflowError) as error:
        fail_reading(commune, str(error))
    except Exception:
        fail_reading(commune, _("Une erreur inattendue a tout arrêté."))
        raise
    else:
        end_reading(
            commune, found, by=by, stock_date=stock.date, began_at=began_at, now=timezone.now()
        )


def nothing_of(commune: Commune) -> str:
    return _("Ce fichier ne contient aucun établissement de la commune (%(name)s).") % {
        "name": commune.name
    }


def _name(commune: Commune) -> str:
    return f"sirene-{commune.insee_code}"
