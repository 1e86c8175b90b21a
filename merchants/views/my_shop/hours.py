"""The usual week: a table, or a sentence that says first what was understood."""

from django.utils import timezone
from django.utils.translation import gettext as _

from merchants.forms.week import WeekForm, read_sentence, sentence_of
from merchants.models import Shop
from merchants.opening_hours import (
    HolidayRule,
    OpeningHoursError,
    Schedule,
    holiday_text,
    usual_week,
)
from merchants.views.my_shop.access import posted_version
from merchants.views.my_shop.editing import edit_page, page
from merchants.workflow.edit import pending_proposal, reviewed_fields, with_proposal


class _Week:
    """The editor's table as `edit_page` wants a form."""

    def __init__(self, week: WeekForm):
        self.week = week

    def is_valid(self) -> bool:
        return self.week.is_valid()

    def add_error(self, _field: None, sentence: str) -> None:
        self.week.errors.append(sentence)

    @property
    def changes(self) -> dict:
        return {"schedule": self.week.schedule}


def hours(request, *, shop, member):
    """Buttons other than "save" change what is on the screen, and write nothing."""
    proposal = pending_proposal(shop)
    shown = with_proposal(shop, proposal).schedule
    week, sentence, understood, problem = WeekForm(shown), "", None, ""
    context = {
        "usual": usual_week(shop.schedule, _),
        "holiday": holiday_text(shop.schedule, _),
        "specials": coming_specials(shop),
        "reviewed": "hours" in reviewed_fields(shop),
        "proposal": proposal,
    }
    if request.method == "POST" and "sentence" in request.POST:
        sentence = request.POST["sentence"].strip()[:500]
        try:
            understood = _with_rule(read_sentence(sentence), shown)
        except OpeningHoursError as error:
            problem = sentence_of(error)
        else:
            week = WeekForm(understood)
    elif request.method == "POST":
        week = WeekForm.of(request.POST)
    context |= {
        "week": week,
        "sentence": sentence,
        "problem": problem,
        "understood": usual_week(understood, _) if understood else (),
        "understood_holiday": holiday_text(understood, _) if understood else "",
    }
    # A sentence is taken once what was understood of it has been shown.
    previewed = request.POST.get("previewed", "").strip() == sentence
    saves = request.POST.get("do") == "save" and not problem and previewed
    if request.method == "POST" and not saves:
        week.change(request.POST)
        # The version of the page that the person started from, whatever was added since.
        return page(request, shop, "hours", version=posted_version(request), **context)
    return edit_page(request, shop, _Week(week), "hours", **context)


def coming_specials(shop: Shop) -> list:
    """The special periods that are not over."""
    today = timezone.now().astimezone(shop.schedule.zone).date()
    return [special for special in shop.schedule.specials if special.end >= today]


def _with_rule(read: Schedule, shown: Schedule) -> Schedule:
    """A sentence that does not speak of public holidays leaves the rule as it is."""
    if read.holiday_rule != HolidayRule.UNKNOWN:
        return read
    return Schedule(read.weekly, holiday_rule=shown.holiday_rule)
