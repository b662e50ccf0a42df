"""Clients that wait for keys: the same happens as on a stock server, in the same order; times, ends, and what is left."""
import time

from harness.framework import between, check, eq, eventually, fails, test

KEYS = ["a", "b", "c", "{t}d", "z"]


class Side:
    """One server with several clients, of whom some wait."""

    def __init__(self, t, server, clients):
        self.t = t
        self.control = t.client(server)
        self.clients = [t.client(server) for _ in range(clients)]
        self.pending = {}

    def blocked(self):
        info = self.control("INFO", "clients").decode()
        return int(info.split("blocked_clients:")[1].split("\r\n")[0])

    def settle(self):
        """Waits until each client has its reply or waits for a key; returns the replies that came, by client."""
        came = {}

        def over():
            for index in list(self.pending):
                client = self.clients[index]
                client.sock.setblocking(False)
                try:
                    client._fill()
                except BlockingIOError:
                    pass
                finally:
                    client.sock.settimeout(client.timeout_s)
                if len(client.buffer) > client.position:
                    came[index] = client.read()
                    del self.pending[index]
            # Asked last: whoever was served by a command whose reply was read does not wait any more.
            return self.blocked() == len(self.pending)

        eventually(over, "all clients have replies or wait", patience=self.t.patience, pause_s=0.001)
        return came

    def step(self, index, words):
        self.pending[index] = words
        self.clients[index].send(*words)
        return self.settle()


def random_step(random, waiting, clients):
    """A client that does not wait, and its command."""
    free = [n for n in range(clients) if n not in waiting]
    key, other = random.choice(KEYS), random.choice(KEYS)
    ends = [random.choice(["LEFT", "RIGHT"]) for _ in range(2)]
    keys = [random.choice(KEYS) for _ in range(random.choice([1, 2, 3]))]
    blocking = [["BLPOP"] + keys + ["0"], ["BRPOP"] + keys + ["0"], ["BLMOVE", key, other] + ends + ["0"], ["BRPOPLPUSH", key, other, "0"],
                ["BLMPOP", "0", str(len(keys))] + keys + [ends[0], "COUNT", "2"], ["BZPOPMIN"] + keys + ["0"], ["BZPOPMAX"] + keys + ["0"],
                ["BZMPOP", "0", str(len(keys))] + keys + ["MIN", "COUNT", "2"]]
    value = "v%d" % random.randrange(1000)
    other_commands = [["RPUSH", key, value], ["LPUSH", key, value, value + "x"], ["RPUSH", key] + [value + str(n) for n in range(5)],
                      ["ZADD", key, "1", value], ["ZADD", key, "1", value, "2", value + "x", "3", value + "y"], ["SET", key, value], ["DEL", key],
                      ["RENAME", key, other], ["COPY", key, other, "REPLACE"], ["LPOP", key], ["ZPOPMIN", key], ["LMOVE", key, other] + ends,
                      ["LRANGE", key, "0", "-1"], ["TYPE", key], ["FLUSHDB"]]
    # Now and then nobody waits, and never everybody.
    if len(free) > 2 and random.random() < 0.5:
        return random.choice(free), random.choice(blocking)
    return random.choice(free), random.choice(other_commands)


@test(limit_s=600)
def random_waits(t):
    """Random commands of ten clients, of whom up to eight wait: each gets the same, at the same step, as at a stock server."""
    t.note("seed %d" % t.seed)
    t.need("blpop", "bzpopmin")
    clients = 10
    stock = t.stock()
    if not t.is_7_2(stock):
        t.skip("before 7.2 a waiting client that finds another type goes on waiting")
    ours, theirs = Side(t, t.main, clients), Side(t, stock, clients)
    recent = []
    for number in range(t.size(4000, quick=600, long=50000)):
        index, words = random_step(t.random, ours.pending, clients)
        recent = recent[-30:] + [(index, words)]
        got, expected = ours.step(index, words), theirs.step(index, words)
        check(got == expected, "step %d: %r\n  got   %r\n  stock %r\n  before it\n    %s" % (
            number, recent[-1], got, expected, "\n    ".join(map(repr, recent[:-1]))))
        check(sorted(ours.pending) == sorted(theirs.pending), "other clients wait")


@test
def transactions_wake_once(t):
    """What EXEC leaves is what those who wait see."""
    t.need("blpop")
    c, first, second = t.client(), t.client(), t.client()
    side = Side(t, t.main, 0)
    first.send("BLPOP", "l", "m", "0")
    eventually(lambda: side.blocked() == 1, "waits")
    second.send("BLPOP", "m", "0")
    eventually(lambda: side.blocked() == 2, "waits")
    c.send("MULTI"), c.send("RPUSH", "l", "x"), c.send("DEL", "l"), c.send("RPUSH", "m", "1", "2"), c.send("EXEC")
    eq([c.read() for _ in range(5)], ["OK", "QUEUED", "QUEUED", "QUEUED", [1, 1, 2]])
    eq(first.read(), [b"m", b"1"])
    eq(second.read(), [b"m", b"2"])
    eq(c("EXISTS", "l", "m"), 0)


@test
def times(t):
    """A wait ends at its time, not before and hardly after, and the reply is null."""
    t.need("blpop", "bzpopmin")
    waiters = [t.client() for _ in range(20)]
    began = time.monotonic()
    for n, client in enumerate(waiters):
        client.send("BLPOP", "k%d" % n, "k", "%.3f" % (0.05 + 0.02 * n))
    for n, client in enumerate(waiters):
        eq(client.read(), None)
        between(time.monotonic() - began, 0.05 + 0.02 * n - 0.001, 0.05 + 0.02 * n + 0.1 * t.patience, "time of wait %d" % n)
    c = t.client()
    for words in (["BLMOVE", "k", "l", "LEFT", "LEFT", "0.01"], ["BRPOPLPUSH", "k", "l", "0.01"], ["BLMPOP", "0.01", "1", "k", "LEFT"],
                  ["BZPOPMAX", "k", "0.01"], ["BZMPOP", "0.01", "1", "k", "MAX"]):
        eq(c(*words), None)
    eq(Side(t, t.main, 0).blocked(), 0)


@test
def unblock(t):
    """CLIENT UNBLOCK ends a wait as its time would, or with an error; it finds nobody who does not wait."""
    t.need("blpop")
    c, waiter = t.client(), t.client()
    number = waiter("CLIENT", "ID")
    side = Side(t, t.main, 0)
    for how, reply in (([], None), (["TIMEOUT"], None), (["ERROR"], "UNBLOCKED client unblocked via CLIENT UNBLOCK")):
        waiter.send("BRPOP", "x", "y", "0")
        eventually(lambda: side.blocked() == 1, "waits")
        eq(c("CLIENT", "UNBLOCK", number, *how), 1)
        eq(c("CLIENT", "UNBLOCK", number, *how), 0)
        got = waiter.read()
        eq(got.text if reply else got, reply)
    waiter.send("BRPOP", "x", "0")
    eventually(lambda: side.blocked() == 1, "waits")
    check(b" flags=b " in c("CLIENT", "LIST", "ID", number) or b"flags=b" in c("CLIENT", "LIST", "ID", number), "flags in CLIENT LIST")
    eq(c("CLIENT", "KILL", "ID", number), 1)
    eventually(lambda: side.blocked() == 0, "is gone")
    eq(c("RPUSH", "x", "1"), 1)
    eq(c("LLEN", "x"), 1)


@test
def those_who_go(t):
    """A client that goes while it waits leaves nothing behind: what is pushed later goes to the next one, or stays."""
    t.need("blpop")
    c, patient = t.client(), t.client()
    side = Side(t, t.main, 0)
    gone = [t.client() for _ in range(30)]
    for client in gone:
        client.send("BLPOP", "x", "y", "0")
    eventually(lambda: side.blocked() == 30, "all wait")
    patient.send("BLPOP", "y", "0")
    eventually(lambda: side.blocked() == 31, "all wait")
    for client in gone:
        client.close()
    eventually(lambda: side.blocked() == 1, "they are gone", within_s=5)
    info = c("INFO", "clients").decode()
    check("total_blocking_keys:1\r\n" in info, info)
    eq(c("RPUSH", "x", "1"), 1)
    eq(c("RPUSH", "y", "2"), 1)
    eq(patient.read(), [b"y", b"2"])
    eq(c("LRANGE", "x", 0, -1), [b"1"])
    check("total_blocking_keys:0\r\n" in c("INFO", "clients").decode(), "keys that nobody waits for")


@test
def what_comes_behind_waits_too(t):
    """Commands sent behind one that waits are run after it, in order."""
    t.need("blpop")
    c, waiter = t.client(), t.client()
    for words in (["SET", "k", "1"], ["BLPOP", "x", "0"], ["GET", "k"], ["BLPOP", "x", "0"], ["PING"]):
        waiter.send(*words)
    eq(waiter.read(), "OK")
    eventually(lambda: Side(t, t.main, 0).blocked() == 1, "waits")
    c("SET", "k", "2")
    c("RPUSH", "x", "a", "b")
    eq([waiter.read() for _ in range(4)], [[b"x", b"a"], b"2", [b"x", b"b"], "PONG"])


@test(limit_s=120)
def many_producers_and_consumers(t):
    """Nothing is lost, nothing comes twice, and what one producer sent to a list is taken in its order."""
    t.need("blpop")
    queues = ["q%d" % n for n in range(4)]
    consumers = [t.client() for _ in range(12)]
    producers = [t.client() for _ in range(3)]
    count = t.size(3000, quick=600)
    got = []
    for n, client in enumerate(consumers):
        client.send("BLPOP", *t.random.sample(queues, 1 + n % 4), "0")
    sent = 0
    while len(got) < count:
        for n, client in enumerate(producers):
            for _ in range(min(t.random.choice([1, 1, 4, 10]), count - sent)):
                client.send("RPUSH", t.random.choice(queues), "%d" % sent)
                check(isinstance(client.read(), int))
                sent += 1
        for n, client in enumerate(consumers):
            client.sock.settimeout(0.002)
            try:
                got.append(int(client.read()[1]))
                client.send("BLPOP", *t.random.sample(queues, 1 + n % 4), "0")
            except TimeoutError:
                pass
            finally:
                client.sock.settimeout(client.timeout_s)
        if sent == count:
            # Some queues may have nobody left who waits for them.
            for queue in queues:
                got += [int(value) for value in producers[0].call("LPOP", queue, 100000) or []]
    eq(sorted(got), list(range(count)))


@test
def errors(t):
    """Wrong timeouts and wrong words, as stock says it."""
    t.need("blpop", "bzpopmin")
    stock = t.stock()
    ours, theirs = t.client(), t.client(stock)
    too_large = ("1e30", "inf", "-inf", "nan", "9223372036854775", "9223372036854775807") if t.is_7_2(stock) else ()
    for timeout in ("x", "", "-1", "-0.1", " 1", "1 ", "0x", "1e-3000") + too_large:
        for words in (["BLPOP", "k", timeout], ["BLMOVE", "k", "l", "LEFT", "RIGHT", timeout], ["BRPOPLPUSH", "k", "l", timeout],
                      ["BLMPOP", timeout, "1", "k", "LEFT"], ["BZPOPMIN", "k", timeout], ["BZMPOP", timeout, "1", "k", "MIN"]):
            if timeout == "1e-3000":
                continue
            for client in (ours, theirs):
                client("RPUSH" if words[0][1] != "Z" else "ZADD", "other", *(["1"] if words[0][1] != "Z" else ["1", "m"]))
                client("DEL", "other")
            eq(repr(ours.call("MULTI")), repr(theirs.call("MULTI")))
            ours.call(*words), theirs.call(*words)
            eq(repr(ours.call("EXEC")), repr(theirs.call("EXEC")), repr(words))
    for words in (["BLPOP", "0"], ["BLMPOP", "0", "0", "k", "LEFT"], ["BLMPOP", "0", "2", "k", "LEFT"], ["BLMPOP", "0", "1", "k", "UP"],
                  ["BLMPOP", "0", "1", "k", "LEFT", "COUNT", "0"], ["BLMPOP", "x", "x", "k", "LEFT"], ["BZMPOP", "0", "1", "k", "LEFT"],
                  ["BZMPOP", "x", "0", "k", "MIN"], ["BLMOVE", "k", "l", "UP", "LEFT", "x"], ["BRPOPLPUSH", "k", "l"]):
        eq(repr(ours.call(*words)), repr(theirs.call(*words)), repr(words))
    fails(ours, "ERR timeout is not a float or out of range", "BLPOP", "k", "x")
