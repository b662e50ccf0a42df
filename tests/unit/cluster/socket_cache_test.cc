#include "gyre/cluster/socket_cache.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gyre/cluster/migrations.h"

namespace gyre::cluster {
namespace {

MigrateSocket some_socket() { return MigrateSocket(::socket(AF_UNIX, SOCK_STREAM, 0)); }
bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

TEST(SocketCache, GivesBackWhatWasPut) {
  SocketCache cache;
  EXPECT_FALSE(cache.take("a:1").valid());
  MigrateSocket socket = some_socket();
  socket.last_db = 5;
  const int fd = socket.fd();
  cache.put("a:1", std::move(socket), 0);
  EXPECT_FALSE(cache.take("a:2").valid());
  EXPECT_EQ(cache.size(), 1u);
  {
    const MigrateSocket taken = cache.take("a:1");
    EXPECT_EQ(taken.fd(), fd);
    EXPECT_EQ(taken.last_db, 5);
    EXPECT_EQ(cache.size(), 0u);
    EXPECT_TRUE(is_open(fd));
  }
  EXPECT_FALSE(is_open(fd));
}

TEST(SocketCache, TenSecondsAndNoMoreThanSixtyFour) {
  SocketCache cache;
  cache.put("old:1", some_socket(), 1000);
  cache.put("new:1", some_socket(), 5000);
  cache.close_idle(11'000);
  EXPECT_EQ(cache.size(), 2u);
  cache.close_idle(11'001);
  EXPECT_EQ(cache.size(), 1u);
  for (size_t i = 0; i < SocketCache::kMost; ++i) cache.put("more:1", some_socket(), 6000);
  EXPECT_EQ(cache.size(), SocketCache::kMost);
  EXPECT_FALSE(cache.take("new:1").valid());
}

TEST(Transit, AllOrNone) {
  Transit transit;
  EXPECT_TRUE(transit.begin({"a", "b", "a"}));
  EXPECT_TRUE(transit.any());
  EXPECT_FALSE(transit.begin({"c", "b"}));
  EXPECT_FALSE(transit.has("c"));
  EXPECT_TRUE(transit.begin({"c"}));
  transit.end({"a", "b", "a"});
  EXPECT_FALSE(transit.has("a"));
  EXPECT_TRUE(transit.has("c"));
  transit.end({"c"});
  EXPECT_FALSE(transit.any());
}

}  // namespace
}  // namespace gyre::cluster
