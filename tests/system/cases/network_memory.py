"""Memory stays bounded whatever a client sends or does not read, and other clients are served meanwhile."""
import socket
import time

from harness.framework import check, eq, eventually, test
from harness.resp_client import encode

MB = 1 << 20


def fields_of(line):
    return dict(part.split("=", 1) for part in line.split(" ") if "=" in part)


def client_fields(c, name):
    for line in bytes(c("CLIENT", "LIST")).decode().splitlines():
        fields = fields_of(line)
        if fields["name"] == name:
            return fields
    return None


@test
def announced_but_not_sent(t):
    """30 clients announce 512 MB each and send nothing: resident memory stays small, and the announced bulk is taken
    when it comes."""
    main = t.client()
    main("PING")
    before = t.main.resident_bytes()
    clients = []
    for n in range(30):
        c = t.client()
        c.send_raw(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\nsome bytes")
        clients.append(c)
    for c in clients:
        c.send_raw(b"more")
    time.sleep(0.3)
    eq(main("PING"), "PONG")
    grown = t.main.resident_bytes() - before
    check(grown < (64 if not t.quick else 300) * MB, "resident memory grew by %d MB" % (grown // MB))
    for c in clients:
        c.close()
    eventually(lambda: t.main.info("clients", client=main)["connected_clients"] == "1", "they are gone", patience=t.patience)
    eq(main("EXISTS", "k"), 0)


@test
def announced_argument_counts(t):
    """2 billion announced arguments with nothing behind them cost nothing."""
    main = t.client()
    before = t.main.resident_bytes()
    clients = [t.client() for _ in range(30)]
    for c in clients:
        c.send_raw(b"*2147483647\r\n$3\r\nSET\r\n")
    time.sleep(0.2)
    eq(main("PING"), "PONG")
    grown = t.main.resident_bytes() - before
    check(grown < (32 if not t.quick else 200) * MB, "resident memory grew by %d MB" % (grown // MB))


@test(limit_s=120)
def client_that_never_reads(t):
    """A client that pipelines and never reads: the server stops reading from it or drops it, memory stays bounded, others are served.

    The normal class has no output limit by default, so what bounds memory here is the client's own sending: it
    stops when the kernel's buffers are full and nobody takes its commands."""
    main = t.client(t.server(client_output_buffer_limit=["normal 8mb 4mb 5 slave 256mb 64mb 60 pubsub 32mb 8mb 60"]))
    main("SET", "k", b"x" * 100000)
    before = t.main.resident_bytes()
    deaf = [t.client(receive_buffer=16384) for _ in range(4)]
    for c in deaf:
        c("CLIENT", "SETNAME", "deaf")
        c.sock.settimeout(0.2)
        try:
            for _ in range(50):
                c.send_raw(encode("GET", "k") * 1000)
        except OSError:
            pass
    worst = 0
    for _ in range(20):
        began = time.monotonic()
        eq(main("PING"), "PONG")
        worst = max(worst, time.monotonic() - began)
        time.sleep(0.02)
    grown = t.main.resident_bytes() - before
    check(grown < (150 if not t.quick else 600) * MB, "resident memory grew by %d MB" % (grown // MB))
    check(worst < 2 * t.patience, "others wait %.2f s" % worst)
    for c in deaf:
        c.close()
    eventually(lambda: client_fields(main, "deaf") is None, "they are gone", patience=t.patience)


@test
def output_buffer_hard_limit(t):
    """A client over its class's hard limit is closed, with a log line; one below it is not."""
    main = t.client()
    eq(main("CONFIG", "SET", "client-output-buffer-limit", "normal 1000000 0 0"), "OK")
    main("SET", "k", b"x" * 200000)
    c = t.client(receive_buffer=16384)
    c("CLIENT", "SETNAME", "slow")
    try:
        for _ in range(200):
            c.send("GET", "k")
    except OSError:
        pass
    eventually(lambda: client_fields(main, "slow") is None, "the client is closed", 20, t.patience)
    check(b"scheduled to be closed ASAP for overcoming of output buffer limits" in t.main.log() or
          b"closed for overcoming of output buffer limits" in t.main.log(), "nothing in the log")
    d = t.client()
    replies = d.pipeline([("GET", "k")] * 4)
    check(all(len(reply) == 200000 for reply in replies), "a client that reads was cut")


@test
def output_buffer_soft_limit(t):
    """A client over the soft limit for longer than allowed is closed; at once it is not."""
    main = t.client()
    eq(main("CONFIG", "SET", "client-output-buffer-limit", "normal 0 500000 2"), "OK")
    main("SET", "k", b"x" * 200000)
    c = t.client(receive_buffer=16384)
    c("CLIENT", "SETNAME", "slow")
    c.send_raw(encode("GET", "k") * 60)
    time.sleep(0.5)
    check(client_fields(main, "slow") is not None, "closed before the time was over")
    eventually(lambda: client_fields(main, "slow") is None, "the client is closed", 20, t.patience)


@test
def output_memory_is_shown_and_freed(t):
    """CLIENT LIST shows what waits for a slow client as omem, and it goes back to nothing once read."""
    main = t.client()
    main("SET", "k", b"x" * 1000000)
    c = t.client(receive_buffer=16384)
    c("CLIENT", "SETNAME", "slow")
    c.send_raw(encode("GET", "k") * 20)
    eventually(lambda: int(client_fields(main, "slow")["tot-mem"]) > 5 * MB, "tot-mem shows the waiting replies", patience=t.patience)
    check(int(client_fields(main, "slow")["omem"]) > 5 * MB, "omem does not show the waiting replies")
    for _ in range(20):
        eq(len(c.read()), 1000000)
    eventually(lambda: int(client_fields(main, "slow")["omem"]) == 0, "omem goes back", patience=t.patience)


@test
def query_buffer_limit(t):
    """A client over client-query-buffer-limit is closed with a log line."""
    main = t.client()
    eq(main("CONFIG", "SET", "client-query-buffer-limit", "2mb"), "OK")
    c = t.client()
    try:
        c.send_raw(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$20000000\r\n" + b"x" * 19999999)
    except OSError:
        pass
    check(c.is_closed(), "the client is not closed")
    check(b"Closing client that reached max query buffer length" in t.main.log(), "nothing in the log")
    eq(main("EXISTS", "k"), 0)
    eq(main("SET", "k", b"x" * 1000000), "OK")


@test
def idle_clients_give_their_buffers_back(t):
    """After a large request and some idle time CLIENT LIST shows no query buffer left, and memory is back."""
    main = t.client()
    main("CONFIG", "SET", "hz", "100")
    clients = []
    for n in range(10):
        c = t.client()
        c("CLIENT", "SETNAME", "idle%d" % n)
        c("SET", "k", b"x" * 2000000)
        clients.append(c)
    main("DEL", "k")

    def freed():
        rows = [client_fields(main, "idle%d" % n) for n in range(10)]
        return all(int(row["qbuf"]) == 0 and int(row["qbuf-free"]) < 40000 for row in rows)

    eventually(freed, "the buffers are freed", 20, t.patience)


@test
def query_buffer_of_half_a_command(t):
    """What has arrived of an incomplete command is shown as qbuf, and stays valid over a pause."""
    main = t.client()
    c = t.client()
    c("CLIENT", "SETNAME", "half")
    c.send_raw(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$10000\r\n" + b"x" * 5000)

    def shown():
        row = client_fields(main, "half")
        return int(row["qbuf"]) + int(row["argv-mem"]) >= 5000

    eventually(shown, "qbuf shows 5,000 bytes", patience=t.patience)
    eventually(lambda: int(client_fields(main, "half")["idle"]) >= 3, "idle for 3 s", 20, t.patience)
    c.send_raw(b"y" * 5000 + b"\r\n")
    eq(c.read(), "OK")
    check(main("GET", "k") == b"x" * 5000 + b"y" * 5000, "the value changed")


@test
def fat_argument_is_not_kept(t):
    """A client idle in the middle of an announced 1 MB bulk keeps a small buffer."""
    main = t.client()
    main("CONFIG", "SET", "hz", "100")
    c = t.client()
    c("CLIENT", "SETNAME", "fat")
    c.send_raw(b"*3\r\n$3\r\nset\r\n$1\r\na\r\n$1000000\r\n")

    def small():
        row = client_fields(main, "fat")
        return int(row["idle"]) >= 3 and int(row["qbuf"]) + int(row["qbuf-free"]) < 1000000

    eventually(small, "the buffer is given back", 20, t.patience)
    c.send_raw(b"z" * 1000000 + b"\r\n")
    eq(c.read(), "OK")


@test
def thousand_idle_clients_are_cheap(t):
    """1,000 connections that said something once cost little resident memory (the benchmark states the exact figure)."""
    main = t.client()
    count = t.size(1000, quick=200)
    main("PING")
    time.sleep(0.2)
    before = t.main.resident_bytes()
    clients = [t.client() for _ in range(count)]
    for c in clients:
        c("PING")
    grown = (t.main.resident_bytes() - before) / count
    t.note("%.0f bytes a connection" % grown)
    check(grown < (64 if not t.quick else 200) * 1024, "%.0f bytes a connection" % grown)


@test
def transaction_queue_is_bounded(t):
    """A client that queues commands without end is closed at its query-buffer limit, or EXEC answers; memory comes back."""
    main = t.client()
    main("CONFIG", "SET", "client-query-buffer-limit", "4mb")
    before = t.main.resident_bytes()
    c = t.client()
    c.sock.settimeout(20 * t.patience)
    c("MULTI")
    value = b"x" * 100000
    closed = False
    try:
        for _ in range(100):
            eq(c("SET", "k", value), "QUEUED")
    except Exception:  # noqa: B902
        closed = True
    if not closed:
        eq(c("DISCARD"), "OK")
    c.close()
    eventually(lambda: t.main.resident_bytes() - before < (40 if not t.quick else 300) * MB, "memory comes back", patience=t.patience)
    eq(main("EXISTS", "k"), 0)


@test
def half_open_connections(t):
    """Connections reset in mid-command or mid-reply leave nothing behind."""
    main = t.client()
    main("SET", "k", b"x" * 3000000)
    import struct
    for turn in range(t.size(60, quick=20)):
        c = t.client(receive_buffer=16384)
        if turn % 3 == 0:
            c.send_raw(b"*3\r\n$3\r\nSET\r\n$1\r\nz\r\n$1000000\r\nabc")
        elif turn % 3 == 1:
            c.send_raw(encode("GET", "k") * 3)
        else:
            c.send_raw(encode("MULTI") + encode("WATCH", "k") + encode("SET", "z", "1"))
        c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        c.close()
    eventually(lambda: t.main.info("clients", client=main)["connected_clients"] == "1", "they are gone", patience=t.patience)
    eq(main("EXISTS", "z"), 0)
