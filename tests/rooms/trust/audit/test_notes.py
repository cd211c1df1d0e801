"""Signed notes, checkpoints and cosignatures: C2SP's forms, read strictly."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.trust.audit.checkpoint import (
    Checkpoint,
    cosign,
    cosignatures,
    open_checkpoint,
    sign_checkpoint,
)
from amaan.trust.audit.model import NoteError
from amaan.trust.audit.notes import (
    COSIGNATURE,
    ED25519,
    Note,
    SigningKey,
    VerifyKey,
    open_note,
    signed,
    with_lines,
)

# The example of golang.org/x/mod/sumdb/note, where the form comes from.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET = (  # published by them
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"  # noqa: S105
)
PETER_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb"
    "6KE6RyyBwJnAM=\n"
)
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
LOG = SigningKey("amaan/test", ED25519, b"\x01" * 32)
WITNESS = SigningKey("witness/test", COSIGNATURE, b"\x02" * 32)
CHECKPOINT = Checkpoint("amaan/test", 7, b"\x03" * 32)


def test_note_of_another_program_is_read() -> None:
    assert open_note(PETER_NOTE, VerifyKey.parse(PETER)).text.startswith("If you think")


def test_note_is_signed_byte_for_byte_as_another_program_does() -> None:
    text = PETER_NOTE.partition("\n\n")[0] + "\n"
    assert str(signed(text, SigningKey.parse(PETER_SECRET))) == PETER_NOTE


def test_keys_read_back_and_hide_their_secret() -> None:
    assert str(VerifyKey.parse(str(LOG.verifier))) == str(LOG.verifier)
    again = SigningKey.parse(LOG.secret_text())
    assert again.verifier == LOG.verifier
    assert LOG.secret_text().rpartition("+")[2] not in repr(LOG)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000+AAAA",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("PeterNeumann", "PeterNewmann"),
        PETER.replace("+AR", "+CR"),
        PETER + "=",
    ],
)
def test_damaged_key_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        VerifyKey.parse(text)


def test_checkpoint_reads_back() -> None:
    raw = str(sign_checkpoint(CHECKPOINT, LOG))
    assert open_checkpoint(raw, LOG.verifier)[0] == CHECKPOINT


@given(st.data())
def test_any_change_of_a_checkpoint_is_refused(data: st.DataObject) -> None:
    raw = str(sign_checkpoint(CHECKPOINT, LOG))
    place = data.draw(st.integers(0, len(raw) - 1))
    other = data.draw(st.characters(codec="utf-8"))
    kind = data.draw(st.sampled_from(["change", "insert", "remove"]))
    after = place if kind == "insert" else place + 1
    changed = raw[:place] + ("" if kind == "remove" else other) + raw[after:]
    if changed != raw:
        with pytest.raises(NoteError):
            open_checkpoint(changed, LOG.verifier)


@pytest.mark.parametrize(
    "text",
    [
        "amaan/test\n7\n",
        "amaan/test\n07\nAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=\n",
        "amaan/test\n-7\nAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=\n",
        "amaan/test\n9999999999999999999\nAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=\n",
        "amaan/test\n7\nAwMD\n",
        "amaan/other\n7\nAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=\n",
        "amaan/test\n7\nAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=\n\nmore\n",
    ],
)
def test_signed_nonsense_is_no_checkpoint(text: str) -> None:
    with pytest.raises(NoteError):
        open_checkpoint(str(signed(text, LOG)), LOG.verifier)


def test_two_signatures_by_the_log_are_refused() -> None:
    note = sign_checkpoint(CHECKPOINT, LOG)
    with pytest.raises(NoteError, match="once"):
        open_checkpoint(str(with_lines(note, note.signatures)), LOG.verifier)


def test_strangers_lines_do_no_harm_and_no_good() -> None:
    stranger = SigningKey("stranger", ED25519, b"\x09" * 32)
    both = with_lines(
        sign_checkpoint(CHECKPOINT, LOG), signed(CHECKPOINT.text(), stranger).signatures
    )
    assert open_checkpoint(str(both), LOG.verifier)[0] == CHECKPOINT
    with pytest.raises(NoteError):
        open_checkpoint(str(signed(CHECKPOINT.text(), stranger)), LOG.verifier)


def test_cosignature_says_who_and_when() -> None:
    note = sign_checkpoint(CHECKPOINT, LOG)
    cosigned = with_lines(note, [cosign(note, WITNESS, NOW)])
    opened = open_checkpoint(str(cosigned), LOG.verifier)[1]
    (found,) = cosignatures(opened, [WITNESS.verifier])
    assert (found.witness, found.at) == (WITNESS.verifier, NOW)


def test_cosignature_of_another_checkpoint_is_refused() -> None:
    line = cosign(sign_checkpoint(CHECKPOINT, LOG), WITNESS, NOW)
    other = sign_checkpoint(Checkpoint("amaan/test", 8, b"\x03" * 32), LOG)
    with pytest.raises(NoteError, match="not good"):
        cosignatures(with_lines(other, [line]), [WITNESS.verifier])


def test_cosignature_with_another_time_is_refused() -> None:
    note = sign_checkpoint(CHECKPOINT, LOG)
    line = cosign(note, WITNESS, NOW)
    for payload in (
        (int(NOW.timestamp()) + 1).to_bytes(8, "big") + line.payload[8:],
        b"\xff" * 8 + line.payload[8:],
        line.payload[8:],
    ):
        moved = type(line)(line.name, line.key_id, payload)
        with pytest.raises(NoteError):
            cosignatures(Note(note.text, (*note.signatures, moved)), [WITNESS.verifier])


def test_plain_signature_is_no_cosignature_and_the_other_way_round() -> None:
    plain = SigningKey("both", ED25519, b"\x05" * 32)
    witness = SigningKey("both", COSIGNATURE, b"\x05" * 32)
    note = sign_checkpoint(CHECKPOINT, LOG)
    both = with_lines(note, signed(note.text, plain).signatures)
    assert cosignatures(both, [witness.verifier]) == []
    with pytest.raises(NoteError):
        cosignatures(both, [plain.verifier])
