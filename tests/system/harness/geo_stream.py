"""Random commands on positions, with every option, border values and mistakes."""
from harness.random_stream import RandomStream

KEYS = [b"g1", b"g2", b"g3", b"{t}4", b"g\x00\r\n\xff", b"text"]
UNITS = ["m", "km", "ft", "mi", "M", "Km"]
NUMBERS = ["0", "-0", "1", "10", "0.1", "1e3", "200", "2000", "9000", "1e5", "1e7", "3e7", "1e300", "inf", "5e-324", "0x10"]
BAD_NUMBERS = ["-1", "nan", "x", "", " 1", "-inf"]
COUNTS = ["1", "2", "3", "5", "10", "50", "100", "9223372036854775807"]
BAD_COUNTS = ["0", "-1", "x", "", "1.5", "9223372036854775808"]
EDGES_LON = ["180", "-180", "179.9999999", "-179.9999999", "0", "-0"]
EDGES_LAT = ["85.05112878", "-85.05112878", "85", "-85", "0", "80.5", "-66.1"]
OUTSIDE = ["180.0001", "-181", "90", "1e300", "inf", "x", "nan", ""]


class GeoStream(RandomStream):
    """An endless stream of commands from one random source, whose replies are the same on any server."""

    KEYS = KEYS
    EXACT = RandomStream.EXACT + ("COMMAND",)

    def __init__(self, random, of_7_2=True, only_writes=False):
        # 7.0 writes scores with a fraction otherwise, in replies and in digests.
        self.distances = ["STOREDIST"] if of_7_2 else []
        self.center, self.spread = (0.0, 0.0), 1.0
        table = [
            ("GEOADD", 14, self.geoadd), ("GEOSEARCHSTORE", 5, lambda: self.two_keys() + self.search(self.maybe(self.distances))),
            ("GEORADIUS", 10, lambda: [self.key()] + self.position() + self.circle() + self.options(True)),
            ("GEORADIUSBYMEMBER", 10, lambda: [self.key(), self.member()] + self.circle() + self.options(True)),
            ("ZREM", 3, lambda: [self.key()] + self.members()), ("ZADD", 1, lambda: [self.key(), self.score(), self.member()]),
            ("SET", 0.3, lambda: [self.key(), "v"]),
        ] + self.common()
        reads = [
            ("GEOPOS", 3, lambda: [self.key()] + self.members()), ("GEOHASH", 3, lambda: [self.key()] + self.members()),
            ("GEODIST", 6, lambda: [self.key(), self.member(), self.member()] + self.maybe([self.unit()])),
            ("GEOSEARCH", 20, lambda: [self.key()] + self.search(self.withs())),
            ("GEORADIUS_RO", 6, lambda: [self.key()] + self.position() + self.circle() + self.options(False)),
            ("GEORADIUSBYMEMBER_RO", 6, lambda: [self.key(), self.member()] + self.circle() + self.options(False)),
            ("ZRANGE", 4, lambda: [self.key(), "0", "-1", "WITHSCORES"]), ("COMMAND", 2, self.getkeys),
        ] + self.common_reads()
        super().__init__(random, table if only_writes else table + reads, of_7_2)
        self.weigh(DEL=0.5)

    def unit(self):
        return self.random.choice(UNITS) if self.random.random() < 0.98 else self.random.choice(["x", "", "mm", b"k\x00m"])

    def member(self):
        kind = self.random.random()
        if kind < 0.9:
            return "%s%d" % (self.random.choice(["", "m"]), self.random.randint(0, 150))
        return self.random.choice([b"", b"\x00\r\n\xff", b"x" * 64, b"x" * 65, b"none", b"storedist", b"count"])

    def members(self):
        return [self.member() for _ in range(self.random.choice([0, 1, 1, 2, 3, 10]))]

    def score(self):
        large = ["1e300"] if self.distances else []
        return self.random.choice(large + ["0", "-1", "1.5", "4503599627370495", "4503599627370496", "9007199254740993", "1e19", "-1e19", "inf", "-inf"])

    def position(self):
        """Mostly near the middle of the moment, often exactly where others are: equal distances tell how results are sorted."""
        kind = self.random.random()
        if kind < 0.02:
            return [self.random.choice(OUTSIDE), self.random.choice(OUTSIDE + ["1"])]
        if kind < 0.12:
            return [self.random.choice(EDGES_LON), self.random.choice(EDGES_LAT)]
        if self.random.random() < 0.02:
            self.center = (self.random.uniform(-180, 180), self.random.choice([self.random.uniform(-85, 85), self.random.uniform(-60, 60)]))
            self.spread = 10.0 ** self.random.randint(-5, 2)
        if kind < 0.4:
            return [repr(round(max(-180, min(180, self.center[n] + self.spread * self.random.randint(-2, 2))) if n == 0
                               else max(-85, min(85, self.center[n] + self.spread * self.random.randint(-2, 2))), 6)) for n in (0, 1)]
        return [repr(max(-180, min(180, self.random.gauss(self.center[0], self.spread)))), repr(max(-85, min(85, self.random.gauss(self.center[1], self.spread))))]

    def geoadd(self):
        words = [self.key()] + self.maybe([self.random.choice(["NX", "XX"])], 0.2) + self.maybe(["CH"], 0.3) + self.maybe(["NX"], 0.02)
        many = self.random.choice([1, 1, 2, 3, 10] + self.maybe([60, 130], 0.1))
        for _ in range(many):
            words += self.position() + [self.member()]
        return words

    def length(self):
        kind = self.random.random()
        if kind < 0.03:
            return self.random.choice(BAD_NUMBERS)
        return self.random.choice(NUMBERS) if kind < 0.5 else repr(self.random.random() * 10 ** self.random.randint(0, 7))

    def circle(self):
        return [self.length(), self.unit()]

    def count(self):
        number = self.random.choice(COUNTS) if self.random.random() < 0.95 else self.random.choice(BAD_COUNTS)
        return ["COUNT", number] + self.maybe(["ANY"], 0.4)

    def order(self):
        return self.maybe([self.random.choice(["ASC", "DESC"])]) + self.maybe(self.count(), 0.4) + self.maybe(["ANY"], 0.01)

    def withs(self):
        return self.maybe(["WITHDIST"], 0.3) + self.maybe(["WITHHASH"], 0.3) + self.maybe(["WITHCOORD"], 0.3)

    def options(self, store):
        words = [self.order(), self.withs() if self.random.random() < 0.7 else []]
        if store and self.random.random() < 0.3 or self.random.random() < 0.02:
            words[1] = self.withs() if self.random.random() < 0.1 else []
            words += [[self.random.choice(["STORE"] + self.distances), self.key()] for _ in range(self.random.choice([1, 1, 1, 2]))]
        self.random.shuffle(words)
        return sum(words, [])

    def search(self, last):
        center = ["FROMMEMBER", self.member()] if self.random.random() < 0.4 else ["FROMLONLAT"] + self.position()
        shape = ["BYRADIUS"] + self.circle() if self.random.random() < 0.5 else ["BYBOX", self.length(), self.length(), self.unit()]
        parts = [center, shape, self.order(), last] + self.maybe([self.random.choice([center, shape, ["FROMMEMBER", self.member()], ["BYBOX"] + self.circle()])], 0.03)
        self.random.shuffle(parts)
        if self.random.random() < 0.02:
            parts.pop()
        return sum(parts, [])

    def getkeys(self):
        name = self.random.choice(["GEORADIUS", "GEORADIUSBYMEMBER", "GEOSEARCHSTORE", "GEOADD", "GEORADIUS_RO"])
        return [self.random.choice(["GETKEYS", "GETKEYSANDFLAGS"]), name] + self.makers[name]()
