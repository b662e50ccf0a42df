"""Where settings come from at the start: command line, file, standard input, include; and what stops the start."""
import os
import re

from harness.framework import check, eq, test


def started(t, words=(), text=None, stdin=None):
    """A server started with exactly these words (and port, bind, dir before them if in a file)."""
    return t.server(extra_args=list(words), config_text=text, stdin=stdin)


def get(c, name):
    return c("CONFIG", "GET", name)[1].decode()


def refused(t, *parts, words=(), text=None, stdin=None):
    """The start fails with exit code 1 and a message that has all the parts."""
    server = t.make_server(extra_args=list(words), config_text=text, stdin=stdin)
    server.launch()
    server.expected_exit = (1,)
    eq(server.wait(), 1, "exit code with %r" % (words or text,))
    log = server.log().decode("utf-8", "replace")
    for part in parts:
        check(re.search(part, log), "no %r in:\n%s" % (part, log))


@test
def command_line(t):
    """Words after --name are its values, up to the next --; quotes and case do not matter; later ones win."""
    server = started(t, ["--maxmemory", "100mb", "--MaxMemory-Policy", "allkeys-lru", "--save", "900", "1", "300", "10",
                         "--timeout", "7", "--timeout", "9", "--client-output-buffer-limit", "normal 1mb 0 0"])
    c = t.client(server)
    eq(get(c, "maxmemory"), "104857600")
    eq(get(c, "maxmemory-policy"), "allkeys-lru")
    eq(get(c, "save"), "900 1 300 10")
    eq(get(c, "timeout"), "9")
    eq(get(c, "client-output-buffer-limit"), "normal 1048576 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60")


@test
def file_then_command_line(t):
    """A file is read first, the command line after it wins; comments, blanks, quotes and case in the file."""
    server = started(t, ["--maxclients", "77"], text='''
# a comment
   MaxClients   55
timeout "12"

maxmemory-policy 'volatile-ttl'
\ttcp-keepalive\t44
save 60 1000
save 10 5
''')
    c = t.client(server)
    eq(get(c, "maxclients"), "77")
    eq(get(c, "timeout"), "12")
    eq(get(c, "maxmemory-policy"), "volatile-ttl")
    eq(get(c, "tcp-keepalive"), "44")
    eq(get(c, "save"), "")
    eq(server.info("server", client=c)["config_file"], server.config_path)


@test
def save_lines_add_up(t):
    """Several save lines of a file add up; one with an empty string clears those before."""
    server = t.make_server(config_text="save 60 1000\nsave 10 5\n", save=None)
    server.start()
    eq(get(t.client(server), "save"), "60 1000 10 5")
    server = t.make_server(config_text='save 60 1000\nsave ""\n', save=None)
    server.start()
    eq(get(t.client(server), "save"), "")


@test
def standard_input(t):
    """`-` reads settings from standard input, after the command line."""
    server = started(t, ["--timeout", "5", "-"], stdin="maxclients 66\ntcp-keepalive 55\n")
    c = t.client(server)
    eq(get(c, "timeout"), "5")
    eq(get(c, "maxclients"), "66")
    eq(get(c, "tcp-keepalive"), "55")


@test
def include(t):
    """include reads another file at that place; a missing one stops the start."""
    os.makedirs(t.folder, exist_ok=True)
    other = os.path.join(t.folder, "other.conf")
    with open(other, "w", encoding="utf-8") as file:
        file.write("timeout 31\nmaxclients 32\n")
    server = started(t, text="timeout 1\ninclude %s\nmaxclients 33\n" % other)
    c = t.client(server)
    eq(get(c, "timeout"), "31")
    eq(get(c, "maxclients"), "33")
    refused(t, "Fatal error, can't open config file '/nonexistent/file'", text="include /nonexistent/file\n")


@test
def include_by_pattern(t):
    """include takes a pattern; none matching is no error."""
    os.makedirs(t.folder, exist_ok=True)
    for number in (1, 2):
        with open(os.path.join(t.folder, "part%d.conf" % number), "w", encoding="utf-8") as file:
            file.write("timeout %d\n" % number)
    server = started(t, text="include %s/part*.conf\ninclude %s/none*.conf\n" % (t.folder, t.folder))
    eq(get(t.client(server), "timeout"), "2")


@test
def unknown_and_malformed(t):
    """Anything unknown or malformed stops the start with line, text and reason."""
    for line, reason in (
            ("foo bar", "Bad directive or wrong number of arguments"),
            ("timeout abc", "argument couldn't be parsed into an integer"),
            ("timeout -1", "argument must be between 0 and 2147483647 inclusive"),
            ("port 99999", "argument must be between 0 and 65535 inclusive"),
            ("timeout", "wrong number of arguments"),
            ("timeout 1 2", "wrong number of arguments"),
            ("maxmemory-policy nope", r"argument\(s\) must be one of the following: volatile-lru"),
            ("maxmemory 12xb", "argument must be a memory value"),
            ("appendonly maybe", "argument must be 'yes' or 'no'"),
            ("loglevel loud", r"argument\(s\) must be one of the following: debug, verbose, notice, warning, nothing"),
            ("save 10", "Invalid save parameters"),
            ("save 10 x", "Invalid save parameters"),
            ("client-output-buffer-limit normal 1", "Wrong number of arguments in buffer limit configuration"),
            ("client-output-buffer-limit normals 1 1 1", "Invalid client class specified in buffer limit configuration"),
            ("unixsocketperm 999", "argument must be|octal"),
            ('loglevel "notice', "Unbalanced quotes in configuration line"),
            ("rename-command nosuch other", "No such command in rename-command"),
            ("databases 0", "argument must be between 1 and 2147483647 inclusive")):
        refused(t, r"FATAL CONFIG FILE ERROR", r"at line 3", ">>> '%s" % re.escape(line), reason, text="# one\ntimeout 1\n%s\n" % line)


@test
def malformed_command_line(t):
    """The same on the command line."""
    refused(t, "FATAL CONFIG FILE ERROR", "Bad directive or wrong number of arguments", ">>> 'no-such-setting \"1\"'",
            words=["--no-such-setting", "1"])
    refused(t, "argument couldn't be parsed into an integer", words=["--timeout", "x"])
    refused(t, "wrong number of arguments", words=["--timeout"])


@test
def missing_file(t):
    """A configuration file that cannot be opened stops the start."""
    server = t.make_server(bare=True, extra_args=["/nonexistent/gyre.conf"])
    server.words = ["/nonexistent/gyre.conf"]
    server.launch()
    server.expected_exit = (1,)
    eq(server.wait(), 1)
    check(b"Fatal error, can't open config file '/nonexistent/gyre.conf': No such file or directory" in server.log(), server.log_tail())


@test
def every_directive_of_the_stock_file(t):
    """A file that sets every directive to its default is accepted."""
    import json
    from cases.config_command import DEFAULTS_PATH
    with open(DEFAULTS_PATH, encoding="utf-8") as file:
        defaults = json.load(file)
    lines = []
    skipped = ("dir", "port", "bind", "slaveof", "replicaof", "oom-score-adj-values", "save", "ignore-warnings",
               "bind-source-addr", "locale-collate", "unixsocketperm")
    for name, value in defaults.items():
        if name in skipped or name.startswith("tls-"):
            continue
        if name == "client-output-buffer-limit":
            words = value.split()
            lines += ["%s %s" % (name, " ".join(words[at:at + 4])) for at in range(0, len(words), 4)]
        else:
            lines.append('%s %s' % (name, value if value and name.startswith("latency-tracking-info") else '"%s"' % value))
    server = started(t, text="\n".join(lines) + "\noom-score-adj-values 0 200 800\n")
    eq(t.client(server)("PING"), "PONG")


@test
def rename_command(t):
    """rename-command hides a command or gives it another name."""
    server = started(t, text='rename-command FLUSHALL ""\nrename-command DBSIZE howmany\n')
    c = t.client(server)
    eq(c("HOWMANY"), 0)
    eq(c.call("DBSIZE").text, "ERR unknown command 'DBSIZE', with args beginning with: ")
    eq(c.call("FLUSHALL").text, "ERR unknown command 'FLUSHALL', with args beginning with: ")


@test
def version_and_help(t):
    """--version and --help print and exit with 0."""
    import subprocess
    for word in ("--version", "-v"):
        done = subprocess.run([t.options["server"], word], capture_output=True, timeout=20 * t.patience, check=False)
        eq(done.returncode, 0)
        check(b"v=" in done.stdout, repr(done.stdout))
    for word in ("--help", "-h"):
        done = subprocess.run([t.options["server"], word], capture_output=True, timeout=20 * t.patience, check=False)
        check(b"Usage:" in done.stdout + done.stderr, repr(done.stdout))
