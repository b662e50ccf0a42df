"""Replicas of every data type: random writes of all families while stock replicas lose their link, restart and fall behind."""
import os
import random
import signal
import time

from cases.replication_soak import at_rest
from harness.framework import check, eventually, test
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

    def __init__(self, t, server, client, replicas):
        self.t, self.server, self.client, self.replicas = t, server, client, replicas
        self.acts = [self.cut, self.cut, self.restart, self.kill_and_restart, self.fall_behind, self.leave_and_return]

    def run(self):
        act = self.t.random.choice(self.acts)
        act(self.t.random.choice(self.replicas))
        return act.__name__

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
        """It is its own primary for a moment: its history is another one then."""
        with replica.client() as r:
            r.call("REPLICAOF", "NO", "ONE")
            time.sleep(0.05)
            r.call("REPLICAOF", "127.0.0.1", self.server.port)


@test(limit_s=240)
def all_types_with_replicas_that_sync_again(t):
    """Three writers of every family, two stock replicas with cut links, restarts and a backlog that is too small: in the end
    all have the same data."""
    t.note("seed %d" % t.seed)
    server = primary(t, repl_backlog_size="16kb", client_output_buffer_limit="replica 0 0 0")
    client = t.client(server, timeout_s=120)
    replicas = [stock_replica(t, server), stock_replica(t, server)]
    for replica in replicas:
        has_link(t, replica)
    writers = [MixedWriter(server, t.random.random()) for _ in range(3)]
    for writer in writers:
        writer.start()
    resyncs, done = Resyncs(t, server, client, replicas), []
    for _ in range(t.size(8, quick=4, long=200)):
        time.sleep(t.random.random() * 0.4)
        done.append(resyncs.run())
        if t.random.random() < 0.5:
            has_link(t, t.random.choice(replicas), 120)
    eventually(lambda: sum(writer.count for writer in writers) >= t.size(10000, quick=1000, long=2000000) or any(writer.fault for writer in writers),
               "the writers do not get on", t.size(60, long=1800), t.patience, pause_s=0.1)
    count = stop_writers(writers)
    for replica in replicas:
        has_link(t, replica, 120)
    digest = at_rest(t, [server] + replicas)
    full, partial = stat(client, "sync_full"), stat(client, "sync_partial_ok")
    t.note("%d commands; %s; %d full and %d partial syncs, digest %s" % (count, " ".join(done), full, partial, digest[:12]))
    check(full >= 2, "%d full syncs" % full)
