"""What a listing says, on one sheet: `_summary.html`."""

from django.utils.translation import gettext as _

from merchants.models import Shop
from merchants.opening_hours import holiday_text, usual_week
from merchants.views.my_shop.hours import coming_specials


def summary(shop: Shop, *, with_private: bool) -> dict:
    """The context of the sheet, beside `shop`.

    `with_private` for the people of the shop and of its town hall. Whoever merely has a link or a
    code reads of a phone and an address that residents do not see only that they are given.
    """
    return {
        "with_private": with_private,
        "usual": usual_week(shop.schedule, _),
        "holiday": holiday_text(shop.schedule, _),
        "specials": coming_specials(shop),
    }
