import pytest

from merchants.user_agent import device, is_robot

CHROMIUM = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Firefox/143.0", "Firefox, Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {CHROMIUM} Safari/537.36 Edg/140.0", "Edge, Windows"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {CHROMIUM} Mobile Safari/537.36", "Chrome, Android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/18.6 Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18 Safari/605", "Safari, Mac"),
        ("curl/8.1", "curl/8.1"),
        ("", "?"),
    ],
)
def test_the_browser_in_words(user_agent, said):
    assert device(user_agent) == said


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"
ROBOTS = [
    "", "curl/8.5.0", "python-requests/2.32", "Wget/1.21", "Go-http-client/1.1",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0) Chrome/116",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "facebookexternalhit/1.1", "Mozilla/5.0 (compatible; YandexBot/3.0)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120 Safari/537.36",
]  # fmt: skip
PEOPLE = [
    FIREFOX,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Version/17 Safari/604",
    "Mozilla/5.0 (Linux; Android 13; SM-A536B) AppleWebKit/537.36 SamsungBrowser/23.0",
    "Opera/9.80 (Windows NT 6.1) Presto/2.12.388 Version/12.18",
]


@pytest.mark.parametrize("user_agent", ROBOTS)
def test_robots(user_agent):
    assert is_robot(user_agent)


@pytest.mark.parametrize("user_agent", PEOPLE)
def test_people(user_agent):
    assert not is_robot(user_agent)
