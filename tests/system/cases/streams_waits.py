"""Streams: those who wait for entries, and what replicas are told, as a stock server does it."""
import re

from cases.blocking import Side
from cases.replication_stream import Twins
from harness.framework import check, eq, eventually, short, test

KEYS = ["s", "t", "{s}u"]


class Steps:
    """Random commands for clients of whom some wait. IDs are given, so that the replies are the same on any server."""

    def __init__(self, random):
        self.random = random
        self.last = 0

    def blocking(self, index):
        keys = [self.random.choice(KEYS) for _ in range(self.random.choice([1, 1, 2, 3]))]
        count = self.random.choice([[], [], ["COUNT", "1"], ["COUNT", "2"]])
        if self.random.random() < 0.4:
            return ["XREAD"] + count + ["BLOCK", "0", "STREAMS"] + keys + [self.random.choice(["$", "$", str(self.last), "0"]) for _ in keys]
        words = ["XREADGROUP", "GROUP", self.random.choice("gh"), "c%d" % (index % 4)] + count + self.random.choice([[], [], ["NOACK"]])
        return words + ["BLOCK", "0", "STREAMS"] + keys + [">" if self.random.random() < 0.95 else "0" for _ in keys]

    def other(self):
        key, other, group = self.random.choice(KEYS), self.random.choice(KEYS), self.random.choice("gh")
        self.last += 1
        add = ["XADD", key, "%d-1" % self.last, "f", "v%d" % self.last]
        create = ["XGROUP", "CREATE", key, group, self.random.choice(["$", "0"]), "MKSTREAM"]
        return self.random.choice([
            add, add, add, add, add, add[:2] + ["MAXLEN", "2"] + add[2:], create, create, create, ["XGROUP", "DESTROY", key, group],
            ["XGROUP", "SETID", key, group, "0"], ["XSETID", key, str(self.last)], ["XTRIM", key, "MAXLEN", "1"], ["DEL", key],
            ["RENAME", key, other], ["COPY", key, other, "REPLACE"], ["SET", key, "text"], ["XLEN", key], ["TYPE", key],
            ["XDEL", key, "%d-1" % (self.last - 1)], ["XACK", key, group, "%d-1" % (self.last - 1)], ["XPENDING", key, group],
            ["XCLAIM", key, group, "c1", "0", "%d-1" % (self.last - 1), "FORCE", "JUSTID"], ["FLUSHDB"]])


@test(limit_s=600)
def random_waits(t):
    """Random commands of ten clients, of whom up to eight wait for streams: each gets the same, at the same step, as at a stock server."""
    t.note("seed %d" % t.seed)
    t.need("xread")
    clients = 10
    stock = t.stock()
    if not t.is_7_2(stock):
        t.skip("before 7.2 a waiting client that finds another type goes on waiting")
    ours, theirs = Side(t, t.main, clients), Side(t, stock, clients)
    steps, recent = Steps(t.random), []
    for number in range(t.size(4000, quick=600, long=50000)):
        free = [n for n in range(clients) if n not in ours.pending]
        index = t.random.choice(free)
        words = steps.blocking(index) if len(free) > 2 and t.random.random() < 0.5 else steps.other()
        recent = recent[-30:] + [(index, words)]
        got, expected = ours.step(index, words), theirs.step(index, words)
        check(got == expected, "step %d: %r\n  got   %r\n  stock %r\n  before it\n    %s" % (
            number, recent[-1], got, expected, "\n    ".join(map(repr, recent[:-1]))))
        check(sorted(ours.pending) == sorted(theirs.pending), "other clients wait")


# The present moment, as entries get it for an ID and as XCLAIM tells of it.
MOMENT = re.compile(rb"(?<=\n)1\d{12}(?=-\d\r\n|\r\n)")


class StreamTwins(Twins):
    def __init__(self, t, **settings):
        super().__init__(t, **settings)
        if self.old:
            t.skip("before 7.2 consumers come to be otherwise, and so the stream tells of them")

    def run(self, *words):
        replies = [c.call(*words) for c in self.clients]
        if not isinstance(replies[0], list) and "*" not in words:
            eq(replies[0], replies[1], "reply to " + short(words))
        self.compare(words)

    def streams(self):
        return [MOMENT.sub(b"now", stream) for stream in super().streams()]


STREAM = """
XADD s * f v|XADD s 9000000000000-* f v|XADD s 9000000000000-7 f v|XADD s 1-1 f v|XADD none NOMKSTREAM * f v|DEL s|XADD s 1 f v|xadd s 2-* f v g w
XADD s MAXLEN 5 3 f v|XADD s maxlen ~ 1 4 f v|XADD s MAXLEN ~ 0 LIMIT 1 5 f v|XADD s MINID ~ 3 6-1 f v|XADD s MINID = 2 7 f v|XADD s MINID ~ 9 8 f v
XADD s MAXLEN = 6 NOMKSTREAM 9 f v|XTRIM s MAXLEN 100|XTRIM s MAXLEN ~ 2|XTRIM s MINID 4|XTRIM s MINID ~ 9|XTRIM s MINID ~ 9 LIMIT 2|XTRIM s MAXLEN = 3
XTRIM s MINID ~ 99|XADD s 10 f v|XADD s 11 f v|XADD s 12 f v|XADD s 13 f v|XADD s 14 f v|XADD s 15 f v|XDEL s 12|XDEL s 12 99|XDEL s x|XTRIM s MAXLEN 4
XSETID s 15|XSETID s 20 ENTRIESADDED 30 MAXDELETEDID 13-1|XSETID s 1|XSETID none 1|XGROUP CREATE s g 0|XGROUP CREATE s g 0|xgroup create s h $ entriesread 3
XGROUP CREATE t g $|XGROUP CREATE t g $ MKSTREAM|XGROUP CREATECONSUMER s g alice|XGROUP CREATECONSUMER s g alice|XGROUP SETID s h 0 ENTRIESREAD 2
XREADGROUP GROUP g alice COUNT 1 STREAMS s >|XREADGROUP GROUP g alice COUNT 2 STREAMS s >|XREADGROUP GROUP g alice STREAMS s 0|XADD s 21 f v
XREADGROUP GROUP g bob NOACK STREAMS s >|XREADGROUP GROUP g bob NOACK STREAMS s >|XREADGROUP GROUP g carol STREAMS s t > >|XADD s 22 f v|XADD t 1 f v
XREADGROUP GROUP g dave STREAMS s t > >|XREADGROUP GROUP g dave NOACK STREAMS s t 0 >|XREADGROUP GROUP h eve NOACK COUNT 2 STREAMS s >|XACK s g 1
XREADGROUP GROUP nosuch x STREAMS s >|XPENDING s g|XACK s g 22 22|XACK s g 22|XCLAIM s g alice 0 21|XCLAIM s g alice 0 21 FORCE|XCLAIM s g bob 0 21-0 13
XCLAIM s g bob 100000000 13|XCLAIM s g bob 0 13 TIME 1000 RETRYCOUNT 7|XCLAIM s g bob 0 13 IDLE 5000000000 JUSTID|XCLAIM s g new 0 99|XCLAIM s g bob 0 99 LASTID 30
XCLAIM s g bob 0 13 LASTID 31|XDEL s 13|XCLAIM s g alice 0 13|XCLAIM s g alice 0 13|XADD s 32 f v|XADD s 33 f v|XADD s 34 f v|XREADGROUP GROUP g x STREAMS s >
XDEL s 33|XAUTOCLAIM s g y 0 - COUNT 2|XAUTOCLAIM s g y 0 - JUSTID|XAUTOCLAIM s g z 100000000 -|XAUTOCLAIM s g z 0 99|XAUTOCLAIM s nosuch z 0 0
XGROUP DELCONSUMER s g y|XGROUP DELCONSUMER s g y|XGROUP DELCONSUMER s g alice|XGROUP DESTROY s h|XGROUP DESTROY s h|XRANGE s - +|XINFO STREAM s|XREAD STREAMS s 0
XGROUP CREATE s e 0 ENTRIESREAD 1|MULTI|XADD s 40 f v|XREADGROUP GROUP e c COUNT 3 STREAMS s >|XREADGROUP GROUP e d BLOCK 0 STREAMS s >|XACK s e 40|XDEL s 40|EXEC
COPY s s2|RENAME s2 s3|XREADGROUP GROUP e c STREAMS s3 >|EXPIRE s3 1000|PERSIST s3|DEL s3|XADD s MAXLEN 0 50 f v|XADD s 51 f v|XTRIM s MAXLEN ~ 0|DEL s
"""


@test
def same_bytes_for_each_command(t):
    """Every command on streams, with its options, its no-ops and its mistakes: the stream grows by exactly stock's bytes."""
    twins = StreamTwins(t, stream_node_max_entries=3)
    for line in STREAM.strip().replace("\n", "|").split("|"):
        twins.run(*line.split(" "))


def wait_on_both(t, twins, *words):
    """A client of each that waits with this command."""
    waiting = []
    for server, observer in zip(twins.servers, twins.observers):
        client = t.client(server)
        before = int(observer("INFO", "clients").decode().split("blocked_clients:")[1].split("\r\n")[0])
        client.send(*words)
        eventually(lambda: b"blocked_clients:%d\r\n" % (before + 1) in observer("INFO", "clients"), "waits with " + short(words))
        waiting.append(client)
    return waiting


@test
def same_bytes_for_those_who_wait(t):
    """What is given to consumers who waited is told behind the command that woke them, as stock does it."""
    twins = StreamTwins(t)
    for line in ("XGROUP CREATE s g $ MKSTREAM", "XGROUP CREATE s h $"):
        twins.run(*line.split(" "))
    read = ("XREADGROUP", "GROUP", "g")
    for waits, commands in (
            ([read + ("alice", "BLOCK", 0, "STREAMS", "s", ">")], ["XADD s 1-1 f v"]),
            ([read + ("alice", "NOACK", "BLOCK", 0, "STREAMS", "s", ">")], ["XADD s 2-1 f v"]),
            ([read + ("bob", "NOACK", "BLOCK", 0, "STREAMS", "s", ">")], ["XADD s 3-1 f v"]),
            ([read + (name, "BLOCK", 0, "STREAMS", "s", ">") for name in ("alice", "bob")], ["XADD s 4-1 f v", "XADD s 5-1 f v"]),
            ([read + ("alice", "BLOCK", 0, "STREAMS", "s", ">"), ("XREADGROUP", "GROUP", "h", "x", "BLOCK", 0, "STREAMS", "s", ">")], ["XADD s 6-1 f v"]),
            ([read + ("alice", "BLOCK", 0, "STREAMS", "s", ">")], ["MULTI", "XADD s 7-1 f v", "XADD s 8-1 f v", "XADD other 1-1 f v", "EXEC"]),
            ([("XREAD", "BLOCK", 0, "STREAMS", "s", "$")], ["XADD s 9-1 f v"]),
            ([read + ("alice", "BLOCK", 0, "STREAMS", "s", ">")], ["XADD new 1-1 f v", "XGROUP CREATE new g 0", "RENAME new s"]),
            ([read + ("alice", "BLOCK", 0, "STREAMS", "s", ">")], ["XGROUP DESTROY s g"])):
        for group in "gh":
            twins.run("XGROUP", "SETID", "s", group, "$")
        waiting = [wait_on_both(t, twins, *words) for words in waits]
        for command in commands:
            twins.run(*command.split(" "))
        for ours, theirs in waiting:
            eq(ours.read(), theirs.read(), "after " + short(commands))
        twins.compare(commands)
