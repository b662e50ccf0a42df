"""What a primary sends: the same bytes as stock for the same commands, and the rest of them after a lost link."""
import re
import time

from harness.command_streams import Stream
from harness.framework import between, check, eq, eventually, short, test
from harness.replication import (RawReplica, has_link, in_step, log_count, no_replicas, primary, primary_offset,
                                 replication, same_data, stat, stock_replica)
from harness.resp_client import encode

QUIET = {"repl_ping_replica_period": 3600, "repl_timeout": 7200}  # no PING between the writes; nobody acknowledges

# Between 7.0.15 and 7.2.4 two differences are known: SET with PXAT keeps its other options in 7.2 (where the stock server is a 7.0
# such commands are left out), and a SELECT that a transaction needs stands before MULTI in 7.0, behind it in 7.2.
MOMENT = re.compile(rb"(PXAT\r\n\$\d+\r\n|PEXPIREAT\r\n\$\d+\r\n.{0,80}?\r\n\$\d+\r\n)(\d{12,19})(?=\r\n)", re.DOTALL)
SELECT_BEFORE_MULTI = re.compile(rb"(\*2\r\n\$6\r\nSELECT\r\n\$\d+\r\n\d+\r\n)(\*1\r\n\$5\r\nMULTI\r\n)")


class Twins:
    """The server under test and a stock one, a client and a raw replica of each."""

    def __init__(self, t, **settings):
        self.t = t
        self.servers = [primary(t, **QUIET, **settings),
                        t.stock(enable_debug_command="yes", repl_diskless_sync_delay=0, **QUIET, **settings)]
        self.clients = [t.client(server) for server in self.servers]
        for c in self.clients:
            c("DEBUG", "SET-ACTIVE-EXPIRE", "0")
        self.replicas = [RawReplica(t, server) for server in self.servers]
        # INFO of its own connections, as inside a transaction it would be queued.
        self.observers = [t.client(server) for server in self.servers]
        self.old = self.servers[1].info("server")["redis_version"].startswith("7.0")
        for replica, c in zip(self.replicas, self.clients):
            replica.psync()
            # Its sync is over when the stream flows: stock gives up a sync when FLUSHALL comes.
            c("SET", "start", 1)
            replica.read_to_head(c)

    def skips(self, words):
        """Whether the stock server is known to write something else for this command."""
        upper = [str(word).upper() for word in words]
        return self.old and upper[0] == "SET" and "PXAT" in upper and (len(words) != 5 or words[0] != "SET" or "PXAT" not in words)

    def run(self, *words):
        """One command to both; the same reply, and the same bytes to the replicas."""
        if self.skips(words):
            return None
        replies = [c.call(*words) for c in self.clients]
        if not isinstance(replies[0], list):  # lists may have an order of their own
            eq(replies[0], replies[1], "reply to " + short(words))
        self.compare(words)
        return replies[0]

    def streams(self):
        """What came since the last call, of both, in the form of 7.2."""
        ours, theirs = [r.read_to_head(c) for r, c in zip(self.replicas, self.observers)]
        return ours, SELECT_BEFORE_MULTI.sub(rb"\2\1", theirs) if self.old else theirs

    def compare(self, what):
        ours, theirs = self.streams()
        if not same_stream(ours, theirs):
            raise AssertionError("after %s the stream has\n  %s\n  stock's\n  %s" % (short(what), short(ours), short(theirs)))
        return ours


def same_stream(ours, theirs):
    """Byte for byte the same; where a span became a moment, the two clocks may differ by a few seconds."""
    if ours == theirs:
        return True
    if MOMENT.sub(rb"\1", ours) != MOMENT.sub(rb"\1", theirs):
        return False
    return all(abs(int(a[1]) - int(b[1])) < 60000 for a, b in zip(MOMENT.findall(ours), MOMENT.findall(theirs)))


FAR = 4102444800  # the year 2100
STREAM = """
SET a 1|SET a 2 XX|SET a 3 NX|SET a 4 GET|SET nx 1 NX|SET b v EX 1000|SET b v PX 1000000|SET b v EXAT {far}|SET b v PXAT {far}000
SET b w KEEPTTL|SET b w PXAT {far}001 GET|SET b w EX 1000 NX|SET b w XX GET EXAT {far}|SETEX c 1000 v|PSETEX c 1000000 v|SETNX c w|SETNX d w
GETSET a 9|GETSET fresh 1|GETDEL fresh|GETDEL missing|GETEX b|GETEX b EX 500|GETEX b PX 500000|GETEX b EXAT {far}|GETEX b PXAT {far}002
GETEX b PERSIST|GETEX b PERSIST|GETEX missing EX 10|GETEX b EXAT 1|EXISTS b|APPEND a xyz|APPEND new 1|APPEND new |STRLEN new
SETRANGE a 2 hello|SETRANGE a 0 |SETRANGE none 0 |SETRANGE pad 5 x|INCR n|DECR n|INCRBY n 10|DECRBY n 3|INCRBYFLOAT n 1.5|INCRBYFLOAT n 3.5e2
INCRBYFLOAT f 0.1|INCRBY f x|INCR a|MSET x 1 y 2 x 3|MSETNX x 1 z 2|MSETNX z 1 zz 2|MGET x y|DEL x|DEL x|DEL y missing z|UNLINK zz nothing|DEL
RENAME a a2|RENAME missing q|RENAMENX a2 pad|RENAMENX a2 a|RENAME a a|COPY a a3|COPY a a3|COPY a a3 REPLACE|COPY a a DB 3|COPY missing q
MOVE a3 2|MOVE a3 2|MOVE a 0|SELECT 2|MOVE a3 0|GET a3|SET two 1|SELECT 0|SET zero 1|SELECT 5|GET nothing|SELECT 0|SET zero 2
EXPIRE a 1000|PEXPIRE a 1000000|EXPIREAT a {far}|PEXPIREAT a {far}003|EXPIRE a 5 NX|EXPIRE a 1 GT|EXPIREAT a {far}1 GT|PERSIST a|PERSIST a
EXPIRE missing 5|EXPIRE a3 -1|EXPIREAT zero 1|PEXPIREAT n 1|SET gone v PXAT 1|SET gone v EXAT 1|GET gone|PEXPIRE pad -5|TOUCH a|OBJECT ENCODING a
PING|ECHO hi|DBSIZE|SWAPDB 0 2|SWAPDB 0 0|SET one 1|SELECT 2|SET s 2|SWAPDB 2 9|SET s 3|FLUSHDB|FLUSHDB|FLUSHDB SYNC|SET k v|FLUSHDB ASYNC
SET k v|SELECT 3|SET l w|FLUSHALL|FLUSHALL|FLUSHALL ASYNC|SELECT 0|SET after 1|NOSUCH a|SET a|SET a b c|LCS a b|GETRANGE a 0 -1|SUBSTR a 0 1
""".replace("{far}", str(FAR))


@test
def same_bytes_for_each_command(t):
    """Every command that writes, with its options, its no-ops and its mistakes: the stream grows by exactly stock's bytes."""
    twins = Twins(t)
    for line in STREAM.strip().replace("\n", "|").split("|"):
        twins.run(*line.split(" "))
    for words in (("SET", b"\r\n\0", b"bin\xff\r\n$5"), ("SET", "", ""), ("set", "lower", "1", "ex", "100"), ("SeT", "MiXeD", "1"),
                  ("APPEND", b"\r\n\0", b"x" * 70000), ("SETRANGE", "big", 1 << 20, "end")):
        twins.run(*words)


@test
def first_offset(t):
    """The history of a fresh server begins at offset 0, that of its backlog at 1."""
    server = primary(t, **QUIET)
    replica = RawReplica(t, server)
    replica.psync()
    eq(replica.offset, 0)
    eq(replication(t.client(server))["repl_backlog_first_byte_offset"], "1")


@test
def no_ops_leave_the_offset(t):
    """What changes nothing, reads, and fails moves master_repl_offset by nothing."""
    server = primary(t, **QUIET)
    c = t.client(server)
    replica = RawReplica(t, server)
    replica.psync()
    c("SET", "k", "v")
    before, observer = primary_offset(c), t.client(server)
    for line in ("DEL missing", "UNLINK missing", "SET k w NX", "SET missing w XX", "SETNX k w", "MSETNX k 1 j 2", "PERSIST k", "GETEX k",
                 "EXPIRE missing 10", "EXPIRE k 10 XX", "RENAMENX k k", "COPY missing x", "MOVE missing 1", "SETRANGE k 0 ", "GETDEL missing", "INCRBY k 1",
                 "SELECT 1", "SELECT 0", "MULTI", "GET k", "DEL missing", "EXEC", "KEYS *", "RANDOMKEY", "OBJECT ENCODING k"):
        c.call(*line.split(" "))
        eq(primary_offset(observer), before, "offset after " + line)


@test
def same_bytes_for_transactions(t):
    """MULTI and EXEC appear around what was written, once, with SELECT inside; transactions without writes leave nothing."""
    twins = Twins(t)
    twins.run("SET", "k", "1")
    for text in ("SET a 1|SET b 2", "GET a", "", "SET a 1", "DEL missing", "SET c 1|SELECT 3|SET c 2|SELECT 0|SET c 3", "SELECT 3|GET c|SELECT 0",
                 "SELECT 4|SET first 1", "SET again 1", "SELECT 0", "INCR a|INCR k|INCR b", "SET t v EX 1000|GETEX t PERSIST", "DEL missing|SET x 1|GET x",
                 "SETRANGE a 0 |APPEND a 5|DEL a b", "SWAPDB 0 1|SET y 1", "FLUSHDB", "SET e v PXAT 1|GET e", "FLUSHALL|SET z 1", "MOVE z 7|COPY q r"):
        twins.run("MULTI")
        for command in text.split("|") if text else []:
            twins.run(*command.split(" "))
        twins.run("EXEC")
    for command in ("MULTI|SET d 1|DISCARD", "WATCH z|SET z 2|MULTI|SET z 3|EXEC", "MULTI|SET d|SET d 1|EXEC", "SELECT 2|MULTI|SET m 1|EXEC|SET m 2"):
        for words in command.split("|"):
            twins.run(*words.split(" "))


@test
def same_bytes_for_expirations(t):
    """A key that ran out is deleted in the stream when it is touched, before what the command writes; with lazy expiration by
    UNLINK; inside a transaction as a part of it."""
    for lazy in ("yes",) if t.quick else ("no", "yes"):
        twins = Twins(t, lazyfree_lazy_expire=lazy, lazyfree_lazy_server_del=lazy, lazyfree_lazy_user_del=lazy)
        touches = ("GET k", "SET k v", "DEL k", "UNLINK k", "APPEND k v", "INCR k", "EXISTS k", "SETNX k 1", "GETDEL k", "RENAME other k", "RENAME k j",
                   "COPY other k", "COPY k j REPLACE", "MOVE k 3", "PERSIST k", "EXPIRE k 100", "GETEX k PERSIST", "MGET k k", "MSETNX k 1 j 2", "TYPE k",
                   "TTL k", "SETRANGE k 1 x", "KEYS *", "SCAN 0 COUNT 100", "OBJECT ENCODING k", "TOUCH k", "STRLEN k", "MSET k 1 j 2", "DBSIZE")
        for touch in touches:
            for inside in (False, True):
                twins.run("FLUSHALL")
                twins.run("SET", "other", "1")
                twins.run("SET", "k", "1", "PXAT", int(time.time() * 1000) + 5)
                time.sleep(0.012)
                if inside:
                    for words in ("MULTI", "SET before 1", touch, "SET behind 1", "EXEC"):
                        twins.run(*words.split(" "))
                else:
                    twins.run(*touch.split(" "))
        for replica in twins.replicas:
            replica.close()


@test(limit_s=120)
def same_bytes_for_random_commands(t):
    """Thousands of random commands, transactions among them: the streams of both servers stay the same."""
    twins = Twins(t)
    stream = Stream(t.random)
    left = t.size(6000, quick=1500, long=100000)
    while left > 0:
        commands = [words for words in (stream.next() for _ in range(60)) if str(words[0]).upper() not in ("RANDOMKEY", "COMMAND") and not twins.skips(words)]
        data = b"".join(encode(*words) for words in commands)
        for c in twins.clients:
            c.send_raw(data)
        for c in twins.clients:
            for _ in commands:
                c.read()
        left -= len(commands)
        parts = twins.streams()
        if not same_stream(*parts):
            at = next((i for i, (x, y) in enumerate(zip(*parts)) if x != y), min(map(len, parts)))
            raise AssertionError("the streams part behind %s:\n  %s\n  stock's\n  %s\n  commands %r" % (
                short(parts[0][max(0, at - 200):at]), short(parts[0][at:at + 200]), short(parts[1][at:at + 200]), commands))


@test
def cut_link_goes_on(t):
    """After a lost link PSYNC with the next offset gets +CONTINUE and exactly the bytes missed, at every place."""
    server = primary(t, **QUIET)
    c = t.client(server)
    replica = RawReplica(t, server)
    replica.psync()
    first = replica.offset
    for n in range(50):
        c("SET", "k%d" % n, "v" * t.random.randint(0, 300))
    whole = replica.read_to_head(c)
    replica.close()
    for n in range(50):
        c("SET", "k%d" % n, "w" * t.random.randint(0, 300))
    c("SELECT", 4)
    c("SET", "elsewhere", 1)
    head = primary_offset(c)
    reference = None
    for offset in [first, head, head - 1, first + 1] + [t.random.randint(first, head) for _ in range(10)]:
        again = RawReplica(t, server)
        eq(again.psync(replica.id, offset + 1), "continue")
        eq(again.answer, "+CONTINUE " + replica.id)
        rest = again.read_to_offset(head)
        if reference is None:
            reference = rest
            eq(reference[:len(whole)], whole, "what was read before")
        check(rest == reference[offset - first:], "other bytes from offset %d" % offset)
        again.close()
    again = RawReplica(t, server)
    eq(again.psync(replica.id, head + 1), "continue")
    c("SET", "live", 1)
    eq(again.read_to_head(c), encode("SET", "live", 1))
    again.close()
    eq(stat(c, "sync_partial_ok"), 15)
    no_replicas(t, c)
    check(log_count(server, "Partial resynchronization request from 127.0.0.1:7777 accepted") == 15, "log lines of partial syncs")


@test
def bare_continue(t):
    """Without `capa psync2` +CONTINUE comes without an id; case of the id does not matter."""
    server = primary(t, **QUIET)
    c = t.client(server)
    replica = RawReplica(t, server)
    replica.psync()
    replica.close()
    again = RawReplica(t, server, capa=("eof",))
    eq(again.psync(replica.id, replica.offset + 1), "continue")
    eq(again.answer, "+CONTINUE")
    again.close()
    again = RawReplica(t, server)
    eq(again.psync(replica.id.upper(), replica.offset + 1), "continue")
    c("SET", "k", "v")
    eq([w.upper() for w in again.read_command()], [b"SELECT", b"0"])
    eq(again.read_command(), [b"SET", b"k", b"v"])


@test
def full_where_partial_cannot_be(t):
    """Another id, an offset ahead of the primary, before the backlog, or 0: a full sync with the reason in the log."""
    server = primary(t, repl_backlog_size=16384, **QUIET)
    c = t.client(server)
    replica = RawReplica(t, server)
    replica.psync()
    c("SET", "k", "v")
    replica.close()
    head = primary_offset(c)
    asked = [("f" * 40, head + 1, "Replication ID mismatch (Replica asked for '" + "f" * 40),
             (replica.id, head + 2, "greater than the master replication offset"), (replica.id, head + 10**12, "tried to PSYNC with an offset"),
             (replica.id, 0, "for lack of backlog (Replica request was: 0)"), (replica.id, -5, "lack of backlog"), ("short", 1, "asked for 'short'")]
    for replid, offset, reason in asked:
        again = RawReplica(t, server)
        eq(again.psync(replid, offset), "full", "PSYNC %s %s" % (replid, offset))
        check(reason in server.log().decode(), "no word of %r in the log" % reason)
        again.close()
    eq(stat(c, "sync_partial_err"), len(asked))
    # Up to a segment of 64 KiB beyond the size may be kept.
    for n in range(200):
        c("SET", "fill", "x" * 1000)
    again = RawReplica(t, server)
    eq(again.psync(replica.id, replica.offset + 1), "full")
    again.close()
    fields = replication(c)
    between(int(fields["repl_backlog_histlen"]), 16384, 16384 + 65536 + 2048, "repl_backlog_histlen")
    start = int(fields["repl_backlog_first_byte_offset"])
    eq(start + int(fields["repl_backlog_histlen"]) - 1, int(fields["master_repl_offset"]))
    again = RawReplica(t, server)
    eq(again.psync(replica.id, int(fields["master_repl_offset"]) - 16384 + 1), "continue")
    check(len(again.read_to_head(c)) >= 16384, "the backlog holds less than its size")


@test
def stock_replica_comes_back_partially(t):
    """A stock replica whose connection is killed by CLIENT KILL TYPE replica goes on where it was, again and again."""
    server = primary(t)
    c = t.client(server)
    replica = stock_replica(t, server)
    has_link(t, replica)
    for turn in range(3):
        eventually(lambda: b"flags=S" in c("CLIENT", "LIST", "TYPE", "replica"), "no replica in CLIENT LIST TYPE replica", 30, t.patience)
        c.pipeline([("SET", "k%d" % n, turn) for n in range(500)])
        eq(c("CLIENT", "KILL", "TYPE", "replica"), 1)
        c.pipeline([("INCR", "n%d" % n) for n in range(500)])
        eventually(lambda: stat(c, "sync_partial_ok") == turn + 1, "no partial resync", 30, t.patience)
        in_step(t, server, [replica])
    same_data(t, [server, replica])
    eq(stat(c, "sync_full"), 1)
    eq(log_count(server, "Partial resynchronization request from 127.0.0.1:%d accepted" % replica.port), 3)
    check(b"Successful partial resynchronization with master" in replica.log(), "the replica's log:\n" + replica.log_tail())
