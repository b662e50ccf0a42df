"""maxmemory and its eight policies."""
import random

from harness.framework import check, eq, eventually, test

MB = 1 << 20
POLICIES = ["volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl", "allkeys-lru", "allkeys-lfu", "allkeys-random"]


def used(c):
    text = bytes(c("INFO", "memory")).decode()
    return int(next(line.split(":")[1] for line in text.splitlines() if line.startswith("used_memory:")))


def evicted(c):
    text = bytes(c("INFO", "stats")).decode()
    return int(next(line.split(":")[1] for line in text.splitlines() if line.startswith("evicted_keys:")))


def limit_to(c, room, policy):
    """A limit of `room` bytes above what is used now."""
    c("CONFIG", "SET", "maxmemory-policy", policy)
    limit = used(c) + room
    eq(c("CONFIG", "SET", "maxmemory", str(limit)), "OK")
    return limit


def end(c):
    c("CONFIG", "SET", "maxmemory", "0", "maxmemory-policy", "noeviction", "maxmemory-samples", "5", "maxmemory-eviction-tenacity", "10")
    c("FLUSHALL")


def write(c, first, count, size, *options):
    """SETs in pipelines; the errors among the replies."""
    errors = []
    for start in range(first, first + count, 100):
        batch = [("SET", "key:%08d" % n, "v" * size) + options for n in range(start, min(start + 100, first + count))]
        errors += [reply for reply in c.pipeline(batch) if reply != "OK"]
    return errors


@test
def every_policy_keeps_the_limit(t):
    """Three times as much as there is room for is written; what is left fits, the last key is there, nothing failed."""
    c = t.client()
    for policy in POLICIES:
        limit = limit_to(c, 4 * MB, policy)
        before = evicted(c)
        options = ("EX", "1000") if policy.startswith("volatile") else ()
        eq(write(c, 0, 24000, 512, *options), [], policy)
        check(evicted(c) - before > 10000, "%s: %d evicted" % (policy, evicted(c) - before))
        eventually(lambda: used(c) <= limit + 100_000, "%s: back under the limit" % policy, patience=t.patience)
        left = c("DBSIZE")
        check(2000 < left < 9000, "%s: %d keys left" % (policy, left))
        end(c)


@test
def volatile_policies_spare_other_keys(t):
    """Keys without expiry stay; when no other is left, writes get the error and reads go on."""
    c = t.client()
    for policy in POLICIES[:4]:
        limit_to(c, 4 * MB, policy)
        eq(write(c, 0, 3000, 512), [], policy)
        errors = write(c, 10000, 8000, 512, "PX", "1000000")
        eq(errors, [], policy)
        errors = write(c, 20000, 12000, 512)
        check(errors and all("OOM command not allowed when used memory > 'maxmemory'." in str(e) for e in errors), "%s: %r" % (policy, errors[:1]))
        eq(c("EXISTS", *["key:%08d" % n for n in range(3000)]), 3000, policy)
        eq(c("EXISTS", *["key:%08d" % n for n in range(10000, 18000)]), 0, policy)
        eq(c("STRLEN", "key:00000001"), 512)
        eq(c("DEL", *["key:%08d" % n for n in range(3000)]), 3000)
        eq(c("SET", "again", "1"), "OK")
        end(c)


@test
def few_keys_with_expiry_among_many(t):
    """One key in a thousand may go: it is found."""
    c = t.client()
    eq(write(c, 0, 20000, 16), [])
    for n in range(20):
        c("SET", "volatile:%d" % n, "v" * 100_000, "EX", "1000")
    limit_to(c, 10_000, "volatile-lru")
    before = evicted(c)
    eq(c("SET", "large", "v" * 500_000), "OK")
    eq(c("PING"), "PONG")
    eventually(lambda: evicted(c) - before >= 4, "room was made", patience=t.patience)
    # Five would do; while it arrives the large value counts, too.
    check(evicted(c) - before <= 14, "%d evicted" % (evicted(c) - before))
    eq(c("DBSIZE"), 20021 - (evicted(c) - before))
    end(c)


@test
def order_of_the_policies(t):
    """What goes first is what the policy says: mostly the keys not used, rarely used, or about to expire."""
    c = t.client()
    chosen = random.Random(1).sample(range(8000), 1000)
    names = ["key:%08d" % n for n in chosen]

    def survivors(policy, prepare, size=512):
        c("CONFIG", "SET", "maxmemory-policy", policy, "maxmemory-samples", "10")
        eq(write(c, 0, 8000, size, "EX", "5000"), [])
        prepare()
        limit_to(c, 0, policy)
        eq(write(c, 100000, 4000, size, "EX", "5000"), [])
        left = c("EXISTS", *names)
        total = c("EXISTS", *["key:%08d" % n for n in range(8000)])
        end(c)
        return left / 1000, total / 8000

    def use():
        for _ in range(30):
            c("TOUCH", *names)

    def expire_soon():
        for name in names:
            c("EXPIRE", name, "50")

    for policy in ("allkeys-lfu", "volatile-lfu"):
        left, average = survivors(policy, use)
        check(left > 0.95 and average < 0.7, "%s: %.2f of the used keys are left, %.2f of all" % (policy, left, average))
    left, average = survivors("volatile-ttl", expire_soon)
    check(left < 0.2 and average > 0.4, "volatile-ttl: %.2f of those with a short time are left, %.2f of all" % (left, average))

    def age():
        eventually(lambda: c("OBJECT", "IDLETIME", "key:00000000") >= 2, "the keys have aged", patience=t.patience)
        c("TOUCH", *names)

    for policy in ("allkeys-lru", "volatile-lru"):
        left, average = survivors(policy, age)
        check(left > 0.95 and average < 0.7, "%s: %.2f of the used keys are left, %.2f of all" % (policy, left, average))


@test
def a_lower_limit_takes_effect_at_once(t):
    """CONFIG SET below what is used: keys go in the background, without any command that writes."""
    c = t.client()
    eq(write(c, 0, 20000, 512), [])
    c("CONFIG", "SET", "maxmemory-policy", "allkeys-random")
    limit = used(c) - 6 * MB
    eq(c("CONFIG", "SET", "maxmemory", str(limit)), "OK")
    # INFO itself takes some memory while it looks.
    eventually(lambda: used(c) <= limit + 100_000, "under the new limit", patience=t.patience)
    check(c("DBSIZE") > 5000, "no more than needed")
    end(c)


@test
def large_values_are_not_counted_twice(t):
    """Values that another thread frees: no more keys go than must."""
    c = t.client()
    limit_to(c, 40 * MB, "allkeys-random")
    c("CONFIG", "SET", "maxmemory-eviction-tenacity", "100")
    for n in range(120):
        eq(c("SET", "large:%d" % n, "v" * MB), "OK")
    check(30 <= c("DBSIZE") <= 40, "%d keys left" % c("DBSIZE"))
    end(c)


@test
def transactions_and_big_growth(t):
    """EXEC asks once for all; one command that needs more than everything still runs, and room is made after it."""
    c = t.client()
    limit = limit_to(c, 4 * MB, "allkeys-lru")
    eq(write(c, 0, 6000, 512), [])
    c("MULTI")
    for n in range(50):
        c("SET", "exec:%d" % n, "v" * 512)
    eq(c("EXEC"), ["OK"] * 50)
    eq(c("SETRANGE", "huge", str(8 * MB), "x"), 8 * MB + 1)
    eq(c("SET", "next", "1"), "OK")
    eventually(lambda: used(c) <= limit + 100_000, "the huge value went", patience=t.patience)
    end(c)
    eq(write(c, 0, 4000, 512), [])
    limit_to(c, -1 * MB, "noeviction")
    check("OOM command not allowed" in str(c.call("SET", "a", "1")), "refused")
    end(c)
