#include "gyre/resp/reply_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "gyre/resp/reply_parser.h"

namespace gyre::resp {
namespace {

using namespace std::string_literals;

std::string text_of(const base::OutBuffer& out) {
  std::string scratch;
  return std::string(out.flatten(scratch));
}

std::string written(int version, const std::function<void(ReplyWriter&)>& write) {
  base::OutBuffer out;
  ReplyWriter writer(out, version);
  write(writer);
  return text_of(out);
}

TEST(ReplyWriter, BothVersions) {
  struct Case {
    std::function<void(ReplyWriter&)> write;
    std::string resp2;
    std::string resp3;
  };
  const double inf = std::numeric_limits<double>::infinity();
  const Case cases[] = {
      {[](ReplyWriter& w) { w.ok(); }, "+OK\r\n", "+OK\r\n"},
      {[](ReplyWriter& w) { w.pong(); }, "+PONG\r\n", "+PONG\r\n"},
      {[](ReplyWriter& w) { w.queued(); }, "+QUEUED\r\n", "+QUEUED\r\n"},
      {[](ReplyWriter& w) { w.simple("string"); }, "+string\r\n", "+string\r\n"},
      {[](ReplyWriter& w) { w.integer(0); }, ":0\r\n", ":0\r\n"},
      {[](ReplyWriter& w) { w.bulk(""); }, "$0\r\n\r\n", "$0\r\n\r\n"},
      {[](ReplyWriter& w) { w.bulk_int64(-12); }, "$3\r\n-12\r\n", "$3\r\n-12\r\n"},
      {[](ReplyWriter& w) { w.bulk_double(1.5); }, "$3\r\n1.5\r\n", "$3\r\n1.5\r\n"},
      {[](ReplyWriter& w) { w.null(); }, "$-1\r\n", "_\r\n"},
      {[](ReplyWriter& w) { w.null_array(); }, "*-1\r\n", "_\r\n"},
      {[](ReplyWriter& w) { w.double_(3); }, "$1\r\n3\r\n", ",3\r\n"},
      {[](ReplyWriter& w) { w.double_(0.25); }, "$4\r\n0.25\r\n", ",0.25\r\n"},
      {[inf](ReplyWriter& w) { w.double_(inf); }, "$3\r\ninf\r\n", ",inf\r\n"},
      {[inf](ReplyWriter& w) { w.double_(-inf); }, "$4\r\n-inf\r\n", ",-inf\r\n"},
      {[](ReplyWriter& w) { w.human_long_double(2.5L); }, "$3\r\n2.5\r\n", ",2.5\r\n"},
      {[](ReplyWriter& w) { w.boolean(true); }, ":1\r\n", "#t\r\n"},
      {[](ReplyWriter& w) { w.boolean(false); }, ":0\r\n", "#f\r\n"},
      {[](ReplyWriter& w) { w.big_number("-123"); }, "$4\r\n-123\r\n", "(-123\r\n"},
      {[](ReplyWriter& w) { w.verbatim("txt", "hi"); }, "$2\r\nhi\r\n", "=6\r\ntxt:hi\r\n"},
      {[](ReplyWriter& w) { w.verbatim("m", "hi"); }, "$2\r\nhi\r\n", "=6\r\nm  :hi\r\n"},
      {[](ReplyWriter& w) { w.verbatim("markdown", ""); }, "$0\r\n\r\n", "=4\r\nmar:\r\n"},
      {[](ReplyWriter& w) { w.array(0); }, "*0\r\n", "*0\r\n"},
      {[](ReplyWriter& w) { w.array(1000000); }, "*1000000\r\n", "*1000000\r\n"},
      {[](ReplyWriter& w) { w.map(2); }, "*4\r\n", "%2\r\n"},
      {[](ReplyWriter& w) { w.set(2); }, "*2\r\n", "~2\r\n"},
      {[](ReplyWriter& w) { w.push(3); }, "*3\r\n", ">3\r\n"},
      {[](ReplyWriter& w) { w.raw("+x\r\n"); }, "+x\r\n", "+x\r\n"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(written(2, c.write), c.resp2);
    EXPECT_EQ(written(3, c.write), c.resp3);
  }
  EXPECT_EQ(written(3, [](ReplyWriter& w) { w.attribute(1); }), "|1\r\n");
}

TEST(ReplyWriter, Integers) {
  for (int64_t value : {int64_t{0}, int64_t{9}, int64_t{10}, int64_t{99}, int64_t{100}, int64_t{255},
                        int64_t{256}, int64_t{-1}, int64_t{123456789}, std::numeric_limits<int64_t>::min(),
                        std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(written(2, [=](ReplyWriter& w) { w.integer(value); }), ":" + std::to_string(value) + "\r\n");
  }
  for (int64_t value = 0; value < 1100; value++) {
    EXPECT_EQ(written(2, [=](ReplyWriter& w) { w.integer(value); }), ":" + std::to_string(value) + "\r\n");
  }
}

TEST(ReplyWriter, BulksOfEverySize) {
  std::string text;
  for (size_t size = 0; size < 1100; size++) {
    ASSERT_EQ(written(2, [&](ReplyWriter& w) { w.bulk(text); }),
              "$" + std::to_string(size) + "\r\n" + text + "\r\n");
    text += static_cast<char>('a' + size % 26);
  }
  for (size_t size : {4096u, 16384u, 16385u, 100000u}) {
    text.assign(size, 'z');
    ASSERT_EQ(written(2, [&](ReplyWriter& w) { w.bulk(text); }),
              "$" + std::to_string(size) + "\r\n" + text + "\r\n");
  }
}

// Replies of every length across the ends of chunks.
TEST(ReplyWriter, ChunkBoundaries) {
  base::OutBuffer out;
  ReplyWriter writer(out, 2);
  std::string expected;
  for (size_t i = 0; i < 5000; i++) {
    std::string body(i % 700, 'b');
    writer.bulk(body);
    writer.integer(static_cast<int64_t>(i));
    writer.ok();
    expected +=
        "$" + std::to_string(body.size()) + "\r\n" + body + "\r\n:" + std::to_string(i) + "\r\n+OK\r\n";
  }
  EXPECT_EQ(text_of(out), expected);
}

TEST(ReplyWriter, BulkByReference) {
  const std::string body(20'000, 'r');
  base::Blob blob = base::Blob::copy_of("<" + body + ">");
  base::OutBuffer out;
  ReplyWriter writer(out, 2);
  writer.bulk_ref(blob, 1, body.size());
  EXPECT_EQ(out.referenced(), body.size());
  writer.bulk_ref(blob, 0, 3);
  EXPECT_EQ(out.referenced(), body.size());
  writer.ok();
  EXPECT_EQ(text_of(out), "$20000\r\n" + body + "\r\n$3\r\n<rr\r\n+OK\r\n");
  EXPECT_FALSE(blob.unique());
  out.clear();
  EXPECT_TRUE(blob.unique());
}

TEST(ReplyWriter, Errors) {
  auto error = [](std::string_view text) { return written(2, [=](ReplyWriter& w) { w.error(text); }); };
  EXPECT_EQ(error("ERR no such key"), "-ERR no such key\r\n");
  EXPECT_EQ(error("ERR a\r\nb\nc"), "-ERR a  b c\r\n");
  EXPECT_EQ(error("ERR trailing\r\n\r\n"), "-ERR trailing\r\n");
  EXPECT_EQ(error("\r\n"), "-\r\n");
  EXPECT_EQ(written(3, [](ReplyWriter& w) { w.errorf("ERR %s, %d\n", "unknown", 7); }),
            "-ERR unknown, 7\r\n");
  const std::string name(5000, 'n');
  EXPECT_EQ(written(3, [&](ReplyWriter& w) { w.errorf("ERR unknown '%s'", name.c_str()); }),
            "-ERR unknown '" + name + "'\r\n");
  for (size_t size = 240; size < 270; size++) {
    std::string text(size, 'e');
    EXPECT_EQ(written(3, [&](ReplyWriter& w) { w.errorf("%s", text.c_str()); }), "-" + text + "\r\n");
  }
}

TEST(ReplyWriter, ErrorCodes) {
  base::OutBuffer out;
  ReplyWriter writer(out, 2);
  EXPECT_EQ(writer.error_count(), 0u);
  EXPECT_EQ(writer.last_error_code(), "ERR");
  writer.error("WRONGTYPE Operation against a key");
  EXPECT_EQ(writer.last_error_code(), "WRONGTYPE");
  writer.error("ERR x");
  EXPECT_EQ(writer.last_error_code(), "ERR");
  writer.error("NOSPACEANYWHERE");
  EXPECT_EQ(writer.last_error_code(), "ERR");
  const std::string thirty(30, 'A');
  writer.error(thirty + " x");
  EXPECT_EQ(writer.last_error_code(), thirty);
  writer.error(thirty + "A x");
  EXPECT_EQ(writer.last_error_code(), "ERR");
  EXPECT_EQ(writer.error_count(), 5u);
  writer.ok();
  EXPECT_EQ(writer.error_count(), 5u);
}

TEST(DeferredAggregate, CountIsWrittenBefore) {
  for (size_t n : {0u, 1u, 5u, 300u, 20000u}) {
    base::OutBuffer out;
    ReplyWriter writer(out, 3);
    writer.ok();
    std::string expected = "+OK\r\n~" + std::to_string(n) + "\r\n";
    {
      DeferredAggregate set(writer, DeferredAggregate::Kind::kSet);
      for (size_t i = 0; i < n; i++) {
        writer.integer(static_cast<int64_t>(i));
        expected += ":" + std::to_string(i) + "\r\n";
      }
      set.finish(n);
    }
    writer.ok();
    EXPECT_EQ(text_of(out), expected + "+OK\r\n");
    EXPECT_EQ(&writer.out(), &out);
  }
}

TEST(DeferredAggregate, NestsAndKeepsReferences) {
  base::Blob blob = base::Blob::copy_of(std::string(10'000, 'x'));
  base::OutBuffer out;
  ReplyWriter writer(out, 2);
  {
    DeferredAggregate outer(writer);
    writer.integer(1);
    {
      DeferredAggregate inner(writer, DeferredAggregate::Kind::kMap);
      writer.bulk("k");
      writer.bulk_ref(blob, 0, blob.size());
      inner.finish(1);
    }
    outer.finish(2);
  }
  EXPECT_EQ(out.referenced(), blob.size());
  EXPECT_EQ(text_of(out), "*2\r\n:1\r\n*2\r\n$1\r\nk\r\n$10000\r\n" + std::string(blob.view()) + "\r\n");
}

TEST(DeferredAggregate, UnfinishedIsDropped) {
  base::OutBuffer out;
  ReplyWriter writer(out, 2);
  {
    DeferredAggregate array(writer);
    writer.integer(1);
  }
  {
    DeferredAggregate array(writer);
    writer.integer(1);
    array.abandon();
    writer.error("ERR no");
  }
  EXPECT_EQ(text_of(out), "-ERR no\r\n");
  EXPECT_EQ(writer.error_count(), 1u);
}

}  // namespace
}  // namespace gyre::resp
