// The part of the table in propagation_cases.h that is about lists, and about what waits for keys.
#pragma once

#include "propagation_case.h"

namespace gyre::cmd {

inline const std::vector<PropagationCase> kListPropagationCases = {
    {"push",
     {"lPush l a b", "RPUSH l c", "LPUSHX none a", "RPUSHX l d", "LPUSH l"},
     {"lPush l a b", "RPUSH l c", "RPUSHX l d"}},
    {"pop",
     {"RPUSH l 1 2 3 4 5", "lpop l", "RPOP l 2", "LPOP l 0", "LPOP l 9", "LPOP l"},
     {"RPUSH l 1 2 3 4 5", "lpop l", "RPOP l 2", "LPOP l 9"}},
    {"lmpop",
     {"RPUSH l 1 2 3 4", "lmpop 2 none l left", "LMPOP 1 l RIGHT COUNT 2", "LMPOP 1 l LEFT COUNT 10",
      "LMPOP 1 l LEFT"},
     {"RPUSH l 1 2 3 4", "LPOP l 1", "RPOP l 2", "LPOP l 1"}},
    {"list changes",
     {"RPUSH l a b a", "LSET l 0 x", "LSET l 9 x", "LINSERT l BEFORE b y", "LINSERT l BEFORE none y",
      "LREM l 0 none", "LREM l 0 a", "LTRIM l 0 -1", "LTRIM l 0 0", "LTRIM l 5 6", "LTRIM l 0 0"},
     {"RPUSH l a b a", "LSET l 0 x", "LINSERT l BEFORE b y", "LREM l 0 a", "LTRIM l 0 0", "LTRIM l 5 6"}},
    {"lmove",
     {"RPUSH l 1 2", "lmove l m left right", "RPOPLPUSH l l", "RPOPLPUSH none l"},
     {"RPUSH l 1 2", "lmove l m left right", "RPOPLPUSH l l"}},
    {"blocking commands that find something",
     {"RPUSH l 1 2 3 4 5", "blpop none l 0", "BRPOP l 0", "blmove l m left right 0", "BRPOPLPUSH l m 0",
      "BLMPOP 0 1 l LEFT COUNT 3", "ZADD z 1 a 2 b 3 c", "BZPOPMIN z 0", "BZPOPMAX none z 0",
      "BZMPOP 0 1 z MIN COUNT 3"},
     {"RPUSH l 1 2 3 4 5", "LPOP l", "RPOP l", "LMOVE l m left right", "RPOPLPUSH l m", "LPOP l 1",
      "ZADD z 1 a 2 b 3 c", "ZPOPMIN z", "ZPOPMAX z", "ZPOPMIN z 1"}},
    {"sort",
     {"RPUSH l 3 1 2", "SORT l", "SORT_RO l", "sort l DESC store m", "SORT none STORE m", "SORT none STORE m",
      "SORT l STORE m LIMIT 9 1", "SORT l BY w* STORE l", "SORT l STORE", "RPUSH l x", "SORT l STORE m"},
     {"RPUSH l 3 1 2", "sort l DESC store m", "SORT none STORE m", "SORT l BY w* STORE l", "RPUSH l x"}},
    {"blocking commands in a transaction",
     {"MULTI", "BLPOP l 0", "RPUSH l a", "BLPOP l 0", "EXEC"},
     {"MULTI", "RPUSH l a", "LPOP l", "EXEC"}},
};

}  // namespace gyre::cmd
