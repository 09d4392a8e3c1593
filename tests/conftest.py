"""What holds for every test."""

from hypothesis import settings


def pytest_configure() -> None:
    """How busy the machine is says nothing about a law: no example has a deadline."""
    settings.register_profile("tests", deadline=None)
    settings.load_profile("tests")
