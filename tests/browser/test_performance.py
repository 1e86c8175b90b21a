"""What a commune's page weighs. Seconds depend on the machine: `measure_page` prints those."""

import pytest

from tests.browser.measure_page import measure, serve


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with serve(tmp_path_factory.mktemp("site"), [500]) as address:
        yield address


def test_a_town_of_500_shops_takes_150_kilobytes_and_12_requests(browser, site):
    load = measure(browser, f"{site}/ville-500/")
    assert load.kilobytes <= 150
    assert load.requests <= 12
