"""Random commands on streams and consumer groups, with every option, border values and mistakes."""
from harness.random_stream import RandomStream

KEYS = [b"s1", b"s2", b"s3", b"s4", b"s\x00\r\n\xff", b"text", b"none"]
GROUPS = ["g", "h", "streams", ""]
CONSUMERS = ["alice", "bob", "carol", "a name that is longer than the key of a block"]
NUMBERS = ["0", "1", "2", "5", "20", "-1", "x", "", "1.5", "9223372036854775807", "9223372036854775808"]


class StreamStream(RandomStream):
    """An endless stream of commands from one random source. IDs are given, so that the replies are the same on any server; what
    depends on the clock is left out."""

    KEYS = KEYS
    EXACT = RandomStream.EXACT + ("XINFO",)

    def __init__(self, random, of_7_2=True, only_writes=False):
        self.last = {}
        table = [
            ("XADD", 40, self.xadd), ("XTRIM", 4, self.xtrim), ("XDEL", 6, lambda: [self.key()] + self.ids()),
            ("XSETID", 1, self.xsetid), ("XGROUP", 8, self.xgroup), ("XREADGROUP", 16, self.xreadgroup),
            ("XACK", 6, lambda: [self.key(), self.group()] + self.ids()), ("XCLAIM", 6, self.xclaim), ("XAUTOCLAIM", 4, self.xautoclaim),
            ("SET", 0.1, lambda: [self.key(), "v"]),
        ] + self.common()
        if not only_writes:
            table += [
                ("XLEN", 3, self.one_key), ("XRANGE", 6, lambda: [self.key(), self.bound(), self.bound()] + self.count()),
                ("XREVRANGE", 6, lambda: [self.key(), self.bound(), self.bound()] + self.count()), ("XREAD", 6, self.xread),
                ("XPENDING", 6, self.xpending), ("XINFO", 6, self.xinfo),
            ] + self.common_reads()
        super().__init__(random, table, of_7_2)
        self.weigh(DEL=0.5, RENAME=0.5, EXPIRE=0.3)

    def rarely(self, wrong, right, chance=0.03):
        return self.random.choice(wrong) if self.random.random() < chance else right

    def group(self):
        return self.rarely(["nosuch"], self.random.choice(GROUPS[:2]) if self.random.random() < 0.8 else self.random.choice(GROUPS))

    def consumer(self):
        return self.random.choice(CONSUMERS)

    def number(self, most=12):
        return self.rarely(NUMBERS, str(self.random.randint(0, most)), 0.1)

    def count(self):
        return self.maybe(["COUNT", self.number()])

    def id(self):
        top = max(self.last.values(), default=1)
        ms = self.random.randint(max(0, top - 300), top + 1)
        form = self.random.random()
        text = str(ms) if form < 0.3 else "%d-%d" % (ms, self.random.choice([0, 0, 0, 1, 2]))
        return self.rarely(["0", "0-0", "-", "+", "x", "1-", "-1", "1-x", "007-1", "+5", " 3", "18446744073709551615-18446744073709551615",
                            "18446744073709551616", "$", ">", "*", "5-*", "1-1-1", "", "(", "9" * 130], text, 0.06)

    def ids(self):
        return [self.id() for _ in range(self.random.choice([1, 1, 2, 3, 8, 15]))]

    def bound(self):
        kind = self.random.random()
        return "-" if kind < 0.25 else "+" if kind < 0.5 else "(" + self.id() if kind < 0.65 else self.id()

    def trim(self, chance):
        if self.random.random() >= chance:
            return []
        by_length = self.random.random() < 0.6
        words = [self.random.choice(["MAXLEN", "maxlen"]) if by_length else "MINID"]
        mark = self.random.choice(["~", "~", "=", None])
        words += [mark] if mark else []
        words += [self.rarely(NUMBERS, str(self.random.randint(0, 400)))] if by_length else [self.id()]
        return words + self.maybe(["LIMIT", self.number(200)], 0.4 if mark == "~" else 0.03)

    def fields(self):
        kind = self.random.random()
        if kind < 0.6:
            names = ["temperature", "humidity"]
        elif kind < 0.8:
            names = ["f"]
        else:
            names = ["f%d" % self.random.randint(0, 5) for _ in range(self.random.choice([1, 2, 3, 10]))]
        words = []
        for name in names:
            words += [name, self.value()]
        return words + (["odd"] if self.random.random() < 0.01 else [])

    def value(self):
        kind = self.random.random()
        if kind < 0.6:
            return str(self.random.randint(-1000, 100000))
        return self.random.choice([b"", b"v", b"-0", b"007", b"\x00\r\n\xff", b"9223372036854775807", b"x" * 63, b"y" * 64, b"z" * 300,
                                   b"w" * self.random.choice([5000, 3, 5])])

    def xadd(self):
        key = self.key()
        step = self.random.choice([0, 1, 1, 1, 2, 30, 100000 if self.random.random() < 0.01 else 1])
        ms = self.last.get(key, 0) + step
        self.last[key] = ms
        form = self.random.random()
        new = "%d-%d" % (ms, self.random.randint(0, 3)) if form < 0.6 else "%d-*" % ms
        options = self.maybe(["NOMKSTREAM"], 0.1) + self.trim(0.1)
        other = self.id()
        return [key] + options + [self.rarely([other if other != "*" else "x"], new)] + self.fields()

    def xtrim(self):
        return [self.key()] + (self.trim(1) if self.random.random() < 0.97 else ["LIMIT", "5"])

    def xread(self):
        words = self.count() + self.maybe(["NOACK"], 0.01) + self.maybe(["GROUP", "g", "c"], 0.01) + self.maybe(["BLOCK", self.rarely(NUMBERS[5:7], "1", 0.3)], 0.05)
        keys = [self.key() for _ in range(self.random.choice([1, 1, 2, 4]))]
        return words + ["STREAMS"] + keys + [self.id() for _ in keys] + self.maybe(["0"], 0.02)

    def xreadgroup(self):
        words = ["GROUP", self.group(), self.consumer()] + self.count() + self.maybe(["NOACK"], 0.2)
        keys = [self.key() for _ in range(self.random.choice([1, 1, 1, 2]))]
        return words + ["STREAMS"] + keys + [self.id() if self.random.random() < 0.25 else ">" for _ in keys] + self.maybe(["0"], 0.02)

    def xsetid(self):
        key = self.key()
        return [key, "%d-0" % (self.last.get(key, 0) + self.random.randint(0, 3))] + self.maybe(["ENTRIESADDED", self.number(3000)], 0.4) + \
            self.maybe(["MAXDELETEDID", self.id()], 0.2) + self.maybe(["x"], 0.03)

    def xgroup(self):
        reads = self.maybe(["ENTRIESREAD", self.number(300)], 0.2)
        at = "$" if self.random.random() < 0.3 else self.id()
        return self.random.choice([
            lambda: ["CREATE", self.key(), self.group(), at] + self.maybe(["MKSTREAM"]) + reads,
            lambda: ["CREATE", self.key(), self.group(), "0"] + self.maybe(["MKSTREAM"], 0.8) + reads,
            lambda: ["SETID", self.key(), self.group(), at] + reads,
            lambda: ["CREATECONSUMER", self.key(), self.group(), self.consumer()],
            lambda: ["DELCONSUMER", self.key(), self.group(), self.consumer()] if self.random.random() < 0.4 else ["help"],
            lambda: ["DESTROY", self.key(), self.group()] if self.random.random() < 0.3 else ["CREATE", self.key(), self.group(), at, "x"],
        ])()

    def xpending(self):
        words = [self.key(), self.group()]
        if self.random.random() < 0.3:
            return words
        words += self.maybe(["IDLE", self.rarely(["x", "0"], "100000000")], 0.1)
        return words + [self.bound(), self.bound(), self.number()] + self.maybe([self.consumer()], 0.3)

    def xclaim(self):
        words = [self.key(), self.group(), self.consumer(), self.rarely(["x", "100000000", "-1"], "0", 0.1)] + self.ids()
        return words + self.maybe([self.random.choice(["IDLE", "TIME"]), self.number()], 0.2) + self.maybe(["RETRYCOUNT", self.number()], 0.2) + \
            self.maybe(["FORCE"]) + self.maybe(["JUSTID"], 0.3) + self.maybe(["LASTID", self.id()], 0.1)

    def xautoclaim(self):
        return [self.key(), self.group(), self.consumer(), self.rarely(["x", "100000000", "-1"], "0", 0.1), self.bound()] + \
            self.maybe(["COUNT", self.number()]) + self.maybe(["JUSTID"], 0.3)

    def xinfo(self):
        return self.random.choice([
            lambda: ["STREAM", self.key()], lambda: ["STREAM", self.key(), "FULL"] + self.count(), lambda: ["GROUPS", self.key()],
            lambda: ["CONSUMERS", self.key(), self.group()],
        ])()
