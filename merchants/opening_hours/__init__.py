"""Opening hours of a shop: a value to ask, to read, to write and to say in words.

A leaf: plain values in, plain values out, no Django. Start with `Schedule`.
"""

from .engine import Day, Source
from .errors import OpeningHoursError
from .french import from_french
from .french_write import to_french
from .holiday import ZONES, holiday_name, holidays_between, is_holiday
from .osm_read import from_osm
from .osm_repair import repair_osm
from .periods import HolidayRule, Period, SpecialKind, SpecialPeriod, State
from .schedule import Schedule, with_special
from .tables import SummaryRow, WeekRow, holiday_text, usual_week, week_rows
from .words import Description, closure_text, describe

__all__ = [
    "ZONES",
    "Day",
    "Description",
    "HolidayRule",
    "OpeningHoursError",
    "Period",
    "Schedule",
    "Source",
    "SpecialKind",
    "SpecialPeriod",
    "State",
    "SummaryRow",
    "WeekRow",
    "closure_text",
    "describe",
    "from_french",
    "from_osm",
    "holiday_name",
    "holiday_text",
    "holidays_between",
    "is_holiday",
    "repair_osm",
    "to_french",
    "usual_week",
    "week_rows",
    "with_special",
]
