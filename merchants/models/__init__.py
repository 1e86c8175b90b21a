"""The directory's nouns. Reading is chained queryset words; writing goes through `workflow`."""

from .call import Call
from .category import Category
from .claim import AccessCode, Claim
from .commune import Commune
from .decision import StandardReason, TakenCase
from .distinct import DistinctShops
from .figures import CountedFile, EmptySearch, ShopViews
from .history import HistoryEntry
from .hours import OpeningPeriod, SpecialPeriod
from .mail import CommuneMail
from .member import Invitation, ShopMember
from .photo import Photo
from .proposal import Proposal
from .report import Report
from .role import CommuneRole, RoleInvitation
from .service import ServiceOption
from .shop import Shop, ShopStatus
from .shop_import import ImportedValues, ImportLine, ShopImport, SourceMatching
from .sirene import Objection, SireneCase
from .sirene_reading import SireneReading
from .user import User

__all__ = [
    "AccessCode",
    "Call",
    "Category",
    "Claim",
    "Commune",
    "CommuneMail",
    "CommuneRole",
    "CountedFile",
    "DistinctShops",
    "EmptySearch",
    "HistoryEntry",
    "ImportLine",
    "ImportedValues",
    "Invitation",
    "Objection",
    "OpeningPeriod",
    "Photo",
    "Proposal",
    "Report",
    "RoleInvitation",
    "ServiceOption",
    "Shop",
    "ShopImport",
    "ShopMember",
    "ShopStatus",
    "ShopViews",
    "SireneCase",
    "SireneReading",
    "SourceMatching",
    "SpecialPeriod",
    "StandardReason",
    "TakenCase",
    "User",
]
