"""Random commands on lists, with every option, border values and mistakes."""
from harness.random_stream import RandomStream

KEYS = [b"l1", b"l2", b"l3", b"{t}4", b"l\x00\r\n\xff", b"text"]
NUMBERS = ["0", "1", "-1", "2", "-2", "3", "-3", "10", "-10", "100", "-100", "-0", "x", "", "1.5", "9223372036854775807",
           "-9223372036854775808", "9223372036854775808"]
ENDS = ["LEFT", "RIGHT", "left", "Right"]


class ListStream(RandomStream):
    """An endless stream of commands from one random source, whose replies are the same on any server."""

    KEYS = KEYS
    EXACT = RandomStream.EXACT + ("BLPOP", "BRPOP", "BLMOVE", "BRPOPLPUSH", "BLMPOP")
    FULL = b"full"  # a list that is never empty

    def __init__(self, random, of_7_2=True, only_writes=False):
        """`of_7_2`: compared with a Redis 7.2, whose words for a timeout that is too large are others than before."""
        self.full = lambda: self.FULL
        table = [
            ("RPUSH", 16, lambda: [self.key()] + self.elements()), ("LPUSH", 10, lambda: [self.key()] + self.elements()),
            ("RPUSHX", 2, lambda: [self.key()] + self.elements()), ("LPUSHX", 2, lambda: [self.key()] + self.elements()),
            ("LPOP", 6, self.pop), ("RPOP", 6, self.pop), ("LSET", 6, self.lset),
            ("LTRIM", 2, lambda: [self.key(), self.number(), self.number()]),
            ("LREM", 5, lambda: [self.key(), self.number(), self.element()]),
            ("LINSERT", 5, lambda: [self.key(), self.choice(["BEFORE", "AFTER", "after", "Before"]), self.element(), self.element()]),
            ("LMOVE", 5, lambda: [self.key(), self.key(), self.end(), self.end()]), ("RPOPLPUSH", 3, self.two_keys), ("LMPOP", 4, self.lmpop),
            ("BLPOP", 1, self.ready_keys), ("BRPOP", 1, self.ready_keys),
            ("BLMOVE", 1, lambda: [self.full(), self.key(), self.end(), self.end(), self.timeout()]),
            ("BRPOPLPUSH", 1, lambda: [self.full(), self.key(), self.timeout()]),
            ("BLMPOP", 1, lambda: [self.timeout(), "2", self.key(), self.full(), self.end()] + self.maybe(["COUNT", "3"])),
            ("SET", 0.3, lambda: [self.key(), self.element()]),
        ] + self.common()
        if not only_writes:
            table += [
                ("LLEN", 3, self.one_key), ("LINDEX", 4, lambda: [self.key(), self.number()]), ("LPOS", 5, self.lpos),
                ("LRANGE", 6, lambda: [self.key(), self.number(), self.number()]),
            ] + self.common_reads()
        super().__init__(random, table, of_7_2)

    def end(self):
        return self.choice(ENDS) if self.random.random() < 0.98 else "up"

    def ready_keys(self):
        """The last list is never empty: nobody waits."""
        return [self.key(), self.key(), self.full(), self.timeout()]

    def number(self):
        return str(self.random.randint(-8, 12)) if self.random.random() < 0.8 else self.choice(NUMBERS)

    def element(self):
        kind = self.random.random()
        if kind < 0.5:
            return str(self.random.randint(-3, 12))
        if kind < 0.8:
            return "e%d" % self.random.randint(0, 12)
        if kind < 0.88:
            return self.choice(["127", "-4096", "32767", "-8388609", "2147483648", "9223372036854775807", "-9223372036854775808", "9223372036854775808"])
        if kind < 0.98:
            return self.choice([b"", b"-0", b"007", b" 7", b"\x00\r\n\xff", b"x" * 63, b"x" * 64, b"y" * 300])
        return self.choice([b"z" * 4095, b"z" * 4096, b"z" * 8160, b"z" * 8192, b"z" * 20000])

    def elements(self):
        many = self.random.random() < 0.05
        return [self.element() for _ in range(self.choice([50, 200]) if many else self.choice([1, 1, 1, 2, 3, 10]))]

    def pop(self):
        return [self.key()] + self.maybe([self.number()])

    def lset(self):
        index = self.number()
        # 7.2.4 looks at 32 bits of it.
        return [self.key(), index if self.of_7_2 or len(index) < 10 else "99", self.element()]

    def lpos(self):
        words = [self.key(), self.element()]
        for name in ("RANK", "COUNT", "MAXLEN", "count"):
            words += self.maybe([name, self.number()], 0.25)
        # Redis 7.0 takes this rank for another.
        return words if self.of_7_2 else ["-1" if word == "-9223372036854775808" else word for word in words]

    def lmpop(self):
        keys = [self.key() for _ in range(self.choice([1, 2, 3]))]
        number = len(keys) if self.random.random() < 0.9 else self.choice(NUMBERS)
        return [str(number)] + keys + [self.end()] + self.maybe(["COUNT", self.number()])
