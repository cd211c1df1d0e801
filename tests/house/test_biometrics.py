"""Nothing here identifies people, and the check that keeps it so finds each way of doing it."""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts/biometrics.py"


@pytest.fixture(scope="module")
def biometrics() -> ModuleType:
    spec = importlib.util.spec_from_file_location("biometrics", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["biometrics"] = module
    spec.loader.exec_module(module)
    return module


def _field(number: int, value: bytes | int) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _tensor(name: str, *sizes: int) -> bytes:
    shape = b"".join(_field(1, _field(1, size)) for size in sizes)
    return _field(1, name.encode()) + _field(2, _field(1, _field(1, 1) + _field(2, shape)))


def _onnx(inputs: bytes, outputs: bytes, about: str = "plates") -> bytes:
    graph = _field(2, about.encode()) + _field(11, inputs) + _field(12, outputs)
    return _field(1, 8) + _field(7, graph)


def _plant(root: Path, name: str, content: str | bytes) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def _card(data: bytes, purpose: str = "plates") -> str:
    return f"# Card\n\nPurpose: {purpose}\nSHA-256: {hashlib.sha256(data).hexdigest()}\n"


PLATE_READER = _onnx(_tensor("picture", 1, 3, 64, 192), _tensor("letters", 1, 32, 40))
FACE_MASKER = _onnx(_tensor("picture", 1, 3, 480, 640), _tensor("boxes", 1, 5, 400))


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("src/a.py", "def face_embedding(crop): ...\n", "name"),
        ("src/a.py", "def embed_face(crop): ...\n", "name"),
        ("src/a.py", "class PersonReId: ...\n", "name"),
        ("src/a.py", "person_gallery = {}\n", "name"),
        ("src/a.py", "def search_by_face(picture): ...\n", "name"),
        ("src/a.py", "gait_signature = 1\n", "name"),
        ("src/a.py", "class PedestrianEmbedder: ...\n", "name"),
        ("src/a.py", "def person_risk_score(name): ...\n", "name"),
        ("src/a.py", "import insightface\n", "import"),
        ("src/a.py", "from deepface import DeepFace\n", "import"),
        ("src/a.py", "import face_recognition.api\n", "import"),
        ("src/a.py", "import_module('torchreid')\n", "import"),
        ("pyproject.toml", '[project]\ndependencies = [\n  "dlib>=19",\n]\n', "dependency"),
        ("requirements/runtime.txt", "numpy==2\nfacenet-pytorch==2.6 \\\n", "dependency"),
        ("web/package.json", '{"dependencies": {"face-api.js": "1"}}', "dependency"),
        (
            "web/package-lock.json",
            '{"packages": {"node_modules/@vladmandic/human": {"version": "3"}}}',
            "dependency",
        ),
        ("web/src/Find.tsx", "export function FaceSearch() {}\n", "name"),
        ("web/src/words/en.ts", "title: 'Find a person by picture',\n", "wording"),
        ("web/src/words/en.ts", "title: 'Facial recognition',\n", "wording"),
        (
            "src/migrations/0099.py",
            'op.execute("""CREATE TABLE video.seen (\n  embedding bytea NOT NULL\n);""")\n',
            "column",
        ),
        ("src/migrations/0099.sql", "CREATE TABLE a (\n mark vector(512)\n);\n", "column"),
        (
            "src/migrations/0099.py",
            'op.execute("""CREATE TABLE video.seen (\n  person_id uuid,\n  camera text,\n'
            '  picture text\n);""")\n',
            "column",
        ),
        ("models/a.pt", b"\x00\x01", "weights"),
        ("models/a.safetensors", b"\x08\x00\x00\x00\x00\x00\x00\x00{}", "weights"),
        ("models/innocent.dat", b"\x89HDF\r\n\x1a\n", "weights"),
        ("models/plates.onnx", PLATE_READER, "weights"),
        ("models/hidden.bin", PLATE_READER, "weights"),
    ],
)
def test_each_way_of_identifying_people_is_found(
    biometrics: ModuleType, tmp_path: Path, name: str, content: str | bytes, kind: str
) -> None:
    _plant(tmp_path, name, content)
    faults = list(biometrics.faults_of(tmp_path, Path(name)))
    assert any(f" {kind}" in fault for fault in faults), faults


@pytest.mark.parametrize(
    "data",
    [
        _onnx(_tensor("input.1", 1, 3, 112, 112), _tensor("683", 1, 512)),
        _onnx(_tensor("data", 1, 3, 160, 160), _tensor("x", 1, 128)),
        _onnx(_tensor("data", 1, 112, 112, 3), _tensor("x", 1, 512)),
        _onnx(_tensor("data", 1, 3, 256, 128), _tensor("out", 1, 2048)),
        _onnx(_tensor("data", 1, 3, 224, 224), _tensor("embedding", 1, 768)),
        _onnx(_tensor("data", 1, 3, 64, 192), _tensor("text", 1, 32, 40), "arcface_r100"),
    ],
)
def test_model_that_embeds_people_is_refused_whatever_its_card_says(
    biometrics: ModuleType, tmp_path: Path, data: bytes
) -> None:
    _plant(tmp_path, "models/m.onnx", data)
    _plant(tmp_path, "models/m.onnx.card.md", _card(data))
    assert [f for f in biometrics.faults_of(tmp_path, Path("models/m.onnx")) if "weights: " in f]


def test_weights_that_are_a_program_are_found_by_their_content(
    biometrics: ModuleType, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "notes.zip", "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02")
    assert list(biometrics.faults_of(tmp_path, Path("notes.zip")))


@pytest.mark.parametrize("data", [PLATE_READER, FACE_MASKER])
def test_model_with_a_card_that_masks_or_reads_plates_is_kept(
    biometrics: ModuleType, tmp_path: Path, data: bytes
) -> None:
    _plant(tmp_path, "models/m.onnx", data)
    _plant(tmp_path, "models/m.onnx.card.md", _card(data, "masking"))
    assert not list(biometrics.faults_of(tmp_path, Path("models/m.onnx")))


def test_card_of_another_file_or_purpose_does_not_count(
    biometrics: ModuleType, tmp_path: Path
) -> None:
    _plant(tmp_path, "models/m.onnx", PLATE_READER)
    for card in (_card(b"another"), _card(PLATE_READER, "people")):
        _plant(tmp_path, "models/m.onnx.card.md", card)
        assert list(biometrics.faults_of(tmp_path, Path("models/m.onnx")))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("src/a.py", "faces = detect_faces_to_mask(frame)\nblurred = blur_faces(frame)\n"),
        ("src/a.py", "def mask_face_regions(frame): ...\nfont_face = surface.interface\n"),
        ("src/a.py", "people = count_people(frame)\nbody = await request.body()\n"),
        ("src/a.py", "body_match = request_body_size\nperson_id = record.person_id\n"),
        ("src/a.py", "plate_embedding = 1\nvehicle_match = search_plates(person='x')\n"),
        ("web/src/a.css.ts", "const fontFace = '@font-face'\n"),
        ("pyproject.toml", '[project]\ndependencies = [\n  "deface>=1.5",\n]\n'),
        (
            "src/migrations/0099.py",
            'op.execute("""CREATE TABLE records.persons (\n  person_id uuid,\n  n text\n);""")\n',
        ),
        ("docs/why.md", "There is no face recognition here.\n"),
        ("docs/a.png", b"\x89PNG\r\n\x1a\n\x00\xff"),
    ],
)
def test_masking_counting_and_persons_of_record_are_left_alone(
    biometrics: ModuleType, tmp_path: Path, name: str, content: str | bytes
) -> None:
    _plant(tmp_path, name, content)
    assert list(biometrics.faults_of(tmp_path, Path(name))) == []


def test_script_fails_on_a_planted_tree_and_names_the_place(tmp_path: Path) -> None:
    _plant(tmp_path, "src/vision/people.py", "import insightface\n")
    command = [sys.executable, str(SCRIPT), str(tmp_path)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ran.returncode == 1
    assert "src/vision/people.py:1: import: insightface" in ran.stdout


def test_this_tree_holds_none() -> None:
    ran = subprocess.run([sys.executable, str(SCRIPT)], check=False, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout.strip()) == (0, "")
