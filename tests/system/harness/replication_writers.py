"""Writers for the tests of replication: random commands on keys that all of them share, in several databases."""
import random
import re
import threading
import time

from harness.framework import eventually


class Writer(threading.Thread):
    """Random writes on keys that all writers share, in several databases, until it is told to stop."""

    def __init__(self, server, random, keys, largest, wild):
        super().__init__(daemon=True)
        self.client = server.client(timeout_s=120)
        self.random, self.keys, self.largest, self.wild = random, keys, largest, wild
        self.stopping, self.fault, self.count = False, None, 0

    def key(self):
        return "key:%d" % self.random.randrange(self.keys)

    def value(self):
        chance = self.random.random()
        if chance < 0.001:
            return self.random.randbytes(1000) * (self.random.randrange(1, self.largest) // 1000 + 1)
        return str(self.random.randrange(1000)) if chance < 0.5 else "v" * self.random.randrange(600)

    def soon(self):
        return int(time.time() * 1000) + self.random.randrange(-20, 1500)

    def command(self):
        r = self.random
        pick = r.randrange(26)
        key = self.key
        return [
            lambda: ("SET", key(), self.value()), lambda: ("SET", key(), self.value(), "PX", r.randrange(1, 1500)),
            lambda: ("SET", key(), self.value(), "PXAT", self.soon()), lambda: ("SET", key(), self.value(), "EX", 1),
            lambda: ("SET", key(), self.value(), "KEEPTTL"), lambda: ("DEL", key(), key()), lambda: ("UNLINK", key(), key()),
            lambda: ("INCR", key()), lambda: ("APPEND", key(), "x" * r.randrange(50)), lambda: ("SETRANGE", key(), r.randrange(300), "range"),
            lambda: ("GETDEL", key()), lambda: ("GETEX", key(), "PX", r.randrange(1, 1500)), lambda: ("GETEX", key(), "PERSIST"),
            lambda: ("MSET", key(), self.value(), key(), self.value(), key(), 1), lambda: ("MSETNX", key(), 1, key(), 2),
            lambda: ("RENAME", key(), key()), lambda: ("RENAMENX", key(), key()), lambda: ("COPY", key(), key(), "REPLACE"),
            lambda: ("COPY", key(), key(), "DB", r.randrange(4), "REPLACE"), lambda: ("MOVE", key(), r.randrange(4)),
            lambda: ("PEXPIRE", key(), r.randrange(1500)), lambda: ("PERSIST", key()), lambda: ("SELECT", r.randrange(4)),
            lambda: ("INCRBYFLOAT", key(), "0.25"), lambda: ("GET", key()), lambda: ("GETSET", key(), self.value()),
        ][pick]()

    def batch(self):
        if self.random.random() < 0.2:
            return [("MULTI",)] + [self.command() for _ in range(self.random.randrange(1, 8))] + [("EXEC",)]
        if self.random.random() < self.wild:
            return [self.random.choice([("FLUSHDB",), ("FLUSHDB", "ASYNC"), ("SWAPDB", 0, 1), ("SWAPDB", 2, 3), ("FLUSHALL",)])]
        return [self.command() for _ in range(self.random.randrange(1, 20))]

    def run(self):
        try:
            while not self.stopping:
                batch = self.batch()
                self.client.pipeline(batch)
                self.count += len(batch)
        except Exception as fault:  # noqa: B902  (shown by the test)
            self.fault = fault
        self.client.close()


def start_writers(t, server, count, keys=4000, largest=1000000, wild=0.0):
    import random
    writers = [Writer(server, random.Random(t.random.random()), keys, largest, wild) for _ in range(count)]
    for writer in writers:
        writer.start()
    return writers


def stop_writers(writers):
    for writer in writers:
        writer.stopping = True
    for writer in writers:
        writer.join(60)
        if writer.fault:
            raise writer.fault
    return sum(writer.count for writer in writers)


def preload(server, keys, size=100, databases=(0,)):
    with server.client(timeout_s=120) as c:
        for database in databases:
            c("SELECT", database)
            for first in range(0, keys, 500):
                c.pipeline([("SET", "key:%d" % n, "p" * size) for n in range(first, min(keys, first + 500))])


def settle(t, servers):
    """Waits until no key has a time to live that ends soon, so that the digest stays."""
    def none_left():
        return all("expires=0" in part for server in servers for part in keyspace_lines(server))
    eventually(none_left, "keys with a time to live do not go away", 20, t.patience, pause_s=0.1)


def keyspace_lines(server):
    with server.client() as c:
        return re.findall(r"expires=\d+", str(bytes(c("INFO", "keyspace"))))


def throttle(t, server, bytes_per_second, **otherwise):
    """Makes syncs slow: by Gyre's limit, or on stock by other settings."""
    settings = {"repl_sync_bandwidth": bytes_per_second} if t.is_gyre() else otherwise
    with server.client() as c:
        for name, value in settings.items():
            c("CONFIG", "SET", name.replace("_", "-"), value)
