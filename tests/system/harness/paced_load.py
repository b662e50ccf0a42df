"""Writers at a given rate, in processes of their own: pipelined batches over many connections, for long tests of replicas."""
import multiprocessing
import os
import random
import re
import select
import socket
import time

from harness.resp_client import encode

FAR_MS = 10**7  # a time to live that does not end during a test
ERROR = re.compile(rb"(?:^|\n)-([A-Z]{3,}[^\r\n]*)")
EXPECTED = (b"ERR no such key", b"ERR value is not an integer", b"ERR source and destination objects are the same",
            b"ERR increment or decrement would overflow")
BATCH = 25
FORK = multiprocessing.get_context("fork")


def blob(size):
    """Bytes that compress badly, and that cannot be taken for an error reply."""
    return os.urandom(size).translate(bytes(max(byte, 32) for byte in range(256)))


class Commands:
    """Random writes on `keys` keys a database, the same ones for all connections."""

    def __init__(self, rng, keys, databases):
        self.random, self.keys, self.databases = rng, keys, databases
        self.texts = [b"v" * n for n in range(0, 600, 7)] + [blob(n) for n in range(10, 500, 23)]

    def key(self):
        return b"key:%d" % int(self.random.random() * self.keys)

    def value(self):
        pick = self.random.random()
        if pick < 0.3:
            return b"%d" % (pick * 1e7)
        return self.texts[int(self.random.random() * len(self.texts))]

    def one(self):
        """A command as words; more than a third are plain SETs."""
        pick = self.random.random()
        key = self.key()
        if pick < 0.38:
            return b"SET", key, self.value()
        if pick < 0.48:
            return b"SET", key, self.value(), b"PX", b"%d" % (1 + pick * 3000)
        if pick < 0.53:
            return b"SET", key, self.value(), b"PXAT", b"%d" % (time.time() * 1000 + FAR_MS)
        if pick < 0.61:
            return (b"DEL" if pick < 0.58 else b"UNLINK"), key, self.key()
        if pick < 0.67:
            return b"MSET", key, self.value(), self.key(), self.value(), self.key(), b"1"
        if pick < 0.72:
            return b"RENAME", key, self.key()
        if pick < 0.74:
            return b"RENAMENX", key, self.key()
        if pick < 0.77:
            return b"COPY", key, self.key(), b"DB", b"%d" % self.random.randrange(self.databases), b"REPLACE"
        if pick < 0.79:
            return b"MOVE", key, b"%d" % self.random.randrange(self.databases)
        return self.rarer(pick, key)

    def rarer(self, pick, key):
        if pick < 0.83:
            return b"APPEND", key, b"x" * int(pick * 40)
        if pick < 0.86:
            return b"SETRANGE", key, b"%d" % self.random.randrange(300), b"range"
        if pick < 0.90:
            return b"INCR", key
        if pick < 0.93:
            return b"PEXPIRE", key, b"%d" % self.random.choice((1, 300, 1500, FAR_MS))
        if pick < 0.95:
            return b"PERSIST", key
        if pick < 0.97:
            return b"GETEX", key, b"PX", b"1200"
        return (b"GETDEL", key) if pick < 0.985 else (b"SELECT", b"%d" % self.random.randrange(self.databases))

    def batch(self):
        """About BATCH commands, and how many."""
        words = [self.one() for _ in range(BATCH)]
        if self.random.random() < 0.3:
            first = self.random.randrange(BATCH)
            end = first + self.random.randrange(2, 7)
            words = words[:first] + [(b"MULTI",)] + words[first:end] + [(b"EXEC",)] + words[end:]
        return b"".join(encode(*command) for command in words), len(words)


class Connection:
    """One pipelined connection: a batch at a time, whose end an ECHO marks."""

    def __init__(self, port, database):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.tail, self.turn, self.busy, self.errors = b"", 0, False, set()
        self.send(encode("SELECT", database))

    def send(self, data):
        self.turn += 1
        mark = b"end of batch %d" % self.turn
        self.end = b"$%d\r\n%s\r\n" % (len(mark), mark)
        self.tail, self.busy = b"", True
        self.sock.sendall(data + encode("ECHO", mark))

    def receive(self):
        data = self.sock.recv(1 << 18)
        if not data:
            raise ConnectionError("the server closed a writer's connection")
        if b"-" in data:
            self.errors.update(e for e in ERROR.findall(data) if not e.startswith(EXPECTED))
        self.tail = (self.tail + data)[-64:]
        self.busy = not self.tail.endswith(self.end)


def drain(connections):
    """Until no reply is due."""
    while True:
        waiting = [c for c in connections if c.busy]
        if not waiting:
            return
        ready = {s for s in select.select([c.sock for c in waiting], [], [], 60)[0]}
        if not ready:
            raise TimeoutError("no reply within 60 s")
        for connection in waiting:
            if connection.sock in ready:
                connection.receive()


def pace(seed, port, count, rate, shape, stopping, sent):
    """Body of a writing process; `sent` counts its commands."""
    rng = random.Random(seed)
    commands = Commands(rng, shape["keys"], shape["databases"])
    connections = [Connection(port, n % shape["databases"]) for n in range(count)]
    drain(connections)
    began, next_big = time.monotonic(), time.monotonic() + rng.random() * shape["big_every_s"]
    while not stopping.is_set():
        idle = [c for c in connections if not c.busy]
        rng.shuffle(idle)
        due = (time.monotonic() - began) * rate - sent.value
        for connection in idle[:max(0, int(due // BATCH))]:
            data, number = commands.batch()
            connection.send(data)
            sent.value += number
        if idle and not idle[-1].busy and time.monotonic() > next_big:
            next_big += shape["big_every_s"] * 2 * rng.random()
            big = blob(rng.randrange(shape["largest"] // 50, shape["largest"]))
            idle[-1].send(encode("SET", commands.key(), big))
            sent.value += 1
        busy = {c.sock: c for c in connections if c.busy}
        for sock in select.select(list(busy), [], [], 0.002)[0]:
            busy[sock].receive()
    drain(connections)
    return set().union(*(c.errors for c in connections))


def report(pipe, function, *arguments):
    try:
        pipe.send(function(*arguments))
    except BaseException as fault:  # noqa: B902  (raised again by the test)
        pipe.send(RuntimeError("a writer failed: %r" % (fault,)))


class Load:
    """`rate` commands a second over `connections` connections of `processes` processes, from now until stop()."""

    def __init__(self, server, seed, rate, connections, keys, databases, largest, big_every_s, processes=2):
        shape = {"keys": keys, "databases": databases, "largest": largest, "big_every_s": big_every_s * processes}
        self.stopping = FORK.Event()
        self.counts = [FORK.Value("q", 0, lock=False) for _ in range(processes)]
        self.children, self.began = [], time.monotonic()
        for n in range(processes):
            mine, its = FORK.Pipe()
            child = FORK.Process(target=report, daemon=True, args=(
                its, pace, "%s/%d" % (seed, n), server.port, connections // processes, rate / processes, shape, self.stopping,
                self.counts[n]))
            child.start()
            its.close()
            self.children.append((child, mine))

    def sent(self):
        return sum(count.value for count in self.counts)

    def stop(self):
        """Returns how many commands there were a second; fails on a writer's fault or an error reply that nobody expects."""
        seconds = time.monotonic() - self.began
        self.stopping.set()
        errors = set()
        for child, pipe in self.children:
            if not pipe.poll(90):
                raise AssertionError("a writer does not end")
            found = pipe.recv()
            if isinstance(found, Exception):
                raise found
            errors |= found
            child.join(10)
        if errors:
            raise AssertionError("error replies %r" % sorted(errors)[:5])
        return self.sent() / seconds


def fill_part(port, databases, first, last):
    """Keys first to last of each database, with values of 10 to 110 bytes that depend on the key only."""
    connection = Connection(port, 0)
    values = [b"%d" % n + b"p" * (10 + n % 100) for n in range(1000)]
    for database in databases:
        drain([connection])
        connection.send(encode("SELECT", database))
        for start in range(first, last, 1000):
            drain([connection])
            connection.send(b"".join(b"*3\r\n$3\r\nSET\r\n$%d\r\nkey:%d\r\n$%d\r\n%s\r\n" % (
                4 + len(str(n)), n, len(values[n % 1000]), values[n % 1000]) for n in range(start, min(last, start + 1000))))
    drain([connection])
    return connection.errors


def fill(server, keys, databases, processes=2):
    """`keys` keys a database, always the same."""
    children = []
    for n in range(processes):
        mine, its = FORK.Pipe()
        child = FORK.Process(target=report, daemon=True, args=(
            its, fill_part, server.port, range(databases), keys * n // processes, keys * (n + 1) // processes))
        child.start()
        children.append((child, mine))
    for child, pipe in children:
        found = pipe.recv()
        if isinstance(found, Exception):
            raise found
        assert not found, "error replies %r" % found
        child.join(10)
