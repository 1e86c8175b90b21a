"""The system checks that only warn; what refuses to start: tests/test_project.py."""

from commerce_local.checks import folders


def test_a_folder_that_is_not_there_is_told(settings, tmp_path):
    for folder, expected in ((None, []), (tmp_path, []), (tmp_path / "absent", ["W001"])):
        settings.SIRENE_DIR = folder
        assert [told.id.removeprefix("commerce_local.") for told in folders()] == expected
