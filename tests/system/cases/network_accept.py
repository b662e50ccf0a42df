"""Accepting and refusing connections: limits, descriptors, idle time, floods."""
import os
import resource
import threading
import time

from harness.framework import ConnectionClosed, ReplyError, check, eq, eventually, test
from harness.resp_client import Client

TOO_MANY = "ERR max number of clients reached"


@test
def maxclients(t):
    """Connections over maxclients get the error and are closed; when one leaves the next is let in."""
    server = t.server(maxclients=10)
    clients = [t.client(server) for _ in range(10)]
    for c in clients:
        eq(c("PING"), "PONG")
    for _ in range(5):
        c = t.client(server)
        eq(c.read().text, TOO_MANY)
        check(c.is_closed(), "still open")
    eq(t.main.info("stats", client=clients[0])["rejected_connections"], "5")
    clients[5].close()
    eventually(lambda: t.main.info("clients", client=clients[0])["connected_clients"] == "9", "one has left", patience=t.patience)
    eq(t.client(server)("PING"), "PONG")
    eq(clients[0]("CONFIG", "SET", "maxclients", 20), "OK")
    more = [t.client(server) for _ in range(10)]
    eq([c("PING") for c in more], ["PONG"] * 10)
    eq(t.main.info("clients", client=clients[0])["maxclients"], "20")


@test(limit_s=180)
def twenty_thousand_connects(t):
    """20,000 connections in a row are accepted, served and forgotten; no descriptor is left."""
    main = t.client()
    count = t.size(20000, quick=1500)
    descriptors = len(os.listdir("/proc/%d/fd" % t.main.pid()))
    faults = []

    def work(number):
        try:
            for turn in range(count // 4):
                # Loopback addresses of their own keep the ports of one from running out.
                with t.main.client(source=("127.0.%d.%d" % (number + 1, turn % 200 + 1), 0)) as c:
                    if turn % 3:
                        eq(c("PING"), "PONG")
        except Exception as fault:  # noqa: B902
            faults.append(repr(fault)[:300])

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    eq(faults, [])
    eventually(lambda: t.main.info("clients", client=main)["connected_clients"] == "1", "all are gone", patience=t.patience)
    check(int(t.main.info("stats", client=main)["total_connections_received"]) >= count, "connections counted")
    eventually(lambda: len(os.listdir("/proc/%d/fd" % t.main.pid())) <= descriptors + 2, "descriptors are closed", patience=t.patience)


@test
def out_of_descriptors(t):
    """With few descriptors maxclients is lowered at the start, with a log line; running out is refused, and recovers."""
    server = t.server(limits={resource.RLIMIT_NOFILE: (100, 100)})
    c = t.client(server)
    lowered = int(server.info("clients", client=c)["maxclients"])
    check(lowered < 100, "maxclients is %d with 100 descriptors" % lowered)
    check(b"maxclients" in server.log(), "nothing in the log about maxclients")
    extra, refused = [], 0
    for _ in range(150):
        d = Client(port=server.port, timeout_s=5 * t.patience)
        extra.append(d)
        try:
            reply = d.call("PING")
            refused += isinstance(reply, ReplyError)
        except (ConnectionClosed, OSError):
            refused += 1
    check(refused >= 50, "%d of 150 refused" % refused)
    eq(c("PING"), "PONG")
    for d in extra:
        d.close()

    def served_again():
        with Client(port=server.port, timeout_s=5 * t.patience) as d:
            try:
                return d.call("PING") == "PONG"
            except (ConnectionClosed, OSError):
                return False

    eventually(served_again, "new clients are served again", 10, t.patience)


@test
def too_few_descriptors_to_start(t):
    """Without enough descriptors to serve one client the start fails with a clear message."""
    server = t.make_server(limits={resource.RLIMIT_NOFILE: (28, 28)})
    server.launch()
    server.expected_exit = (1,)
    eq(server.wait(), 1)
    check(b"is not enough for the server to start" in server.log(), server.log_tail())


@test
def idle_clients_are_closed(t):
    """timeout closes clients idle for longer, and only those."""
    main = t.client()
    main("CONFIG", "SET", "timeout", "1")
    idle, busy = t.client(), t.client()
    idle("PING")
    limit = time.monotonic() + 4 * t.patience
    while time.monotonic() < limit and not idle.is_closed(0.1):
        eq(busy("PING"), "PONG")
        eq(main("PING"), "PONG")
    check(idle.is_closed(2), "an idle client was not closed")
    eq(busy("PING"), "PONG")
    main("CONFIG", "SET", "timeout", "0")


@test
def keepalive_settings(t):
    """tcp-keepalive and tcp-backlog are taken."""
    server = t.server(tcp_keepalive=60, tcp_backlog=128)
    c = t.client(server)
    eq(c("CONFIG", "GET", "tcp-keepalive"), [b"tcp-keepalive", b"60"])
    eq(c("CONFIG", "SET", "tcp-keepalive", "0"), "OK")
    eq(t.client(server)("PING"), "PONG")
    eq(c("CONFIG", "GET", "tcp-backlog"), [b"tcp-backlog", b"128"])


@test
def connections_are_spread_and_all_served(t):
    """With many connections every one is served at any time, whichever thread it fell to."""
    t.client()
    clients = [t.client() for _ in range(t.size(300, quick=60))]
    for _ in range(3):
        for c in clients:
            c.send("INCR", "n")
        replies = sorted(c.read() for c in clients)
        eq(replies, list(range(replies[0], replies[0] + len(clients))))


@test
def unauthenticated_flood(t):
    """100 clients pouring bulk without a password cost little and do not disturb those who are logged in."""
    server = t.server(requirepass="secret")
    main = t.client(server)
    before = server.resident_bytes()
    flood = []
    for _ in range(t.size(100, quick=30)):
        c = t.client(server, authenticate=False)
        c.sock.settimeout(0.5)
        try:
            c.send_raw(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$16384\r\n" + b"x" * 16000)
            flood.append(c)
        except OSError:
            pass
    eq(main("PING"), "PONG")
    grown = server.resident_bytes() - before
    check(grown < (32 if not t.quick else 200) << 20, "resident memory grew by %d" % grown)
    for c in flood:
        c.close()
    c = t.client(server, authenticate=False)
    c.sock.settimeout(2)
    try:
        for _ in range(100):
            c.send_raw(b"*2\r\n$4\r\nECHO\r\n$20000\r\n" + b"x" * 20000)
    except OSError:
        pass
    check(c.is_closed(), "a flood is not cut off")
    eq(main("EXISTS", "k"), 0)
