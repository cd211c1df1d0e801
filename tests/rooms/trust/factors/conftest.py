"""A centre whose console browsers know as ORIGIN."""

from __future__ import annotations

import pytest
from tests.people import ORIGIN

from amaan.app.settings import CentreSettings
from amaan.trust.settings import TrustSettings


@pytest.fixture
def trust_settings() -> TrustSettings:
    """Settings of accounts; a test module may have its own."""
    return TrustSettings(origins=(ORIGIN,))


@pytest.fixture
def centre_settings(
    centre_settings: CentreSettings, trust_settings: TrustSettings
) -> CentreSettings:
    """Settings of a centre with those of accounts."""
    return centre_settings.model_copy(update={"trust": trust_settings})
