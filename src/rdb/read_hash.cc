// Hashes: a listpack in the order of the file as long as it is small, then a table.
#include <utility>

#include "gyre/ds/listpack_edit.h"
#include "gyre/store/trie_object.h"
#include "value_reader.h"

namespace gyre::rdb {

namespace {

using store::HashObject;

class HashReader final : public ValueReader {
 public:
  explicit HashReader(const ValueLimits& limits) : limits_(limits) {}

  Read step(Input& input, Value* out) override {
    const bool begins = count_ == Count::kUnread;
    if (const Read read = read_count(input, &count_, &left_, out); read != Read::kDone || left_ == 0)
      return read;
    if (begins && left_ > limits_.hash_entries) object_ = std::make_unique<HashObject>();
    while (left_ > 0) {
      std::string_view text;
      if (const Read read = input.string(&text); read != Read::kDone) return read;
      if (!has_field_) {
        field_ = text;
        has_field_ = true;
        continue;
      }
      if (!add(text))
        return input.fail(object_ ? "Duplicate hash fields detected" : "Hash with dup elements");
      has_field_ = false;
      --left_;
    }
    *out =
        object_ ? Value::object(std::move(object_)) : Value::packed(store::kHashListpack, packed_.finish());
    return Read::kDone;
  }

 private:
  bool add(std::string_view value) {
    if (!object_) {
      // Found in Redis only with sanitize-dump-payload; a table made of it later would lose fields.
      if (!fields_.trie().insert(field_)) return false;
      if (field_.size() <= limits_.hash_value && value.size() <= limits_.hash_value &&
          ds::listpack_safe_to_add(packed_.size(), field_.size() + value.size())) {
        packed_.add(std::string_view(field_));
        packed_.add(value);
        return true;
      }
      object_ = HashObject::from_packed(packed_.finish());
      fields_.trie().clear();
    }
    return object_->trie().insert(field_, value);
  }

  const ValueLimits& limits_;
  Count count_ = Count::kUnread;
  uint64_t left_ = 0;
  bool has_field_ = false;
  std::string field_;
  ds::ListpackBuilder packed_;
  store::SetObject fields_;  // of packed_
  std::unique_ptr<HashObject> object_;
};

}  // namespace

std::unique_ptr<ValueReader> hash_reader(const DecodeOptions& options) {
  return std::make_unique<HashReader>(options.limits);
}

}  // namespace gyre::rdb
