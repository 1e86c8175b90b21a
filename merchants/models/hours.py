"""Opening hours as rows, and the question "open at that instant?" asked in SQL.

The rules are those of `merchants.opening_hours` (its docstring explains them); a property test
holds the two and the reference evaluator together.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Func, Q
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


def open_q(instant: datetime, clock: Clock) -> "HoursCondition":
    """The condition on a shop that keeps this clock to be open (appointments aside) then."""
    today, yesterday, minute = _days_around(instant, clock)
    late = minute + MINUTES_IN_DAY
    by_day = _any(
        _all(today.special_hours(minute), _any(today.explicit, _not(today.holiday))),
        _all(today.weekly_hours(minute), today.ordinary),
    )
    # The night before: today's own closure, holiday or special hours begin at midnight.
    by_night = _any(
        _all(
            yesterday.special_hours(late),
            _any(
                yesterday.explicit,
                _all(_not(yesterday.holiday), _not(today.explicit), _not(today.holiday)),
            ),
        ),
        _all(yesterday.weekly_hours(late), yesterday.ordinary, today.ordinary),
    )
    return HoursCondition(_any(by_day, by_night))


def untold_q(instant: datetime, clock: Clock) -> Q:
    """The condition on a shop that nobody can tell open from closed then.

    It has no weekly hours, or keeps its public holidays to itself, or is to confirm that day.
    """
    today, _yesterday, _minute = _days_around(instant, clock)
    no_week = _not(f"EXISTS (SELECT 1 FROM {PERIODS} p WHERE p.shop_id = {PK} AND {WEEKLY})")
    told = HoursCondition(
        _any(
            today.untold_special,
            _all(no_week, today.ordinary),
            _all(today.holiday, _not(today.explicit), f"{RULE} = '{HolidayRule.UNKNOWN}'"),
        )
    )
    return Q(told) & ~Q(open_q(instant, clock))


class HoursCondition(Func):
    """A condition on a shop's hours, written in the SQL that SQLite and PostgreSQL share.

    Composed of querysets, the same condition took the compiler longer to write than the database
    to answer, and a page asks it six times. `{pk}` and `{rule}` stand for the shop's columns; all
    else in the text are numbers, dates and names that this module writes itself.
    """

    output_field = models.BooleanField()

    def __init__(self, sql: str):
        super().__init__(F("pk"), F("holiday_rule"))
        self.sql = sql

    def as_sql(self, compiler, connection, **context):
        pk, rule = (compiler.compile(column)[0] for column in self.source_expressions)
        return f"({self.sql})".replace(PK, pk).replace(RULE, rule), []


PK, RULE = "{pk}", "{rule}"
PERIODS, SPECIALS = OpeningPeriod._meta.db_table, SpecialPeriod._meta.db_table
WEEKLY = "p.special_id IS NULL"
NEVER = "1 = 0"


def _any(*conditions: str) -> str:
    return f"({' OR '.join(conditions)})"


def _all(*conditions: str) -> str:
    return f"({' AND '.join(conditions)})"


def _not(condition: str) -> str:
    return f"NOT {condition}"


class _Day:
    """Conditions on a shop at a local date. Special periods are few: their lists are read once."""

    def __init__(self, day: date, clock: Clock):
        self.weekday = day.weekday()
        self.covering = f"s.start <= '{day:%Y-%m-%d}' AND s.\"end\" >= '{day:%Y-%m-%d}'"
        kinds = f"s.kind <> '{SpecialKind.HOURS}' OR s.start = s.\"end\""
        self.explicit = self._in_special(f"({kinds})")
        self.untold_special = self._in_special(f"s.kind = '{SpecialKind.UNKNOWN}'")
        is_holiday = opening_hours.is_holiday(day, clock.holiday_zone)
        self.holiday = f"({RULE} <> '{HolidayRule.AS_USUAL}')" if is_holiday else f"({NEVER})"
        self.ordinary = _all(_not(self._in_special("1 = 1")), _not(self.holiday))

    def _in_special(self, condition: str) -> str:
        return f"{PK} IN (SELECT s.shop_id FROM {SPECIALS} s WHERE {self.covering} AND {condition})"

    def _hours(self, minute: int) -> str:
        return (
            f"p.weekday = {self.weekday} AND NOT p.by_appointment"
            f" AND p.opens <= {minute} AND p.closes > {minute}"
        )

    def special_hours(self, minute: int) -> str:
        return (
            f"{PK} IN (SELECT p.shop_id FROM {PERIODS} p JOIN {SPECIALS} s"
            f" ON s.id = p.special_id AND s.shop_id = p.shop_id"
            f" WHERE {self.covering} AND {self._hours(minute)})"
        )

    def weekly_hours(self, minute: int) -> str:
        return (
            f"EXISTS (SELECT 1 FROM {PERIODS} p"
            f" WHERE p.shop_id = {PK} AND {WEEKLY} AND {self._hours(minute)})"
        )


def _days_around(instant: datetime, clock: Clock) -> tuple[_Day, _Day, int]:
    """The local day, the day before, and the local minute."""
    local = instant.astimezone(ZoneInfo(clock.timezone))
    today = _Day(local.date(), clock)
    yesterday = _Day(local.date() - timedelta(days=1), clock)
    return today, yesterday, local.hour * 60 + local.minute
