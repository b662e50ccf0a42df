// What a primary puts on the replication link for given commands: the table behind propagation_test.cc. Each expectation
// was compared with the stream of Redis 7.2.4.
//
// A step is a command of the first client, or
//   "2> COMMAND"      of the second client,
//   "advance MS"      time passes,
//   "lazy-expire"     lazyfree-lazy-expire is on from here on.
// In steps and expectations "@ms+N" is the time of the case's beginning plus N milliseconds, "@s+N" the same in whole seconds,
// "@sms+N" that second in milliseconds. Expectations are commands with spaces between their words; the stream begins in
// database 0, and SELECTs are written out.
#pragma once

#include <vector>

namespace gyre::cmd {

struct PropagationCase {
  const char* name;
  std::vector<const char*> steps;
  std::vector<const char*> stream;
};

inline const std::vector<PropagationCase> kPropagationCases = {
    // ---- strings, as sent ----
    {"set", {"SET k v"}, {"SET k v"}},
    {"name as sent", {"sEt k v", "aPPend k w", "iNCr n"}, {"sEt k v", "aPPend k w", "iNCr n"}},
    {"same value again", {"SET k v", "SET k v"}, {"SET k v", "SET k v"}},
    {"numbers that are none", {"SET k 007", "SET k +7", "SET k 7"}, {"SET k 007", "SET k +7", "SET k 7"}},
    {"binary", {"SET \"a\\x00b\\x0d\\x0a\" \"\\xff \\x00\""}, {"SET \"a\\x00b\\x0d\\x0a\" \"\\xff \\x00\""}},
    {"empty", {"SET \"\" \"\""}, {"SET \"\" \"\""}},
    {"set nx", {"SET k v nX", "SET k w NX", "SETNX k x", "SETNX l y"}, {"SET k v nX", "SETNX l y"}},
    {"set xx", {"SET k v XX", "SET k v", "SET k w xx"}, {"SET k v", "SET k w xx"}},
    {"set keepttl", {"SET k v keepttl"}, {"SET k v keepttl"}},
    {"append", {"APPEND k v", "APPEND k \"\"", "APPEND k w"}, {"APPEND k v", "APPEND k \"\"", "APPEND k w"}},
    {"append empty to nothing", {"APPEND k \"\""}, {"APPEND k \"\""}},
    {"setrange",
     {"SETRANGE k 2 ab", "SETRANGE k 0 \"\"", "SETRANGE none 5 \"\"", "SETRANGE k -1 x"},
     {"SETRANGE k 2 ab"}},
    {"counters",
     {"INCR n", "DECR n", "INCRBY n 0", "DECRBY n 5", "INCRBY n x", "DECRBY n -9223372036854775808"},
     {"INCR n", "DECR n", "INCRBY n 0", "DECRBY n 5"}},
    {"counter of a text", {"SET k v", "INCR k"}, {"SET k v"}},
    {"mset", {"MSET a 1 b 2 a 3", "MSET a"}, {"MSET a 1 b 2 a 3"}},
    {"msetnx", {"MSETNX a 1 b 2", "MSETNX b 2 c 3"}, {"MSETNX a 1 b 2"}},
    {"reads", {"SET k v", "GET k", "GETRANGE k 0 1", "STRLEN k", "MGET k l", "EXISTS k", "TTL k", "TYPE k", "TOUCH k", "LCS k k"}, {"SET k v"}},
    {"errors", {"SET k v EX 0", "SET k v XX NX", "EXPIRE k x", "FLUSHALL now", "COPY a a", "RENAME a b", "SELECT 99"}, {}},

    // ---- strings, said otherwise ----
    {"set ex", {"set k v ex 10 nx"}, {"SET k v PXAT @ms+10000"}},
    {"set px", {"SET k v XX PX 5", "SET k v px 1500 GET"}, {"SET k v PXAT @ms+1500"}},
    {"set exat", {"SET k v EXAT @s+100"}, {"SET k v PXAT @sms+100"}},
    {"set exat past", {"SET k v EXAT 1"}, {"SET k v PXAT 1000"}},
    {"set pxat", {"set k v pxat @ms+100000 nx"}, {"set k v pxat @ms+100000 nx"}},
    {"set pxat get", {"SET k v GET PXAT @ms+100000"}, {"SET k v GET PXAT @ms+100000"}},
    {"set get", {"set k v gEt", "SET k w GET KEEPTTL XX get", "SET get v NX GET"}, {"set k v", "SET k w KEEPTTL XX", "SET get v NX"}},
    {"set get refused", {"SET k v GET XX"}, {}},
    {"set value named get", {"SET k get GET"}, {"SET k get"}},
    {"setex", {"setex k 10 v", "SETEX k 0 v"}, {"SET k v PXAT @ms+10000"}},
    {"psetex", {"PSETEX k 1500 v"}, {"SET k v PXAT @ms+1500"}},
    {"getset", {"getset k v", "GETSET k w"}, {"SET k v", "SET k w"}},
    {"getdel", {"SET k v", "getdel k", "GETDEL k"}, {"SET k v", "DEL k"}},
    {"getdel lazy", {"lazy-expire", "SET k v", "GETDEL k"}, {"SET k v", "DEL k"}},
    {"getex",
     {"SET k v", "GETEX k", "getex k ex 100", "GETEX k PX 100000", "GETEX k EXAT @s+100", "GETEX k pxat @ms+200000"},
     {"SET k v", "PEXPIREAT k @ms+100000", "PEXPIREAT k @ms+100000", "PEXPIREAT k @sms+100", "PEXPIREAT k @ms+200000"}},
    {"getex persist", {"SET k v EX 100", "GETEX k persist", "GETEX k PERSIST", "GETEX none PERSIST"}, {"SET k v PXAT @ms+100000", "PERSIST k"}},
    {"getex past", {"SET k v", "GETEX k EXAT 1", "GETEX k EXAT 1"}, {"SET k v", "DEL k"}},
    {"getex past lazy", {"lazy-expire", "SET k v", "GETEX k PXAT 1"}, {"SET k v", "UNLINK k"}},
    {"incrbyfloat",
     {"incrbyfloat k 10.50", "INCRBYFLOAT k 0.1", "INCRBYFLOAT k -5.6", "SET k 5.0e3", "INCRBYFLOAT k 2.0e2", "INCRBYFLOAT k x"},
     {"SET k 10.5 KEEPTTL", "SET k 10.6 KEEPTTL", "SET k 5 KEEPTTL", "SET k 5.0e3", "SET k 5200 KEEPTTL"}},

    // ---- keys ----
    {"del", {"MSET a 1 b 2", "del a none", "DEL none", "UNLINK b none", "UNLINK b"}, {"MSET a 1 b 2", "del a none", "UNLINK b none"}},
    {"expire",
     {"SET k v", "expire k 100", "PEXPIRE k 100000", "EXPIREAT k @s+100", "pexpireat k @ms+200000", "EXPIRE none 5"},
     {"SET k v", "PEXPIREAT k @ms+100000", "PEXPIREAT k @ms+100000", "PEXPIREAT k @sms+100", "pexpireat k @ms+200000"}},
    {"expire conditions",
     {"SET k v", "EXPIRE k 100 xX", "EXPIRE k 100 Nx", "EXPIRE k 50 GT", "EXPIRE k 200 gt", "PEXPIREAT k @ms+150000 lt", "EXPIRE k 10 XX LT"},
     {"SET k v", "PEXPIREAT k @ms+100000 Nx", "PEXPIREAT k @ms+200000 gt", "PEXPIREAT k @ms+150000 lt",
      "PEXPIREAT k @ms+10000 XX LT"}},
    {"expire same time", {"SET k v", "PEXPIREAT k @ms+9000", "PEXPIREAT k @ms+9000"}, {"SET k v", "PEXPIREAT k @ms+9000", "PEXPIREAT k @ms+9000"}},
    {"expire past",
     {"MSET a 1 b 2 c 3 d 4", "EXPIRE a 0", "PEXPIRE b -1", "expireat c 1", "PEXPIREAT d 1 NX", "EXPIRE a 0"},
     {"MSET a 1 b 2 c 3 d 4", "DEL a", "DEL b", "DEL c", "DEL d"}},
    {"expire past lazy", {"lazy-expire", "SET a 1", "EXPIRE a -1"}, {"SET a 1", "UNLINK a"}},
    {"persist", {"SET k v", "PERSIST k", "PERSIST none", "EXPIRE k 100", "persist k"}, {"SET k v", "PEXPIREAT k @ms+100000", "persist k"}},
    {"rename",
     {"SET a 1", "RENAME a a", "RENAMENX a a", "RENAME a b", "SET a 2", "RENAMENX a b", "RENAME a b", "RENAMENX b c"},
     {"SET a 1", "RENAME a b", "SET a 2", "RENAME a b", "RENAMENX b c"}},
    {"copy",
     {"MSET a 1 b 2", "COPY a b", "COPY none c", "COPY a b REPLACE", "COPY a c", "COPY a a DB 1", "copy a a db 1 replace"},
     {"MSET a 1 b 2", "COPY a b REPLACE", "COPY a c", "COPY a a DB 1", "copy a a db 1 replace"}},
    {"move",
     {"SET a 1", "MOVE a 1", "MOVE a 1", "SET a 2", "MOVE a 1", "MOVE a 0"},
     {"SET a 1", "MOVE a 1", "SET a 2"}},

    // ---- databases ----
    {"select", {"SET k v", "SELECT 3", "SET k v", "GET k", "SELECT 0", "GET k", "SELECT 3", "SET k w", "SELECT 12", "DEL k", "SET l v"},
     {"SET k v", "SELECT 3", "SET k v", "SET k w", "SELECT 12", "SET l v"}},
    {"swapdb", {"SET k v", "SWAPDB 0 1", "SWAPDB 2 2", "SELECT 5", "swapdb 1 0", "SWAPDB 0 99"},
     {"SET k v", "SWAPDB 0 1", "SWAPDB 2 2", "SELECT 5", "swapdb 1 0"}},
    {"flushdb", {"SET k v", "FLUSHDB", "FLUSHDB", "SELECT 2", "flushdb async", "FLUSHDB SYNC"},
     {"SET k v", "FLUSHDB", "FLUSHDB", "SELECT 2", "flushdb async", "FLUSHDB SYNC"}},
    {"flushall", {"SET k v", "SELECT 2", "flushall", "FLUSHALL ASYNC"}, {"SET k v", "SELECT 2", "flushall", "FLUSHALL ASYNC"}},

    // ---- keys whose time has come ----
    {"expired read", {"PSETEX k 5 v", "advance 20", "GET k", "GET k"}, {"SET k v PXAT @ms+5", "DEL k"}},
    {"expired read lazily", {"lazy-expire", "PSETEX k 5 v", "advance 20", "TTL k"}, {"SET k v PXAT @ms+5", "UNLINK k"}},
    {"expired untouched", {"PSETEX k 5 v", "advance 20", "KEYS *", "DBSIZE"}, {"SET k v PXAT @ms+5"}},
    {"expired exists", {"PSETEX k 5 v", "advance 20", "EXISTS k"}, {"SET k v PXAT @ms+5", "DEL k"}},
    {"expired type", {"PSETEX k 5 v", "advance 20", "TYPE k"}, {"SET k v PXAT @ms+5", "DEL k"}},
    {"expired object", {"PSETEX k 5 v", "advance 20", "OBJECT ENCODING k"}, {"SET k v PXAT @ms+5", "DEL k"}},
    {"expired deleted", {"PSETEX k 5 v", "advance 20", "DEL k"}, {"SET k v PXAT @ms+5", "DEL k"}},
    {"expired getex", {"PSETEX k 5 v", "advance 20", "GETEX k EX 5"}, {"SET k v PXAT @ms+5", "DEL k"}},
    {"expired set", {"PSETEX k 5 v", "advance 20", "SET k w"}, {"SET k v PXAT @ms+5", "MULTI", "DEL k", "SET k w", "EXEC"}},
    {"expired incr", {"PSETEX k 5 7", "advance 20", "INCR k"}, {"SET k 7 PXAT @ms+5", "MULTI", "DEL k", "INCR k", "EXEC"}},
    {"expired and refused", {"PSETEX k 5 v", "advance 20", "SET k w XX"}, {"SET k v PXAT @ms+5", "DEL k"}},
    {"expired and an error", {"PSETEX k 5 v", "advance 20", "RENAME k l"}, {"SET k v PXAT @ms+5", "DEL k"}},
    {"several expired", {"PSETEX a 5 v", "PSETEX b 5 v", "SET c v", "advance 20", "MGET a c b"},
     {"SET a v PXAT @ms+5", "SET b v PXAT @ms+5", "SET c v", "MULTI", "DEL a", "DEL b", "EXEC"}},
    {"several expired and deleted", {"PSETEX a 5 v", "PSETEX b 5 v", "SET c v", "advance 20", "DEL a c b"},
     {"SET a v PXAT @ms+5", "SET b v PXAT @ms+5", "SET c v", "MULTI", "DEL a", "DEL b", "DEL a c b", "EXEC"}},
    {"expired on the way of mset", {"PSETEX a 5 v", "PSETEX b 5 v", "advance 20", "MSET a 1 b 2"},
     {"SET a v PXAT @ms+5", "SET b v PXAT @ms+5", "MULTI", "DEL a", "DEL b", "MSET a 1 b 2", "EXEC"}},
    {"expired target of rename", {"SET a 1", "PSETEX b 5 v", "advance 20", "RENAMENX a b"},
     {"SET a 1", "SET b v PXAT @ms+5", "MULTI", "DEL b", "RENAMENX a b", "EXEC"}},
    {"expired target elsewhere", {"SET a 1", "SELECT 1", "PSETEX a 5 v", "SELECT 0", "advance 20", "MOVE a 1"},
     {"SET a 1", "SELECT 1", "SET a v PXAT @ms+5", "MULTI", "DEL a", "SELECT 0", "MOVE a 1", "EXEC"}},
    {"expired source and target elsewhere",
     {"SET a 1", "SELECT 2", "PSETEX a 5 v", "SELECT 0", "advance 20", "COPY a a DB 2"},
     {"SET a 1", "SELECT 2", "SET a v PXAT @ms+5", "MULTI", "DEL a", "SELECT 0", "COPY a a DB 2", "EXEC"}},
    {"random key", {"PSETEX a 5 v", "advance 20", "RANDOMKEY"}, {"SET a v PXAT @ms+5", "DEL a"}},
    {"scan", {"PSETEX a 5 v", "advance 20", "SCAN 0 COUNT 1000"}, {"SET a v PXAT @ms+5", "DEL a"}},
    {"scan for a type", {"PSETEX a 5 v", "advance 20", "SCAN 0 TYPE list COUNT 1000"}, {"SET a v PXAT @ms+5", "DEL a"}},
    {"scan for a name", {"PSETEX a 5 v", "advance 20", "SCAN 0 MATCH b* COUNT 1000"}, {"SET a v PXAT @ms+5"}},

    // ---- transactions ----
    {"exec", {"MULTI", "SET a 1", "GET a", "incr a", "EXEC"}, {"MULTI", "SET a 1", "incr a", "EXEC"}},
    {"exec of one effect", {"MULTI", "SET a 1", "GET a", "DEL none", "EXEC"}, {"SET a 1"}},
    {"exec of nothing", {"MULTI", "GET a", "EXEC", "MULTI", "EXEC"}, {}},
    {"exec with rewrites", {"MULTI", "SETEX a 10 v", "GETDEL a", "INCRBYFLOAT b 1.50", "EXEC"},
     {"MULTI", "SET a v PXAT @ms+10000", "DEL a", "SET b 1.5 KEEPTTL", "EXEC"}},
    {"exec over databases", {"MULTI", "SET a 1", "SELECT 1", "SET a 2", "SELECT 2", "GET a", "SELECT 0", "SET a 3", "EXEC", "SET a 4"},
     {"MULTI", "SET a 1", "SELECT 1", "SET a 2", "SELECT 0", "SET a 3", "EXEC", "SET a 4"}},
    {"exec that begins elsewhere", {"SELECT 1", "MULTI", "SET a 1", "SELECT 2", "SET a 2", "EXEC", "SET a 3", "SELECT 1", "SET a 4"},
     {"MULTI", "SELECT 1", "SET a 1", "SELECT 2", "SET a 2", "EXEC", "SET a 3", "SELECT 1", "SET a 4"}},
    {"exec of one effect elsewhere", {"MULTI", "SELECT 4", "SET a 1", "EXEC"}, {"SELECT 4", "SET a 1"}},
    {"exec with an expired key", {"PSETEX k 5 v", "advance 20", "MULTI", "GET k", "EXEC"}, {"SET k v PXAT @ms+5", "DEL k"}},
    {"exec with expired keys", {"PSETEX k 5 v", "PSETEX l 5 v", "advance 20", "MULTI", "GET k", "SET x 1", "SET l 1", "EXEC"},
     {"SET k v PXAT @ms+5", "SET l v PXAT @ms+5", "MULTI", "DEL k", "SET x 1", "DEL l", "SET l 1", "EXEC"}},
    {"exec with a flush", {"MULTI", "FLUSHALL", "EXEC", "MULTI", "SET a 1", "FLUSHDB", "EXEC"},
     {"FLUSHALL", "MULTI", "SET a 1", "FLUSHDB", "EXEC"}},
    {"exec with a scan", {"PSETEX a 5 v", "advance 20", "MULTI", "SET b 1", "SCAN 0 COUNT 1000", "EXEC"},
     {"SET a v PXAT @ms+5", "MULTI", "SET b 1", "DEL a", "EXEC"}},
    {"exec with failures", {"MULTI", "SET a x", "INCR a", "SET b 1", "EXEC"}, {"MULTI", "SET a x", "SET b 1", "EXEC"}},
    {"exec refused", {"MULTI", "SET a x", "NOSUCH", "EXEC", "SET b 1"}, {"SET b 1"}},
    {"discard", {"MULTI", "SET a x", "DISCARD"}, {}},
    {"watch abort", {"WATCH a", "2> SET a 1", "MULTI", "SET b 1", "EXEC", "GET a"}, {"SET a 1"}},
    {"watch of an expired key", {"PSETEX a 5 v", "WATCH a", "advance 20", "MULTI", "SET b 1", "EXEC"}, {"SET a v PXAT @ms+5"}},
};

}  // namespace gyre::cmd
