"""Random commands on hashes, with every option, border values and mistakes."""
from harness.command_streams import FLOATS, INTEGERS
from harness.random_stream import RandomStream

KEYS = [b"h1", b"h2", b"h3", b"h4", b"{t}5", b"h\x00\r\n\xff", b"text"]
COUNTS = ["0", "1", "2", "-1", "-0", "x", "", "1.5", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
          "4611686018427387904", "-4611686018427387904"]
# Sampled fields are random by nature; all of them, or none, are not.
ALL = "100000"


class HashStream(RandomStream):
    """An endless stream of commands from one random source, whose replies are the same on any server, but for their order."""

    KEYS = KEYS
    EXACT = RandomStream.EXACT + ("HSCAN", "HRANDFIELD")

    def __init__(self, random, of_7_2=True, only_writes=False):
        table = [
            ("HSET", 20, self.pairs), ("HMSET", 3, self.pairs), ("HSETNX", 6, lambda: [self.key(), self.field(), self.value()]),
            ("HDEL", 12, lambda: [self.key()] + self.fields()), ("HINCRBY", 8, lambda: [self.key(), self.field(), self.integer()]),
            ("HINCRBYFLOAT", 8, lambda: [self.key(), self.field(), self.float_()]), ("SET", 0.3, lambda: [self.key(), self.value()]),
        ] + self.common()
        if not only_writes:
            table += [
                ("HGET", 6, lambda: [self.key(), self.field()]), ("HMGET", 4, lambda: [self.key()] + self.fields()), ("HGETALL", 4, self.one_key),
                ("HKEYS", 3, self.one_key), ("HVALS", 3, self.one_key), ("HLEN", 4, self.one_key),
                ("HSTRLEN", 4, lambda: [self.key(), self.field()]), ("HEXISTS", 4, lambda: [self.key(), self.field()]),
                ("HRANDFIELD", 4, self.hrandfield), ("HSCAN", 4, self.hscan),
            ] + self.common_reads()
        super().__init__(random, table, of_7_2)

    def field(self):
        kind = self.random.random()
        if kind < 0.45:
            return "f%d" % self.random.randint(0, 200)
        if kind < 0.9:
            return str(self.random.randint(-5, 400))
        return self.random.choice([b"", b"-0", b"007", b" 7", b"\x00\r\n\xff", b"x" * 63, b"x" * 64, b"x" * 65, b"y" * 300, b"y" * 5000,
                                   b"9223372036854775807", b"-9223372036854775808", b"9223372036854775808"])

    def value(self):
        kind = self.random.random()
        if kind < 0.4:
            return str(self.random.randint(-100, 5000))
        if kind < 0.6:
            return "value:%d" % self.random.randint(0, 10**6)
        return self.random.choice([self.integer, self.float_, self.field])()

    def integer(self):
        return self.random.choice(INTEGERS) if self.random.random() < 0.3 else str(self.random.randint(-1000, 1000))

    def float_(self):
        return self.random.choice(FLOATS) if self.random.random() < 0.4 else "%g" % self.random.uniform(-1000, 1000)

    def fields(self):
        return [self.field() for _ in range(self.random.choice([1, 1, 1, 2, 3, 10, 40]))]

    def pairs(self):
        words = [self.key()]
        if self.random.random() < 0.03:
            first = self.random.randint(0, 300)
            for n in range(first, first + self.random.choice([20, 200, 511, 512, 513])):
                words += [str(n), "n"]
            return words
        for _ in range(self.random.choice([1, 1, 1, 2, 3, 10])):
            words += [self.field(), self.value()]
        return words + self.maybe([self.field()], 0.03)

    def hrandfield(self):
        if self.random.random() < 0.05:
            return [self.key(), self.random.choice(COUNTS[11:]), "WITHVALUES"]  # too large only with values
        count = self.random.choice(COUNTS[:1] + COUNTS[4:8] + COUNTS[9:11]) if self.random.random() < 0.4 else ALL
        return [self.key(), count] + self.maybe([self.random.choice(["WITHVALUES", "withvalues", "WITHVALUES", "x"])])

    def hscan(self):
        cursor = "0" if self.random.random() < 0.9 else self.random.choice(["x", "", "-", " 0"])
        pattern = self.random.choice(["*", "f*", "1?", "[a-f]1*", "", "f1", "\\*"])
        return [self.key(), cursor] + ["COUNT", ALL] + self.maybe(["MATCH", pattern], 0.4) + self.maybe(["COUNT", self.random.choice(["0", "-1", "x"])], 0.05)
