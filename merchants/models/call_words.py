"""The words of `ShopQuerySet` for keeping listings true: whom to call, in which order."""

from datetime import date, datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery

from merchants.models.call import Call, CallOutcome
from merchants.models.hours import HolidayRule, OpeningPeriod, SpecialKind, SpecialPeriod


class CallWords(models.QuerySet):
    def with_phone(self):
        """Those that can be called, whether residents read the number or not."""
        return self.exclude(phone="")

    def without_hours(self):
        """Nothing is said of the usual week."""
        weekly = OpeningPeriod.objects.filter(shop=OuterRef("pk"), special=None)
        return self.filter(~Exists(weekly))

    def unconfirmed_since(self, instant: datetime):
        """Nobody has vouched for them from that instant on, or ever."""
        return self.filter(Q(confirmed_at=None) | Q(confirmed_at__lt=instant))

    def untold_on_holiday(self, day: date):
        """Nobody knows what they do on that public holiday: no rule, and no word on the day."""
        # Other hours for several days say nothing of a public holiday among them (`hours.open_q`).
        told = SpecialPeriod.objects.filter(
            Q(kind=SpecialKind.CLOSED) | Q(kind=SpecialKind.HOURS, start=F("end")),
            shop=OuterRef("pk"),
            start__lte=day,
            end__gte=day,
        )
        return self.filter(~Exists(told), holiday_rule=HolidayRule.UNKNOWN)

    def with_last_call(self):
        """Adds `last_call_at` and `last_call_outcome`; None where nobody has called."""
        calls = Call.objects.filter(shop=OuterRef("pk")).order_by("-at", "-pk")
        return self.annotate(
            last_call_at=Subquery(calls.values("at")[:1]),
            last_call_outcome=Subquery(calls.values("outcome")[:1]),
        )

    def in_call_order(self, today: datetime):
        """Never confirmed or longest ago first; those that have not answered since `today`, last.

        `today` is the instant at which the commune's day began.
        """
        unanswered = Call.objects.filter(
            shop=OuterRef("pk"), outcome=CallOutcome.NO_ANSWER, at__gte=today
        )
        return self.annotate(is_put_off=Exists(unanswered)).order_by(
            "is_put_off", F("confirmed_at").asc(nulls_first=True), "pk"
        )
