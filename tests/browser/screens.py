"""The screens on which axe looks at a page: each width once, each colour scheme once. Neither
changes what the other shows."""

import pytest

on_each_screen = pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
