"""A search finds devices that answer, at the very address that they answer from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from amaan.city.networks import OWN_SHELL, CameraNetworks
from amaan.kernel.errors import InvalidError
from amaan.simulation.onvif import OnvifDevice, OnvifServer, Trick
from amaan.video.onvif.discovery import discover


@pytest.fixture
async def server() -> AsyncIterator[OnvifServer]:
    served = OnvifServer(OnvifDevice([]))
    await served.start()
    yield served
    await served.close()


async def test_device_is_found_with_its_name_and_place(server: OnvifServer) -> None:
    port = await server.answer_searches()
    search = await asyncio.to_thread(discover, ["127.0.0.1/32"], OWN_SHELL, within_s=1.0, port=port)
    (found,) = search.found
    assert (found.host, found.address) == ("127.0.0.1", server.url)
    assert (found.name, found.hardware, found.location) == ("Simulated PTZ", "none", "gate")
    assert search.elsewhere == 0


async def test_answer_that_points_elsewhere_is_counted_and_left_out(server: OnvifServer) -> None:
    server.device.trick = Trick.SERVICES_ELSEWHERE
    port = await server.answer_searches()
    search = await asyncio.to_thread(discover, ["127.0.0.1/32"], OWN_SHELL, within_s=1.0, port=port)
    assert (search.found, search.elsewhere) == ((), 1)


@pytest.mark.parametrize(
    "networks",
    [["10.0.0.0/8"], ["nonsense"], ["fd00::/120"], ["169.254.0.0/24"], ["10.0.0.0/30"] * 9],
)
def test_networks_that_cannot_be_searched_are_refused(networks: list[str]) -> None:
    with pytest.raises(InvalidError):
        discover(networks, OWN_SHELL)


def test_networks_outside_the_cameras_are_never_sent_to() -> None:
    with pytest.raises(InvalidError, match="no camera may be"):
        discover(["192.168.1.0/24", "127.0.0.1/32"], CameraNetworks(networks=("10.20.0.0/16",)))
