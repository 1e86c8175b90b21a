"""Whose a mail address is, as far as its domain tells: a shop's own, or anybody's."""

from urllib.parse import urlsplit

# Where anybody gets an address: sharing this domain with somebody proves nothing. The usual ones
# in France, overseas, next door, and in the world; checked for those that shops use at all.
PUBLIC_MAIL = frozenset(
    """
    orange.fr wanadoo.fr free.fr sfr.fr neuf.fr cegetel.net laposte.net bbox.fr numericable.fr
    numericable.com noos.fr club-internet.fr aliceadsl.fr alice.fr libertysurf.fr online.fr
    nordnet.fr 9online.fr 9business.fr voila.fr caramail.com caramail.fr tele2.fr dbmail.com
    ovh.fr mailo.com mailo.fr netcourrier.com e-nautia.com estvideo.fr evhr.net bouygtel.fr
    orange.com pagesperso-orange.fr orange-business.fr akeonet.com ozone.net vialis.net
    mediaserv.net only.fr ool.fr zeop.re wanadoo.re izi.re canl.nc lagoon.nc mls.nc offratel.nc
    mail.pf monaco.mc libello.com
    gmail.com googlemail.com
    hotmail.com hotmail.fr hotmail.be hotmail.ch hotmail.it hotmail.es hotmail.de hotmail.co.uk
    outlook.com outlook.fr outlook.be outlook.it outlook.es outlook.de outlook.pt
    live.com live.fr live.be live.it live.nl live.co.uk msn.com windowslive.com passport.com
    yahoo.com yahoo.fr yahoo.ca yahoo.it yahoo.es yahoo.de yahoo.co.uk yahoo.com.br ymail.com
    rocketmail.com icloud.com me.com mac.com aol.com aol.fr
    proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tuta.io tuta.com
    tutamail.com gmx.com gmx.fr gmx.net gmx.de gmx.at gmx.ch web.de mail.com mail.de email.com
    t-online.de freenet.de posteo.net posteo.de mailbox.org fastmail.com fastmail.fm zoho.com
    zoho.eu zohomail.com zohomail.eu hey.com duck.com infomaniak.com ik.me etik.com
    skynet.be telenet.be proximus.be voo.be scarlet.be pt.lu internet.lu bluewin.ch hispeed.ch
    sunrise.ch libero.it virgilio.it tiscali.it alice.it tin.it telefonica.net terra.es sapo.pt
    mail.ru inbox.ru bk.ru list.ru yandex.ru yandex.com ya.ru qq.com 163.com 126.com sina.com
    naver.com comcast.net verizon.net att.net sbcglobal.net cox.net videotron.ca sympatico.ca
    btinternet.com sky.com yopmail.com
    """.split()
)


def domain_of(email: str) -> str:
    """ "fournil.fr" of "Contact@Fournil.fr"; "" of what is no address."""
    return email.strip().rpartition("@")[2].lower() if "@" in email else ""


def is_public(domain: str) -> bool:
    """Whether anybody gets an address there."""
    return domain in PUBLIC_MAIL


def belongs_to(email: str, *, shop_email: str, websites: tuple[str, ...] = ()) -> bool:
    """Whether that address is a shop's own, by what the shop says of itself.

    It is the shop's very address; or it has the domain of the shop's address or of one of its web
    sites (`https://www.fournil.fr/` or `https://commande.fournil.fr/` for `awa@fournil.fr`), and
    not everybody gets an address there.
    """
    if shop_email and email.strip().lower() == shop_email.strip().lower():
        return True
    domain = domain_of(email)
    if "." not in domain or is_public(domain):
        return False
    hosts = [domain_of(shop_email), *(_host(website) for website in websites)]
    return any(f".{host}".endswith(f".{domain}") for host in hosts if host)


def _host(website: str) -> str:
    try:
        return (urlsplit(website).hostname or "").rstrip(".")
    except ValueError:
        return ""
