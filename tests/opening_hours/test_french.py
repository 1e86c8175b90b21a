"""What shopkeepers type: what is read, what is refused and with which words."""

import pytest

from merchants.opening_hours import HolidayRule, OpeningHoursError, from_french

from .shared import tsv

# Holidays are not mentioned in these: "; PH unknown" is left out of the expected value.
READ = [
    ("du mardi au samedi 9h-12h30 et 14h-19h, fermé le lundi", "Tu-Sa 09:00-12:30,14:00-19:00"),
    ("Lundi à vendredi : 8h00 – 18h30", "Mo-Fr 08:00-18:30"),
    ("Ma-Ve : 9h-12h / 14h-19h     Sa : 9h-17h", "Tu-Fr 09:00-12:00,14:00-19:00; Sa 09:00-17:00"),
    ("tous les jours sauf dimanche 7h-20h", "Mo-Sa 07:00-20:00"),
    ("Tous les jours 9h-19h sauf le jeudi de 12h à 20h", "Mo-We,Fr-Su 09:00-19:00; Th 12:00-20:00"),
    ("8h-12h et 14h-18h du lundi au vendredi", "Mo-Fr 08:00-12:00,14:00-18:00"),
    ("24h/24", "24/7"),
    ("7j/7 24h/24", "24/7"),
    ("Ouvert 24h/24h", "24/7"),
    ("24/7", "24/7"),
    ("7j/7 de 8h à 20h", "Mo-Su 08:00-20:00"),
    ("lundi de midi à minuit", "Mo 12:00-24:00"),
    ("lundi minuit - 2h", "Mo 00:00-02:00"),
    ("mardi 9h à midi", "Tu 09:00-12:00"),
    (
        "Lu-Ve 08:30-21:00, Sa 09:00-17:00, Di 10:00-17:00",
        "Mo-Fr 08:30-21:00; Sa 09:00-17:00; Su 10:00-17:00",
    ),
    (
        "Vendredi & lundi 16h-20h / Samedi & dimanche 14h-18h",
        "Mo,Fr 16:00-20:00; Sa-Su 14:00-18:00",
    ),
    ("lundi-vendredi : 8h-18h et samedi : 9h-16h", "Mo-Fr 08:00-18:00; Sa 09:00-16:00"),
    ("Lu-Ve 09:30-19:00", "Mo-Fr 09:30-19:00"),
    (
        "Lundi : 11h à 20h Mardi à vendredi : 11h à 21h Samedi : 11h à 20h",
        "Mo,Sa 11:00-20:00; Tu-Fr 11:00-21:00",
    ),
    (
        "13h30à 19H, sauf Samedi de 9H à 19H et Dimanche de 11H à 12H",
        "Mo-Fr 13:30-19:00; Sa 09:00-19:00; Su 11:00-12:00",
    ),
    (
        "Du lundi au vendredi 9h à 12h30 et de 14h à 19h30. Samedi de 9h à 12h30 et de 14h à 19h.",
        "Mo-Fr 09:00-12:30,14:00-19:30; Sa 09:00-12:30,14:00-19:00",
    ),
    (
        "mercredi 09:00-12:00 14:00-19:00 jeudi 09:00-12:00 14:00-19:00 dimanche Fermé lundi Fermé",
        "We-Th 09:00-12:00,14:00-19:00",
    ),
    ("ma - ve : 10h00 - 19h00, sa : 10h00 - 17h00", "Tu-Fr 10:00-19:00; Sa 10:00-17:00"),
    ("samedi de 10h-12h", "Sa 10:00-12:00"),
    ("17:00-20:00, lun-ven", "Mo-Fr 17:00-20:00"),
    ("Lundi 06:15 - 19:30  Mardi 06:15 - 19:30  Jeudi 06:15 - 19:30", "Mo-Tu,Th 06:15-19:30"),
    (
        "Du mardi au vendredi : de 09h00 à 12h00 et de 14h30 à 18h15 et le samedi : de 9h à 12h",
        "Tu-Fr 09:00-12:00,14:30-18:15; Sa 09:00-12:00",
    ),
    ("mardi - samedi 8h30 - 18h45", "Tu-Sa 08:30-18:45"),
    (
        "Lu-Me 08:00-17:30, Je-Ve 08:00-21:00,Sa 08:00-17:00",
        "Mo-We 08:00-17:30; Th-Fr 08:00-21:00; Sa 08:00-17:00",
    ),
    ("lu-di 12:00-22:00", "Mo-Su 12:00-22:00"),
    (
        "Du mardi au vendredi de 9h à 12h et de 14h à 18h30. Avec ou sans rendez-vous.",
        "Tu-Fr 09:00-12:00,14:00-18:30",
    ),
    ("Lu-Th 08:30-17:00", "Mo-Th 08:30-17:00"),
    ("du lundi au samedi : 07h30 - 12h00  et  13h30 - 18h00", "Mo-Sa 07:30-12:00,13:30-18:00"),
    ("Mo-Fr 08:00-17:00, sauf mercredi", "Mo-Tu,Th-Fr 08:00-17:00"),
    (
        "Mo-Sa 09:30-12h00,14:00-19:00; Su 14:30-18:30",
        "Mo-Sa 09:30-12:00,14:00-19:00; Su 14:30-18:30",
    ),
    ("dimanche Fermé lundi 11:30-16:00 mardi 11:30-16:00 samedi Fermé", "Mo-Tu 11:30-16:00"),
    (
        "Mo-Sa 09:00-19:00 Su 09:30-12h30 et 14:00-18:30",
        "Mo-Sa 09:00-19:00; Su 09:30-12:30,14:00-18:30",
    ),
    ("Lundi au samedi : 9h-19h30 / Dimanche : 9h-13h", "Mo-Sa 09:00-19:30; Su 09:00-13:00"),
    ("Lundi, 8h -13h", "Mo 08:00-13:00"),
    ("tous les jours 9H00 à 23H00", "Mo-Su 09:00-23:00"),
    (
        "Mardi et Vendredi 18:00-20:00, Mercredi et Samedi 14:00-16:00",
        "Tu,Fr 18:00-20:00; We,Sa 14:00-16:00",
    ),
    ("8 h - 12 h 30   /   14 h - 19 h  sauf le dimanche", "Mo-Sa 08:00-12:30,14:00-19:00"),
    ("Mo - Fr: 10h - 19h, Sa: 12h - 19h", "Mo-Fr 10:00-19:00; Sa 12:00-19:00"),
    (
        "Mardi au jeudi : 12-14h et 19-22h  Dimanche et lundi : fermé",
        "Tu-Th 12:00-14:00,19:00-22:00",
    ),
    ("mar. à ven. : 9h-19h et sam. 9h-16h", "Tu-Fr 09:00-19:00; Sa 09:00-16:00"),
    ("Ve-Lu 18h-23h", "Mo,Fr-Su 18:00-23:00"),
    ("Lundi au vendredi 8h-12h et 14h-17h", "Mo-Fr 08:00-12:00,14:00-17:00"),
    ("Du lundi au vendredi, de 7h30 à 15h30", "Mo-Fr 07:30-15:30"),
    ("Dimanche 10h-11h30", "Su 10:00-11:30"),
    ("Du Mardi au Samedi de 10:00 à 12:30 et de 14:30 à 19:00", "Tu-Sa 10:00-12:30,14:30-19:00"),
    ("Du mardi au dimanche, de 7H30 à 21H00", "Tu-Su 07:30-21:00"),
    ("Lun-Ven:  8:30 - 19:00", "Mo-Fr 08:30-19:00"),
    ("mo-fr 08h00-16h00", "Mo-Fr 08:00-16:00"),
    (
        "lundi: fermé mardi - vendredi: 10h à 13h / 14h à 18h30 samedi: 10h à 17h",
        "Tu-Fr 10:00-13:00,14:00-18:30; Sa 10:00-17:00",
    ),
    (
        "lundi: fermé /Mardi-Vendredi: 8h30-12h 13h30-16h /Dimanche: 9h30-11h30",
        "Tu-Fr 08:30-12:00,13:30-16:00; Su 09:30-11:30",
    ),
    ("Lu-Ve : 09h30 - 18h30. Sa : 09h30 - 17h30", "Mo-Fr 09:30-18:30; Sa 09:30-17:30"),
    ("Lu-Sa 09:00-12:30, Lu-Ve 15:00-19:30", "Mo-Fr 09:00-12:30,15:00-19:30; Sa 09:00-12:30"),
    (
        "Du mardi au samedi de 11h à 13h. Le dimanche de 18h à 22h. Fermé le lundi.",
        "Tu-Sa 11:00-13:00; Su 18:00-22:00",
    ),
    ("Mo-Tu 08:00-20:00; Sa 9:00h-14:00", "Mo-Tu 08:00-20:00; Sa 09:00-14:00"),
    ("le Lundi  de 9h à 18h et le Samedi de 9h à 12h", "Mo 09:00-18:00; Sa 09:00-12:00"),
    ("Mercredi : 16h-17h et samedi : 11h-12h", "We 16:00-17:00; Sa 11:00-12:00"),
    ("mon-fri: 8h-17h, sat: 9h-12h", "Mo-Fr 08:00-17:00; Sa 09:00-12:00"),
    ("13h30 - 17h30 du lundi au vendredi", "Mo-Fr 13:30-17:30"),
    ("9h-12h du lundi au vendredi, 14h-18h le samedi", "Mo-Fr 09:00-12:00; Sa 14:00-18:00"),
    (
        "Dimanche:8h-11h; Mardi, Mercredi et Vendredi:19h-20h",
        "Tu-We,Fr 19:00-20:00; Su 08:00-11:00",
    ),
    ("tous les jours 9h-19h, lundi fermé", "Tu-Su 09:00-19:00"),
    ("le week-end 10h–12h", "Sa-Su 10:00-12:00"),
    ("tous les mercredis 9h-12h", "We 09:00-12:00"),
    ("lundi de 9 heures 30 à 18 heures", "Mo 09:30-18:00"),
    ("lundi 8h-12h30mn", "Mo 08:00-12:30"),
    ("LUNDI 9\u00a0H\u202f–\u00a012\u00a0H", "Mo 09:00-12:00"),
    ("Lun, Mar, Mer, Ven sur rendez-vous", 'Mo-We,Fr 00:00-24:00 unknown "sur rendez-vous"'),
    ("Ouverture sur rendez-vous", 'Mo-Su 00:00-24:00 unknown "sur rendez-vous"'),
    ("lundi 9h-12h (sur rendez-vous)", 'Mo 09:00-12:00 unknown "sur rendez-vous"'),
    (
        "lundi 9h-12h, sur rendez-vous 14h-18h",
        'Mo 14:00-18:00 unknown "sur rendez-vous", Mo 09:00-12:00',
    ),
    (
        "Sans RDV : Du lundi au Vendredi de 8h30 à 12h30. Avec RDV : Lundi au Jeudi de 13h à 16h15",
        'Mo-Th 13:00-16:15 unknown "sur rendez-vous", Mo-Fr 08:30-12:30',
    ),
]

HOLIDAYS = [
    ("lundi 9h-12h", HolidayRule.UNKNOWN),
    ("lundi 9h-12h, fermé les jours fériés", HolidayRule.CLOSED),
    ("lundi 9h-12h. Jours fériés : fermé", HolidayRule.CLOSED),
    ("lundi 9h-12h sauf jours fériés", HolidayRule.CLOSED),
    ("du lundi au samedi sauf jours fériés 9h-12h", HolidayRule.CLOSED),
    ("lundi 9h-12h, ouvert les jours fériés", HolidayRule.AS_USUAL),
    ("tous les jours, jours fériés inclus, 9h-12h", HolidayRule.AS_USUAL),
    ("tous les jours, y compris les jours fériés, de 9h à 12h", HolidayRule.AS_USUAL),
    ("Ma-Sa 09:00-18:00; PH off", HolidayRule.CLOSED),
]

# sentence, the piece that is in the way, a part of the message
REFUSED = [
    ("", "", "Aucun horaire n’est indiqué."),
    (
        "1er Vendredi 14h30 à 18h",
        "1er Vendredi",
        "Nous n’avons pas compris «\u00a01er Vendredi\u00a0».",
    ),
    ("We 14:00-18:00, sauf le 3ème mercredi du mois", "3ème mercredi", "pas compris"),
    ("Ouvert de juin à fin septembre", "juin", "pas compris"),
    ("samedi, mardi, jeudi en matinée", "en matinée", "pas compris"),
    ("Semaine 8h-12h 14h-19h", "Semaine", "pas compris"),
    ("8h11h", "8h11h", "pas compris"),
    ("lundi 9h-13:", "13:", "pas compris"),
    ("lundi 8h 20h", "8h 20h", "pas compris"),
    ("lundi 9h - 12h - 14h", "9h - 12h - 14h", "pas compris"),
    ("lundi 13h30:17h00", "13h30:17h00", "pas compris"),
    ("Lu-Do 05:00-22:00", "Do", "pas compris"),
    ("lundi-lundi 9h-12h", "lundi-lundi", "pas compris"),
    ("tous les jours 8:00-16:00 saf le vendredi", "saf", "pas compris"),
    ("lundi 9h-12h. Et sur rendez-vous.", "sur rendez-vous", "pas compris"),
    ("lundi 9h-12h, fermé", "fermé", "pas compris"),
    ("Dimanche 10h", "10h", "indiquez l’heure d’ouverture et l’heure de fermeture"),
    ("Dimanche midi", "midi", "indiquez l’heure d’ouverture"),
    ("9h à 19h", "9h à 19h", "Indiquez les jours de «\u00a09h à 19h\u00a0»"),
    ("9h-12h30 et 14h-19h30", "9h-12h30 et 14h-19h30", "Indiquez les jours"),
    ("Mo-Fr 08:30-12:30; 13h30-17:30", "13h30-17:30", "Indiquez les jours"),
    ("Lu-Ve", "Lu-Ve", "Indiquez les horaires de «\u00a0Lu-Ve\u00a0»."),
    ("lu-ve; 08:00-17:00", "lu-ve", "Indiquez les horaires"),
    ("ouvert le dimanche", "dimanche", "Indiquez les horaires"),
    ("lundi 9h-25h", "25h", "n’est pas une heure"),
    ("lundi 9h75-12h", "9h75", "n’est pas une heure"),
    ("lundi 14h-12h", "14h-12h", "la fin précède le début"),
    ("vendredi 13:00-9:00", "13:00-9:00", "la fin précède le début"),
    ("lundi 9h-9h", "9h-9h", "la fin précède le début"),
    ("lundi 9h-12h 11h-15h", "9h-12h 11h-15h", "ces heures se chevauchent"),
    ("lundi 9h-12h. lundi 10h-15h", "10h-15h", "ces heures se chevauchent"),
    ("lundi 9h-12h. lundi fermé", "lundi", "à la fois ouverts et fermés"),
    (
        "lundi 9h-12h, fermé les jours fériés, ouvert les jours fériés",
        "les jours fériés",
        "à la fois ouverts et fermés",
    ),
    ("fermé le lundi, mardi 9h-12h", "fermé le lundi, mardi 9h-12h", "quels jours sont fermés"),
    (
        "lundi 9h-12h et 14h-18h sur rendez-vous",
        "9h-12h et 14h-18h sur rendez-vous",
        "quelles heures sont sur rendez-vous",
    ),
    ("dimanches et jours fériés 9h-13h", "dimanches et jours fériés", "propres aux jours fériés"),
    ("lundi 9h-12h sauf mardi", "sauf mardi", "cette exception porte sur des jours"),
    ("lundi sauf mardi 9h-12h", "lundi sauf mardi", "cette exception porte sur des jours"),
    ("Fermé le dimanche", "Fermé le dimanche", "Aucun horaire d’ouverture n’est indiqué dans"),
    ("aux horaires d'ouverture du fleuriste", "aux", "pas compris"),
]


@pytest.mark.parametrize(("text", "expected"), READ)
def test_read(text, expected):
    schedule = from_french(text)
    assert schedule.holiday_rule == HolidayRule.UNKNOWN
    assert schedule.to_osm().removesuffix("; PH unknown") == expected


def test_until_two_in_the_morning():
    schedule = from_french("vendredi et samedi de 18h jusqu'à 2h du matin")
    assert [(p.weekday, p.opens, p.closes) for p in schedule.weekly] == [
        (4, 1080, 1560),
        (5, 1080, 1560),
    ]
    assert from_french("samedi de 18h jusqu’à 2h").weekly == schedule.weekly[1:]


@pytest.mark.parametrize(("text", "rule"), HOLIDAYS)
def test_holidays(text, rule):
    assert from_french(text).holiday_rule == rule


@pytest.mark.parametrize(("text", "part", "sentence"), REFUSED)
def test_refused(text, part, sentence):
    with pytest.raises(OpeningHoursError) as error:
        from_french(text)
    assert error.value.part.strip() == part
    assert sentence in str(error.value)
    assert error.value.template % error.value.params == str(error.value)


def test_real_sentences():
    """74 of the 200 are read; most of the others name no day, or are not French."""
    rows = tsv("opening_hours/french_free_text_200.tsv")
    assert len(rows) == 200
    read = 0
    for row in rows:
        try:
            from_french(row["value"])
        except OpeningHoursError as error:
            assert error.part in row["value"]
        else:
            read += 1
    assert read == 74
