#include "gyre/exec/wait_list.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "gyre/base/out_buffer.h"
#include "gyre/exec/session.h"

namespace gyre::exec {
namespace {

struct NoClient : ClientHandle {
  void kill() override {}
};

class WaitListTest : public ::testing::Test {
 protected:
  std::unique_ptr<WaitList::Wait> begin() {
    return std::make_unique<WaitList::Wait>(list_, session_, nullptr, WaitList::For::kOpenGate);
  }
  std::vector<const WaitList::Wait*> walk() const {
    std::vector<const WaitList::Wait*> found;
    for (const WaitList::Wait* wait = list_.first(); wait; wait = wait->next()) found.push_back(wait);
    return found;
  }

  NoClient client_;
  base::OutBuffer out_;
  Session session_{1, out_, client_};
  WaitList list_;
};

TEST_F(WaitListTest, OldestIsThatOfTheFirstWhoeverLeaves) {
  using Waits = std::vector<const WaitList::Wait*>;
  EXPECT_EQ(list_.oldest(), 0u);
  auto a = begin(), b = begin(), c = begin();
  EXPECT_EQ(walk(), (Waits{a.get(), b.get(), c.get()}));
  EXPECT_EQ(list_.oldest(), a->since_ticks);
  b.reset();
  EXPECT_EQ(walk(), (Waits{a.get(), c.get()}));
  EXPECT_EQ(list_.oldest(), a->since_ticks);
  a.reset();
  EXPECT_EQ(list_.oldest(), c->since_ticks);
  auto d = begin();
  d.reset();
  auto e = begin();
  EXPECT_EQ(walk(), (Waits{c.get(), e.get()}));
  c.reset();
  e.reset();
  EXPECT_EQ(walk(), Waits{});
  EXPECT_EQ(list_.oldest(), 0u);
}

}  // namespace
}  // namespace gyre::exec
