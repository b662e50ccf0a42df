// What tests of ValueDecoder share: bytes of the format, and reading them whole and in slices.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "collection_text.h"
#include "gyre/ds/listpack_edit.h"
#include "gyre/rdb/decoder.h"
#include "gyre/rdb/value_decoder.h"

namespace gyre::rdb {

inline std::string bytes_of(ChunkBuilder& builder) {
  std::string all;
  for (const Chunk& piece : builder.take()) all += piece.view();
  return all;
}

inline std::string text(std::string_view bytes) {
  ChunkBuilder builder;
  string(builder, bytes, false);
  return bytes_of(builder);
}

inline std::string count(uint64_t number) {
  ChunkBuilder builder;
  length(builder, number);
  return bytes_of(builder);
}

inline std::string listpack(const std::vector<std::string>& list) {
  ds::ListpackBuilder builder;
  for (const std::string& element : list) builder.add(std::string_view(element));
  return builder.finish();
}

class ValueDecoderTest : public testing::Test {
 protected:
  ValueDecoderTest()
      : keyspace_(store::KeyspaceOptions{.reactors = 1, .databases = 1}),
        db_(store::Held::assume(), keyspace_, 0, 1'000'000, nullptr) {}

  /// "<encoding>: <value>", or why it is no good.
  std::string read(ValueType type, std::string_view bytes, size_t step) {
    Input input;
    ValueDecoder decoder;
    decoder.begin(static_cast<uint8_t>(type), options);
    Read read = Read::kMore;
    for (size_t at = 0; at < bytes.size() && read == Read::kMore; at += step) {
      const std::string slice(bytes.substr(at, step));
      input.feed(slice);
      Value value;
      read = decoder.step(input, &value);
      if (read == Read::kDone) {
        EXPECT_EQ(input.position(), bytes.size());
        if (value.is_empty()) return "empty";
        const store::Key key = store::make_key("key");
        const store::Entry* entry = value.put(db_, key, db_.write(key));
        return std::string(encoding_name(*entry)) + ": " + value_text(*entry);
      }
      input.keep();
    }
    return read == Read::kMore ? "more" : input.reason();
  }
  std::string read(ValueType type, std::string_view bytes) {
    const std::string whole = read(type, bytes, bytes.size());
    EXPECT_EQ(read(type, bytes, 1), whole);
    EXPECT_EQ(read(type, bytes, 3), whole);
    return whole;
  }

  store::Keyspace keyspace_;
  store::Db db_;
  DecodeOptions options;
};

}  // namespace gyre::rdb
