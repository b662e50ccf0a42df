"""SORT: the same random ones to the server under test and to a stock server; patterns while others write; a stock replica."""
import threading

from harness.comparing import connect, feed, same_digest
from harness.framework import check, eq, test
from harness.replication import in_step, has_link, primary, stock_replica
from harness.sort_stream import LISTS, SortStream


def run_sorts(t, count, resp):
    pairs = connect(t, 2, resp)

    def other_nodes(turn):
        """Now and then another size for a list's nodes, and a list to be made anew by it."""
        if turn % 20 == 0:
            for pair in pairs:
                pair.settle()
            size = t.random.choice(["-2", "-2", "-1", "1", "5", "40"])
            pairs[0].run([["CONFIG", "SET", "list-max-listpack-size", size], ["DEL", LISTS[turn // 20 % len(LISTS)]]])

    feed(t, pairs, SortStream(t.random, pairs[0].of_7_2), count, other_nodes)
    pairs[0].run([["LRANGE", key, "0", "-1"] for key in LISTS])
    same_digest(pairs[0])


@test(limit_s=1200)
def random_sorts(t):
    """Random SORTs on two connections over RESP2."""
    run_sorts(t, t.options["count"] or t.size(20000, quick=4000, long=1000000), 2)


@test(limit_s=600)
def random_sorts_in_resp3(t):
    """The same over RESP3."""
    run_sorts(t, t.options["count"] or t.size(6000, quick=1500, long=200000), 3)


@test
def patterns_while_others_write(t):
    """Keys behind patterns are read as of one moment, whatever other connections do to them."""
    c = t.client()
    t.need("sort", client=c)
    names = ["%d" % n for n in range(50)]
    c("RPUSH", "l", *names)
    c("MSET", *[word for n in names for word in ("w_" + n, "0")])
    clients, going = [t.client() for _ in range(3)], threading.Event()

    def write(client, step):
        value = step
        while not going.is_set():
            client("MSET", *[word for n in names for word in ("w_" + n, str(value))])
            client("SORT", "l", "BY", "w_*", "STORE", "d%d" % step)
            value += step

    threads = [threading.Thread(target=write, args=(client, 1 + at)) for at, client in enumerate(clients)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(t.size(300, quick=60)):
            seen = c("SORT", "l", "BY", "w_*", "GET", "w_*", "GET", "#")
            eq(len(set(seen[::2])), 1)
            eq(seen[1::2], sorted(n.encode() for n in names))
    finally:
        going.set()
        for thread in threads:
            thread.join()
    for at in range(3):
        eq(c("LLEN", "d%d" % (at + 1)), len(names))


@test
def a_stock_replica_follows(t):
    """STORE reaches a stock replica as it was sent; what changes nothing does not."""
    server = primary(t)
    c = t.client(server)
    t.need("sort", client=c)
    replica = stock_replica(t, server)
    has_link(t, replica)
    c("RPUSH", "l", *range(200, 0, -1))
    for n in range(0, 200, 3):
        c("SET", "w_%d" % n, n % 7)
    eq(c("SORT", "l", "BY", "w_*", "LIMIT", 10, 100, "GET", "#", "GET", "w_*", "STORE", "d"), 200)
    eq(c("SORT", "l", "DESC", "STORE", "l"), 200)
    eq(c("SORT", "none", "STORE", "d2"), 0)
    eq(c("SORT", "l", "LIMIT", 0, 0, "STORE", "d2"), 0)
    in_step(t, server, [replica])
    r = t.client(replica)
    for key in ("l", "d"):
        eq(r("LRANGE", key, 0, -1), c("LRANGE", key, 0, -1))
    check(r("EXISTS", "d2") == 0, "d2 came into being")
