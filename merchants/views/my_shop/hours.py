"""The usual week: a table, or a sentence that says first what was understood."""

from contextlib import suppress

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
from merchants.views.my_shop.access import acting_as, posted_version
from merchants.views.my_shop.editing import edit_page, page, review
from merchants.workflow.edit import shown_listing


class HoursEditor:
    """What is on the screen of the editor, and the form that `edit_page` and `edit_step` want.

    Sentence and table are one form. Those of SAVING save the table, TAKE the sentence, once what
    was understood of it has been shown; until then, nothing is saved beside it. Other buttons
    change what is on the screen. What was typed into the table is never written over.
    """

    SAVING = frozenset({"save", "next", "later"})
    TAKE = "take"

    def __init__(self, request, shown: Schedule):
        self.week, self.sentence, self.problem = WeekForm(shown), "", ""
        self.understood: Schedule | None = None
        # A sentence was on the page when something else was to be saved.
        self.is_held_back = False
        self.has_filled_table = False
        self.saves = False
        if request.method == "POST":
            self._read(request.POST, shown)

    def _read(self, posted, shown: Schedule) -> None:
        do = posted.get("do")
        self.sentence = _typed(posted, "sentence")
        was_shown = bool(self.sentence) and _typed(posted, "previewed") == self.sentence
        if has_table := "holiday_rule" in posted:
            self.week = WeekForm.of(posted)
        saves = do in self.SAVING
        takes = do == self.TAKE or (saves and not has_table)
        if do == "read" or was_shown or (self.sentence and (saves or takes)):
            self._understand(shown)
        if self.understood and (takes or self._may_fill(posted, shown, has_table, was_shown)):
            self.week, self.has_filled_table = WeekForm(self.understood), True
        if saves and not takes:
            self.is_held_back = bool(self.sentence) and not was_shown
            self.saves = not self.is_held_back
        elif takes:
            self.saves = was_shown and not self.problem
        if not self.saves:
            self.week.change(posted)

    def _understand(self, shown: Schedule) -> None:
        try:
            self.understood = _with_rule(read_sentence(self.sentence), shown)
        except OpeningHoursError as error:
            self.problem = sentence_of(error)

    def _may_fill(self, posted, shown: Schedule, has_table: bool, was_shown: bool) -> bool:
        """Whether the table still is as it was given: of the listing, or of a sentence before."""
        if not has_table:
            return True
        if was_shown:
            return False
        given = [shown]
        with suppress(OpeningHoursError):
            given.append(_with_rule(read_sentence(_typed(posted, "previewed")), shown))
        return any(self.week.is_like(WeekForm(schedule)) for schedule in given)

    def is_valid(self) -> bool:
        return self.week.is_valid()

    def add_error(self, _field: None, sentence: str) -> None:
        self.week.errors.append(sentence)

    @property
    def changes(self) -> dict:
        return {"schedule": self.week.schedule}

    @property
    def context(self) -> dict:
        """What templates/merchants/my_shop/_hours_editor.html shows."""
        understood = self.understood
        return {
            "week": self.week,
            "sentence": self.sentence,
            "problem": self.problem,
            "is_held_back": self.is_held_back,
            "has_filled_table": self.has_filled_table,
            "understood": usual_week(understood, _) if understood else (),
            "understood_holiday": holiday_text(understood, _) if understood else "",
        }


def hours(request, *, shop, member):
    shown = shown_listing(shop, acting_as(request))
    editor = HoursEditor(request, shown.listing.schedule)
    context = {
        "usual": usual_week(shop.schedule, _),
        "holiday": holiday_text(shop.schedule, _),
        "specials": coming_specials(shop),
        **review(request, shop, shown, "my_shop_hours"),
        **editor.context,
    }
    if request.method == "POST" and not editor.saves:
        # The version of the page that the person started from, whatever was added since.
        return page(request, shop, "hours", version=posted_version(request), **context)
    return edit_page(request, shop, editor, "hours", **context)


def coming_specials(shop: Shop) -> list:
    """The special periods that are not over."""
    today = timezone.now().astimezone(shop.schedule.zone).date()
    return [special for special in shop.schedule.specials if special.end >= today]


def _typed(posted, name: str) -> str:
    return posted.get(name, "").strip()[:500]


def _with_rule(read: Schedule, shown: Schedule) -> Schedule:
    """A sentence that does not speak of public holidays leaves the rule as it is."""
    if read.holiday_rule != HolidayRule.UNKNOWN:
        return read
    return Schedule(read.weekly, holiday_rule=shown.holiday_rule)
