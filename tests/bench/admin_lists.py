"""Prints what the back office's lists cost: `python -m tests.bench.admin_lists`.

The lists of shops, proposals and claims of a commune with 50 shops and of one with 5,000, as an
agent of each sees them: requests alternate in one process, so that both see the same machine. The
target is the same number of queries, and less than 1.5 times the time. Then what the exports and
the printed directory of the larger ones take.
"""

import os
import statistics
import sys
import tempfile
import time
import warnings

from tests.bench.photos import peak

SIZES = (50, 5000)
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "25"))
QUERIES = {
    "shop": ["", "?status__exact=published", "?q=accueil", "?o=5", "?point=a-placer"],
    "proposal": ["", "?status__exact=pending"],
    "claim": ["", "?status__exact=waiting"],
}
TARGET = 1.5


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = os.environ.get("BENCH_DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        os.environ |= {
            "DEMO": "1",
            "VAR_DIR": folder,
            "DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "commerce_local.settings",
        }
        import django

        warnings.simplefilter("ignore")  # No static files are collected.
        django.setup()
        _measure()


def _measure() -> None:
    from django.core.management import call_command
    from django.test import override_settings

    call_command("migrate", verbosity=0)
    call_command("load_categories", verbosity=0)
    static = "django.contrib.staticfiles.storage.StaticFilesStorage"
    from django.conf import settings

    storages = settings.STORAGES | {"staticfiles": {"BACKEND": static}}
    with override_settings(STORAGES=storages, ALLOWED_HOSTS=["*"]):
        browsers = [_town(size) for size in SIZES]
        worst = _lists(browsers)
        _files(browsers[-1])
    if worst > TARGET:
        sys.exit(f"{worst:.2f} is over the target of {TARGET}")


def _lists(browsers) -> float:
    head = f"{'':36}" + "".join(f"{f'{size} ms':>10} {'queries':>8}" for size in SIZES)
    print(f"{head} {'ratio':>6}  target < {TARGET}")
    worst = 0.0
    for model, queries in QUERIES.items():
        for query in queries:
            address = f"/mairie/merchants/{model}/{query}"
            counts = [_queries(browser, address) for browser in browsers]
            times: list[list[float]] = [[] for _size in SIZES]
            for _round in range(ROUNDS):
                for browser, taken in zip(browsers, times, strict=True):
                    start = time.perf_counter()
                    _get(browser, address)
                    taken.append(time.perf_counter() - start)
            small, large = (statistics.median(taken) * 1000 for taken in times)
            worst = max(worst, large / small)
            print(
                f"{model + ' ' + query:36}{small:10.1f} {counts[0]:8}{large:10.1f} {counts[1]:8}"
                f" {large / small:6.2f}"
            )
            if counts[0] != counts[1]:
                sys.exit("the number of queries grows")
    return worst


def _files(browser) -> None:
    for format in ("csv", "xlsx", "geojson"):
        address = f"/mairie/merchants/shop/export/{format}/"
        before, start = peak(), time.perf_counter()
        size = sum(map(len, browser.get(address).streaming_content))
        seconds = time.perf_counter() - start
        print(
            f"{format} of 5000: {seconds:.1f} s, {size / 1e6:.1f} MB, {peak() - before:.0f} MB more"
        )
    browser = _town(500)
    for query in ("", "&grand=on", "&ordre=rue"):
        start = time.perf_counter()
        address = f"/mairie/annuaire/annuaire.pdf?ordre=categorie&qr=on&horaires=on{query}"
        response = browser.get(address)
        seconds, size = time.perf_counter() - start, len(response.content)
        print(
            f"directory of 500{query}: {seconds:.1f} s, {size / 1e6:.1f} MB, {peak():.0f} MB in all"
        )


def _get(browser, address: str) -> None:
    response = browser.get(address)
    if response.status_code != 200:
        raise RuntimeError(f"{address}: {response.status_code}")


def _queries(browser, address: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    _get(browser, address)
    with CaptureQueriesContext(connection) as queries:
        _get(browser, address)
    return len(queries)


def _town(size: int):
    """The browser of an agent of a commune with that many shops, proposals and claims."""
    from django.test import Client
    from django.utils import timezone

    from merchants.models import Claim, Proposal, User
    from merchants.workflow.roles import give_role
    from tests.bench.seed import seed

    commune, now = seed(size, slug=f"ville-{size}"), timezone.now()
    people = User.objects.bulk_create(
        User(email=f"personne-{size}-{number}@example.fr") for number in range(size)
    )
    pairs = list(zip(commune.shops.order_by("pk"), people, strict=True))
    Proposal.objects.bulk_create(
        Proposal(shop=shop, by=user, at=now, changes={"name": [shop.name, f"{shop.name} & Co"]})
        for shop, user in pairs
    )
    Claim.objects.bulk_create(
        Claim(shop=shop, user=user, at=now, proof="code", channel="post") for shop, user in pairs
    )
    agent = User.objects.create_user(f"agent-{size}@example.fr")
    give_role(agent, commune, role="agent", by=None, now=now)
    browser = Client()
    browser.force_login(agent)
    return browser


if __name__ == "__main__":
    main()
