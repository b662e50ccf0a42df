// All tables of propagation_test.cc, one header a family.
#pragma once

#include "propagation_cases.h"
#include "propagation_cases_dump.h"
#include "propagation_cases_geo.h"
#include "propagation_cases_hash.h"
#include "propagation_cases_list.h"

namespace gyre::cmd {

inline const std::vector<const std::vector<PropagationCase>*> kPropagationTables = {
    &kPropagationCases, &kGeoPropagationCases, &kHashPropagationCases, &kListPropagationCases,
    &kDumpPropagationCases};

}  // namespace gyre::cmd
