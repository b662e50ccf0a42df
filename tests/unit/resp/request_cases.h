// Table-driven checks of the request parser.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "request_driver.h"

namespace gyre::resp::testing {

/// A stream and what it means.
struct Case {
  std::string input;
  std::vector<Command> commands;
  std::string error;
};

/// The same answer for the whole input, for every place to cut it, and byte by byte.
inline void expect_case(const Case& c, const RequestLimits& limits = {}) {
  Outcome expected{c.commands, c.error};
  SCOPED_TRACE(::testing::PrintToString(c.input.substr(0, 200)));
  EXPECT_EQ(parse_whole(c.input, limits).commands, expected.commands);
  EXPECT_EQ(parse_whole(c.input, limits).error, expected.error);
  if (c.input.size() > 1000) return;
  EXPECT_TRUE(parse_bytewise(c.input, limits) == expected);
  for (size_t cut = 0; cut <= c.input.size(); cut++) {
    EXPECT_TRUE(parse_split(c.input, cut, limits) == expected) << "cut at " << cut;
  }
}

}  // namespace gyre::resp::testing
