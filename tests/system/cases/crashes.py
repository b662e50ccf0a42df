"""Crash reports and the watchdog: what is in the log when the server dies or stands still, and how it dies."""
import os
import re
import signal
import time

from harness.framework import ConnectionClosed, check, eq, eventually, test

START, END = "=== REDIS BUG REPORT START", "=== REDIS BUG REPORT END"
# What a watchdog with a timeout of one second would have noticed.
LONGER_THAN_TIMEOUT_S = 1.5
WATCHDOG_START, WATCHDOG_END = "=== GYRE WATCHDOG REPORT START", "=== GYRE WATCHDOG REPORT END"


def gyre_only(t, crashes=True):
    if not t.is_gyre():
        t.skip("only on Gyre")
    if crashes and t.is_sanitized():
        t.skip("the sanitizer reports crashes here")


def send_and_lose(client, *words):
    """Sends a command that is the server's last."""
    client.send(*words)
    try:
        check(False, "a reply: %r" % client.read())
    except (ConnectionClosed, ConnectionResetError):
        pass


def report_of(log, start=START, end=END):
    eq(log.count(start), 1, "reports")
    check(end in log, "the report has no end:\n" + log)
    return log[log.index(start):log.index(end)]


def has(report, *parts):
    for part in parts:
        check(re.search(part, report), "no %r in the report:\n%s" % (part, report))


@test
def segfault(t):
    """DEBUG SEGFAULT: a report with the address, the functions on the stack and the command; the process dies by SIGSEGV."""
    gyre_only(t)
    server = t.server(enable_debug_command="yes")
    c = t.client(server)
    number = c("CLIENT", "ID")
    send_and_lose(c, "DEBUG", "SEGFAULT")
    report = report_of(server.wait_for_crash(signal.SIGSEGV))
    has(report, r"crashed by signal: 11 \(SIGSEGV\)", r"Accessing address: 0x[0-9a-f]+000\n", r"Crashed running the instruction at: 0x",
        r"Gyre \d", r"------ REGISTERS ------", r"------ STACK TRACE ------", r"#0 0x[0-9a-f]+ .*debug_segfault",
        r"gyre::exec::Dispatcher::run_body", r"running command: 'debug' with 2 arguments, client id=%d db=0" % number,
        r"reactor 0: (at work|waits for events), turns=\d+ commands=\d+")
    # The other threads: at least the one that waits for signals.
    has(report, r"gyre::server::SignalWatch::watch")


@test
def secrets_stay_secret(t):
    """Nothing of a command's arguments is in the report."""
    gyre_only(t)
    server = t.server(enable_debug_command="yes")
    c = t.client(server)
    send_and_lose(c, "DEBUG", "SEGFAULT", "Kq7-secret-Zx9")
    check("Kq7-secret-Zx9" not in server.wait_for_crash(signal.SIGSEGV), "an argument is shown")


@test
def killed_from_outside(t):
    """A signal that somebody sends: the report says who, and the process dies by it."""
    gyre_only(t)
    for number, name in ((signal.SIGSEGV, "SIGSEGV"), (signal.SIGBUS, "SIGBUS"), (signal.SIGFPE, "SIGFPE"),
                         (signal.SIGILL, "SIGILL"), (signal.SIGABRT, "SIGABRT")):
        server = t.server()
        eq(t.client(server)("SET", "k", "v"), "OK")
        os.kill(server.pid(), number)
        report = report_of(server.wait_for_crash(number))
        has(report, r"crashed by signal: %d \(%s\)" % (number, name), r"Killed by PID: %d, UID: %d" % (os.getpid(), os.getuid()),
            r"STACK TRACE", r"gyre::io::Reactor::turn", r"no command is running")


@test
def panic_and_assert(t):
    """DEBUG PANIC and DEBUG ASSERT: the reason is in the log, then the report of SIGABRT."""
    gyre_only(t)
    for word, reason in (("PANIC", r"Guru Meditation: DEBUG PANIC called at Unix time \d+ #\S+:\d+"), ("ASSERT", "CHECK failed")):
        server = t.server(enable_debug_command="yes")
        send_and_lose(t.client(server), "DEBUG", word)
        log = server.wait_for_crash(signal.SIGABRT)
        has(log, reason)
        has(report_of(log), r"crashed by signal: 6 \(SIGABRT\)", "debug_" + word.lower())


@test
def report_goes_to_the_log_file(t):
    """With logfile the report is there, and the pid file of a daemon is removed by the crash."""
    gyre_only(t)
    os.makedirs(t.folder, exist_ok=True)
    path = os.path.join(t.folder, "gyre.log")
    server = t.server(enable_debug_command="yes", logfile=path)
    send_and_lose(t.client(server), "DEBUG", "SEGFAULT")
    server.wait_for_crash(signal.SIGSEGV)
    with open(path, encoding="utf-8") as file:
        report_of(file.read())


@test
def inside_a_transaction(t):
    """A crash inside EXEC names the command of the queue."""
    gyre_only(t)
    server = t.server(enable_debug_command="yes")
    c = t.client(server)
    eq(c("MULTI"), "OK")
    eq(c("SET", "k", "v"), "QUEUED")
    eq(c("DEBUG", "SEGFAULT"), "QUEUED")
    send_and_lose(c, "EXEC")
    has(report_of(server.wait_for_crash(signal.SIGSEGV)), r"running command: 'debug' with 2 arguments.*, inside EXEC")


@test
def switched_off(t):
    """crash-log-enabled no leaves no report, from the start or by CONFIG SET, and can be taken back."""
    gyre_only(t)
    for at_start, at_run_time, reports in (("no", None, 0), ("yes", "no", 0), ("no", "yes", 1)):
        server = t.server(enable_debug_command="yes", crash_log_enabled=at_start)
        c = t.client(server)
        if at_run_time:
            eq(c("CONFIG", "SET", "crash-log-enabled", at_run_time), "OK")
        send_and_lose(c, "DEBUG", "SEGFAULT")
        eq(server.wait_for_crash(signal.SIGSEGV).count(START), reports, "reports")


@test
def stray_signal(t):
    """SIGUSR2, by which threads are asked for their stacks, does nothing when nobody asked."""
    gyre_only(t, crashes=False)
    server = t.server()
    for _ in range(20):
        os.kill(server.pid(), signal.SIGUSR2)
    eq(t.client(server)("PING"), "PONG")


def stall(t, server):
    """Holds a reactor up for three seconds, with others waiting behind it; the client that did it."""
    c = t.client(server)
    others = [t.client(server) for _ in range(8)]
    c.send("DEBUG", "SLEEP", 3)
    time.sleep(0.2)
    for other in others:
        other.send("SET", "k", "v")
    eq(c.read(), "OK")
    for other in others:
        eq(other.read(), "OK")
    return c


@test
def watchdog_reports(t):
    """A reactor that stands still is reported once, with the command that holds it, and once more when it goes on."""
    gyre_only(t, crashes=False)
    server = t.server(enable_debug_command="yes", watchdog_timeout=1)
    c = stall(t, server)
    text = eventually(lambda: "turns again" in server.log().decode() and server.log().decode(), "the end is logged", patience=t.patience)
    report = report_of(text, WATCHDOG_START, WATCHDOG_END)
    has(report, r"running command: 'debug' with 3 arguments", r"STACK TRACE", r"debug_sleep", r"reactor \d: at work")
    has(text, r"Watchdog: reactor \d has not turned for [12]\.\d s", r"Watchdog: reactor \d turns again: it was stuck for [123]\.\d s")
    eq(len(re.findall("has not turned", text)), 1, "lines about the reactor")
    check(START not in text, "a crash report")
    # The next one is an incident of its own.
    eq(c("CONFIG", "SET", "watchdog-timeout", "1"), "OK")
    eq(c("DEBUG", "SLEEP", 2), "OK")
    eventually(lambda: server.log().decode().count(WATCHDOG_START) == 2, "a second report", patience=t.patience)


@test
def watchdog_shows_who_waits(t):
    """With several threads, clients that wait behind the stuck one are shown with what they wait for."""
    gyre_only(t, crashes=False)
    server = t.server(enable_debug_command="yes", watchdog_timeout=1, threads=4)
    stall(t, server)
    report = report_of(server.log().decode(), WATCHDOG_START, WATCHDOG_END)
    has(report, r"waiting: client id=\d+ for the gate to open, since \d\.\d s", r"with the gate closed")


@test
def watchdog_aborts(t):
    """With watchdog-abort the process ends by SIGABRT, with one report."""
    gyre_only(t)
    server = t.server(enable_debug_command="yes", watchdog_timeout=1, watchdog_abort="yes")
    began = time.monotonic()
    send_and_lose(t.client(server), "DEBUG", "SLEEP", 30)
    log = server.wait_for_crash(signal.SIGABRT)
    check(time.monotonic() - began < 15 * t.patience, "took %.1f s" % (time.monotonic() - began))
    has(log, r"has not turned for [12]\.\d s", "as watchdog-abort demands")
    has(report_of(log), r"crashed by signal: 6 \(SIGABRT\)", "gyre::server::Watchdog", "debug_sleep", "running command: 'debug'")
    check(WATCHDOG_START not in log, "everything is there twice")


@test
def watchdog_aborts_without_crash_log(t):
    """With crash-log-enabled no the watchdog still says why it ends the process."""
    gyre_only(t)
    server = t.server(enable_debug_command="yes", watchdog_timeout=1, watchdog_abort="yes", crash_log_enabled="no")
    send_and_lose(t.client(server), "DEBUG", "SLEEP", 30)
    log = server.wait_for_crash(signal.SIGABRT)
    has(report_of(log, WATCHDOG_START, WATCHDOG_END), "debug_sleep")
    check(START not in log, "a crash report")


@test
def watchdog_off(t):
    """watchdog-timeout 0 never reports; CONFIG SET starts and stops it."""
    gyre_only(t, crashes=False)
    server = t.server(enable_debug_command="yes", watchdog_timeout=0)
    c = t.client(server)
    eq(c("DEBUG", "SLEEP", 2), "OK")
    check(b"Watchdog" not in server.log(), server.log_tail())
    eq(c("CONFIG", "SET", "watchdog-timeout", "1"), "OK")
    eq(c("DEBUG", "SLEEP", 2), "OK")
    eventually(lambda: b"turns again" in server.log(), "a report after CONFIG SET", patience=t.patience)
    eq(c("CONFIG", "SET", "watchdog-timeout", "0"), "OK")
    eq(c("DEBUG", "SLEEP", 2), "OK")
    eq(server.log().decode().count(WATCHDOG_START), 1, "reports")


@test
def watchdog_forgives_a_stop(t):
    """A server that was stopped and goes on has not been stuck."""
    gyre_only(t, crashes=False)
    server = t.server(watchdog_timeout=1)
    c = t.client(server)
    os.kill(server.pid(), signal.SIGSTOP)
    c.send("PING")
    time.sleep(LONGER_THAN_TIMEOUT_S)
    os.kill(server.process.pid, signal.SIGCONT)
    eq(c.read(), "PONG")
    time.sleep(0.5)
    check(b"Watchdog" not in server.log(), server.log_tail())


@test
def watchdog_leaves_busy_servers_alone(t):
    """Load and idleness are no reason for a report."""
    gyre_only(t, crashes=False)
    server = t.server(watchdog_timeout=1)
    c = t.client(server)
    until = time.monotonic() + 2
    while time.monotonic() < until:
        eq(len(c.pipeline([("INCR", "n")] * 500)), 500)
    time.sleep(LONGER_THAN_TIMEOUT_S)
    check(b"Watchdog" not in server.log(), server.log_tail())
