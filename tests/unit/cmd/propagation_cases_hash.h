// What replicas are told of hash commands: more of the table in propagation_cases.h.
#pragma once

#include <vector>

#include "propagation_case.h"

namespace gyre::cmd {

inline const std::vector<PropagationCase> kHashPropagationCases = {
    {"hset",
     {"hSet h a 1", "HSET h a 1", "HMSET h a 1 b 2", "HSET h a", "HSETNX h a 2", "HSETNX h c 3"},
     {"hSet h a 1", "HSET h a 1", "HMSET h a 1 b 2", "HSETNX h c 3"}},
    {"hdel",
     {"HSET h a 1 b 2 c 3", "HDEL h none", "HDEL h a none", "HDEL h b c", "HDEL h b"},
     {"HSET h a 1 b 2 c 3", "HDEL h a none", "HDEL h b c"}},
    {"hincrby",
     {"hincrby h n 5", "HINCRBY h n 0", "HINCRBY h n x", "HSET h t x", "HINCRBY h t 1"},
     {"hincrby h n 5", "HINCRBY h n 0", "HSET h t x"}},
    {"hincrbyfloat",
     {"hincrbyfloat h f 10.50", "HINCRBYFLOAT h f 0", "HINCRBYFLOAT h f 5.0e3", "HINCRBYFLOAT h f x"},
     {"HSET h f 10.5", "HSET h f 10.5", "HSET h f 5010.5"}},
    {"hash reads",
     {"HSET h a 1", "HGET h a", "HMGET h a b", "HGETALL h", "HKEYS h", "HVALS h", "HLEN h", "HSTRLEN h a",
      "HEXISTS h a", "HRANDFIELD h", "HRANDFIELD h 1 WITHVALUES", "HSCAN h 0"},
     {"HSET h a 1"}},
    {"hash errors", {"SET k v", "HSET k a 1", "HDEL k a", "HINCRBYFLOAT k a 1", "HSETNX k a 1"}, {"SET k v"}},
    {"expired hset",
     {"HSET h a 1", "PEXPIRE h 5", "advance 20", "HSET h b 2"},
     {"HSET h a 1", "PEXPIREAT h @ms+5", "MULTI", "DEL h", "HSET h b 2", "EXEC"}},
};

}  // namespace gyre::cmd
