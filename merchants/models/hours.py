"""Opening hours as rows, and the question "open at that instant?" asked in SQL.

The rules are those of `merchants.opening_hours` (its docstring explains them); a property test
holds the two and the reference evaluator together.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from merchants import opening_hours
from merchants.models.commune import Clock
from merchants.models.constraints import one_of

MINUTES_IN_DAY = 24 * 60


class HolidayRule(models.TextChoices):
    CLOSED = opening_hours.HolidayRule.CLOSED.value, _("fermé les jours fériés")
    AS_USUAL = opening_hours.HolidayRule.AS_USUAL.value, _("ouvert comme d’habitude")
    UNKNOWN = opening_hours.HolidayRule.UNKNOWN.value, _("à confirmer")


class SpecialKind(models.TextChoices):
    CLOSED = opening_hours.SpecialKind.CLOSED.value, _("fermé")
    HOURS = opening_hours.SpecialKind.HOURS.value, _("autres horaires")
    UNKNOWN = opening_hours.SpecialKind.UNKNOWN.value, _("à confirmer")


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("lundi")
    TUESDAY = 1, _("mardi")
    WEDNESDAY = 2, _("mercredi")
    THURSDAY = 3, _("jeudi")
    FRIDAY = 4, _("vendredi")
    SATURDAY = 5, _("samedi")
    SUNDAY = 6, _("dimanche")


class SpecialPeriod(models.Model):
    """A range of dates with other hours than usual, or none; a shop's ranges never overlap."""

    shop = models.ForeignKey("merchants.Shop", on_delete=models.CASCADE, related_name="specials")
    start = models.DateField(_("premier jour"))
    end = models.DateField(_("dernier jour"))
    kind = models.CharField(_("ouverture"), max_length=10, choices=SpecialKind)
    reason = models.CharField(_("motif"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("période particulière")
        verbose_name_plural = _("périodes particulières")
        ordering = ["start"]
        constraints = [
            models.CheckConstraint(name="special_in_order", condition=Q(start__lte=F("end"))),
            one_of("kind", SpecialKind.choices, "special_kind_known"),
            models.UniqueConstraint(fields=["shop", "start"], name="special_once_per_start"),
        ]
        indexes = [models.Index(fields=["end", "start"], name="special_dates")]

    def __str__(self):
        return f"{self.start} – {self.end}"


class OpeningPeriod(models.Model):
    """Hours on a weekday: every week, or inside a special period.

    Minutes after local midnight; `closes` beyond 1440 is past midnight.
    """

    shop = models.ForeignKey("merchants.Shop", on_delete=models.CASCADE, related_name="periods")
    special = models.ForeignKey(
        SpecialPeriod,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="periods",
        verbose_name=_("période particulière"),
    )
    weekday = models.PositiveSmallIntegerField(_("jour"), choices=Weekday)
    opens = models.PositiveSmallIntegerField(_("ouvre"), help_text=_("minutes après minuit"))
    closes = models.PositiveSmallIntegerField(_("ferme"), help_text=_("minutes après minuit"))
    by_appointment = models.BooleanField(_("sur rendez-vous"), default=False)

    class Meta:
        verbose_name = _("horaire")
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                name="period_in_order",
                condition=Q(
                    opens__lt=MINUTES_IN_DAY,
                    closes__gt=F("opens"),
                    closes__lte=F("opens") + MINUTES_IN_DAY,
                ),
            ),
            models.CheckConstraint(name="period_weekday", condition=Q(weekday__lte=6)),
        ]
        indexes = [
            models.Index(fields=["shop", "weekday"], name="period_shop_weekday"),
            models.Index(fields=["special"], name="period_special"),
        ]

    def __str__(self):
        return str(opening_hours.Period(self.weekday, self.opens, self.closes))


def open_q(instant: datetime, clock: Clock) -> Q:
    """The condition on a shop that keeps this clock to be open (appointments aside) then."""
    local = instant.astimezone(ZoneInfo(clock.timezone))
    minute = local.hour * 60 + local.minute
    today = _Day(local.date(), clock)
    yesterday = _Day(local.date() - timedelta(days=1), clock)

    open_today = today.special_hours(minute) & (today.explicit | ~today.holiday)
    open_today |= today.weekly_hours(minute) & today.ordinary
    # The night before: today's own closure, holiday or special hours begin at midnight.
    late = minute + MINUTES_IN_DAY
    night = yesterday.special_hours(late) & (
        yesterday.explicit | (~yesterday.holiday & ~today.explicit & ~today.holiday)
    )
    night |= yesterday.weekly_hours(late) & yesterday.ordinary & today.ordinary
    return open_today | night


def untold_q(instant: datetime, clock: Clock) -> Q:
    """The condition on a shop that nobody can tell open from closed then.

    It has no weekly hours, or keeps its public holidays to itself, or is to confirm that day.
    """
    local = instant.astimezone(ZoneInfo(clock.timezone))
    today = _Day(local.date(), clock)
    weekly = OpeningPeriod.objects.filter(shop=OuterRef("pk"), special=None)
    untold = today.untold_special | (~Exists(weekly) & today.ordinary)
    untold |= today.holiday & ~today.explicit & Q(holiday_rule=HolidayRule.UNKNOWN)
    return untold & ~open_q(instant, clock)


class _Day:
    """Conditions on a shop at a local date. Special periods are few: their lists are read once."""

    def __init__(self, date, clock: Clock):
        self.date = date
        covering = SpecialPeriod.objects.filter(start__lte=date, end__gte=date)
        explicit = covering.filter(~Q(kind=SpecialKind.HOURS) | Q(start=F("end")))
        self.covered = Q(pk__in=covering.values("shop"))
        self.explicit = Q(pk__in=explicit.values("shop"))
        self.untold_special = Q(pk__in=covering.filter(kind=SpecialKind.UNKNOWN).values("shop"))
        if opening_hours.is_holiday(date, clock.holiday_zone):
            self.holiday = ~Q(holiday_rule=HolidayRule.AS_USUAL)
        else:
            self.holiday = Q(pk__in=[])
        self.ordinary = ~self.covered & ~self.holiday

    def _hours(self, minute: int):
        return OpeningPeriod.objects.filter(
            weekday=self.date.weekday(),
            by_appointment=False,
            opens__lte=minute,
            closes__gt=minute,
        )

    def special_hours(self, minute: int) -> Q:
        periods = self._hours(minute).filter(
            special__start__lte=self.date, special__end__gte=self.date, special__shop=F("shop")
        )
        return Q(pk__in=periods.values("shop"))

    def weekly_hours(self, minute: int) -> Q:
        return Q(Exists(self._hours(minute).filter(shop=OuterRef("pk"), special=None)))
