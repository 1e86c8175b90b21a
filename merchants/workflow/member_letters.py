"""Letters to the people of a shop about who comes, goes and takes over."""

from allauth.account.models import EmailAddress
from django.conf import settings

from merchants.models import Shop, User
from merchants.text import unlinked

from . import mail


def is_theirs(email: str, user: User) -> bool:
    """Whether somebody shows by this account to read that address."""
    if email.lower() == user.email.lower():
        return True
    own = EmailAddress.objects.filter(user=user, verified=True, email__iexact=email)
    return own.exists()


def tell(to: User, template: str, held: Shop, who: User | None, **context: object) -> None:
    """A letter to somebody of a shop, which names `who`."""
    context |= {
        "shop": held,
        "name": unlinked(held.name),
        "who": unlinked(who.public_name) if who else "",
        "url": mail.address_of("my_shop_people", held.pk),
    }
    language = settings.LANGUAGE_CODE
    mail.send(template, to.email, context, language=language, commune=held.commune)
