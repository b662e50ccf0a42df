"""The io_uring backend from outside: its system calls, each of its features off, and its refusal by the kernel."""
import collections
import os
import re
import signal
import subprocess
import sys
import time

from cases.real_peers import benchmark
from harness import refuse_io_uring
from harness.framework import check, eq, eventually, test
from harness.resp_client import encode

# Calls that would mean that sockets are served past io_uring.
FORBIDDEN = {"epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll", "select", "pselect6", "recvfrom", "recvmsg", "recvmmsg",
             "sendto", "sendmsg", "sendmmsg", "readv", "writev", "accept", "accept4"}
# What timers, the watchdog and signals may call beside the load, per second and thread.
BACKGROUND_PER_SECOND = 250


def gyre_only(t):
    if not t.is_gyre():
        t.skip("only on Gyre")
    if t.options["backend"] == "epoll":
        t.skip("runs with the io_uring backend only")


def descriptors(server):
    """What the process has open."""
    folder = "/proc/%d/fd" % server.pid()
    targets = []
    for name in os.listdir(folder):
        try:
            targets.append(os.readlink(os.path.join(folder, name)))
        except OSError:
            pass
    return targets


def has_descriptor(server, part):
    return any(part in target for target in descriptors(server))


class Trace:
    """strace attached to all threads of a server for the length of a `with`; counts calls by name."""

    def __init__(self, t, server):
        self.tool = t.tool("strace")
        self.pid = server.pid()
        self.path = os.path.join(t.folder, "trace%d" % time.monotonic_ns())
        self.patience = t.patience
        self.t = t

    def __enter__(self):
        self.process = subprocess.Popen([self.tool, "-f", "-qq", "-p", str(self.pid), "-o", self.path], stderr=subprocess.PIPE)
        limit = time.monotonic() + 10 * self.patience
        while not self.attached():
            if self.process.poll() is not None:
                self.t.skip("strace may not attach: " + self.process.stderr.read().decode("utf-8", "replace").strip()[-100:])
            check(time.monotonic() < limit, "strace does not attach")
            time.sleep(0.02)
        self.began = time.monotonic()
        return self

    def attached(self):
        for thread in os.listdir("/proc/%d/task" % self.pid):
            with open("/proc/%d/task/%s/status" % (self.pid, thread), encoding="ascii", errors="replace") as file:
                if re.search(r"TracerPid:\t0\n", file.read()):
                    return False
        return True

    def __exit__(self, *_):
        self.seconds = time.monotonic() - self.began
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        self.calls = collections.Counter()
        if not os.path.exists(self.path):
            return
        with open(self.path, encoding="utf-8", errors="replace") as file:
            for line in file:
                match = re.match(r"\d+ +(\w+)\(", line)
                if match:
                    self.calls[match.group(1)] += 1


def judge(t, trace, commands, turns, threads):
    """At most one system call for each turn that the load can need, and none of the forbidden ones."""
    allowance = trace.seconds * BACKGROUND_PER_SECOND * (threads + 1) + 50
    t.note("%d commands, %d io_uring_enter, %d other calls in %.1f s" %
           (commands, trace.calls["io_uring_enter"], sum(trace.calls.values()) - trace.calls["io_uring_enter"], trace.seconds))
    check(trace.calls["io_uring_enter"] > 0, "no io_uring_enter was seen: %r" % trace.calls)
    bad = {name: count for name, count in trace.calls.items() if name in FORBIDDEN}
    check(not bad, "calls past io_uring: %r" % bad)
    check(trace.calls["io_uring_enter"] <= turns * 1.05 + allowance, "%d io_uring_enter for at most %d turns" % (trace.calls["io_uring_enter"], turns))
    others = sum(trace.calls.values()) - trace.calls["io_uring_enter"]
    check(others <= allowance, "%d other calls: %r" % (others, trace.calls.most_common(8)))


@test(limit_s=120, quick=False)
def one_call_a_turn_without_pipeline(t):
    """One client, one command at a time: at most one io_uring_enter a command, no recv, send or epoll_wait."""
    gyre_only(t)
    server = t.server(backend="io_uring")
    c = t.client(server)
    threads = t.options["threads"] or 1
    eq(c("PING"), "PONG")
    count = 1500
    with Trace(t, server) as trace:
        for n in range(count // 3):
            c("SET", "k", n)
            c("GET", "k")
            c("INCR", "k")
    judge(t, trace, count, count, threads)


@test(limit_s=120, quick=False)
def one_call_a_turn_with_pipelines(t):
    """Twenty clients with pipelines of 16, large values too: io_uring_enter stays below one a pipeline."""
    gyre_only(t)
    server = t.server(backend="io_uring")
    clients = [t.client(server) for _ in range(20)]
    for c in clients:
        c("PING")
    data = encode("SET", "k", "x" * 100) * 8 + encode("GET", "k") * 8
    rounds = 50
    with Trace(t, server) as trace:
        for _ in range(rounds):
            for c in clients:
                c.send_raw(data)
            for c in clients:
                for _ in range(16):
                    c.read()
    judge(t, trace, rounds * len(clients) * 16, rounds * len(clients) * 2, t.options["threads"] or 1)


@test
def the_backend_asked_for_is_used(t):
    """With --backend the server really has that kind of descriptor, and of the other one none on the data path."""
    if not t.is_gyre() or not t.options["backend"]:
        t.skip("only on Gyre with --backend")
    server = t.main
    if t.options["backend"] == "io_uring":
        check(has_descriptor(server, "[io_uring]"), "no io_uring descriptor: %r" % descriptors(server))
    else:
        check(has_descriptor(server, "[eventpoll]"), "no epoll descriptor: %r" % descriptors(server))
        check(not has_descriptor(server, "[io_uring]"), "an io_uring descriptor in epoll mode")


def feature_names(t):
    """The features that the server knows, from its own error text."""
    server = t.make_server(io_uring_features="no-such-feature")
    server.launch()
    server.expected_exit = (1,)
    eq(server.wait(), 1)
    match = re.search(rb"all, none, ([a-z\-_, ]+)", server.log())
    check(match, "the error does not list the features:\n" + server.log_tail())
    return [name.strip() for name in match.group(1).decode().split(",")]


@test(limit_s=400)
def each_feature_off(t):
    """With every io_uring feature off in turn, and all off, the server works and passes a benchmark."""
    gyre_only(t)
    names = feature_names(t)
    check(len(names) >= 8, "features: %r" % names)
    for words in ["all"] + ["all -" + name for name in names] + ["none"]:
        server = t.server(backend="io_uring", io_uring_features=words)
        exercise(t, server)
        server.stop()
    t.note("features: " + " ".join(names))


def exercise(t, server):
    with server.client() as c:
        value = bytes(range(256)) * 4000
        eq(c("SET", "big", value), "OK")
        check(c("GET", "big") == value, "a large value changed")
        eq(c.pipeline([("INCR", "n")] * 500), list(range(1, 501)))
    for pipeline in (1, 32):
        lines = benchmark(t, "-t", "ping,set,get,incr,mset", "-P", pipeline, "-c", 30, "-n", t.size(3000, quick=600), server=server)
        eq(len(lines), 6)


@test
def zero_copy_modes(t):
    """zero-copy auto, on and off give the same answers; auto does not ask for it within one host, and CONFIG SET changes
    what open connections do."""
    gyre_only(t)
    for mode in ("auto", "on", "off"):
        server = t.server(backend="io_uring", zero_copy=mode)
        with server.client() as c:
            value = bytes(range(256)) * 8000
            c("SET", "big", value)
            for _ in range(5):
                c.send_raw(encode("GET", "big") + encode("APPEND", "big", "x") + encode("SETRANGE", "big", 0, "\0"))
            for turn in range(5):
                check(c.read() == value + b"x" * turn, "a value changed with zero-copy " + mode)
                eq([c.read(), c.read()], [len(value) + turn + 1] * 2)
            sends = int(server.info("stats")["gyre_zero_copy_sends"])
            check((sends > 0) == (mode == "on"), "%d sends with zero-copy %s" % (sends, mode))
            if mode == "off":
                c("CONFIG", "SET", "zero-copy", "on")
                eq(len(c("GET", "big")), len(value) + 5)
                eventually(lambda: int(server.info("stats")["gyre_zero_copy_sends"]) > 0, "CONFIG SET has no effect", patience=t.patience)
        server.stop()


@test(limit_s=120)
def refused_by_the_kernel(t):
    """io_uring answered with EPERM, ENOSYS or ENOMEM: with `auto` one log line says so and epoll serves; forced, the start fails."""
    gyre_only(t)
    launcher = os.path.abspath(refuse_io_uring.__file__)
    for name in ("EPERM", "ENOSYS", "ENOMEM"):
        prefix = [sys.executable, launcher, name]
        server = t.server(backend="auto", prefix=prefix)
        exercise(t, server)
        check(has_descriptor(server, "[eventpoll]") and not has_descriptor(server, "[io_uring]"), "epoll is not used after " + name)
        lines = [line for line in server.log().splitlines() if b"io_uring" in line and b"epoll" in line]
        eq(len(lines), 1, "log lines about the fall-back after %s: %r" % (name, lines))
        server.stop()
        forced = t.make_server(backend="io_uring", prefix=prefix)
        forced.launch()
        forced.expected_exit = (1,)
        eq(forced.wait(), 1)
        check(b"io_uring" in forced.log(), "no word about io_uring:\n" + forced.log_tail())


@test(limit_s=60, quick=False)
def idle_server_rests(t):
    """An idle server with clients connected uses almost no processor time."""
    server = t.server()
    clients = [t.client(server) for _ in range(100)]
    for c in clients:
        c("PING")
    time.sleep(0.5)
    before = server.processor_seconds()
    began = time.monotonic()
    while time.monotonic() - began < 3:
        time.sleep(0.5)
    used = server.processor_seconds() - before
    t.note("%.0f ms of processor time in 3 s with 100 idle clients" % (used * 1000))
    check(used < 0.3 * t.patience, "%.2f s of processor time in 3 s" % used)
