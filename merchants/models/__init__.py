"""The directory's nouns. Reading is chained queryset words; writing goes through `workflow`."""

from .category import Category
from .commune import Commune
from .hours import OpeningPeriod, SpecialPeriod
from .photo import Photo
from .service import ServiceOption
from .shop import Shop, ShopStatus
from .user import User

__all__ = [
    "Category",
    "Commune",
    "OpeningPeriod",
    "Photo",
    "ServiceOption",
    "Shop",
    "ShopStatus",
    "SpecialPeriod",
    "User",
]
