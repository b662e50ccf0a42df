// Reads the value of a key, in any of the forms that RDB files of versions 1 to 11 and payloads of DUMP have,
// and makes of it what the keyspace holds: in the encoding that the configured limits say, as Redis's loader
// does.
//
// Packed values are walked from end to end, whatever was configured, so that nothing that comes from outside
// can lead a reader of packed bytes astray. `deep` (sanitize-dump-payload) also looks for repeated fields and
// members, which is Redis's.
//
// A collection that comes element by element is built as it comes; what is kept besides is bounded as Input
// says. Pure, one owner at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gyre/rdb/encoder.h"
#include "gyre/rdb/input.h"
#include "gyre/store/db.h"

namespace gyre::rdb {

/// Up to which size values are packed.
struct ValueLimits {
  uint64_t set_intset_entries = 512;
  uint64_t set_listpack_entries = 128;
  uint64_t set_listpack_value = 64;
  uint64_t zset_entries = 128;
  uint64_t zset_value = 64;
  uint64_t hash_entries = 512;
  uint64_t hash_value = 64;
  int list_max_listpack_size = -2;
};

struct DecodeOptions {
  ValueLimits limits;
  bool deep = false;
};

/// A value that was read. Valid until the next call of the decoder, or of its input.
class Value {
 public:
  Value() = default;
  Value(Value&& other) noexcept = default;
  Value& operator=(Value&& other) noexcept;
  ~Value() { drop(); }

  /// A string; `bytes` stays where it is.
  static Value string(std::string_view bytes) { return Value({}, bytes); }
  static Value packed(store::ValueForm form, std::string_view bytes) { return Value(form, bytes); }
  static Value packed(store::ValueForm form, std::string bytes);
  static Value object(std::unique_ptr<store::Object> object);
  /// A collection without elements, which a file may have by a mistake of old servers, and nothing else.
  static Value empty_collection();

  bool is_empty() const { return empty_; }
  store::ValueForm form() const { return form_; }
  /// Becomes the value of the key. Requires: neither empty nor put before.
  store::Entry* put(store::Db& db, const store::Key& key, store::Entry* found, store::Expiry expiry = {});

 private:
  Value(store::ValueForm form, std::string_view bytes) : form_(form), bytes_(bytes) {}
  void drop();

  store::ValueForm form_;
  bool empty_ = false;
  bool owned_ = false;  // the bytes are in own_
  std::string_view bytes_;
  std::string own_;
  std::unique_ptr<store::Object> object_;
};

/// Reads one value; made for each anew. Seam for types that have a reader of their own (value_reader.h).
class ValueReader {
 public:
  virtual ~ValueReader() = default;
  /// kMore: call again once the input has more.
  virtual Read step(Input& input, Value* out) = 0;
};

/// The name that is in the number of a module's type: nine characters of six bits, before ten bits of a
/// version.
std::string module_name(uint64_t id);

class ValueDecoder {
 public:
  ValueDecoder() = default;
  ValueDecoder(const ValueDecoder&) = delete;
  ValueDecoder& operator=(const ValueDecoder&) = delete;

  /// Whether Redis 7.2 knows values of this type.
  static bool known(uint8_t type);

  void begin(uint8_t type, const DecodeOptions& options);
  /// kMore: call again once the input has more. After kDone or kCorrupt the next call is begin().
  Read step(Input& input, Value* out);

  /// Packed values that were looked through for repetitions (INFO's dump_payload_sanitizations).
  uint64_t sanitizations() const { return sanitizations_; }

 private:
  Read read_blob(Input& input, Value* out);

  uint8_t type_ = 0;
  const DecodeOptions* options_ = nullptr;
  std::unique_ptr<ValueReader> reader_;
  uint64_t sanitizations_ = 0;
};

}  // namespace gyre::rdb
