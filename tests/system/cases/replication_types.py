"""Replicas of every data type: random writes of all families while stock replicas sync again and again."""
import os
import random
import shutil
import signal
import time

from cases.replication_soak import at_rest
from harness.framework import check, eventually, short, test
from harness.mixed_stream import KEYS, MixedStream
from harness.replication import has_link, primary, stat, stock_replica
from harness.replication_writers import Writer, stop_writers


class MixedWriter(Writer):
    """Writes of all families on keys that all writers share; some that bring payloads, and times that end soon."""

    def __init__(self, server, seed):
        super().__init__(server, random.Random(seed), len(KEYS), 1, 0)
        self.stream = MixedStream(self.random, of_7_2=False, only_writes=True)

    def carry(self):
        """A copy by way of its payload."""
        source, target = self.random.choice(KEYS), self.random.choice(KEYS)
        payload = self.client.call("DUMP", source)
        return [("RESTORE", target, self.random.choice([0, 1000, 900000]), payload, "REPLACE")] if isinstance(payload, bytes) else []

    def batch(self):
        chance = self.random.random()
        if chance < 0.05:
            self.client.call("DISCARD")  # so that the payload is a reply of its own
            return self.carry()
        if chance < 0.1:
            return [("PEXPIRE", self.random.choice(KEYS), self.random.randrange(1500))]
        return [self.stream.next() for _ in range(self.random.randrange(1, 20))]


class Resyncs:
    """What happens to replicas: each leads to another kind of sync."""

    def __init__(self, t, server, client):
        self.t, self.server, self.client = t, server, client
        self.others = [self.cut, self.restart, self.kill_and_restart, self.fall_behind, self.leave_and_return]

    def anew(self, replica):
        """It is its own primary for a moment, throws its data away, and follows again."""
        self.alone(replica, "FLUSHALL")

    def cut(self, _):
        """All links are cut; the replicas go on where they were."""
        self.client("CLIENT", "KILL", "TYPE", "replica")

    def restart(self, replica):
        """It comes back without data."""
        replica.restart()

    def kill_and_restart(self, replica):
        """It dies, maybe in its image."""
        replica.expected_exit = (0, -signal.SIGKILL)
        replica.kill()
        replica.restart()

    def fall_behind(self, replica):
        """It stands still, without a link, until the backlog no longer has what it needs."""
        os.kill(replica.process.pid, signal.SIGSTOP)
        self.client("CLIENT", "KILL", "TYPE", "replica")
        time.sleep(0.3)
        os.kill(replica.process.pid, signal.SIGCONT)

    def leave_and_return(self, replica):
        """It comes back with data of a history of its own."""
        self.alone(replica, "SET", "own", "x")

    def alone(self, replica, *words):
        """A replica that loads its image takes no commands, but soon again."""
        with replica.client() as r:
            eventually(lambda: r.call("REPLICAOF", "NO", "ONE") == "OK", "the replica does not become a primary", 60, self.t.patience)
            r(*words)
            r("REPLICAOF", "127.0.0.1", self.server.port)


def followers(t, server):
    """Two stock replicas: of 7.2 and of the version that the machine has, where these are at hand."""
    older = shutil.which("redis-server") if t.is_gyre() and t.options["stock"] else None
    settings = {"replicaof": ["127.0.0.1", server.port], "enable_debug_command": "yes", "repl_diskless_sync_delay": 0}
    replicas = [stock_replica(t, server), t.server_of(older, **settings) if older else stock_replica(t, server)]
    t.note("replicas of " + " and ".join(replica.info("server")["redis_version"] for replica in replicas))
    return replicas


def differing(server, replica):
    """Which keys have other values or times to live, as text."""
    found = []
    with server.client(timeout_s=120) as p, replica.client(timeout_s=120) as r:
        for number in range(16):
            for c in (p, r):
                c("SELECT", number)
            for key in sorted(set(p("KEYS", "*")) | set(r("KEYS", "*"))):
                values = [[c("DEBUG", "DIGEST-VALUE", key)[0], c("TYPE", key), c("OBJECT", "ENCODING", key), c("PTTL", key) >= 0] for c in (p, r)]
                if values[0] != values[1]:
                    found.append("db%d %r: %s" % (number, key, short(values)))
    return "\n".join(found[:10])


def settled(t, server, replicas):
    """The digest of all, which have the same data."""
    try:
        return at_rest(t, [server] + replicas)
    except AssertionError as fault:
        raise AssertionError("%s\n%s" % (fault, "\n".join(differing(server, replica) for replica in replicas))) from None


def one_round(t, resyncs, replicas):
    """Writers write while every replica is told to sync anew, some of them amidst their sync, and something else happens to one
    of them; then all have the same data. Returns how many commands were written, the other act, and the digest."""
    writers = [MixedWriter(resyncs.server, t.random.random()) for _ in range(4)]
    for writer in writers:
        writer.start()
    acts = [(resyncs.anew, replica) for replica in replicas * 2] + [(t.random.choice(resyncs.others), t.random.choice(replicas))]
    t.random.shuffle(acts)
    for act, replica in acts:
        act(replica)
        if t.random.random() < 0.5:
            has_link(t, replica, 120)
        time.sleep(t.random.random() * t.size(0.2, long=1))
    for replica in replicas:
        has_link(t, replica, 120)
    count = stop_writers(writers)
    return count, next(act.__name__ for act, _ in acts if act != resyncs.anew), settled(t, resyncs.server, replicas)


@test(limit_s=240)
def all_types_with_replicas_that_sync_again(t):
    """Four writers of every family, two stock replicas that sync anew again and again, lose their link, restart or fall behind:
    at the end of each round all have the same data."""
    t.note("seed %d" % t.seed)
    server = primary(t, repl_backlog_size="16kb", client_output_buffer_limit="replica 0 0 0")
    client = t.client(server, timeout_s=120)
    replicas = followers(t, server)
    for replica in replicas:
        has_link(t, replica)
    rounds = t.options["runs"] or t.size(2, quick=1, long=20)
    seen = [one_round(t, Resyncs(t, server, client), replicas) for _ in range(rounds)]
    full, partial = stat(client, "sync_full"), stat(client, "sync_partial_ok")
    t.note("%d commands; %s; %d full and %d partial syncs, digests %s" % (
        sum(count for count, _, _ in seen), " ".join(act for _, act, _ in seen), full, partial, " ".join(digest[:6] for _, _, digest in seen)))
    check(full >= len(replicas) * (rounds + 1), "%d full syncs" % full)
