"""The town hall of a commune, as letters and pages name it, and where it is reached."""

from django.conf import settings
from django.utils.translation import gettext as _

from merchants.french import of_place
from merchants.models import Commune


def name_of(commune: Commune) -> str:
    return commune.town_hall_name or _("Mairie %(of_place)s") % {"of_place": of_place(commune.name)}


def contact_lines(commune: Commune) -> list[str]:
    """Where it is reached, a line for each way."""
    lines = [
        name_of(commune),
        _email(commune),
        commune.town_hall_phone_display,
        *commune.town_hall_address.splitlines(),
    ]
    return [line.strip() for line in lines if line.strip()]


def contact_words(commune: Commune) -> str:
    """The same as the end of a sentence: "écrivez à…", "appelez le…"."""
    email = _email(commune)
    if email and commune.town_hall_phone_display:
        words = {"email": email, "phone": commune.town_hall_phone_display}
        return _("écrivez à %(email)s ou appelez le %(phone)s") % words
    if commune.town_hall_phone_display:
        return _("appelez le %(phone)s") % {"phone": commune.town_hall_phone_display}
    if email:
        return _("écrivez à %(email)s") % {"email": email}
    return _("adressez-vous à la mairie")


def appeal_lines(commune: Commune) -> list[str]:
    """To whom one writes who does not agree with a decision: the contact that the commune names,
    else the town hall itself."""
    lines = [line.strip() for line in commune.appeal_contact.splitlines() if line.strip()]
    return lines or contact_lines(commune)


def _email(commune: Commune) -> str:
    return commune.town_hall_email or settings.CONTACT_EMAIL
