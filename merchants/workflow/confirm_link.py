"""The link « Tout est exact » of a letter: confirms one listing once, without a login.

It names the account that it was sent to and the version that was confirmed; it is dead after
LINK_LASTS, once used, once the listing has changed, and once that person keeps the shop no more or
may not log in.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.core import signing
from django.utils.translation import gettext as _

from merchants.models import Shop, ShopMember, User
from merchants.models.history import Action
from merchants.models.shop import Confirmer, ShopStatus

from . import mail
from .errors import WorkflowError
from .history import changed_since
from .status import confirm

LINK_LASTS = timedelta(days=30)
SALT = "merchants.confirm_link"


class Link(NamedTuple):
    """What a link that still works stands for."""

    shop: Shop
    user: User
    version: int


def confirm_link(shop: Shop, user: User, *, now: datetime) -> str:
    """The whole address, to be put in a letter to that member."""
    expires = int((now + LINK_LASTS).timestamp())
    token = signing.dumps([shop.pk, user.pk, shop.version, expires], salt=SALT, compress=False)
    return mail.address_of("confirm_link", token)


def read_link(token: str, *, now: datetime) -> Link:
    """Raises WorkflowError, with what is wrong, for a link that works no more. Four queries."""
    try:
        shop_pk, user_pk, version, expires = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise WorkflowError(_("Ce lien n’est pas complet\u00a0: copiez-le en entier.")) from error
    if now.timestamp() >= expires:
        raise WorkflowError(_("Ce lien n’est plus valable\u00a0: connectez-vous pour confirmer."))
    shop = Shop.objects.with_commune().for_page().filter(pk=shop_pk).first()
    members = ShopMember.objects.filter(shop=shop_pk, user=user_pk, user__is_active=True)
    member = members.select_related("user").first()
    if shop is None or member is None or shop.status == ShopStatus.CLOSED:
        raise WorkflowError(_("Ce lien n’est plus valable."))
    if shop.history.filter(version__gt=version, action=Action.CONFIRM).exists():
        raise WorkflowError(_("C’est déjà fait\u00a0: la fiche a été confirmée. Merci\u202f!"))
    if changed_since(shop, version):
        raise WorkflowError(
            _("La fiche a changé depuis ce courriel\u00a0: connectez-vous pour la relire.")
        )
    return Link(shop, member.user, version)


def confirm_by_link(token: str, *, now: datetime) -> Shop:
    """Effects: those of `status.confirm`, in the name of the member that the letter went to."""
    link = read_link(token, now=now)
    return confirm(
        link.shop,
        by=link.user,
        as_=Confirmer.MERCHANT,
        now=now,
        expected_version=link.version,
    )
