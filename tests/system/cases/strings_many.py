"""MSET, MSETNX, MGET, LCS and the encodings that OBJECT ENCODING shows."""
from harness.framework import NOT_INTEGER, SYNTAX, check, eq, fails, test, wrong_arity


@test
def mset_and_mget(t):
    """MSET writes all, the last of equal keys wins, drops times to live; MGET keeps order and repeats."""
    c = t.client()
    c("SET", "a", "0", "EX", 100)
    eq(c("MSET", "a", "1", "b", "2", "c", "3", "a", "4"), "OK")
    eq(c("TTL", "a"), -1)
    eq(c("MGET", "c", "none", "a", "b", "a"), [b"3", None, b"4", b"2", b"4"])
    fails(c, "ERR wrong number of arguments for 'mset' command", "MSET", "a", "1", "b")
    wrong_arity(c, "MSET", "a")
    wrong_arity(c, "MGET")
    eq(c("GET", "b"), b"2")
    names = [b"many:%d" % n for n in range(5000)]
    eq(c("MSET", *[word for name in names for word in (name, name)]), "OK")
    eq(c("MGET", *names), names)
    eq(c("DBSIZE"), 5003)


@test
def msetnx(t):
    """MSETNX writes all keys or none."""
    c = t.client()
    eq(c("MSETNX", "a", "1", "b", "2"), 1)
    eq(c("MSETNX", "x", "1", "b", "9", "y", "1"), 0)
    eq(c("EXISTS", "x", "y"), 0)
    eq(c("MSETNX", "d", "1", "d", "2"), 1)
    eq(c("GET", "d"), b"2")
    fails(c, "ERR wrong number of arguments for 'msetnx' command", "MSETNX", "a", "1", "b")


@test
def lcs_plain(t):
    """LCS finds a longest common subsequence, LEN its length, with missing keys as empty strings."""
    c = t.client()
    c("MSET", "a", "ohmytext", "b", "mynewtext")
    eq(c("LCS", "a", "b"), b"mytext")
    eq(c("LCS", "a", "b", "LEN"), 6)
    eq(c("LCS", "a", "missing"), b"")
    eq(c("LCS", "a", "missing", "LEN"), 0)
    eq(c("LCS", "a", "a"), b"ohmytext")
    virus_a = "ATTAAAGGTTTATACCTTCCCAGGTAACAAACCAACCAACTTTCGATCTCTTGTAGATCTGTTCTCTAAACGAACTTTAAAATCTGTGTGGCTGTCACTCGGC"
    virus_b = "CAACGGTACGTAGAGATTCAGTTCAACGTATTCAAAGGTCATTCCTTAACCTCAGCATTGACTCACCTCACGGCATATTGAGGTCCATTCTTGACAGACATG"
    c("MSET", "a", virus_a, "b", virus_b)
    eq(c("LCS", "a", "b", "LEN"), longest(virus_a, virus_b))
    eq(len(c("LCS", "a", "b")), longest(virus_a, virus_b))


def longest(a, b):
    row = [0] * (len(b) + 1)
    for x in a:
        diagonal = 0
        for j, y in enumerate(b):
            diagonal, row[j + 1] = row[j + 1], diagonal + 1 if x == y else max(row[j + 1], row[j])
    return row[-1]


@test
def lcs_positions(t):
    """IDX lists the ranges from the end, WITHMATCHLEN adds lengths, MINMATCHLEN filters; RESP3 gives a map."""
    c = t.client()
    c("MSET", "a", "ohmytext", "b", "mynewtext")
    eq(c("LCS", "a", "b", "IDX"), [b"matches", [[[4, 7], [5, 8]], [[2, 3], [0, 1]]], b"len", 6])
    eq(c("LCS", "a", "b", "IDX", "MINMATCHLEN", "4"), [b"matches", [[[4, 7], [5, 8]]], b"len", 6])
    eq(c("LCS", "a", "b", "IDX", "MINMATCHLEN", "-7", "WITHMATCHLEN"),
       [b"matches", [[[4, 7], [5, 8], 4], [[2, 3], [0, 1], 2]], b"len", 6])
    eq(c("LCS", "a", "missing", "IDX"), [b"matches", [], b"len", 0])
    c3 = t.client(resp=3)
    eq(c3("LCS", "a", "b", "IDX", "WITHMATCHLEN", "MINMATCHLEN", 3), {b"matches": [[[4, 7], [5, 8], 4]], b"len": 6})


@test
def lcs_errors(t):
    """LCS's options are checked, and LEN excludes IDX."""
    c = t.client()
    c("MSET", "a", "x", "b", "x")
    fails(c, "ERR If you want both the length and indexes, please just use IDX.", "LCS", "a", "b", "LEN", "IDX")
    fails(c, SYNTAX, "LCS", "a", "b", "FOO")
    fails(c, SYNTAX, "LCS", "a", "b", "MINMATCHLEN")
    fails(c, NOT_INTEGER, "LCS", "a", "b", "IDX", "MINMATCHLEN", "x")
    wrong_arity(c, "LCS", "a")


@test
def lcs_against_model(t):
    """Random pairs: the length equals the model's, and the string is a subsequence of both."""
    c = t.client()
    for _ in range(t.size(60, quick=15)):
        letters = "ab" if t.random.random() < 0.5 else "abcdefgh"
        a, b = ("".join(t.random.choices(letters, k=t.random.randint(0, 60))) for _ in "ab")
        c("MSET", "a", a, "b", b)
        found = c("LCS", "a", "b").decode()
        eq(len(found), longest(a, b), "%s %s" % (a, b))
        for whole in (a, b):
            rest = iter(whole)
            check(all(letter in rest for letter in found), "%s is no subsequence of %s" % (found, whole))


@test
def encodings(t):
    """OBJECT ENCODING names int, embstr (up to 44 bytes) and raw as Redis does, also after changes."""
    c = t.client()
    for value, name in (("0", b"int"), ("-1", b"int"), ("10000", b"int"), (str(2**63 - 1), b"int"), (str(-2**63), b"int"),
                        (str(2**63), b"embstr"), ("01", b"embstr"), ("-0", b"embstr"), ("1.0", b"embstr"), ("", b"embstr"),
                        ("x" * 44, b"embstr"), ("x" * 45, b"raw"), ("x" * 100000, b"raw")):
        c("SET", "k", value)
        eq(c("OBJECT", "ENCODING", "k"), name, value[:50])
    c("SET", "k", "1")
    c("APPEND", "k", "2")
    eq(c("OBJECT", "ENCODING", "k"), b"raw")
    c("SET", "k", "ab")
    c("SETRANGE", "k", 0, "c")
    eq(c("OBJECT", "ENCODING", "k"), b"raw")
    c("SET", "k", "1")
    c("INCR", "k")
    eq(c("OBJECT", "ENCODING", "k"), b"int")
    c("INCRBYFLOAT", "k", "1")
    eq(c("OBJECT", "ENCODING", "k"), b"embstr")
    c("DEL", "new")
    c("APPEND", "new", "12")
    eq(c("OBJECT", "ENCODING", "new"), b"int")
    c("SETRANGE", "zero", 1, "x")
    eq(c("OBJECT", "ENCODING", "zero"), b"raw")
    c("GETSET", "k", "7")
    eq(c("OBJECT", "ENCODING", "k"), b"int")
    c("MSET", "k", "x", "m", "5")
    eq(c("OBJECT", "ENCODING", "m"), b"int")
