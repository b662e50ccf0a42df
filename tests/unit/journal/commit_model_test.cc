// Every execution of small cases of the commit protocol, and that each order in it is needed: with any one
// weakened the exploration finds what goes wrong.
#include "commit_model.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <ostream>

namespace gyre::journal::model {
namespace {

#ifdef GYRE_SANITIZED
constexpr Size kSizes[] = {{2, 1, 2}, {1, 2, 2}};
#else
constexpr Size kSizes[] = {{2, 1, 2}, {1, 2, 2}, {2, 2, 1}};
#endif

std::string explore(const Protocol& protocol) {
  for (const Size& size : kSizes) {
    const Result result = Exploration(protocol, size).run();
    std::printf("2 writers of %u, %u readers of %u: %llu states%s%s\n", size.records, size.readers,
                size.passes, static_cast<unsigned long long>(result.states),
                result.violation.empty() ? "" : ": ", result.violation.c_str());
    if (!result.violation.empty()) return result.violation;
  }
  return "";
}

TEST(CommitModel, HoldsInEveryExecution) { EXPECT_EQ(explore({}), ""); }

struct Fault {
  const char* name;
  Protocol protocol;
  const char* violation;
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

class CommitModelFault : public testing::TestWithParam<Fault> {};

TEST_P(CommitModelFault, IsFound) { EXPECT_EQ(explore(GetParam().protocol), GetParam().violation); }

constexpr const char* kClaims = "a reader claims bytes that it may not see";

INSTANTIATE_TEST_SUITE_P(
    All, CommitModelFault,
    testing::Values(Fault{"BoundBehindReserve", {.bound_behind_reserve = true}, kClaims},
                    Fault{"BoundsBeforeHead", {.bounds_before_head = true}, kClaims},
                    Fault{"CommittedByStore", {.committed_by_store = true}, "committed falls for a reader"},
                    Fault{"RelaxedBound", {.relaxed_bound = true}, kClaims},
                    Fault{"RelaxedReserve", {.relaxed_reserve = true}, kClaims},
                    Fault{"RelaxedPublish", {.relaxed_publish = true}, kClaims},
                    Fault{"RelaxedHead", {.relaxed_head = true}, kClaims},
                    Fault{"RelaxedBounds", {.relaxed_bounds = true}, kClaims},
                    Fault{"RelaxedCommittedLoad", {.relaxed_committed_load = true}, kClaims},
                    Fault{"RelaxedCommittedStore", {.relaxed_committed_store = true}, kClaims}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace gyre::journal::model
