// All tables of propagation_test.cc, one header a family.
#pragma once

#include "propagation_cases.h"
#include "propagation_cases_dump.h"
#include "propagation_cases_geo.h"
#include "propagation_cases_hash.h"
#include "propagation_cases_list.h"
#include "propagation_cases_stream.h"

namespace gyre::cmd {

inline const std::vector<const std::vector<PropagationCase>*> kPropagationTables = {
    &kPropagationCases, &kGeoPropagationCases, &kHashPropagationCases, &kListPropagationCases, &kStreamPropagationCases,
    &kDumpPropagationCases};

}  // namespace gyre::cmd
