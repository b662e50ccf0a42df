// Any bytes as a value of a file or of RESTORE: read whole and in slices it is the same, or wrong for the
// same reason; and what was read without repetitions and is written again reads as the same value.
//
// First byte: limits and slices. Second: the type.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "../unit/rdb/collection_text.h"
#include "gyre/base/check.h"
#include "gyre/rdb/encoder.h"
#include "gyre/rdb/value_decoder.h"

namespace {

using namespace gyre;

constexpr int kVersion = 11;

struct Outcome {
  rdb::Read read = rdb::Read::kMore;
  std::string text;  // the value, or the reason
  std::string written;

  bool operator==(const Outcome& other) const { return read == other.read && text == other.text; }
};

class Reader {
 public:
  Outcome read(uint8_t type, std::string_view bytes, size_t step, const rdb::DecodeOptions& options) {
    Outcome outcome;
    rdb::Input input;
    rdb::ValueDecoder decoder;
    decoder.begin(type, options);
    for (size_t at = 0; at < bytes.size() && outcome.read == rdb::Read::kMore; at += step) {
      const std::string slice(bytes.substr(at, step));
      input.feed(slice);
      rdb::Value value;
      outcome.read = decoder.step(input, &value);
      if (outcome.read == rdb::Read::kDone) note(value, &outcome);
      if (outcome.read == rdb::Read::kMore) input.keep();
    }
    if (outcome.read == rdb::Read::kCorrupt) outcome.text = input.reason();
    return outcome;
  }

 private:
  void note(rdb::Value& value, Outcome* outcome) {
    outcome->text = "empty";
    if (value.is_empty()) return;
    const store::Key key = store::make_key("key");
    const store::Entry* entry = value.put(db_, key, db_.write(key));
    outcome->text = rdb::value_text(*entry);
    rdb::ChunkBuilder builder;
    builder.append(static_cast<char>(rdb::value_type(*entry, kVersion)));
    rdb::value(builder, *entry, {.version = kVersion});
    for (const rdb::Chunk& piece : builder.take()) outcome->written += piece.view();
  }

  store::Keyspace keyspace_{store::KeyspaceOptions{.reactors = 1, .databases = 1}};
  store::Db db_{store::Held::assume(), keyspace_, 0, 1000, nullptr};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kHead = 2;
  if (size < kHead) return 0;
  rdb::DecodeOptions options{.limits = {}, .deep = true};
  if (data[0] & 1)
    options.limits = {.set_intset_entries = 3,
                      .set_listpack_entries = 2,
                      .set_listpack_value = 5,
                      .zset_entries = 2,
                      .zset_value = 5,
                      .hash_entries = 2,
                      .hash_value = 5,
                      .list_max_listpack_size = 3};
  const std::string_view bytes(reinterpret_cast<const char*>(data) + kHead, size - kHead);
  Reader reader;
  const Outcome whole = reader.read(data[1], bytes, bytes.size() + 1, options);
  GYRE_CHECK(whole == reader.read(data[1], bytes, size_t{1} + (data[0] >> 1), options));
  if (whole.written.empty()) return 0;
  const Outcome again = reader.read(static_cast<uint8_t>(whole.written[0]),
                                    std::string_view(whole.written).substr(1), SIZE_MAX / 2, options);
  GYRE_CHECK(again == whole);
  return 0;
}
