// The expected bytes are what Redis 7.2.4 writes for the same data.
#include "gyre/rdb/encoder.h"

#include <gtest/gtest.h>

#include <string>

#include "gyre/base/crc64.h"
#include "gyre/store/db.h"
#include "rdb_reader.h"

namespace gyre::rdb {
namespace {

constexpr int64_t kNow = 1'700'000'000'000;

std::string bytes_of(ChunkBuilder& builder) {
  std::string all;
  for (const Chunk& piece : builder.take()) all += piece.view();
  return all;
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (char c : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    text += kDigits[static_cast<uint8_t>(c) >> 4];
    text += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return text;
}

std::string written_string(std::string_view text, bool compress = true) {
  ChunkBuilder builder;
  string(builder, text, compress);
  return bytes_of(builder);
}

/// Encodes one key of a keyspace.
class PairTest : public testing::Test {
 protected:
  PairTest() : keyspace_({}), db_(store::Held::assume(), keyspace_, 0, kNow, nullptr) {}

  store::Entry& set(std::string_view key, std::string_view value, int64_t expiry = -1) {
    const store::Key k = store::make_key(key);
    return *db_.set(k, db_.peek(k), value, {expiry});
  }
  std::string written(const store::Entry& entry, Access access = {}, bool compress = true) {
    ChunkBuilder builder;
    pair(builder, entry, access, {.compress = compress});
    return bytes_of(builder);
  }

  store::Keyspace keyspace_;
  store::Db db_;
};

TEST_F(PairTest, Integers) {
  EXPECT_EQ(hex(written(set("a", "-128"))), "000161c080");
  EXPECT_EQ(hex(written(set("a", "127"))), "000161c07f");
  EXPECT_EQ(hex(written(set("a", "128"))), "000161c18000");
  EXPECT_EQ(hex(written(set("a", "-32768"))), "000161c10080");
  EXPECT_EQ(hex(written(set("a", "32768"))), "000161c200800000");
  EXPECT_EQ(hex(written(set("a", "-2147483648"))), "000161c200000080");
  EXPECT_EQ(hex(written(set("a", "2147483648"))), "0001610a32313437343833363438");
  EXPECT_EQ(hex(written(set("a", "9223372036854775807"))), "0001611339323233333732303336383534373735383037");
}

TEST_F(PairTest, TextThatIsAnInteger) {
  const store::Key k = store::make_key("a");
  EXPECT_EQ(hex(written(*db_.set_text(k, nullptr, "127"))), "000161c07f");
  EXPECT_EQ(hex(written(set("12345", "x"))), "00c139300178");
  EXPECT_EQ(hex(written(set("a", "007"))), "00016103303037");
}

TEST_F(PairTest, Texts) {
  EXPECT_EQ(hex(written(set("a", ""))), "00016100");
  EXPECT_EQ(hex(written(set("a", "hello"))), "0001610568656c6c6f");
  EXPECT_EQ(hex(written(set("a", std::string(20, 'x')))), "00016114" + hex(std::string(20, 'x')));
  EXPECT_EQ(hex(written(set("a", "abcdefghijklmnopqrstuvwxyz"))),
            "0001611a" + hex("abcdefghijklmnopqrstuvwxyz"));
  EXPECT_EQ(hex(written(set("a", std::string(63, 'x')), {}, false)), "0001613f" + hex(std::string(63, 'x')));
  EXPECT_EQ(hex(written(set("a", std::string(64, 'x')), {}, false)),
            "0001614040" + hex(std::string(64, 'x')));
}

TEST_F(PairTest, CompressedTexts) {
  EXPECT_EQ(hex(written(set("a", std::string(21, 'x')))), "000161c30615017878e00a00");
  EXPECT_EQ(hex(written(set("a", std::string(63, 'x')))), "000161c3093f017878e03200017878");
  EXPECT_EQ(hex(written(set("a", std::string(64, 'x')))), "000161c3094040017878e03300017878");
  EXPECT_EQ(hex(written(set("a", std::string(300, 'x')))), "000161c30c412c017878e0ff00e01700017878");
}

TEST_F(PairTest, ExpiryAndAccess) {
  const store::Entry& entry = set("a", "b", 4102444800123);
  EXPECT_EQ(hex(written(entry)), "fc7bd8c32cbb0300000001610162");
  EXPECT_EQ(hex(written(entry, {Access::Kind::kIdleSeconds, 0})), "fc7bd8c32cbb030000f8000001610162");
  EXPECT_EQ(hex(written(set("a", "b"), {Access::Kind::kFrequency, 5})), "f9050001610162");
  EXPECT_EQ(hex(written(set("a", "b"), {Access::Kind::kIdleSeconds, 100'000})), "f880000186a00001610162");
}

TEST_F(PairTest, LargeValuesAreReferredTo) {
  for (size_t size : {kReferenceFrom - 1, kReferenceFrom, 3 * kReferenceFrom}) {
    const store::Entry& entry = set("large", std::string(size, 'v'));
    ChunkBuilder builder;
    pair(builder, entry, {}, {});
    builder.append("next");
    const std::vector<Chunk> pieces = builder.take();
    const bool referred = size >= kReferenceFrom;
    EXPECT_EQ(pieces.size() == 3 && pieces[1].blob.data() == entry.raw_value().data(), referred) << size;
    std::string all;
    for (const Chunk& piece : pieces) all += piece.view();
    RdbReader reader(std::string_view(all).substr(0, all.size() - 4));
    ReadImage image;
    reader.read_parts(image);
    EXPECT_TRUE(reader.at_end());
    EXPECT_EQ((image.pairs[{0, "large"}].value), std::string(size, 'v'));
  }
}

TEST(Strings, LengthsOfAllForms) {
  const auto head = [](uint64_t value) {
    ChunkBuilder builder;
    length(builder, value);
    return hex(bytes_of(builder));
  };
  EXPECT_EQ(head(0), "00");
  EXPECT_EQ(head(63), "3f");
  EXPECT_EQ(head(64), "4040");
  EXPECT_EQ(head(16383), "7fff");
  EXPECT_EQ(head(16384), "8000004000");
  EXPECT_EQ(head(0xffffffff), "80ffffffff");
  EXPECT_EQ(head(0x100000000), "810000000100000000");
}

TEST(Strings, ComeBack) {
  for (size_t size : {0, 1, 11, 12, 20, 21, 22, 100, 5000, 65535, 65536, 200000}) {
    std::string noise(size, '\0'), pattern(size, '\0');
    for (size_t i = 0; i < size; ++i) {
      noise[i] = static_cast<char>(base::crc64(i, "noise") >> 13);
      pattern[i] = static_cast<char>('a' + i % 7);
    }
    for (const std::string& text : {noise, pattern}) {
      for (bool compress : {false, true}) {
        const std::string bytes = written_string(text, compress);
        RdbReader reader(bytes);
        EXPECT_EQ(reader.string(), text) << size;
        EXPECT_TRUE(reader.at_end());
      }
    }
    // Beyond the limit no slice is spent on compressing.
    if (size > 21) EXPECT_EQ(written_string(pattern).size() < size, size < kReferenceFrom) << size;
  }
}

TEST(Image, TwoDatabasesAsStockSavesThem) {
  store::Keyspace keyspace({});
  store::Db db(store::Held::assume(), keyspace, 0, kNow, nullptr);
  ChunkBuilder builder;
  header(builder, {.version = 11, .created_s = 0x6b02ee84, .used_memory = 0x106ba8});
  select_db(builder, 0);
  resize_db(builder, 1, 0);
  const store::Key k = store::make_key("k");
  pair(builder, *db.set(k, nullptr, "w"), {}, {});
  select_db(builder, 11);
  resize_db(builder, 1, 0);
  pair(builder, *db.set(k, db.peek(k), "v"), {}, {});
  end_of_image(builder);
  std::string image = bytes_of(builder);
  checksum(builder, base::crc64(0, image));
  image += bytes_of(builder);
  EXPECT_EQ(hex(image),
            "524544495330303131fa0972656469732d76657205372e322e34fa0a72656469732d62697473c040fa056374696d65c2"
            "84ee026b"
            "fa08757365642d6d656dc2a86b1000fa08616f662d62617365c000fe00fb010000016b0177fe0bfb010000016b0176ff"
            "399ba0e4"
            "172f444f");
}

TEST(Image, FieldsForAReplica) {
  ChunkBuilder builder;
  const std::string id(40, 'f');
  header(builder,
         {.version = 10, .created_s = 1, .used_memory = 2, .replication = Replication{3, id, 12345678901}});
  end_of_image(builder);
  checksum(builder, 0);
  const std::string bytes = bytes_of(builder);
  RdbReader reader(bytes);
  const ReadImage image = reader.read_image();
  EXPECT_TRUE(image.complete);
  EXPECT_EQ(image.version, 10);
  const std::vector<std::pair<std::string, std::string>> expected = {{"redis-ver", "7.2.4"},
                                                                     {"redis-bits", "64"},
                                                                     {"ctime", "1"},
                                                                     {"used-mem", "2"},
                                                                     {"repl-stream-db", "3"},
                                                                     {"repl-id", id},
                                                                     {"repl-offset", "12345678901"},
                                                                     {"aof-base", "0"}};
  EXPECT_EQ(image.aux, expected);
}

}  // namespace
}  // namespace gyre::rdb
