"""INCR, DECR, INCRBY, DECRBY, INCRBYFLOAT: arithmetic, limits, formats."""
from harness.framework import NOT_INTEGER, eq, fails, test, wrong_arity

OVERFLOW = "ERR increment or decrement would overflow"
NOT_FLOAT = "ERR value is not a valid float"
HIGHEST, LOWEST = 2**63 - 1, -2**63


@test
def increments(t):
    """The four commands count from nothing, over zero, and keep the time to live."""
    c = t.client()
    eq(c("INCR", "k"), 1)
    eq(c("INCRBY", "k", 41), 42)
    eq(c("DECR", "k"), 41)
    eq(c("DECRBY", "k", 50), -9)
    eq(c("INCRBY", "k", -1), -10)
    eq(c("DECRBY", "k", -20), 10)
    eq(c("GET", "k"), b"10")
    eq(c("DECR", "other"), -1)
    c("EXPIRE", "k", 100)
    c("INCR", "k")
    eq(c("TTL", "k") > 0, True)
    for value in (9999, 10000, 10001, -1, 2**31, 2**32, -2**31, HIGHEST - 1):
        c("SET", "k", value)
        eq(c("INCR", "k"), value + 1)
        eq(c("GET", "k"), b"%d" % (value + 1))


@test
def limits(t):
    """Results beyond 64 bits are refused and the value stays; the limits themselves can be reached."""
    c = t.client()
    c("SET", "k", HIGHEST - 1)
    eq(c("INCR", "k"), HIGHEST)
    fails(c, OVERFLOW, "INCR", "k")
    fails(c, OVERFLOW, "INCRBY", "k", HIGHEST)
    eq(c("INCRBY", "k", LOWEST), -1)
    eq(c("INCRBY", "k", LOWEST + 1), LOWEST)
    fails(c, OVERFLOW, "DECR", "k")
    fails(c, OVERFLOW, "INCRBY", "k", -1)
    eq(c("GET", "k"), b"%d" % LOWEST)
    fails(c, "ERR decrement would overflow", "DECRBY", "k", LOWEST)
    eq(c("INCRBY", "k", HIGHEST), -1)


@test
def malformed_numbers(t):
    """What Redis does not take for an integer, as value and as argument, Gyre does not either."""
    c = t.client()
    for text in ("", " 1", "1 ", "+1", "1.0", "01", "-0", "0x1", "1e3", "abc", "9223372036854775808",
                 "-9223372036854775809", "1\0", "--1", "-"):
        c("SET", "k", text)
        fails(c, NOT_INTEGER, "INCR", "k")
        fails(c, NOT_INTEGER, "DECRBY", "k", 1)
        fails(c, NOT_INTEGER, "INCRBY", "n", text)
        fails(c, NOT_INTEGER, "DECRBY", "n", text)
        eq(c("GET", "k"), text.encode())
    eq(c("EXISTS", "n"), 0)
    wrong_arity(c, "INCR", "k", "1")
    wrong_arity(c, "INCRBY", "k")
    wrong_arity(c, "DECR")
    wrong_arity(c, "DECRBY", "k", "1", "2")


@test
def float_formats(t):
    """INCRBYFLOAT prints what Redis prints: 17 digits, no exponent, no trailing zeros."""
    c = t.client()
    cases = [
        (None, "1.5", b"1.5"), (None, "-1", b"-1"), ("1.5", "1.5", b"3"), ("0.1", "0.2", b"0.3"), ("3", "1.1", b"4.1"),
        ("10.50", "0.1", b"10.6"), ("5.0e3", "2.0e2", b"5200"), ("1", "1e-17", b"1.00000000000000001"),
        ("0", "1e17", b"100000000000000000"), ("1e19", "1", b"10000000000000000001"), ("0", "0.00000000000000001", b"0.00000000000000001"),
        ("0", "1e-18", b"0"), ("1", "-1", b"0"), ("-0.5", "0.5", b"0"), ("17179869184", "1.5", b"17179869185.5"),
        ("0", "0x10", b"16"), ("1", "2.5", b"3.5"), ("-0", "-0", b"0"), ("0", "123456789.125", b"123456789.125"),
    ]
    for start, step, expected in cases:
        c("DEL", "k")
        if start is not None:
            c("SET", "k", start)
        eq(c("INCRBYFLOAT", "k", step), expected, "%s + %s" % (start, step))
        eq(c("GET", "k"), expected)
    c("SET", "k", "1", "EX", 100)
    c("INCRBYFLOAT", "k", "1")
    eq(c("TTL", "k") > 0, True)
    eq(c("INCR", "k"), 3)


@test
def float_errors(t):
    """Spaces, words, NaN and infinite results are refused and change nothing."""
    c = t.client()
    for text in ("", " 1", "1 ", "abc", "1.5abc", "1,5", "nan", "1\0", "1e", "--1"):
        c("SET", "k", text)
        fails(c, NOT_FLOAT, "INCRBYFLOAT", "k", "1")
        fails(c, NOT_FLOAT, "INCRBYFLOAT", "n", text)
    nan_or_infinity = "ERR increment would produce NaN or Infinity"
    fails(c, nan_or_infinity, "INCRBYFLOAT", "n", "inf")
    fails(c, nan_or_infinity, "INCRBYFLOAT", "n", "-inf")
    fails(c, nan_or_infinity, "INCRBYFLOAT", "n", "+Infinity")
    c("SET", "k", "1e4932")
    fails(c, nan_or_infinity, "INCRBYFLOAT", "k", "1e4932")
    fails(c, NOT_FLOAT, "INCRBYFLOAT", "k", "1e5000")
    eq(c("EXISTS", "n"), 0)
    wrong_arity(c, "INCRBYFLOAT", "k")


@test
def many_random_sums(t):
    """2,000 random integer steps by all four commands end where Python's sum ends."""
    c = t.client()
    total, commands, expected = 0, [], []
    for _ in range(t.size(2000, quick=400)):
        step = t.random.choice([1, t.random.randint(-100, 100), t.random.randint(-2**40, 2**40)])
        name = t.random.choice(["INCR", "DECR", "INCRBY", "DECRBY"])
        change = {"INCR": 1, "DECR": -1, "INCRBY": step, "DECRBY": -step}[name]
        total += change
        commands.append((name, "k") if name in ("INCR", "DECR") else (name, "k", step))
        expected.append(total)
    eq(c.pipeline(commands), expected)
