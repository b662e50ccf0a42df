// Any bytes as an RDB image: read whole and in slices it gives the same parts, up to the same error or end.
//
// First byte: the size of slices.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gyre/base/check.h"
#include "gyre/base/crc64.h"
#include "gyre/rdb/decoder.h"

namespace {

using namespace gyre;

/// Sums up what it is given.
class Summary final : public rdb::DecoderSink {
 public:
  std::string aux(std::string_view name, std::string_view value) override {
    add(name);
    return add(value);
  }
  std::string select_db(uint64_t number) override { return number < 16 ? add("db") : "no such database"; }
  void resize_db(uint64_t keys, uint64_t with_expiry) override { sum += keys * 3 + with_expiry; }
  std::string function(std::string_view code) override { return add(code); }
  std::string pair(std::string_view key, rdb::Value& value, const rdb::PairInfo& info) override {
    sum += static_cast<uint64_t>(info.expiry_ms) * 5 + static_cast<uint64_t>(info.idle_seconds) * 7 +
           static_cast<uint64_t>(info.frequency);
    const store::Key name = store::make_key(key);
    value.put(db_, name, db_.write(name), {.ms = store::Expiry::kNone});
    return add(key);
  }
  void empty_key(std::string_view key) override { add(key); }

  uint64_t sum = 0;

 private:
  std::string add(std::string_view bytes) {
    sum = base::crc64(sum, bytes);
    return {};
  }
  store::Keyspace keyspace_{store::KeyspaceOptions{.reactors = 1, .databases = 1}};
  store::Db db_{store::Held::assume(), keyspace_, 0, 1000, nullptr};
};

struct Outcome {
  rdb::Decoder::Result result = rdb::Decoder::Result::kMore;
  std::string error;
  uint64_t sum = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view bytes, size_t step) {
  Summary summary;
  rdb::Decoder decoder({.values = {}, .verify_checksum = false}, summary);
  Outcome outcome;
  for (size_t at = 0; at < bytes.size() && outcome.result == rdb::Decoder::Result::kMore; at += step) {
    const std::string slice(bytes.substr(at, step));
    outcome.result = decoder.feed(slice);
    GYRE_CHECK(decoder.position() <= at + slice.size());
  }
  outcome.error = decoder.error();
  outcome.sum = summary.sum;
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  GYRE_CHECK(read(bytes, bytes.size() + 1) == read(bytes, size_t{1} + data[0]));
  return 0;
}
