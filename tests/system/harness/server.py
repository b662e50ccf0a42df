"""Starts, watches and stops one server process for a test.

The server lives in a folder of its own, listens on a free loopback port, writes its log (standard output and
error) to a file there, and is judged when it stops: a crash, a failed assertion, a sanitizer's report or a stop
that takes too long is an error.
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import time

from harness.resp_client import Client, ConnectionClosed, ReplyError

BAD_LOG = re.compile(
    rb"(ERROR: \w+Sanitizer|WARNING: \w+Sanitizer|SUMMARY: \w+Sanitizer|runtime error:|CHECK failed|ASSERTION FAILED"
    rb"|BUG REPORT START|terminate called|pure virtual method|Guru Meditation|libc\+\+abi:|stack smashing)")


class ServerFault(AssertionError):
    """The server crashed, reported a fault of its own, or did not start or stop."""


class PortPool:
    """Hands out loopback ports below the ephemeral range, so that outgoing connections never take them."""

    def __init__(self, first, count):
        self.first, self.count, self.next = first, count, 0

    def take(self):
        for _ in range(self.count):
            port = self.first + self.next % self.count
            self.next += 1
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("0.0.0.0", port))
                except OSError:
                    continue
            return port
        raise ServerFault("no free port in %d..%d" % (self.first, self.first + self.count))


def arguments_of(config):
    """Keyword settings as command line: {'save': ''} -> ['--save', '']; a list value gives several words."""
    words = []
    for name, value in config.items():
        if value is None:
            continue
        words.append("--" + name.replace("_", "-"))
        words += [str(v) for v in value] if isinstance(value, (list, tuple)) else [str(value)]
    return words


class Server:
    """One server process. Created through the test's fixture, which also stops it."""

    def __init__(self, program, folder, free_port, options, prefix=(), extra_args=(), config_text=None, patience=1.0,
                 environment=None, stdin=None, limits=None, bare=False, **config):
        self.program = program
        self.folder = folder
        self.prefix = list(prefix)
        self.patience = patience
        self.log_path = os.path.join(folder, "server.log")
        self.config_path = None
        self.socket_path = None
        self.password = None
        self.environment = environment
        self.stdin = stdin
        self.limits = limits
        self.process = None
        self.expected_exit = (0,)
        self.may_crash = False
        os.makedirs(folder, exist_ok=True)
        words = []
        if config_text is not None:
            self.config_path = os.path.join(folder, "server.conf")
            with open(self.config_path, "w", encoding="utf-8") as file:
                file.write(config_text)
            words.append(self.config_path)
        settings = {} if bare else {"port": free_port, "bind": "127.0.0.1", "save": "", "dir": folder}
        settings.update(config)
        words += arguments_of(settings)
        if options.get("backend"):
            words += ["--io-backend", options["backend"]]
        if options.get("threads"):
            words += ["--threads", str(options["threads"])]
        self.words = words + list(extra_args)
        if settings.get("unixsocket"):
            self.socket_path = settings["unixsocket"]
        self.password = settings.get("requirepass") or None
        self.port = int(settings.get("port", free_port))

    # --- life ----------------------------------------------------------------------------------------------
    def launch(self):
        """Starts the process without waiting for it to serve."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.prefix + [self.program] + self.words, cwd=self.folder, stdout=log, stderr=log,
                stdin=subprocess.PIPE if self.stdin is not None else subprocess.DEVNULL, env=self.environment,
                preexec_fn=self._apply_limits if self.limits else None)
        if self.stdin is not None:
            self.process.stdin.write(self.stdin.encode())
            self.process.stdin.close()
        return self

    def _apply_limits(self):
        import resource
        for what, (soft, hard) in self.limits.items():
            resource.setrlimit(what, (soft, hard))

    def start(self):
        """Starts the process and waits until it answers."""
        self.launch()
        limit = time.monotonic() + 20 * self.patience
        pause = 0.005
        while True:
            if self.process.poll() is not None:
                raise ServerFault("the server ended with %s while starting; its log:\n%s" %
                                  (self.process.returncode, self.log_tail()))
            if self._answers():
                return self
            if time.monotonic() > limit:
                self.kill()
                raise ServerFault("the server does not answer; its log:\n" + self.log_tail())
            time.sleep(pause)
            pause = min(pause * 1.5, 0.1)

    def _answers(self):
        try:
            with self.client(timeout_s=5 * self.patience, authenticate=False) as client:
                reply = client.call("PING")
                return reply == "PONG" or (isinstance(reply, ReplyError) and reply.text.startswith("NOAUTH"))
        except (OSError, ConnectionClosed):
            return False

    def pid(self):
        """The server's own process id (it differs from the child's under a launcher such as strace)."""
        if not self.prefix:
            return self.process.pid
        with self.client() as client:
            return int(self.info(client=client)["process_id"])

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def wait(self, within_s=20.0):
        """Waits for the process to end by itself; returns its exit code."""
        try:
            return self.process.wait(within_s * self.patience)
        except subprocess.TimeoutExpired:
            raise ServerFault("the server did not end within %g s; its log:\n%s" %
                              (within_s * self.patience, self.log_tail())) from None

    def wait_for_crash(self, number, within_s=20.0):
        """Waits for the process to die by this signal, which is then no fault of the test; returns its log as text."""
        code = self.wait(within_s)
        self.expected_exit, self.may_crash = (-number,), True
        if code != -number:
            raise ServerFault("the server ended with exit code %s and not by signal %d; its log:\n%s" %
                              (code, number, self.log_tail()))
        return self.log().decode("utf-8", "replace")

    def kill(self):
        if self.alive():
            self.process.kill()
            self.process.wait()

    def stop(self):
        """Ends the server and raises ServerFault if anything about it was not in order."""
        if self.process is None:
            return
        problem = None
        if self.alive():
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20 * self.patience)
            except subprocess.TimeoutExpired:
                problem = "does not stop after SIGTERM"
                self.kill()
        code = self.process.returncode
        self.process = None
        if problem is None and code not in self.expected_exit:
            problem = "ended with exit code %s" % code
        found = None if self.may_crash else BAD_LOG.search(self.log())
        if found:
            problem = "logged %r" % found.group(0).decode()
        if problem:
            raise ServerFault("the server %s; its log:\n%s" % (problem, self._log_from(found) if found else self.log_tail()))

    def restart(self):
        self.stop()
        return self.start()

    # --- looking at it -------------------------------------------------------------------------------------
    def client(self, resp=2, timeout_s=None, authenticate=True, **kw):
        timeout_s = timeout_s if timeout_s is not None else 30 * self.patience
        if self.port == 0 and self.socket_path:
            client = Client(path=self.socket_path, timeout_s=timeout_s, **kw)
        else:
            client = Client(port=self.port, timeout_s=timeout_s, **kw)
        if self.password and authenticate:
            client("AUTH", self.password)
        if resp == 3:
            client("HELLO", "3")
        return client

    def info(self, section=None, client=None):
        """INFO as a flat dictionary."""
        own = client is None
        client = client or self.client()
        try:
            text = client("INFO", *([section] if section else []))
        finally:
            if own:
                client.close()
        lines = bytes(text).decode("utf-8", "replace").splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line and not line.startswith("#"))

    def log(self):
        try:
            with open(self.log_path, "rb") as file:
                return file.read()
        except FileNotFoundError:
            return b""

    def log_tail(self, count=40):
        lines = [l for l in self.log().decode("utf-8", "replace").splitlines() if "overcommit" not in l]
        return "\n".join("    | " + line for line in lines[-count:])

    def _log_from(self, found, count=60):
        """What a report says first (what, where, allocated and freed where) is what one needs of it."""
        lines = self.log()[found.start():].decode("utf-8", "replace").splitlines()
        return "\n".join("    | " + line for line in lines[:count])

    def resident_bytes(self, what="VmRSS"):
        with open("/proc/%d/status" % self.pid(), encoding="ascii", errors="replace") as file:
            for line in file:
                if line.startswith(what + ":"):
                    return int(line.split()[1]) * 1024
        raise ServerFault("no %s of the server" % what)

    def listening_tcp_ports(self):
        """The TCP ports on which the process listens, by its descriptors."""
        folder = "/proc/%d/fd" % self.pid()
        inodes = set()
        for name in os.listdir(folder):
            try:
                target = os.readlink(os.path.join(folder, name))
            except OSError:
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
        ports = set()
        for table in ("/proc/net/tcp", "/proc/net/tcp6"):
            with open(table, encoding="ascii") as file:
                for line in list(file)[1:]:
                    fields = line.split()
                    if fields[3] == "0A" and fields[9] in inodes:
                        ports.add(int(fields[1].rsplit(":", 1)[1], 16))
        return ports

    def processor_seconds(self):
        with open("/proc/%d/stat" % self.pid(), encoding="ascii", errors="replace") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def discard(self):
        shutil.rmtree(self.folder, ignore_errors=True)
