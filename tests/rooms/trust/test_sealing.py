from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from amaan.trust.sealing import Sealer, SealError, camera_purpose, ensure_key_file

ADDRESS = "rtsp://admin:hunter2-canary@10.0.0.5/1"


def test_sealed_secret_opens_with_the_same_key_and_purpose(tmp_path: Path) -> None:
    key = tmp_path / "secret.key"
    ensure_key_file(key)
    token = Sealer.from_file(key).seal(ADDRESS, purpose=camera_purpose("A"))
    ensure_key_file(key)
    assert Sealer.from_file(key).unseal(token, purpose=camera_purpose("A")) == ADDRESS
    assert key.stat().st_mode & 0o777 == 0o600


def test_of_many_who_make_the_key_at_once_one_wins_and_all_read_it_whole(tmp_path: Path) -> None:
    key = tmp_path / "secret.key"

    def make(_: int) -> str:
        ensure_key_file(key)
        return repr(Sealer.from_file(key))

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(make, range(64)))) == 1
    assert list(tmp_path.iterdir()) == [key]


def test_empty_key_file_is_named_and_left_alone(tmp_path: Path) -> None:
    key = tmp_path / "secret.key"
    key.touch()
    with pytest.raises(SealError, match="is empty"):
        ensure_key_file(key)
    with pytest.raises(SealError, match="is empty"):
        Sealer.from_file(key)
    assert key.stat().st_size == 0


def test_same_secret_never_gives_the_same_token() -> None:
    sealer = Sealer(os.urandom(32))
    assert sealer.seal(ADDRESS, purpose="p") != sealer.seal(ADDRESS, purpose="p")


def test_token_of_one_camera_does_not_open_as_another() -> None:
    sealer = Sealer(os.urandom(32))
    token = sealer.seal(ADDRESS, purpose=camera_purpose("A"))
    with pytest.raises(SealError):
        sealer.unseal(token, purpose=camera_purpose("B"))


def test_another_key_is_named_as_the_reason() -> None:
    token = Sealer(os.urandom(32)).seal(ADDRESS, purpose="p")
    with pytest.raises(SealError, match="another key"):
        Sealer(os.urandom(32)).unseal(token, purpose="p")


def test_every_changed_character_is_noticed() -> None:
    sealer = Sealer(os.urandom(32))
    token = sealer.seal(ADDRESS, purpose="p")
    for position in range(0, len(token) - 4, 3):
        other = "A" if token[position] != "A" else "B"
        with pytest.raises(SealError):
            sealer.unseal(token[:position] + other + token[position + 1 :], purpose="p")


@pytest.mark.parametrize("token", ["", "A", "!!!", "AQ==", "é"])
def test_garbage_is_refused(token: str) -> None:
    with pytest.raises(SealError):
        Sealer(os.urandom(32)).unseal(token, purpose="p")


def test_key_file_without_a_key_is_refused_without_showing_it(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("hunter2-canary")
    with pytest.raises(SealError) as caught:
        Sealer.from_file(path)
    assert "hunter2" not in str(caught.value)
    with pytest.raises(SealError):
        Sealer.from_file(tmp_path / "absent")
