#include "gyre/rdb/decoder.h"

#include <cctype>
#include <utility>

#include "gyre/base/check.h"

namespace gyre::rdb {

namespace {

constexpr size_t kMagicBytes = 9, kMagicText = 5;
constexpr int kChecksumFrom = 5;
constexpr int64_t kMsPerSecond = 1000;

/// As atoi() reads the four digits.
int version_of(std::string_view digits) {
  int version = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') break;
    version = version * 10 + (digit - '0');
  }
  return version;
}

}  // namespace

Decoder::Decoder(const Options& options, DecoderSink& sink)
    : options_(options), sink_(sink), input_(options.verify_checksum) {}

Read Decoder::refuse(std::string error) {
  if (error_.empty()) error_ = std::move(error);
  return Read::kCorrupt;
}

Decoder::Result Decoder::feed(std::string_view slice) {
  GYRE_CHECK(state_ != State::kEnd && state_ != State::kFailed);
  input_.feed(slice);
  Read read = Read::kDone;
  while (read == Read::kDone && state_ != State::kEnd) read = step();
  if (state_ == State::kEnd) return Result::kEnd;
  if (read == Read::kMore) {
    input_.keep();
    return Result::kMore;
  }
  state_ = State::kFailed;
  corrupt_ = error_.empty();
  if (corrupt_) error_ = input_.reason();
  return Result::kFailed;
}

Read Decoder::step() {
  switch (state_) {
    case State::kMagic:
      return read_magic();
    case State::kOpcode:
      return read_opcode();
    case State::kExpirySeconds:
    case State::kExpiryMs:
    case State::kFrequency:
    case State::kIdle:
      return read_numbers();
    case State::kSelectDb:
    case State::kResizeKeys:
    case State::kResizeExpiring:
      return read_database();
    case State::kAuxName:
    case State::kAuxValue:
      return read_aux();
    case State::kModuleAux:
      return read_module_aux();
    case State::kFunction:
      return read_function();
    case State::kKey:
      return read_key();
    case State::kValue:
      return read_value();
    default:
      return read_checksum();
  }
}

Read Decoder::read_magic() {
  std::string_view magic;
  if (const Read read = input_.bytes(kMagicBytes, &magic); read != Read::kDone) return read;
  if (!magic.starts_with("REDIS")) return refuse("Wrong signature trying to load DB from file");
  version_ = version_of(magic.substr(kMagicText));
  if (version_ < 1 || version_ > kNewestVersion)
    return refuse("Can't handle RDB format version " + std::to_string(version_));
  state_ = State::kOpcode;
  return Read::kDone;
}

Read Decoder::read_opcode() {
  if (const Read read = input_.byte(&type_); read != Read::kDone) return read;
  switch (static_cast<Opcode>(type_)) {
    case Opcode::kExpiry:
      state_ = State::kExpirySeconds;
      break;
    case Opcode::kExpiryMs:
      state_ = State::kExpiryMs;
      break;
    case Opcode::kFreq:
      state_ = State::kFrequency;
      break;
    case Opcode::kIdle:
      state_ = State::kIdle;
      break;
    case Opcode::kSelectDb:
      state_ = State::kSelectDb;
      break;
    case Opcode::kResizeDb:
      state_ = State::kResizeKeys;
      break;
    case Opcode::kAux:
      state_ = State::kAuxName;
      break;
    case Opcode::kModuleAux:
      state_ = State::kModuleAux;
      break;
    case Opcode::kFunction2:
      state_ = State::kFunction;
      break;
    case Opcode::kFunctionPreGa:
      return input_.fail("Pre-release function format not supported.");
    case Opcode::kEof:
      computed_checksum_ = input_.checksum();
      state_ = version_ >= kChecksumFrom ? State::kChecksum : State::kEnd;
      break;
    default:
      state_ = State::kKey;
  }
  return Read::kDone;
}

/// What stands in front of a pair.
Read Decoder::read_numbers() {
  Read read = Read::kDone;
  if (state_ == State::kExpirySeconds) {
    int32_t seconds = 0;
    read = input_.raw(&seconds);
    if (read == Read::kDone) info_.expiry_ms = seconds * kMsPerSecond;
  } else if (state_ == State::kExpiryMs) {
    read = input_.raw(&info_.expiry_ms);
  } else if (state_ == State::kFrequency) {
    uint8_t frequency = 0;
    read = input_.byte(&frequency);
    if (read == Read::kDone) info_.frequency = frequency;
  } else {
    read = input_.length(&number_);
    if (read == Read::kDone) info_.idle_seconds = static_cast<int64_t>(number_);
  }
  if (read == Read::kDone) state_ = State::kOpcode;
  return read;
}

Read Decoder::read_database() {
  uint64_t number = 0;
  if (const Read read = input_.length(&number); read != Read::kDone) return read;
  if (state_ == State::kResizeKeys) {
    number_ = number;
    state_ = State::kResizeExpiring;
    return Read::kDone;
  }
  if (state_ == State::kResizeExpiring) {
    sink_.resize_db(number_, number);
  } else if (std::string error = sink_.select_db(number); !error.empty()) {
    return refuse(std::move(error));
  }
  state_ = State::kOpcode;
  return Read::kDone;
}

Read Decoder::read_aux() {
  std::string_view text;
  if (const Read read = input_.string(&text); read != Read::kDone) return read;
  if (state_ == State::kAuxName) {
    name_ = text;
    state_ = State::kAuxValue;
    return Read::kDone;
  }
  if (std::string error = sink_.aux(name_, text); !error.empty()) return refuse(std::move(error));
  state_ = State::kOpcode;
  return Read::kDone;
}

Read Decoder::read_module_aux() {
  uint64_t id = 0;
  if (const Read read = input_.length(&id); read != Read::kDone) return read;
  return refuse("The RDB file contains AUX module data I can't load: no matching module '" + module_name(id) +
                "'");
}

Read Decoder::read_function() {
  std::string_view code;
  if (const Read read = input_.string(&code); read != Read::kDone) return read;
  if (std::string error = sink_.function(code); !error.empty())
    return refuse("Failed loading library, " + std::move(error));
  state_ = State::kOpcode;
  return Read::kDone;
}

Read Decoder::read_key() {
  std::string_view key;
  if (const Read read = input_.string(&key); read != Read::kDone) return read;
  name_ = key;
  values_.begin(type_, options_.values);
  state_ = State::kValue;
  return Read::kDone;
}

Read Decoder::read_value() {
  Value value;
  if (const Read read = values_.step(input_, &value); read != Read::kDone) return read;
  if (value.is_empty()) {
    sink_.empty_key(name_);
  } else if (std::string error = sink_.pair(name_, value, info_); !error.empty()) {
    return refuse(std::move(error));
  }
  info_ = {};
  state_ = State::kOpcode;
  return Read::kDone;
}

Read Decoder::read_checksum() {
  uint64_t stored = 0;
  if (const Read read = input_.raw(&stored); read != Read::kDone) return read;
  state_ = State::kEnd;
  without_checksum_ = stored == 0;
  if (!options_.verify_checksum || without_checksum_) {
    stored_checksum_ = computed_checksum_;
    return Read::kDone;
  }
  stored_checksum_ = stored;
  if (stored == computed_checksum_) return Read::kDone;
  state_ = State::kChecksum;
  return input_.fail("RDB CRC error");
}

}  // namespace gyre::rdb
