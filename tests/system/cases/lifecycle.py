"""Start and stop: SHUTDOWN, signals, exit codes, pid file, daemon mode, the log and its format, systemd's notification."""
import os
import re
import signal
import socket
import subprocess
import time

from harness.framework import SYNTAX, ConnectionClosed, check, eq, eventually, fails, test

LOG_LINE = re.compile(r"\d+:[MCSX] \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d\.\d{3} [.\-*#] .*")


@test
def shutdown_command(t):
    """SHUTDOWN, NOSAVE, NOW and FORCE end the server with exit code 0 and without a reply."""
    for words in ([], ["NOSAVE"], ["NOSAVE", "NOW"], ["NOSAVE", "FORCE"]):
        server = t.server()
        c = t.client(server)
        c("SET", "k", "v")
        c.send("SHUTDOWN", *words)
        try:
            check(False, "a reply: %r" % c.read())
        except ConnectionClosed:
            pass
        eq(server.wait(), 0)
        log = server.log()
        check(b"User requested shutdown..." in log and b"is now ready to exit, bye bye..." in log, server.log_tail())


@test
def shutdown_errors(t):
    """Contradicting words and an abort of nothing."""
    c = t.client()
    fails(c, SYNTAX, "SHUTDOWN", "NOSAVE", "SAVE")
    fails(c, SYNTAX, "SHUTDOWN", "foo")
    fails(c, SYNTAX, "SHUTDOWN", "ABORT", "NOW")
    fails(c, "ERR No shutdown in progress.", "SHUTDOWN", "ABORT")
    c("MULTI")
    fails(c, "ERR Command not allowed inside a transaction", "SHUTDOWN", "NOSAVE")


@test
def signals(t):
    """SIGTERM and SIGINT shut down in order, with exit code 0, also with many clients at work."""
    for number, name in ((signal.SIGTERM, b"SIGTERM"), (signal.SIGINT, b"SIGINT")):
        server = t.server()
        clients = [t.client(server) for _ in range(20)]
        for c in clients:
            c.send_raw(b"*1\r\n$4\r\nPING\r\n" * 1000)
        os.kill(server.pid(), number)
        eq(server.wait(), 0)
        check(b"Received %s scheduling shutdown..." % name in server.log(), server.log_tail())


@test
def stops_while_clients_do_not_read(t):
    """A shutdown does not wait for clients that read nothing or sent half a command."""
    server = t.server()
    c = t.client(server)
    c("SET", "k", "x" * 1000000)
    deaf = t.client(server, receive_buffer=16384)
    deaf.send_raw(b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n" * 50)
    half = t.client(server)
    half.send_raw(b"*2\r\n$3\r\nGET\r\n$1")
    time.sleep(0.1)
    began = time.monotonic()
    os.kill(server.pid(), signal.SIGTERM)
    eq(server.wait(), 0)
    check(time.monotonic() - began < 8 * t.patience, "took %.1f s" % (time.monotonic() - began))


@test
def hangup_and_pipe_signals_are_ignored(t):
    """SIGHUP and SIGPIPE do not end the server."""
    server = t.server()
    for number in (signal.SIGHUP, signal.SIGPIPE):
        os.kill(server.pid(), number)
    time.sleep(0.1)
    eq(t.client(server)("PING"), "PONG")


@test
def log_format(t):
    """Every log line after the banner reads `pid:role date level text`, the lines that people look for are there."""
    server = t.server()
    t.client(server)("PING")
    server.stop()
    lines = [line for line in server.log().decode().splitlines() if line and not re.match(r"^[\s`._\-'|,()0-9a-zA-Z:/=\]\[]*$", line)]
    check(lines, "no log")
    for line in lines:
        check(LOG_LINE.fullmatch(line), "strange log line: %r" % line)
    check(any("Ready to accept connections" in line for line in lines), server.log_tail())


@test
def log_file_and_level(t):
    """logfile takes the log, loglevel decides what is in it, both can be seen at run time."""
    path = os.path.join(t.folder, "gyre.log")
    os.makedirs(t.folder, exist_ok=True)
    server = t.server(logfile=path, loglevel="warning")
    c = t.client(server)
    with open(path, encoding="utf-8") as file:
        check("Ready to accept connections" not in file.read(), "a notice is logged at level warning")
    c("CONFIG", "SET", "loglevel", "debug")
    with t.main.client() as d:
        d("PING")
        d.send_raw(b"*1\r\nx\r\n")
        d.read()
    os.kill(server.pid(), signal.SIGTERM)
    eq(server.wait(), 0)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    check("Accepted 127.0.0.1:" in text, "no accepted connection at level debug")
    check("Protocol error (expected $ but got something else) from client" in text, "no protocol error at level debug")
    bad = t.make_server(logfile="/nonexistent/folder/log")
    bad.launch()
    bad.expected_exit = (1,)
    eq(bad.wait(), 1)
    check(b"Can't open the log file" in bad.log(), bad.log_tail())


@test
def log_is_reopened(t):
    """A renamed log file is left alone: the next line goes to a new one."""
    path = os.path.join(t.folder, "gyre.log")
    os.makedirs(t.folder, exist_ok=True)
    server = t.server(logfile=path)
    os.rename(path, path + ".1")
    os.kill(server.pid(), signal.SIGTERM)
    eq(server.wait(), 0)
    with open(path, encoding="utf-8") as file:
        check("bye bye" in file.read(), "the new file has not the last line")


@test
def pid_file(t):
    """pidfile holds the process id while the server runs and is removed when it ends."""
    path = os.path.join(t.folder, "gyre.pid")
    os.makedirs(t.folder, exist_ok=True)
    server = t.server(pidfile=path)
    with open(path, encoding="ascii") as file:
        eq(int(file.read()), server.pid())
    server.stop()
    check(not os.path.exists(path), "the pid file is left behind")


@test
def daemon(t):
    """daemonize yes: the command returns at once with 0, the server runs in a session of its own, with a pid file."""
    os.makedirs(t.folder, exist_ok=True)
    path = os.path.join(t.folder, "gyre.pid")
    server = t.make_server(daemonize="yes", pidfile=path, logfile=os.path.join(t.folder, "daemon.log"))
    server.launch()
    eq(server.wait(), 0)
    pid = None
    try:
        eventually(lambda: os.path.exists(path) and open(path, encoding="ascii").read().strip(), "a pid file", patience=t.patience)
        with open(path, encoding="ascii") as file:
            pid = int(file.read())
        eventually(server._answers, "the daemon answers", 20, t.patience)
        check(pid != server.process.pid, "the same process")
        eq(os.getsid(pid), pid)
        with server.client() as c:
            eq(int(server.info("server", client=c)["process_id"]), pid)
            eq(c("CONFIG", "GET", "daemonize"), [b"daemonize", b"yes"])
            values = [("SET", "k%d" % n, n) for n in range(1000)]
            eq(set(c.pipeline(values)), {"OK"})
    finally:
        if pid:
            os.kill(pid, signal.SIGTERM)
            eventually(lambda: not running(pid), "the daemon ends", 20, t.patience)
    check(not os.path.exists(path), "the pid file is left behind")


def running(pid):
    """Whether a process that is not our child runs (a zombie does not)."""
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@test
def systemd_notification(t):
    """supervised systemd tells $NOTIFY_SOCKET when it is ready, and when it stops."""
    os.makedirs(t.folder, exist_ok=True)
    path = os.path.join(t.folder, "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(path)
        listener.settimeout(10 * t.patience)
        server = t.make_server(supervised="systemd", environment=dict(os.environ, NOTIFY_SOCKET=path))
        server.start()
        if b"supervised by systemd" in server.log() and b"not compiled" in server.log():
            t.skip("built without systemd support")
        text = b""
        limit = time.monotonic() + 10 * t.patience
        listener.settimeout(1)
        while b"READY=1" not in text and time.monotonic() < limit:
            try:
                text += listener.recv(4096) + b"\n"
            except (TimeoutError, socket.timeout):
                if b"systemd" not in text:
                    break
        if b"READY=1" not in text and not server.info("server").get("gyre_version"):
            t.skip("this stock server was built without systemd support")
        check(b"READY=1" in text, repr(text))
        server.stop()


@test
def started_twice_with_the_same_folder(t):
    """A restart on the same port works at once, though connections of the old process linger."""
    server = t.server()
    clients = [t.client(server) for _ in range(10)]
    for c in clients:
        c("PING")
    server.stop()
    server.start()
    eq(t.client(server)("PING"), "PONG")


@test
def stops_cleanly_every_time(t):
    """Starting and stopping ten times in a row, with a command each, always exits cleanly."""
    for _ in range(t.size(10, quick=3)):
        server = t.server()
        with server.client() as c:
            eq(c("SET", "k", "v"), "OK")
        server.stop()


@test
def runs_under_another_name(t):
    """Started through a link the server is the same (a name with `sentinel` in it is reserved for that mode)."""
    os.makedirs(t.folder, exist_ok=True)
    link = os.path.join(t.folder, "my-server")
    os.symlink(t.options["server"], link)
    done = subprocess.run([link, "--version"], capture_output=True, timeout=20 * t.patience, check=False)
    eq(done.returncode, 0)
