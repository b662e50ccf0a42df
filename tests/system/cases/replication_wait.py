"""WAIT, CLIENT UNBLOCK, min-replicas-to-write, ROLE and INFO, error texts."""
import re
import signal
import time

from harness.framework import check, eq, eventually, fails, fails_like, test
from harness.replication import (RawReplica, has_link, in_step, no_replicas, primary,
                                 replication, same_data, stock_replica)
from harness.resp_client import encode

QUIET = {"repl_ping_replica_period": 3600}


# --- WAIT ------------------------------------------------------------------------------------------------------
@test
def wait_without_replicas(t):
    """WAIT with nobody to wait for: its number at once or after the time limit, its errors, within MULTI."""
    server = primary(t)
    c = t.client(server)
    eq(c("WAIT", 0, 0), 0)
    eq(c("WAIT", 0, 1000), 0)
    eq(c("WAIT", -1, 0), 0)
    began = time.monotonic()
    eq(c("WAIT", 1, 100), 0)
    check(time.monotonic() - began >= 0.09, "WAIT came back too early")
    fails(c, "ERR value is not an integer or out of range", "WAIT", "x", 0)
    fails(c, "ERR timeout is not an integer or out of range", "WAIT", 1, "x")
    fails(c, "ERR timeout is not an integer or out of range", "WAIT", 1, "99999999999999999999")
    fails(c, "ERR timeout is negative", "WAIT", 1, -1)
    fails(c, "ERR timeout is out of range", "WAIT", 1, (1 << 63) - 1)
    fails_like(c, "wrong number of arguments", "WAIT", 1)
    c("MULTI")
    c("WAIT", 1, 0)
    c("SET", "k", "v")
    eq(c("EXEC"), [0, "OK"])


@test
def wait_for_replicas(t):
    """WAIT counts those that have the client's last write; a stopped replica is not among them, and is again when it goes on."""
    server = primary(t)
    c, other = t.client(server), t.client(server)
    replicas = [stock_replica(t, server), stock_replica(t, server)]
    for replica in replicas:
        has_link(t, replica)
    in_step(t, server, replicas)
    c("SET", "k", 1)
    eq(c("WAIT", 2, 20000), 2)
    eq(c("WAIT", 1, 20000), 2)
    eq(t.client(server)("WAIT", 0, 0), 2)
    c("SET", "k", 2)
    began = time.monotonic()
    eq(c("WAIT", 2, 0), 2)
    t.note("WAIT 2 took %.1f ms" % ((time.monotonic() - began) * 1000))
    replicas[0].process.send_signal(signal.SIGSTOP)
    try:
        c("SET", "k", 3)
        eq(c("WAIT", 2, 300), 1)
        eq(c("WAIT", 1, 0), 1)
        # Who wrote nothing waits for nothing.
        eq(other("WAIT", 2, 0), 2)
        # What stands behind it waits as well; others do not.
        c.send_raw(encode("SET", "k", 4) + encode("WAIT", 2, 0) + encode("GET", "k") + encode("INCR", "n"))
        eq(c.read(), "OK")
        check(c.nothing_comes(0.3), "WAIT 2 came back with one replica")
        eq(other("GET", "k"), b"4")
        eq(other("EXISTS", "n"), 0)
        c.send("PING")
    finally:
        replicas[0].process.send_signal(signal.SIGCONT)
    eq([c.read() for _ in range(4)], [2, b"4", 1, "PONG"])


@test
def wait_and_clients_that_leave(t):
    """Clients that disconnect or are killed while they wait leave nothing; CLIENT UNBLOCK ends the waiting."""
    server = primary(t)
    c = t.client(server)
    replica = RawReplica(t, server)
    replica.psync()
    for n in range(20):
        client = server.client()
        client.send_raw(encode("SET", "k", n) + encode("WAIT", 1, 0))
        eq(client.read(), "OK")
        if n % 2:
            client.close()
        else:
            eventually(lambda: b"cmd=wait" in c("CLIENT", "LIST"), "no client waits", 10, t.patience)
            ids = re.findall(rb"id=(\d+) [^\n]*cmd=wait", c("CLIENT", "LIST"))
            for number in ids:
                c.call("CLIENT", "KILL", "ID", number)
            client.close()
    eventually(lambda: b"cmd=wait" not in c("CLIENT", "LIST"), "clients stay", 10, t.patience)
    eq(server.info("clients")["blocked_clients"], "0")
    # An acknowledgement by hand ends the waiting of all.
    waiting = [t.client(server) for _ in range(5)]
    for client in waiting:
        client("SET", "k", "v")
        client.send("WAIT", 1, 0)
    eventually(lambda: server.info("clients")["blocked_clients"] == "5", "blocked_clients", 10, t.patience)
    replica.read_to_head(c)
    replica.ack()
    eq([client.read() for client in waiting], [1] * 5)


@test
def wait_unblocked(t):
    """CLIENT UNBLOCK ends the waiting of a client in WAIT: with the number so far, or with an error."""
    server = primary(t)
    c, waiting = t.client(server), t.client(server)
    waiting("SET", "k", "v")
    number = waiting("CLIENT", "ID")
    for words, expected in (((), 0), (("TIMEOUT",), 0), (("ERROR",), "UNBLOCKED client unblocked via CLIENT UNBLOCK")):
        waiting.send("WAIT", 1, 0)
        eventually(lambda: c("CLIENT", "UNBLOCK", number, *words) == 1, "CLIENT UNBLOCK does nothing", 5, t.patience)
        reply = waiting.read()
        eq(getattr(reply, "text", reply), expected)


@test
def getack_in_the_stream(t):
    """WAIT that has to wait puts REPLCONF GETACK * into the stream."""
    server = primary(t, **QUIET)
    c = t.client(server)
    replica = RawReplica(t, server)
    replica.psync()
    c("SET", "k", "v")
    eq(c("WAIT", 1, 10), 0)
    eq(replica.commands_until("GETACK")[-1], [b"SET", b"k", b"v"])
    replica.ack()
    eventually(lambda: c("WAIT", 1, 10) == 1, "the acknowledgement does not count", 10, t.patience)


# --- writes that want replicas ---------------------------------------------------------------------------------
@test(quick=False)
def min_replicas(t):
    """min-replicas-to-write: NOREPLICAS without one that was heard of lately, and writes again when it is back."""
    text = "NOREPLICAS Not enough good replicas to write."
    server = primary(t, min_replicas_to_write=1, min_replicas_max_lag=1)
    c = t.client(server)
    fails(c, text, "SET", "k", "v")
    eq(c("GET", "k"), None)
    fails(c, text, "DEL", "missing")
    replica = stock_replica(t, server)
    has_link(t, replica)
    eventually(lambda: c.call("SET", "k", "v") == "OK", "writes stay refused", 20, t.patience)
    eq(replication(c)["min_slaves_good_slaves"], "1")
    replica.process.send_signal(signal.SIGSTOP)
    try:
        eventually(lambda: c.call("SET", "k", "w") != "OK", "writes are not refused", 20, t.patience)
        fails(c, text, "SET", "k", "w")
        c("MULTI")
        fails_like(c, "NOREPLICAS", "SET", "k", "w")
        fails_like(c, "EXECABORT", "EXEC")
    finally:
        replica.process.send_signal(signal.SIGCONT)
    eventually(lambda: c.call("SET", "k", "x") == "OK", "writes stay refused", 20, t.patience)
    c("CONFIG", "SET", "min-replicas-to-write", 2)
    eventually(lambda: c.call("SET", "k", "y") != "OK", "two are not there", 10, t.patience)
    c("CONFIG", "SET", "min-replicas-to-write", 0)
    eventually(lambda: c.call("SET", "k", "z") == "OK", "none is wanted", 10, t.patience)
    in_step(t, server, [replica])
    same_data(t, [server, replica])


# --- what is shown, and what is refused ------------------------------------------------------------------------
@test
def role_and_info(t):
    """ROLE and INFO replication without and with a replica, while it waits, receives and follows."""
    server = primary(t, **QUIET)
    c = t.client(server)
    eq(c("ROLE"), [b"master", 0, []])
    fields = replication(c)
    eq((fields["role"], fields["connected_slaves"], fields["master_repl_offset"], fields["repl_backlog_active"]), ("master", "0", "0", "0"))
    eq((fields["master_replid2"], fields["second_repl_offset"], fields["repl_backlog_histlen"]), ("0" * 40, "-1", "0"))
    first_id = fields["master_replid"]
    replica = RawReplica(t, server, port=4567)
    replica.psync()
    c("SET", "k", "v")
    replica.read_to_head(c)
    replica.ack()
    head = replica.offset
    line = "ip=127.0.0.1,port=4567,state=online,offset=%d,lag=" % head
    eventually(lambda: replication(c).get("slave0", "").startswith(line), "slave0 is not as expected", 10, t.patience)
    eq(c("ROLE"), [b"master", head, [[b"127.0.0.1", b"4567", b"%d" % head]]])
    fields = replication(c)
    eq(fields["connected_slaves"], "1")
    eq(fields["repl_backlog_active"], "1")
    eq(fields["master_replid"], replica.id)
    t.note("the id %s when the first replica comes" % ("stays" if first_id == replica.id else "changes"))
    check(b"flags=S" in c("CLIENT", "LIST", "TYPE", "replica"), "CLIENT LIST TYPE replica")
    named = RawReplica(t, server, port=99)
    eq(named.link("REPLCONF", "ip-address", "10.1.2.3"), "OK")
    named.psync()
    eventually(lambda: "ip=10.1.2.3,port=99," in str(replication(c)), "the announced address is not shown", 10, t.patience)


@test
def errors_of_replconf_and_psync(t):
    """Error texts of REPLCONF, SYNC and PSYNC; they are refused in MULTI; a replica gets no replies to commands."""
    server = primary(t, **QUIET)
    c = t.client(server)
    fails(c, "ERR Unrecognized REPLCONF option: nonsense", "REPLCONF", "nonsense", 1)
    fails(c, "ERR syntax error", "REPLCONF", "capa")
    fails(c, "ERR value is not an integer or out of range", "REPLCONF", "listening-port", "x")
    fails(c, "ERR value is out of range, value must between 0 and 1", "REPLCONF", "rdb-only", 2)
    fails(c, "ERR Unsupported rdb-filter-only option: keys", "REPLCONF", "rdb-filter-only", "keys")
    fails_like(c, "ERR REPLCONF ip-address provided by replica instance is too long", "REPLCONF", "ip-address", "x" * 300)
    eq(c("REPLCONF", "capa", "unknown"), "OK")
    fails_like(c, "wrong number of arguments", "PSYNC", "?")
    c = t.client(server)
    fails(c, "ERR value is not an integer or out of range", "PSYNC", "?", "x")
    for words in (("SYNC",), ("PSYNC", "?", -1)):
        c = t.client(server)
        c("MULTI")
        fails(c, "ERR Command not allowed inside a transaction", *words)
        fails_like(c, "EXECABORT", "EXEC")
    no_replicas(t, c)
    replica = RawReplica(t, server)
    replica.psync()
    replica.link.send_raw(encode("PING") + encode("GET", "k") + encode("SET", "k", "from a replica") + encode("NOSUCH"))
    check(replica.link.nothing_comes(0.2) or b"PONG" not in replica.link.buffer[replica.link.position:], "a replica gets replies")


@test(quick=False)
def psync_behind_pending_replies(t):
    """PSYNC right behind a reply that is not read yet is refused."""
    server = primary(t, **QUIET)
    c = t.client(server, receive_buffer=4096)
    c("SET", "big", "x" * (8 << 20))
    c.send_raw(encode("GET", "big") + encode("GET", "big") + encode("PSYNC", "?", -1) + encode("PING"))
    eq([len(c.read()), len(c.read())], [8 << 20] * 2)
    eq(c.read().text, "ERR SYNC and PSYNC are invalid with pending output")
    eq(c.read(), "PONG")
