"""Replicas under long load: millions of keys, 20,000 writes a second, and nothing left behind; all of it with --long only."""
import os
import random
import re
import shutil
import subprocess
import time

from cases.traced import descriptors
from harness.framework import check, eq, eventually, test
from harness.paced_load import Load, fill
from harness.replication import (has_link, in_step, key_counts, log_count, no_replicas, online_replicas, primary,
                                 replication, same_data, stat, stock_replica)
from harness.replication_writers import throttle

DATABASES = 4
NO_LIMIT = "replica 0 0 0"
LONGEST_SHORT_S = 1.6  # what the load calls a short time to live


def sizes(t):
    """Keys a database, writes a second, the largest value, the image's bytes a second, seconds of each part."""
    return {"keys": t.size(5000, quick=1000, long=500000), "rate": t.size(4000, quick=400, long=20000),
            "largest": t.size(2 << 20, quick=200000, long=20 << 20), "bandwidth": t.size(1 << 20, quick=200000, long=8 << 20),
            "part_s": t.size(0.3, quick=0.2, long=5)}


def start_load(t, server, seed):
    s = sizes(t)
    return Load(server, seed, s["rate"], 32, s["keys"], DATABASES, s["largest"], t.size(0.5, long=3))


def times_to_live(server):
    return [part.split(",avg_ttl")[0] for part in server.info("keyspace").values() if "expires=" in part]


def at_rest(t, servers):
    """Until all have the same data and no time to live ends any more; far ones remain."""
    seen, since = None, 0.0

    def still():
        nonlocal seen, since
        now = [times_to_live(server) for server in servers]
        if now != seen:
            seen, since = now, time.monotonic()
        return time.monotonic() - since > LONGEST_SHORT_S
    in_step(t, servers[0], servers[1:], 300)
    eventually(still, "keys still run out", 60, t.patience)
    in_step(t, servers[0], servers[1:], 60)
    return same_data(t, servers)


# --- one round -------------------------------------------------------------------------------------------------
def wait_for_image(t, server, client, share):
    """Until this share of the running image's keys has been sent, or the file of one that has been written is on its way."""
    def sent():
        fields = replication(client)
        if "send_bulk" in fields.get("slave0", ""):
            return True
        keys, total = int(fields.get("gyre_full_sync_keys", 0)), int(fields.get("gyre_full_sync_keys_total", 0))
        return total and keys >= share * total
    if t.is_gyre():
        eventually(sent, "no image is being sent", 120, t.patience, pause_s=0.005)
    else:
        eventually(lambda: "wait_bgsave" in replication(client).get("slave0", ""), "no image is being sent", 120, t.patience)


def kill_in_the_middle(t, server, client):
    """A replica that dies while it receives the image."""
    victim = stock_replica(t, server)
    wait_for_image(t, server, client, 0.3)
    victim.expected_exit = (-9,)
    victim.kill()
    victim.stop()
    victim.discard()
    no_replicas(t, client, 60)


def acknowledged(client):
    """How far behind the replica's acknowledgements are."""
    fields = replication(client)
    found = re.search(r"state=online,offset=(\d+)", fields.get("slave0", ""))
    return int(fields["master_repl_offset"]) - int(found.group(1)) if found else 1 << 60


def cut_the_link(t, client):
    """It resumes, without a further full sync. Its place is in the backlog by then."""
    eventually(lambda: acknowledged(client) < 32 << 20, "the replica does not catch up", 300, t.patience, pause_s=0.05)
    full, partial = stat(client, "sync_full"), stat(client, "sync_partial_ok")
    eventually(lambda: online_replicas(client) == 1 and client("CLIENT", "KILL", "TYPE", "replica") == 1, "no link to cut", 60, t.patience)
    eventually(lambda: stat(client, "sync_partial_ok") == partial + 1, "no partial sync", 60, t.patience)
    eq(stat(client, "sync_full"), full, "full syncs after a link was cut")


def one_round(t, server, client, seed, rng):
    """Load; a replica that is killed in its image; one that gets through, FLUSHALL within; its link cut; the same data."""
    s = sizes(t)
    client("CONFIG", "SET", "repl-diskless-sync", "no" if rng.random() < 0.25 else "yes")
    throttle(t, server, s["bandwidth"], rdb_key_save_delay=100)
    load = start_load(t, server, seed)
    kill_in_the_middle(t, server, client)
    began = time.monotonic()
    # Told once it is up: while it loads from the socket it answers nobody.
    replica = t.stock(enable_debug_command="yes", repl_diskless_load=rng.choice(["disabled", "swapdb"]))
    with replica.client() as r:
        r("REPLICAOF", "127.0.0.1", server.port)
    wait_for_image(t, server, client, rng.random() * 0.5)
    client("FLUSHALL", *rng.choice([(), ("ASYNC",), ("SYNC",)]))
    fill(server, s["keys"], DATABASES, 1)
    throttle(t, server, 0, rdb_key_save_delay=0)
    eventually(lambda: online_replicas(client) == 1, "the sync does not end", 300, t.patience)
    has_link(t, replica, 300)
    took = time.monotonic() - began
    time.sleep(s["part_s"] * rng.random())
    cut_the_link(t, client)
    time.sleep(s["part_s"])
    rate = load.stop()
    digest = at_rest(t, [server, replica])
    t.note("seed %s: %d commands at %.0f/s, sync of %.1f s, keys %r, digest %s" % (
        seed, load.sent(), rate, took, sorted(key_counts(server).values()), digest[:12]))
    replica.stop()
    replica.discard()
    no_replicas(t, client, 60)
    if t.long:
        check(rate > 0.5 * s["rate"], "only %.0f commands a second" % rate)


# --- what is left ----------------------------------------------------------------------------------------------
def refill(t, server, client):
    """Everything anew, always the same data set; returns what the server holds then."""
    client("CONFIG", "SET", "repl-backlog-size", "16kb")
    client("FLUSHALL", "SYNC")
    fill(server, sizes(t)["keys"], DATABASES)
    held = []

    def steady():
        held.append(int(server.info("memory")["used_memory"]))
        return len(held) > 3 and max(held[-3:]) - min(held[-3:]) < held[-1] // 1000 + 10000
    eventually(steady, "memory does not settle", 60, t.patience, pause_s=0.3)
    client("CONFIG", "SET", "repl-backlog-size", t.size("64mb", long="256mb"))
    opened = []

    def closed():
        opened.append(len(descriptors(server)))
        return len(opened) > 4
    eventually(closed, "", pause_s=0.2)
    stats = server.info("stats")
    client("MEMORY", "PURGE")  # what the allocator keeps for later use is not what is left behind
    time.sleep(0.5)
    return {"used_memory": held[-1], "resident": server.resident_bytes(), "descriptors": min(opened),
            "frames": int(stats.get("gyre_live_frames", 0))}


def judge(t, before, after, slack):
    """Within 5%, and what few connections, or buffers kept for reuse, take."""
    grown = {name: (before[name], after[name]) for name in before if after[name] > before[name] * 1.05 + slack[name]}
    check(not grown, "left behind: %r" % grown)


@test(long=True, quick=False, limit_s=180)
def two_million_keys_under_writes(t):
    """Full syncs of 2 million keys under 20,000 writes a second from 32 connections, with FLUSHALL, a killed replica and a cut
    link: the digests agree, and memory, descriptors and coroutine frames are afterwards what they were."""
    server = primary(t, client_output_buffer_limit=NO_LIMIT, repl_backlog_size=t.size("64mb", long="256mb"))
    client = t.client(server, timeout_s=300)
    seen = [refill(t, server, client)]
    for n in range(t.options["runs"] or t.size(1, long=5)):
        seed = t.seed + n
        one_round(t, server, client, seed, random.Random("round %d" % seed))
        seen.append(refill(t, server, client))
    t.note("; ".join("%d MB used, %d resident, %d descriptors, %d frames" % (
        s["used_memory"] >> 20, s["resident"] >> 20, s["descriptors"], s["frames"]) for s in seen))
    if not t.is_gyre():
        return
    slack = {"used_memory": 4 << 20, "resident": t.size(1 << 30, long=64 << 20), "descriptors": 0, "frames": 0}
    for n in range(1, len(seen)):
        # What the first round touched for the first time stays resident: what grows later is lost.
        judge(t, seen[n - 1], seen[n], {**slack, "resident": 1 << 30} if n == 1 else slack)


# --- a chain, and two on one walk --------------------------------------------------------------------------------
@test(long=True, quick=False, limit_s=120)
def a_chain_and_a_shared_walk_under_load(t):
    """Two replicas that ask within the delay share one walk while writers write; one below one of them agrees too."""
    s = sizes(t)
    server = primary(t, client_output_buffer_limit=NO_LIMIT, repl_diskless_sync_delay=60, repl_diskless_sync_max_replicas=2,
                     repl_backlog_size="64mb")
    fill(server, s["keys"], DATABASES)
    load = start_load(t, server, t.seed)
    limits = {"client_output_buffer_limit": NO_LIMIT, "repl_backlog_size": "64mb"}
    first, second = stock_replica(t, server, **limits), stock_replica(t, server, **limits)
    third = stock_replica(t, first, **limits)
    for replica in (first, second, third):
        has_link(t, replica, 300)
    time.sleep(s["part_s"] * 4)
    rate = load.stop()
    in_step(t, server, [first, second], 300)
    in_step(t, first, [third], 300)
    at_rest(t, [server, first, second])
    in_step(t, first, [third], 60)
    same_data(t, [server, first, second, third])
    eq(log_count(server, "Starting BGSAVE for SYNC"), 1)
    t.note("%.0f commands/s, keys %r" % (rate, sorted(key_counts(third).values())))


# --- full speed ------------------------------------------------------------------------------------------------
def full_speed(t, server, seconds, keys):
    """Pipelined SETs as fast as one can, for so long: gyre-bench beside the server, otherwise redis-benchmark."""
    tool = os.path.join(os.path.dirname(t.options["server"]), "gyre-bench")
    if os.access(tool, os.X_OK):
        words = [tool, "-p", str(server.port), "-c", "32", "-P", "64", "--seconds", str(seconds), "-r", str(keys), "-d", "32-200",
                 "-t", "set", "-q"]
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if not shutil.which("redis-benchmark"):
        t.skip("neither gyre-bench nor redis-benchmark")
    words = ["redis-benchmark", "-p", str(server.port), "-c", "32", "-P", "64", "-n", "1000000000", "-r", str(keys), "-d", "100",
             "-t", "set", "-q"]
    return subprocess.Popen(["timeout", str(seconds)] + words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@test(long=True, limit_s=120, alone=True, quick=False)
def a_full_speed_writer_needs_one_full_sync(t):
    """90 s of pipelined SETs at full speed with stock's default limits: the replica needs one full sync, and has the same data."""
    seconds = t.size(4, long=90)
    server = primary(t)
    replica = stock_replica(t, server)
    client = t.client(server, timeout_s=120)
    began, behind = time.monotonic(), [0]
    writer = full_speed(t, server, seconds, t.size(100000, long=1000000))
    while writer.poll() is None:
        time.sleep(0.5)
        behind.append(int(replication(client).get("gyre_slave0", "behind=0").split("behind=")[1]))
        check(time.monotonic() - began < seconds * 2 + 30, "the writer does not end")
    took = time.monotonic() - began
    commands = stat(client, "total_commands_processed")
    full = stat(client, "sync_full")
    has_link(t, replica, 300)
    in_step(t, server, [replica], 300)
    same_data(t, [server, replica])
    t.note("%.0f commands/s for %.0f s, %d full and %d partial syncs, at most %d MB behind, %d times over the limit" % (
        commands / took, took, stat(client, "sync_full"), stat(client, "sync_partial_ok"), max(behind) >> 20,
        log_count(server, "overcoming of output buffer limits")))
    check(full <= 1 and stat(client, "sync_full") <= 1, "%d full syncs" % stat(client, "sync_full"))
