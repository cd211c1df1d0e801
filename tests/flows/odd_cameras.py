"""Small loopback servers that behave as cameras do on a bad day."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

from tests.films import jpeg

Behaviour = Callable[[socket.socket], None]


@contextlib.contextmanager
def odd_camera(behave: Behaviour) -> Iterator[int]:
    """Listen on loopback and treat each client with ``behave``; yields the port."""
    server = socket.create_server(("127.0.0.1", 0))
    clients: list[socket.socket] = []
    closing = threading.Event()

    def treat(client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            behave(client)

    def accept() -> None:
        while not closing.is_set():
            try:
                client, _ = server.accept()
            except OSError:
                return
            clients.append(client)
            threading.Thread(target=treat, args=(client,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        closing.set()
        for listening in (server, *clients):
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        thread.join(5)


def request(client: socket.socket) -> bytes:
    """Read one request's head."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = client.recv(4096)
        if not more:
            break
        data += more
    return data


def hold(client: socket.socket) -> None:
    """Say nothing until the client goes."""
    while client.recv(4096):
        pass


def garbage(client: socket.socket) -> None:
    """Send what no camera sends."""
    client.recv(4096)
    client.sendall(bytes(range(256)) * 4096)
    hold(client)


def answer(status: str, *headers: str, body: bytes = b"") -> Behaviour:
    """Answer every request alike."""
    head = "\r\n".join([f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""])

    def behave(client: socket.socket) -> None:
        while request(client):
            client.sendall(head.encode() + body)

    return behave


MULTIPART = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=edge\r\n\r\n"


def stream(*pieces: bytes, then: Behaviour | None = hold) -> Behaviour:
    """Answer with a multipart stream of these pieces, then wait (or hang up)."""

    def behave(client: socket.socket) -> None:
        request(client)
        client.sendall(MULTIPART)
        for piece in pieces:
            client.sendall(piece)
        if then is not None:
            then(client)

    return behave


def part(number: int, *, length: bool = True) -> bytes:
    """Return one numbered picture as a part, with or without its length."""
    data = jpeg(number)
    head = b"--edge\r\nContent-Type: image/jpeg\r\n"
    if length:
        head += f"Content-Length: {len(data)}\r\n".encode()
    return head + b"\r\n" + data + b"\r\n"
