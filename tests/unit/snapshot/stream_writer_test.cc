#include "gyre/snapshot/stream_writer.h"

#include "harness.h"

namespace gyre::snapshot {
namespace {

constexpr store::KeyspaceOptions kOneShard{.reactors = 1, .databases = 16, .shards = 1};

std::string whole_stream(Harness& harness, StreamWriter& writer, size_t* longest = nullptr) {
  std::string stream;
  for (;;) {
    rdb::Chunk chunk;
    switch (writer.next(&chunk)) {
      case StreamWriter::Result::kPiece:
        stream += chunk.view();
        if (longest) *longest = std::max(*longest, chunk.size);
        break;
      case StreamWriter::Result::kNothing:
        harness.step();
        break;
      case StreamWriter::Result::kFailed:
        ADD_FAILURE();
        return stream;
      case StreamWriter::Result::kEnd:
        EXPECT_EQ(writer.bytes(), stream.size());
        return stream;
    }
  }
}

TEST(StreamWriter, HeadHintsBodyAndEnd) {
  Harness harness(kOneShard);
  harness.set(0, "a", "1");
  harness.set(9, "b", "2", kNow + 5);
  harness.walk.begin({}, kNow);
  StreamWriter writer(harness.walk,
                      {.version = 11, .created_s = 7, .replication = rdb::Replication{9, "id", 1234}}, true);
  const std::string stream = whole_stream(harness, writer);
  rdb::RdbReader reader(stream);
  rdb::ReadImage image = reader.read_image();
  EXPECT_TRUE(image.complete);
  EXPECT_EQ(image.version, 11);
  EXPECT_EQ(image.aux[6], (std::pair<std::string, std::string>("repl-offset", "1234")));
  EXPECT_EQ(image.sizes.size(), 2u);
  EXPECT_EQ(image.sizes[0], (std::pair<uint64_t, uint64_t>(1, 0)));
  EXPECT_EQ(image.sizes[9], (std::pair<uint64_t, uint64_t>(1, 1)));
  EXPECT_EQ((image.pairs[{9, "b"}]), (rdb::ReadPair{.value = "2", .expiry = kNow + 5}));
  EXPECT_NE(stream.substr(stream.size() - 8), std::string(8, '\0'));
  harness.walk.end();
}

TEST(StreamWriter, WithoutChecksum) {
  Harness harness(kOneShard);
  harness.set(0, "a", "1");
  harness.walk.begin({}, kNow);
  StreamWriter writer(harness.walk, {}, false);
  const std::string stream = whole_stream(harness, writer);
  EXPECT_EQ(stream.substr(stream.size() - 8), std::string(8, '\0'));
  harness.walk.end();
}

TEST(StreamWriter, PiecesAreBounded) {
  Harness harness(kOneShard);
  harness.set(0, "large", std::string(3 * StreamWriter::kPieceBytes + 5, 'x'));
  harness.begin();
  StreamWriter writer(harness.walk, {.version = 10}, true);
  size_t longest = 0;
  harness.stream = whole_stream(harness, writer, &longest);
  EXPECT_EQ(longest, StreamWriter::kPieceBytes);
  harness.compare();
  harness.end();
}

}  // namespace
}  // namespace gyre::snapshot
