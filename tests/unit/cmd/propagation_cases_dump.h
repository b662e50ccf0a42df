// The propagation cases of RESTORE; propagation_cases.h says how to read them.
#pragma once

#include <vector>

#include "propagation_case.h"

namespace gyre::cmd {

/// DUMP of the string "v" by stock.
#define GYRE_PAYLOAD " \"\\x00\\x01\\x76\\x0b\\x00\\xf8\\xd7\\x73\\xc1\\xe4\\xa7\\x63\\x47\""

inline const std::vector<PropagationCase> kDumpPropagationCases = {
    {"restore",
     {"RESTORE k 0" GYRE_PAYLOAD, "RESTORE k 0" GYRE_PAYLOAD, "RESTORE k 0" GYRE_PAYLOAD " REPLACE", "RESTORE k 0 x REPLACE"},
     {"RESTORE k 0" GYRE_PAYLOAD, "RESTORE k 0" GYRE_PAYLOAD " REPLACE"}},
    {"restore with a time",
     {"RESTORE k 1000" GYRE_PAYLOAD, "rEstore l @ms+500" GYRE_PAYLOAD " absttl",
      "RESTORE k 700" GYRE_PAYLOAD " REPLACE IDLETIME 5"},
     {"RESTORE k @ms+1000" GYRE_PAYLOAD " ABSTTL", "rEstore l @ms+500" GYRE_PAYLOAD " absttl",
      "RESTORE k @ms+700" GYRE_PAYLOAD " REPLACE IDLETIME 5 ABSTTL"}},
    {"restore of what is over",
     {"SET k v", "RESTORE k 1" GYRE_PAYLOAD " REPLACE ABSTTL", "RESTORE k 1" GYRE_PAYLOAD " ABSTTL", "SET k v",
      "lazy-server-del", "RESTORE k 1" GYRE_PAYLOAD " REPLACE ABSTTL"},
     {"SET k v", "DEL k", "SET k v", "UNLINK k"}},
};

#undef GYRE_PAYLOAD

}  // namespace gyre::cmd
