"""The directory's nouns. Reading is chained queryset words; writing goes through `workflow`."""

from .category import Category
from .claim import AccessCode, Claim
from .commune import Commune
from .history import HistoryEntry
from .hours import OpeningPeriod, SpecialPeriod
from .member import Invitation, ShopMember
from .photo import Photo
from .proposal import Proposal
from .role import CommuneRole
from .service import ServiceOption
from .shop import Shop, ShopStatus
from .user import User

__all__ = [
    "AccessCode",
    "Category",
    "Claim",
    "Commune",
    "CommuneRole",
    "HistoryEntry",
    "Invitation",
    "OpeningPeriod",
    "Photo",
    "Proposal",
    "ServiceOption",
    "Shop",
    "ShopMember",
    "ShopStatus",
    "SpecialPeriod",
    "User",
]
