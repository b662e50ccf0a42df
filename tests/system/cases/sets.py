"""Sets: the same random commands to the server under test and to a stock server; walks and samples of large ones."""
from cases import differential
from harness.framework import check, eq, test
from harness.set_stream import KEYS, SetStream

UNORDERED = (b"SMEMBERS", b"SINTER", b"SUNION", b"SDIFF", b"SPOP", b"SRANDMEMBER")


class SetPair(differential.Pair):
    """Members come in any order; encodings are compared where stock has those of 7.2."""

    def __init__(self, ours, theirs, encodings):
        super().__init__(ours, theirs)
        self.encodings = encodings

    def judge(self, words, ours, theirs):
        name = words[0].upper().encode()
        if name in UNORDERED and type(ours) is type(theirs) and isinstance(ours, (list, set, frozenset, tuple)):
            ours, theirs = sorted(ours), sorted(theirs)
        elif name == b"SSCAN" and isinstance(ours, list) and isinstance(theirs, list):
            ours, theirs = [ours[0], sorted(ours[1])], [theirs[0], sorted(theirs[1])]
        elif name == b"OBJECT" and self.encodings and ours != theirs:
            raise AssertionError("%s: %r, stock has %r; before it %r" % (words, ours, theirs, self.recent))
        super().judge(words, ours, theirs)


def run_sets(t, count, resp):
    t.note("seed %d" % t.seed)
    t.server(enable_debug_command="yes")
    stock_server = t.stock(enable_debug_command="yes")
    main, stock = t.client(resp=resp), t.client(stock_server, resp=resp)
    of_7_2 = t.is_7_2(stock_server)
    pairs = [SetPair(main, stock, of_7_2), SetPair(t.client(resp=resp), t.client(stock_server, resp=resp), of_7_2)]
    stream = SetStream(t.random)
    done, turn = 0, 0
    while done < count:
        commands = [stream.next() for _ in range(t.random.choice([1, 1, 2, 5, 30, 100]))]
        pairs[turn % 2].run(commands)
        done += len(commands)
        turn += 1
    for pair in pairs:
        pair.compare(["DISCARD"], pair.ours.call("DISCARD"), pair.theirs.call("DISCARD"))
    pairs[0].run([[name, key] for key in KEYS for name in ("SMEMBERS", "TYPE", "SCARD")])
    eq(main("DEBUG", "DIGEST"), stock("DEBUG", "DIGEST"))


@test(limit_s=1200)
def random_set_commands(t):
    """Random commands on sets on two connections over RESP2."""
    run_sets(t, t.options["count"] or t.size(20000, quick=4000, long=1000000), 2)


@test(limit_s=600)
def random_set_commands_in_resp3(t):
    """The same over RESP3."""
    run_sets(t, t.options["count"] or t.size(6000, quick=1500, long=200000), 3)


@test
def walks_samples_and_pops(t):
    """SSCAN sees all that stays; SRANDMEMBER gives different members; SPOP takes out what it returns."""
    c = t.client()
    members = {b"member:%d" % n for n in range(20000)}
    eq(c("SADD", "s", *members), 20000)
    seen, cursor = [], b"0"
    while True:
        cursor, some = c("SSCAN", "s", cursor, "COUNT", 100)
        seen += some
        c("SREM", "s", "other:%d" % len(seen))
        c("SADD", "s", "other:%d" % (len(seen) + 1))
        if cursor == b"0":
            break
    check(members <= set(seen), "a walk misses members")
    some = c("SRANDMEMBER", "s", 1000)
    eq(len(set(some)), 1000)
    c("SINTERSTORE", "s", "s", "s")
    left = c("SCARD", "s")
    for count in (10, 9000, 10900):
        gone = c("SPOP", "s", count)
        eq(len(set(gone)), count)
        left -= count
        eq(c("SCARD", "s"), left)
        check(not any(c("SMISMEMBER", "s", *gone)), "what was popped is still there")
