"""Whose a mail address is, as far as its domain tells."""

import pytest

from merchants.mail_domains import PUBLIC_MAIL, belongs_to, domain_of, is_public


@pytest.mark.parametrize(
    ("email", "shop_email", "website", "belongs"),
    [
        ("awa@fournil.fr", "contact@fournil.fr", "", True),
        ("Awa@Fournil.FR", "contact@fournil.fr", "", True),
        ("awa@fournil.fr", "", "https://www.fournil.fr/pain", True),
        ("awa@fournil.fr", "", "https://fournil.fr", True),
        ("awa@fournil.fr", "", "https://commande.fournil.fr:8443/", True),
        ("awa@fournil.fr", "", "", False),
        ("awa@autre.fr", "contact@fournil.fr", "https://fournil.fr", False),
        # A domain that ends like another one is another one.
        ("awa@nil.fr", "contact@fournil.fr", "https://fournil.fr", False),
        ("awa@sous.fournil.fr", "contact@fournil.fr", "https://fournil.fr", False),
        # Everybody's domain proves nothing, save for the very address.
        ("awa@gmail.com", "fournil@gmail.com", "", False),
        ("fournil@gmail.com", "Fournil@gmail.com", "", True),
        ("awa@free.fr", "", "http://fournil.free.fr/", False),
        ("awa@orange.fr", "fournil@orange.fr", "https://orange.fr", False),
        ("awa@fr", "", "https://fournil.fr", False),
        ("rien", "rien@fournil.fr", "", False),
        ("", "", "", False),
        ("@fournil.fr", "", "https://[fournil.fr", False),
    ],
)
def test_belongs(email, shop_email, website, belongs):
    assert belongs_to(email, shop_email=shop_email, websites=(website,)) is belongs


def test_domains():
    assert domain_of("Awa@Fournil.fr") == "fournil.fr"
    assert domain_of("rien") == ""
    assert is_public("gmail.com") and not is_public("fournil.fr")
    assert all(domain == domain.strip().lower() and "." in domain for domain in PUBLIC_MAIL)
