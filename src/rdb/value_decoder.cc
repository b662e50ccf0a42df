#include "gyre/rdb/value_decoder.h"

#include <utility>

#include "gyre/base/check.h"
#include "gyre/store/keyspace.h"
#include "value_reader.h"

namespace gyre::rdb {

std::string module_name(uint64_t id) {
  constexpr std::string_view kCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr size_t kLength = 9, kVersionBits = 10, kCharacterBits = 6;
  std::string name(kLength, ' ');
  id >>= kVersionBits;
  for (size_t i = kLength; i-- > 0; id >>= kCharacterBits) name[i] = kCharacters[id % kCharacters.size()];
  return name;
}

// ---- Value ----

Value& Value::operator=(Value&& other) noexcept {
  drop();
  form_ = other.form_;
  empty_ = other.empty_;
  owned_ = other.owned_;
  bytes_ = other.bytes_;
  own_ = std::move(other.own_);
  object_ = std::move(other.object_);
  return *this;
}

Value Value::packed(store::ValueForm form, std::string bytes) {
  Value value(form, {});
  value.own_ = std::move(bytes);
  value.owned_ = true;
  return value;
}

Value Value::object(std::unique_ptr<store::Object> object) {
  Value value;
  value.form_ = object->form();
  value.object_ = std::move(object);
  return value;
}

Value Value::empty_collection() {
  Value value;
  value.empty_ = true;
  return value;
}

void Value::drop() {
  if (object_) store::free_later(std::move(object_));
}

store::Entry* Value::put(store::Db& db, const store::Key& key, store::Entry* found, store::Expiry expiry) {
  GYRE_CHECK(!empty_);
  if (object_) return db.put_object(key, found, std::move(object_), expiry);
  const std::string_view bytes = owned_ ? std::string_view(own_) : bytes_;
  if (form_.type == store::Type::kString) return db.set(key, found, bytes, expiry);
  return db.put_packed(key, found, form_, bytes, expiry);
}

// ---- ValueDecoder ----

bool ValueDecoder::known(uint8_t type) {
  return type <= static_cast<uint8_t>(ValueType::kModule2) ||
         (type >= static_cast<uint8_t>(ValueType::kHashZipmap) &&
          type <= static_cast<uint8_t>(ValueType::kStream3));
}

void ValueDecoder::begin(uint8_t type, const DecodeOptions& options) {
  type_ = type;
  options_ = &options;
  switch (static_cast<ValueType>(type)) {
    case ValueType::kList:
    case ValueType::kListQuicklist:
    case ValueType::kListQuicklist2:
      reader_ = list_reader(static_cast<ValueType>(type), options, &sanitizations_);
      break;
    case ValueType::kSet:
      reader_ = set_reader(options);
      break;
    case ValueType::kZset:
    case ValueType::kZset2:
      reader_ = zset_reader(static_cast<ValueType>(type), options);
      break;
    case ValueType::kHash:
      reader_ = hash_reader(options);
      break;
    case ValueType::kStream:
    case ValueType::kStream2:
    case ValueType::kStream3:
      reader_ = stream_reader(static_cast<ValueType>(type), options, &sanitizations_);
      break;
    default:
      reader_.reset();
  }
}

Read ValueDecoder::step(Input& input, Value* out) {
  if (!reader_) return read_blob(input, out);
  const Read read = reader_->step(input, out);
  if (read != Read::kMore) reader_.reset();
  return read;
}

/// Strings and what is a string in a file.
Read ValueDecoder::read_blob(Input& input, Value* out) {
  const auto type = static_cast<ValueType>(type_);
  if (type == ValueType::kModule2) {
    uint64_t id = 0;
    if (const Read read = input.length(&id); read != Read::kDone) return read;
    return input.fail("The RDB file contains module data I can't load: no matching module type '" +
                      module_name(id) + "'");
  }
  switch (type) {
    case ValueType::kString:
    case ValueType::kHashZipmap:
    case ValueType::kListZiplist:
    case ValueType::kSetIntset:
    case ValueType::kZsetZiplist:
    case ValueType::kHashZiplist:
    case ValueType::kHashListpack:
    case ValueType::kZsetListpack:
    case ValueType::kSetListpack:
      break;
    default:
      return input.fail("Unknown RDB encoding type " + std::to_string(type_));
  }
  std::string_view bytes;
  if (const Read read = input.string(&bytes); read != Read::kDone) return read;
  if (type == ValueType::kString) {
    *out = Value::string(bytes);
    return Read::kDone;
  }
  if (options_->deep && (type == ValueType::kSetIntset || type >= ValueType::kHashListpack)) ++sanitizations_;
  return packed_value(input, type, bytes, *options_, out);
}

}  // namespace gyre::rdb
