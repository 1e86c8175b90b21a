import pytest

from tests.factories import make_user


@pytest.fixture
def agent(login):
    return login(make_user(is_staff=True, is_superuser=True))
