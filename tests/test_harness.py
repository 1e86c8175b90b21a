"""The tests' own tools hold what `tests/conftest.py` and `tests/factories.py` promise."""

import socket
from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path, reverse
from pytest_socket import SocketConnectBlockedError

from merchants.models import Commune, Shop
from tests.factories import make_commune, make_shop, make_user

pytestmark = pytest.mark.django_db


def _write(request):
    make_commune()
    return HttpResponse("written")


def _write_in_secret(request):
    with suppress(AssertionError):
        make_commune()
    return HttpResponse("nothing to see")


def _read(request):
    return HttpResponse(Commune.objects.count())


def _session(request):
    request.session["seen"] = True
    return HttpResponse("seen")


urlpatterns = [
    path("write", _write),
    path("secret", _write_in_secret),
    path("read", _read),
    path("session", _session),
]


@pytest.fixture
def small_site():
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.mark.parametrize("address", ["/write", "/secret"])
def test_a_get_that_writes_fails(client, small_site, address):
    with pytest.raises(AssertionError, match=f"GET {address} writes to the database: INSERT"):
        client.get(address)
    with pytest.raises(AssertionError, match=f"HEAD {address} writes to the database: INSERT"):
        client.head(address)
    assert not Commune.objects.exists()


def test_a_get_that_reads_and_a_post_that_writes_pass(client, small_site):
    assert client.get("/read").content == b"0"
    assert client.post("/write").content == b"written"
    assert client.get("/read").content == b"1"


def test_only_a_person_with_a_session_has_it_saved(client, login, small_site):
    with pytest.raises(AssertionError, match="django_session"):
        client.get("/session")
    assert login(make_user()).get("/session").content == b"seen"
    assert Session.objects.get().get_decoded()["seen"] is True


def test_each_login_is_a_browser_of_its_own(login):
    agent, merchant = make_user(is_staff=True), make_user()
    address = reverse("admin:index")
    assert login(agent).get(address).status_code == 200
    assert login(merchant).get(address).status_code == 302


def test_no_socket_leaves_this_machine():
    # An address for documentation (RFC 5737): nobody's.
    with pytest.warns(UserWarning, match="192.0.2.1"), pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()


@pytest.mark.parametrize("turn", [1, 2])
def test_no_test_sees_what_another_kept(turn, settings):
    assert cache.get("turn") is None
    assert not settings.MEDIA_ROOT.exists()
    cache.set("turn", turn)
    settings.MEDIA_ROOT.mkdir()


def test_the_shop_of_the_factory_is_open_now(now):
    shop = make_shop("Au Bon Pain", services=["livraison", "retrait"])
    assert list(Shop.objects.published().in_commune(shop.commune).open_at(now)) == [shop]
    assert [service.kind for service in shop.services.all()] == ["livraison", "retrait"]
    assert shop.schedule.to_osm().startswith("Mo-Fr 09:00-18:00")
    assert now.utcoffset() == ZoneInfo("Europe/Paris").utcoffset(now.replace(tzinfo=None))


def test_shops_share_the_commune_and_the_category_unless_told():
    first, second = make_shop(), make_shop()
    far = make_shop(commune=make_commune("Saint-Denis", department="974"))
    assert first.commune == second.commune != far.commune
    assert first.main_category == far.main_category
    assert far.schedule.timezone == "Indian/Reunion"
