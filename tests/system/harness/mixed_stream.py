"""One stream of random commands of all families on keys that all of them share."""
import itertools

from harness.families import FAMILIES

SHARED = [b"a", b"text", b"", b"{tag}1", b"bin\x00\r\n\xff"]
KEYS = SHARED + [key for family in FAMILIES for key in family.keys]
SHORT_WAITS = ["0.001", "0.002", ".001", "1e-3"]
# What waits for its time where nobody serves it: seldom, because all others wait with it.
WAITING = ("BLPOP", "BRPOP", "BLMOVE", "BRPOPLPUSH", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP")


class MixedStream:
    """Takes from each family's stream. Mostly each has keys of its own, so that values grow; one in eight is anybody's."""

    def __init__(self, random, of_7_2=True, only_writes=False):
        self.random = random
        families = [family for family in FAMILIES if of_7_2 or not family.only_7_2]
        self.streams = [family.make(random, of_7_2, only_writes) for family in families]
        self.weights = list(itertools.accumulate(family.weight for family in families))
        for family, stream in zip(families, self.streams):
            stream.keys = SHARED + KEYS + family.keys * (7 * len(KEYS) // len(family.keys))
            stream.full = stream.key  # it may well be empty, so the waits are short
            stream.timeouts = SHORT_WAITS
            stream.weigh(**{name: 0.15 for name in WAITING if name in stream.names})

    def plain(self):
        """A command that has arguments, for COMMAND GETKEYS."""
        while True:
            words = self.random.choice(self.streams[1:]).next()
            if len(words) > 1:
                return words

    def next(self):
        """One command as a list of words."""
        if self.random.random() < 0.004:
            return ["COMMAND", "GETKEYS"] + self.plain()
        return self.random.choices(self.streams, cum_weights=self.weights)[0].next()
