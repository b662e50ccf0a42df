"""One stream of random commands of all families on keys that all of them share."""
from harness import hash_stream, list_stream, set_stream, zset_stream
from harness.command_streams import Stream

# Known differences to stock, each left out of the stream: (name, the commands that show it, what stock answers).
KNOWN_DIFFERENCES = []

SHARED = [b"a", b"text", b"", b"{tag}1", b"bin\x00\r\n\xff"]
FAMILIES = {
    Stream: [b"k1", b"k2", b"num", b"hll1", b"hll2"],
    set_stream.SetStream: [b"s1", b"s2", b"s3", b"{t}5"],
    hash_stream.HashStream: [b"h1", b"h2", b"h3"],
    list_stream.ListStream: [b"l1", b"l2", b"l3"],
    zset_stream.ZsetStream: [b"z1", b"z2", b"z3", b"set"],
}
KEYS = SHARED + [key for keys in FAMILIES.values() for key in keys]
SHORT_WAITS = ["0.001", "0.002", ".001", "1e-3"]


class MixedStream:
    """Takes from each family's stream. Mostly each has keys of its own, so that values grow; one in eight is anybody's."""

    def __init__(self, random, of_7_2=True, only_writes=False):
        self.random = random
        self.streams, self.weights = [], []
        for family, keys in FAMILIES.items():
            strings = family is Stream
            stream = Stream(random, lists=True, bits=True, hashes=True, of_7_2=of_7_2) if strings else family(random, of_7_2, only_writes)
            stream.keys = SHARED + KEYS + keys * (7 * len(KEYS) // len(keys))
            stream.full = stream.key  # it may well be empty, so the waits are short
            stream.timeouts = SHORT_WAITS
            self.streams.append(stream)
            self.weights.append(2 if strings else 1)
        # Seldom enough that collections grow.
        self.streams[0].weigh(FLUSHALL=0.01, FLUSHDB=0.05, SWAPDB=0.3, SELECT=1)
        for stream in self.streams:
            for name in ("BLPOP", "BRPOP", "BLMOVE", "BRPOPLPUSH", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP"):
                if name in stream.names:
                    stream.weigh(**{name: 0.15})

    def key(self):
        return self.random.choice(KEYS)

    def plain(self):
        """A command that has arguments, for COMMAND GETKEYS."""
        while True:
            words = self.streams[self.random.randrange(1, len(self.streams))].next()
            if len(words) > 1:
                return words

    def next(self):
        """One command as a list of words."""
        if self.random.random() < 0.004:
            return ["COMMAND", "GETKEYS"] + self.plain()
        return self.random.choices(self.streams, self.weights)[0].next()
