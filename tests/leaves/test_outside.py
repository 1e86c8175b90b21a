import time

import pytest

from merchants.outside import MOST_BYTES, OutsideError, get_json


def ask(url: str, timeout: float = 0.5):
    return get_json(url, timeout=timeout, service="Le service")


def test_answers_json(service):
    service.body = {"nom": "Suresnes", "é": [1, None]}
    assert ask(f"{service.url}/x?a=1&b=%C3%A9") == service.body
    assert service.asked == [("/x", {"a": "1", "b": "é"})]
    assert service.agents == ["commerce-local"]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (429, "Le service reçoit trop de demandes. Réessayez dans une minute."),
        (500, "Le service est en panne. Réessayez plus tard."),
        (503, "Le service est en panne. Réessayez plus tard."),
        (400, "Le service a refusé la demande."),
        (404, "Le service a refusé la demande."),
    ],
)
def test_an_error_of_the_service(service, status, sentence):
    service.status = status
    with pytest.raises(OutsideError) as error:
        ask(service.url)
    assert str(error.value) == sentence


UNREADABLE = "Le service a donné une réponse illisible. Réessayez plus tard."


@pytest.mark.parametrize("health", ["cut off", "chunked"])
def test_an_answer_that_is_cut_off(service, health):
    service.body, service.health = {"nom": "x" * 200_000}, health
    with pytest.raises(OutsideError) as error:
        ask(service.url)
    assert str(error.value) == UNREADABLE


@pytest.mark.parametrize(
    "body", ["<!doctype html><title>Maintenance</title>", "", "{", "[" * 200_000, "NaNa"]
)
def test_an_answer_that_is_no_json(service, body):
    service.body, service.content_type = body, "text/html"
    with pytest.raises(OutsideError) as error:
        ask(service.url)
    assert str(error.value) == UNREADABLE


def test_an_answer_larger_than_any_real_one(service):
    service.body = " " * (MOST_BYTES + 1)
    with pytest.raises(OutsideError) as error:
        ask(service.url, timeout=5)
    assert str(error.value) == UNREADABLE


@pytest.mark.parametrize("health", ["hangs", "drips"])
def test_a_slow_service_is_left(service, health):
    service.body, service.health = {"nom": "x" * 500}, health
    start = time.monotonic()
    with pytest.raises(OutsideError) as error:
        ask(service.url, timeout=0.3)
    assert str(error.value) == "Le service met trop de temps à répondre. Réessayez plus tard."
    assert time.monotonic() - start < 3  # Not the half minute that the whole answer takes.


def test_nobody_answers(service):
    service.health = "silent"
    for url in (service.url, "http://127.0.0.1:9", "http://127.0.0.1:9/é"):
        with pytest.raises(OutsideError):
            ask(url)
    with pytest.raises(OutsideError) as error:
        ask("http://127.0.0.1:9")
    assert str(error.value) == "Le service ne répond pas. Réessayez plus tard."


def test_a_redirection_without_end(service):
    service.status, service.headers = 302, {"Location": "/x"}
    with pytest.raises(OutsideError):
        ask(service.url)
