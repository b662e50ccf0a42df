"""What the streams of random commands have in common: a weighted table of commands, and keys, options and mistakes."""
import itertools

MISTAKES = [b"junk", b"", b"10"]


class RandomStream:
    """An endless stream of commands from one random source.

    A class gives its keys, the commands in which no mistakes are planted (`EXACT`: state of the connection, replies that are
    random by nature, waiting), and a table of (name, weight, function that makes the other words).
    """

    KEYS = []
    EXACT = ("MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH")
    TIMEOUTS = ["0", "1", "0.5", "100"]  # of commands that wait: they find something at once

    def __init__(self, random, table, of_7_2=True):
        """`of_7_2`: compared with a Redis 7.2; what 7.0 answers otherwise is left out where it is not."""
        self.random, self.of_7_2 = random, of_7_2
        self.keys, self.timeouts = self.KEYS, self.TIMEOUTS
        self.wrong_timeouts = ["x", "-1", ""] + (["1e20", "inf", "nan"] if of_7_2 else [])
        self.names = [row[0] for row in table]
        self.weights = [row[1] for row in table]
        self.weigh()
        self.makers = {row[0]: row[2] for row in table}

    def weigh(self, **weights):
        """Other weights than the table's."""
        for name, weight in weights.items():
            self.weights[self.names.index(name)] = weight
        self.sums = list(itertools.accumulate(self.weights))

    def pick(self):
        """The name of a command, by the weights."""
        return self.random.choices(self.names, cum_weights=self.sums)[0]

    # --- arguments -----------------------------------------------------------------------------------------
    def choice(self, values):
        return self.random.choice(values)

    def maybe(self, words, chance=0.5):
        return words if self.random.random() < chance else []

    def key(self):
        return self.random.choice(self.keys)

    def one_key(self):
        return [self.key()]

    def two_keys(self):
        return [self.key(), self.key()]

    def some_keys(self):
        return [self.key() for _ in range(self.random.choice([1, 2, 2, 3, 6]))]

    def timeout(self):
        return self.choice(self.timeouts if self.random.random() < 0.9 else self.wrong_timeouts)

    # --- commands of every family --------------------------------------------------------------------------
    def common(self):
        """Rows of commands that have to do with keys of any type, and of transactions."""
        return [
            ("DEL", 1.5, self.one_key), ("COPY", 2, lambda: self.two_keys() + self.maybe(["REPLACE"])), ("RENAME", 1, self.two_keys),
            ("EXPIRE", 1, lambda: [self.key(), "100000"]), ("PERSIST", 1, self.one_key), ("MULTI", 1, list), ("EXEC", 2, list),
        ]

    def common_reads(self):
        return [("TYPE", 2, self.one_key), ("OBJECT", 6, lambda: ["ENCODING", self.key()]), ("DBSIZE", 1, list), ("WATCH", 1, self.one_key),
                ("UNWATCH", 1, list), ("DEBUG", 1, lambda: ["DIGEST-VALUE", self.key(), self.key()])]

    # --- the stream ----------------------------------------------------------------------------------------
    def next(self):
        """One command as a list of words; now and then with a mistake in it."""
        name = self.pick()
        words = self.makers[name]()
        chance = self.random.random()
        if name in self.EXACT:
            return [name] + words
        if chance < 0.02 and words:
            words.pop()
        elif chance < 0.04:
            words.append(self.choice(MISTAKES))
        return [name.lower() if chance > 0.9 else name] + words
