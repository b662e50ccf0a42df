"""Random commands on sets, with every option, border values and mistakes."""
from harness.random_stream import RandomStream

KEYS = [b"s1", b"s2", b"s3", b"s4", b"{t}5", b"s\x00\r\n\xff", b"text"]
COUNTS = ["0", "1", "2", "-1", "-0", "x", "", "1.5", "9223372036854775807", "-9223372036854775808", "9223372036854775808"]
# Sampled members are random by nature; all of them, or none, are not.
ALL = "100000"


class SetStream(RandomStream):
    """An endless stream of commands from one random source, whose replies are the same on any server, but for their order."""

    KEYS = KEYS
    EXACT = RandomStream.EXACT + ("SPOP", "SSCAN", "SRANDMEMBER")

    def __init__(self, random, of_7_2=True, only_writes=False):
        table = [
            ("SADD", 20, lambda: [self.key()] + self.members()), ("SREM", 12, lambda: [self.key()] + self.members()),
            ("SMOVE", 6, lambda: [self.key(), self.key(), self.member()]), ("SPOP", 1.5, lambda: [self.key(), self.count()]),
            ("SINTERSTORE", 4, lambda: self.one_key() + self.some_keys()), ("SUNIONSTORE", 2, lambda: self.one_key() + self.some_keys()),
            ("SDIFFSTORE", 4, lambda: self.one_key() + self.some_keys()), ("SET", 0.3, lambda: [self.key(), self.member()]),
        ] + self.common()
        if not only_writes:
            table += [
                ("SISMEMBER", 4, lambda: [self.key(), self.member()]), ("SMISMEMBER", 4, lambda: [self.key()] + self.members()),
                ("SCARD", 4, self.one_key), ("SMEMBERS", 4, self.one_key), ("SRANDMEMBER", 3, lambda: [self.key(), self.count()]),
                ("SINTER", 5, self.some_keys), ("SUNION", 5, self.some_keys), ("SDIFF", 5, self.some_keys), ("SINTERCARD", 5, self.sintercard),
                ("SSCAN", 4, self.sscan),
            ] + self.common_reads()
        super().__init__(random, table, of_7_2)

    def member(self):
        kind = self.random.random()
        if kind < 0.55:
            return str(self.random.randint(-5, 400))
        if kind < 0.85:
            return "m%d" % self.random.randint(0, 150)
        if kind < 0.9:
            return self.random.choice(["32767", "-32769", "2147483648", "9223372036854775807", "-9223372036854775808", "9223372036854775808"])
        return self.random.choice([b"", b"-0", b"007", b" 7", b"\x00\r\n\xff", b"x" * 63, b"x" * 64, b"x" * 65, b"y" * 300, b"y" * 5000])

    def members(self):
        if self.random.random() < 0.04:
            first = self.random.randint(0, 300)
            return [str(n) for n in range(first, first + self.random.choice([20, 127, 128, 129, 200, 512]))]
        return [self.member() for _ in range(self.random.choice([1, 1, 1, 2, 3, 10]))]

    def count(self):
        return self.random.choice(COUNTS[:1] + COUNTS[4:7] + COUNTS[10:]) if self.random.random() < 0.5 else ALL

    def sintercard(self):
        keys = self.some_keys()
        number = len(keys) if self.random.random() < 0.9 else self.random.choice(COUNTS + [len(keys) + 1])
        return [str(number)] + keys + self.maybe(["LIMIT", self.random.choice(COUNTS + ["5", "100"])], 0.4)

    def sscan(self):
        cursor = "0" if self.random.random() < 0.9 else self.random.choice(["x", "", "-", " 0"])
        pattern = self.random.choice(["*", "m*", "1?", "[a-m]1*", "", "m1", "\\*"])
        return [self.key(), cursor] + ["COUNT", ALL] + self.maybe(["MATCH", pattern], 0.4) + self.maybe(["COUNT", self.random.choice(["0", "-1", "x"])], 0.05)
