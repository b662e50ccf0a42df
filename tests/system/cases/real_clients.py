"""Client libraries: redis-py when it can be imported, ioredis and node-redis when npm can install them."""
import os
import shutil
import subprocess

from harness.framework import check, eq, test

CLIENTS = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "clients")


def redis_py(t, **kw):
    try:
        import redis
    except ImportError:
        t.skip("python3-redis is not installed")
    server = t.main or t.server()
    try:
        return redis, redis.Redis(host="127.0.0.1", port=server.port, socket_timeout=30 * t.patience, **kw)
    except TypeError:
        t.skip("this redis-py is too old for %r" % kw)


def use_redis_py(redis, r):
    r.set("k", "v", ex=100)
    eq(r.get("k"), b"v")
    check(90 <= r.ttl("k") <= 100, "TTL")
    eq(r.mset({"a": 1, "b": 2}), True)
    eq(r.mget("a", "b", "c"), [b"1", b"2", None])
    eq(r.incrby("a", 5), 6)
    eq(r.incrbyfloat("f", 1.5), 1.5)
    eq(sorted(r.scan_iter("?")), [b"a", b"b", b"f", b"k"])
    eq(r.set("k", "w", nx=True), None)
    eq(r.set("k", "w", get=True), b"v")
    with r.pipeline() as pipe:
        eq(pipe.set("p", 1).incr("p").get("p").execute(), [True, 2, b"2"])
    with r.pipeline() as pipe:
        pipe.watch("p")
        r.set("p", 9)
        pipe.multi()
        pipe.incr("p")
        try:
            pipe.execute()
            check(False, "a dirty watch was not noticed")
        except redis.WatchError:
            pass
    try:
        r.execute_command("NOSUCH")
        check(False, "no error")
    except redis.ResponseError:
        pass
    check("redis_version" in r.info(), "INFO")
    check("db0" in r.info("keyspace"), "INFO keyspace")
    check(r.config_get("maxmemory") == {"maxmemory": "0"}, "CONFIG GET")
    check(len(r.client_list()) >= 1, "CLIENT LIST")
    eq(r.slowlog_len(), 0)
    check(r.command_count() > 50, "COMMAND COUNT")
    eq(r.flushall(), True)
    eq(r.dbsize(), 0)


@test
def redis_py_resp2(t):
    """redis-py over RESP2: commands, pipelines, transactions with WATCH, information."""
    redis, r = redis_py(t)
    use_redis_py(redis, r)


@test
def redis_py_resp3(t):
    """The same over RESP3, where redis-py can."""
    redis, r = redis_py(t, protocol=3)
    use_redis_py(redis, r)


def node_modules(t):
    """The folder of the Node.js clients, installed with npm on first use."""
    t.tool("node")
    npm = t.tool("npm")
    modules = os.path.join(CLIENTS, "node_modules")
    if not os.path.isdir(os.path.join(modules, "ioredis")) or not os.path.isdir(os.path.join(modules, "redis")):
        done = subprocess.run([npm, "install", "--no-package-lock", "--no-audit", "--no-fund"], cwd=CLIENTS, capture_output=True,
                              timeout=240, check=False)
        if done.returncode != 0:
            shutil.rmtree(modules, ignore_errors=True)
            t.skip("npm cannot install the clients: " + done.stderr.decode("utf-8", "replace").strip().splitlines()[-1][:100])
    return CLIENTS


def run_node(t, script):
    folder = node_modules(t)
    server = t.main or t.server()
    done = subprocess.run([t.tool("node"), os.path.join(folder, script), str(server.port)], capture_output=True, cwd=folder,
                          timeout=60 * t.patience, check=False)
    check(done.returncode == 0, "%s: exit code %d\n%s%s" % (script, done.returncode, done.stdout.decode(), done.stderr.decode()))
    check(b"all fine" in done.stdout, repr(done.stdout))


@test(limit_s=400, alone=True)
def ioredis(t):
    """ioredis: commands, pipelines, transactions, scan streams."""
    run_node(t, "ioredis.js")


@test(limit_s=400, alone=True)
def node_redis(t):
    """node-redis over RESP2 and RESP3."""
    run_node(t, "node_redis.js")
