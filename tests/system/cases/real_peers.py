"""Redis's own tools against the server: redis-cli and redis-benchmark, as users run them."""
import os
import re
import subprocess
import time

from harness.framework import check, eq, test
from harness.resp_client import encode


def run(t, command, data=None, limit_s=60):
    done = subprocess.run(command, input=data, capture_output=True, timeout=limit_s * t.patience, check=False)
    return done.returncode, done.stdout, done.stderr


def cli(t, *words, data=None, server=None):
    server = server or t.main or t.server()
    code, out, err = run(t, [t.tool("redis-cli"), "-p", str(server.port)] + [str(w) for w in words], data)
    check(code == 0, "redis-cli %r: exit code %d: %s%s" % (words, code, out[-300:], err[-300:]))
    return out


@test
def cli_commands(t):
    """Commands as arguments print what they print against stock."""
    t.server()
    eq(cli(t, "PING"), b"PONG\n")
    eq(cli(t, "SET", "k", "a value"), b"OK\n")
    eq(cli(t, "GET", "k"), b"a value\n")
    eq(cli(t, "--no-raw", "MGET", "k", "none"), b'1) "a value"\n2) (nil)\n')
    eq(cli(t, "--no-raw", "INCR", "n"), b"(integer) 1\n")
    check(b"(error) ERR wrong number" in cli(t, "--no-raw", "GET"), "an error")
    eq(cli(t, "-x", "SET", "stdin", data=b"from stdin"), b"OK\n")
    eq(cli(t, "STRLEN", "stdin"), b"10\n")
    eq(cli(t, "-3", "--no-raw", "CONFIG", "GET", "maxmemory"), b'1# "maxmemory" => "0"\n')
    eq(cli(t, "-n", "5", "SET", "five", "1"), b"OK\n")
    eq(cli(t, "-n", "5", "DBSIZE"), b"1\n")
    eq(cli(t, "-r", "3", "INCR", "many"), b"1\n2\n3\n")
    check(b"redis_version:" in cli(t, "INFO", "server"), "INFO")


@test
def cli_interactive(t):
    """An interactive session over standard input."""
    t.server()
    out = cli(t, data=b"set a 1\nincr a\nget a\nmulti\nincr a\nincr a\nexec\nselect 2\ndbsize\nbad command\n")
    eq(out.splitlines()[:9], [b"OK", b"2", b"2", b"OK", b"QUEUED", b"QUEUED", b"3", b"4", b"OK"])
    check(b"ERR unknown command 'bad'" in out, repr(out))


@test
def cli_password(t):
    """-a and --user authenticate; without them commands are refused."""
    t.server(requirepass="secret")
    check(b"NOAUTH" in cli(t, "PING"), "served without a password")
    eq(cli(t, "--no-auth-warning", "-a", "secret", "PING"), b"PONG\n")
    eq(cli(t, "--no-auth-warning", "--user", "default", "-a", "secret", "PING"), b"PONG\n")


@test(limit_s=120)
def cli_mass_insertion(t):
    """--pipe loads 100,000 commands without an error."""
    t.server()
    count = t.size(100000, quick=10000)
    data = b"".join(encode("SET", "key:%d" % n, "value:%d" % n) for n in range(count))
    out = cli(t, "--pipe", data=data)
    check(b"errors: 0, replies: %d" % count in out, repr(out))
    c = t.client()
    eq(c("DBSIZE"), count)
    eq(c("GET", "key:777"), b"value:777")
    out = run(t, [t.tool("redis-cli"), "-p", str(t.main.port), "--pipe"], b"SET a b\r\nBADCOMMAND\r\n")[1]
    check(b"errors: 1, replies: 2" in out, repr(out))


@test
def cli_scan_and_keys(t):
    """--scan lists every key, --bigkeys and --memkeys walk the keyspace."""
    c = t.client()
    c("MSET", *[word for n in range(3000) for word in ("key:%d" % n, "x" * (n % 100))])
    eq(len(set(cli(t, "--scan").split())), 3000)
    eq(len(set(cli(t, "--scan", "--pattern", "key:1?").split())), 10)
    out = cli(t, "--bigkeys")
    check(b"Sampled 3000 keys in the keyspace!" in out and b"3000 strings with" in out, repr(out[-600:]))


@test
def cli_latency_and_stat(t):
    """--latency and --stat run."""
    t.server()
    out = subprocess.run(["timeout", "2", t.tool("redis-cli"), "-p", str(t.main.port), "--raw", "--latency"],
                         capture_output=True, check=False).stdout
    check(re.match(rb"\d+ \d+ [0-9.]+ \d+", out), repr(out))
    ours, theirs = os.openpty()  # --stat shows its first lines at once only on a terminal
    stat = subprocess.Popen([t.tool("redis-cli"), "-p", str(t.main.port), "--stat"], stdout=theirs, stdin=subprocess.DEVNULL)
    try:
        out = b""
        limit = time.monotonic() + 10 * t.patience
        while b"connections" not in out and time.monotonic() < limit:
            out += os.read(ours, 4096)
    finally:
        stat.terminate()
        stat.wait()
    check(b"------- data ------" in out, repr(out))


@test
def cli_help_uses_command_docs(t):
    """redis-cli's own help and hints come from COMMAND DOCS and work."""
    t.server()
    out = cli(t, data=b"help get\n")
    text = re.sub(rb"\x1b\[[0-9;]*m", b"", out)
    check(b"GET key" in text and b"group: string" in text and b"since: 1.0.0" in text, repr(out))


def benchmark(t, *words, server=None, limit_s=100):
    server = server or t.main or t.server()
    code, out, err = run(t, [t.tool("redis-benchmark"), "-p", str(server.port), "-q"] + [str(w) for w in words], limit_s=limit_s)
    check(code == 0, "redis-benchmark %r: exit code %d: %s%s" % (words, code, out[-300:], err[-300:]))
    check(b"rror" not in out + err.replace(b"WARNING: Could not fetch server CONFIG", b""), "redis-benchmark %r: %s%s" % (words, out[-300:], err[-300:]))
    return [line for line in re.split(rb"[\r\n]+", out) if b"requests per second" in line]


@test(limit_s=240, alone=True)
def benchmark_matrix(t):
    """ping, set, get, incr and mset with 1, 16 and 64 commands a pipeline and 1, 50 and 1,000 clients."""
    t.server()
    for clients in (1, 50, 1000) if not t.quick else (1, 50, 300):
        for pipeline in (1, 16, 64):
            count = 20000 if clients == 1000 else t.size(10000 if pipeline > 1 else 3000, quick=2000, long=100000)
            lines = benchmark(t, "-t", "ping,set,get,incr,mset", "-P", pipeline, "-c", clients, "-n", count, limit_s=t.size(100, long=600))
            eq(len(lines), 6, "tests finished with %d clients, pipeline %d" % (clients, pipeline))
    c = t.client()
    check(int(c("GET", "counter:__rand_int__")) > 0, "INCR")


@test(limit_s=120)
def benchmark_with_random_keys(t):
    """Random keys, larger values, several threads of the benchmark, a command of our own."""
    t.server()
    count = t.size(40000, quick=4000)
    eq(len(benchmark(t, "-t", "set,get", "-r", 100000, "-d", 512, "-n", count, "-P", 8, "--threads", 2)), 2)
    eq(len(benchmark(t, "-t", "set,get", "-d", 100000, "-n", t.size(2000, quick=200), "-c", 20)), 2)
    eq(len(benchmark(t, "-r", 1000, "-n", t.size(5000, quick=500), "APPEND", "app:__rand_int__", "abc")), 1)
