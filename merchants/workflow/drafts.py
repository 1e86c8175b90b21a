"""Registrations that nobody has sent: their merchants' business, and nobody else's."""

from django.db.models import QuerySet

from merchants.models import Shop, ShopStatus

from .photos import forget_photos


def own_drafts() -> QuerySet[Shop]:
    """What merchants have begun to register: it ends with the last of its people.

    The same as `status.is_private_draft`.
    """
    return Shop.objects.filter(status=ShopStatus.DRAFT, source="", on_behalf=False)


def erase(held: Shop) -> None:
    """Effects: the locked listing is deleted with its photos and its history, and with it what
    was merged into it, which residents did not see either."""
    for twin in Shop.objects.filter(merged_into=held):
        forget_photos(twin)
        twin.delete()
    forget_photos(held)
    held.delete()
