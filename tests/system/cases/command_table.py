"""COMMAND and its subcommands; every row compared with a live stock server of version 7.2 (--stock)."""
from harness.framework import check, eq, fails, test


def as_dict(reply):
    return dict(zip(reply[::2], reply[1::2])) if isinstance(reply, list) else reply


@test
def count_and_list(t):
    """COUNT, LIST and COMMAND agree; LIST filters by pattern, category and module."""
    c = t.client()
    names = c("COMMAND", "LIST")
    rows = c("COMMAND")
    eq(len(rows), c("COMMAND", "COUNT"))
    top = {row[0] for row in rows}
    check(top <= set(names), "COMMAND LIST lacks some")
    eq(sorted(c("COMMAND", "LIST", "FILTERBY", "PATTERN", "mset*")), [b"mset", b"msetnx"])
    strings = c("COMMAND", "LIST", "FILTERBY", "ACLCAT", "string")
    check(b"get" in strings and b"del" not in strings, "ACLCAT string")
    eq(c("COMMAND", "LIST", "FILTERBY", "ACLCAT", "nosuch"), [])
    eq(c("COMMAND", "LIST", "FILTERBY", "MODULE", "nosuch"), [])
    eq(sorted(c("COMMAND", "LIST", "FILTERBY", "PATTERN", "config|*")), sorted(n for n in names if n.startswith(b"config|")))
    fails(c, "ERR syntax error", "COMMAND", "LIST", "FILTERBY", "nosuch", "x")
    fails(c, "ERR unknown subcommand 'x'. Try COMMAND HELP.", "COMMAND", "x")


@test
def info_rows(t):
    """INFO gives rows in the order asked for, null for unknown names, and subcommands by name|sub."""
    c = t.client()
    rows = c("COMMAND", "INFO", "get", "nosuch", "SET", "config|get", "config|nosuch")
    eq([row and row[0] for row in rows], [b"get", None, b"set", b"config|get", None])
    get = rows[0]
    eq(get[:7], [b"get", 2, ["readonly", "fast"], 1, 1, 1, ["@read", "@string", "@fast"]])
    eq(get[7], [])
    eq(get[8], [[b"flags", ["RO", "access"], b"begin_search", [b"type", b"index", b"spec", [b"index", 1]],
                 b"find_keys", [b"type", b"range", b"spec", [b"lastkey", 0, b"keystep", 1, b"limit", 0]]]])
    eq(get[9], [])
    eq(len(c("COMMAND", "INFO")), c("COMMAND", "COUNT"))


@test
def getkeys(t):
    """GETKEYS finds the keys of any command line, GETKEYSANDFLAGS also how they are used."""
    c = t.client()
    eq(c("COMMAND", "GETKEYS", "GET", "k"), [b"k"])
    eq(c("COMMAND", "GETKEYS", "MSET", "a", 1, "b", 2), [b"a", b"b"])
    eq(c("COMMAND", "GETKEYS", "RENAME", "a", "b"), [b"a", b"b"])
    eq(c("COMMAND", "GETKEYS", "OBJECT", "ENCODING", "k"), [b"k"])
    eq(c("COMMAND", "GETKEYS", "LCS", "a", "b", "LEN"), [b"a", b"b"])
    eq(c("COMMAND", "GETKEYS", "DEL", *["k%d" % n for n in range(500)]), [b"k%d" % n for n in range(500)])
    eq(c("COMMAND", "GETKEYSANDFLAGS", "SET", "k", "v"), [[b"k", ["OW", "update"]]])
    eq(c("COMMAND", "GETKEYSANDFLAGS", "SET", "k", "v", "GET"), [[b"k", ["RW", "access", "update"]]])
    eq(c("COMMAND", "GETKEYSANDFLAGS", "COPY", "a", "b"), [[b"a", ["RO", "access"]], [b"b", ["OW", "update"]]])
    fails(c, "ERR Invalid command specified", "COMMAND", "GETKEYS", "NOSUCH", "k")
    fails(c, "ERR Invalid number of arguments specified for command", "COMMAND", "GETKEYS", "GET")
    fails(c, "ERR The command has no key arguments", "COMMAND", "GETKEYS", "PING")


@test
def docs(t):
    """DOCS describes commands; unknown names are left out."""
    c = t.client()
    reply = c("COMMAND", "DOCS", "get", "nosuch")
    eq(reply[0], b"get")
    eq(len(reply), 2)
    row = as_dict(reply[1])
    eq(row[b"since"], b"1.0.0")
    eq(row[b"group"], b"string")
    eq(row[b"complexity"], b"O(1)")
    check(b"arguments" in row and b"summary" in row, "DOCS get")
    everything = c("COMMAND", "DOCS")
    eq(len(everything) // 2, c("COMMAND", "COUNT"))


def normal_row(row):
    """A COMMAND row with everything whose order means nothing brought into one order."""
    row = list(row)
    row[2] = sorted(row[2])
    row[6] = sorted(row[6])
    row[7] = sorted(row[7])
    row[8] = [dict(zip(spec[::2], spec[1::2])) for spec in row[8]]
    for spec in row[8]:
        spec[b"flags"] = sorted(spec[b"flags"])
        spec.pop(b"notes", None)
    row[9] = sorted((normal_row(sub) for sub in row[9]), key=lambda sub: sub[0])
    return row


def compare_rows(ours, theirs, problems, path=""):
    names = ("name", "arity", "flags", "first key", "last key", "step", "ACL categories", "tips", "key specifications")
    for what, mine, stock in zip(names, ours, theirs):
        if mine != stock:
            problems.append("%s: %s is %r, stock has %r" % (ours[0].decode(), what, mine, stock))
    stock_subs = {sub[0]: sub for sub in theirs[9]}
    for sub in ours[9]:
        if sub[0] not in stock_subs:
            problems.append("%s is no command of stock" % sub[0].decode())
        else:
            compare_rows(sub, stock_subs[sub[0]], problems)


def stock_of_7_2(t):
    if not t.options["stock"]:
        t.skip("needs --stock PATH of a redis-server 7.2")
    t.client()
    server = t.stock()
    c = t.client(server)
    if not server.info("server", client=c)["redis_version"].startswith("7.2."):
        t.skip("the stock server given is not 7.2")
    return c


@test
def every_row_against_stock(t):
    """For every command: arity, flags, key positions, categories, tips, key specifications (but their notes, which are
    prose) and subcommands are stock's."""
    stock = stock_of_7_2(t)
    c = t.client()
    ours = {row[0]: normal_row(row) for row in c("COMMAND")}
    theirs = {row[0]: normal_row(row) for row in stock("COMMAND")}
    problems = []
    for name, row in sorted(ours.items()):
        if name in theirs:
            compare_rows(row, theirs[name], problems)
        elif not name.startswith(b"gyre"):
            problems.append("%s is no command of stock" % name.decode())
    check(not problems, "%d differences:\n    %s" % (len(problems), "\n    ".join(problems[:60])))


def normal_docs(value):
    if isinstance(value, list):
        pairs = len(value) % 2 == 0 and value and all(isinstance(k, bytes) for k in value[::2]) and not isinstance(value[1], str)
        if pairs and (b"name" in value[::2] or b"summary" in value[::2]):
            return {k: normal_docs(v) for k, v in zip(value[::2], value[1::2])}
        return [normal_docs(v) for v in value]
    return value


def facts(row, field):
    """What a field says beside its prose."""
    value = row.get(field)
    if field == b"complexity":
        return value is not None
    if field == b"history":
        return sorted({version for version, _ in value or []})
    return value


def compare_docs(name, ours, theirs, problems):
    for field in (b"since", b"group", b"complexity", b"module", b"doc_flags", b"deprecated_since", b"replaced_by", b"history", b"arguments"):
        if facts(ours, field) != facts(theirs, field):
            problems.append("%s: %s is %r, stock has %r" % (name.decode(), field.decode(), ours.get(field), theirs.get(field)))
    for sub, row in subcommands(ours).items():
        if sub in subcommands(theirs):
            compare_docs(sub, as_dict_of_docs(row), as_dict_of_docs(subcommands(theirs)[sub]), problems)


def as_dict_of_docs(row):
    return row if isinstance(row, dict) else normal_docs(row)


def subcommands(row):
    subs = row.get(b"subcommands") or []
    return subs if isinstance(subs, dict) else dict(zip(subs[::2], subs[1::2]))


@test
def every_docs_row_against_stock(t):
    """For every command: since, group, the versions of its history and the arguments in COMMAND DOCS are stock's (summary,
    complexity and history are our own words)."""
    stock = stock_of_7_2(t)
    c = t.client()
    ours, theirs = c("COMMAND", "DOCS"), stock("COMMAND", "DOCS")
    theirs = {name: normal_docs(row) for name, row in zip(theirs[::2], theirs[1::2])}
    problems = []
    for name, row in zip(ours[::2], ours[1::2]):
        if name in theirs:
            compare_docs(name, normal_docs(row), theirs[name], problems)
    check(not problems, "%d differences:\n    %s" % (len(problems), "\n    ".join(p[:400] for p in problems[:40])))


@test
def required_commands(t):
    """Every command of the foundation is there."""
    c = t.client()
    wanted = """append decr decrby get getdel getex getrange getset incr incrby incrbyfloat lcs mget mset msetnx psetex set setex setnx
        setrange strlen substr del unlink exists type touch rename renamenx copy move swapdb keys scan randomkey dbsize flushdb flushall
        expire pexpire expireat pexpireat ttl pttl expiretime pexpiretime persist object|encoding object|freq object|idletime
        object|refcount object|help multi exec discard watch unwatch ping echo hello auth select quit reset command command|count
        command|info command|list command|docs command|getkeys command|getkeysandflags command|help config|get config|set
        config|resetstat config|rewrite config|help info slowlog|get slowlog|len slowlog|reset client|id client|info client|list
        client|kill client|setname client|getname client|setinfo client|no-evict client|no-touch client|reply client|pause
        client|unpause debug shutdown time""".split()
    rows = c("COMMAND", "INFO", *wanted)
    eq([name for name, row in zip(wanted, rows) if row is None], [])
