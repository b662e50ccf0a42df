#include "gyre/base/check.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "gyre/base/log.h"

namespace gyre::base {
namespace {

TEST(Check, FailureLogsAndAborts) {
  EXPECT_DEATH(
      {
        set_log_target(LogTarget{});
        dup2(STDERR_FILENO, STDOUT_FILENO);
        GYRE_CHECK(1 + 1 == 3);
      },
      "check_test.cc:[0-9]+: CHECK failed: 1 \\+ 1 == 3");
  GYRE_CHECK(true);
}

}  // namespace
}  // namespace gyre::base
