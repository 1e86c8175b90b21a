"""Writing the weekly hours as a French shopkeeper would type them."""

from dataclasses import replace

from .errors import OpeningHoursError
from .french import from_french
from .periods import HolidayRule
from .schedule import Schedule
from .tables import usual_week


def to_french(schedule: Schedule) -> str:
    """ "lundi 15 h – 19 h ; du mardi au samedi 9 h – 12 h 30, 14 h – 19 h ; dimanche fermé".

    `from_french` reads it as the same hours. "" where no such sentence says all of them: without
    hours, or with special periods. Public holidays are left out.
    """
    rows = [f"{row.days} {row.hours}".lower() for row in usual_week(schedule)]
    text = " ; ".join(rows).replace("\u00a0", " ")
    try:
        read = from_french(text)
    except OpeningHoursError:
        return ""
    return text if read == replace(schedule, holiday_rule=HolidayRule.UNKNOWN) else ""
