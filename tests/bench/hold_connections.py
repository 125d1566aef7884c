"""Holds connections with an HTTP server until it is ended, as peers that mean it ill or are merely there.

hold_connections.py PORT KIND=NUMBER...    KIND: headers, bodies, readers or watchers

headers: a byte of a request's head every second; bodies: the same of a body; readers: ask for large answers
and take none of them; watchers: server-sent events of all services. Whoever is closed comes again. Prints
"ready" when all are there, and at the end how often one was closed.
"""
import os
import selectors
import signal
import socket
import sys
import time

HEAD = "Host: localhost\r\nX-Held: 1\r\n"
if os.environ.get("MOSTOVE_TOKEN"):
    HEAD += f"Authorization: Bearer {os.environ['MOSTOVE_TOKEN']}\r\n"
FIRST = {
    "headers": "GET /v1/organizations HTTP/1.1\r\nX-Slow: ",
    "bodies": f"POST /v1/organizations HTTP/1.1\r\n{HEAD}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n ",
    "readers": f"GET /openapi.json HTTP/1.1\r\n{HEAD}\r\n" * 64,
    "watchers": f"GET /v1/changes:watch HTTP/1.1\r\n{HEAD}Accept: text/event-stream\r\n\r\n",
}

port = int(sys.argv[1])
selector = selectors.DefaultSelector()
closed = 0


def open_one(kind):
    peer = socket.socket()
    if kind == "readers":
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.connect(("127.0.0.1", port))
    peer.setblocking(False)
    peer.send(FIRST[kind].encode())
    if kind != "readers":
        selector.register(peer, selectors.EVENT_READ, kind)
    peers[kind].add(peer)


def reopen(kind, peer):
    global closed
    closed += 1
    if kind != "readers":
        selector.unregister(peer)
    peers[kind].discard(peer)
    peer.close()
    open_one(kind)


def send_a_byte(kind):
    for peer in list(peers[kind]):
        try:
            peer.send(b"x" if kind != "readers" else b"")
        except BlockingIOError:
            pass
        except OSError:
            reopen(kind, peer)


def end(*_):
    print(f"closed {closed}")
    sys.exit(0)


signal.signal(signal.SIGTERM, end)
peers = {kind: set() for kind in FIRST}
for argument in sys.argv[2:]:
    kind, number = argument.split("=")
    for _ in range(int(number)):
        open_one(kind)
print("ready", flush=True)
next_tick = time.monotonic() + 1
while True:
    for key, _ in selector.select(max(0.0, next_tick - time.monotonic())):
        try:
            if not key.fileobj.recv(65536):
                reopen(key.data, key.fileobj)
        except BlockingIOError:
            pass
        except OSError:
            reopen(key.data, key.fileobj)
    if time.monotonic() >= next_tick:
        next_tick += 1
        for kind in ("headers", "bodies"):
            send_a_byte(kind)
