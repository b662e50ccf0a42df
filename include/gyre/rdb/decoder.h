// Reads an RDB image of version 1 to 11 that comes in slices, from a file or from a primary's socket, and
// hands what is in it to a sink. Memory is bounded by the largest single element (input.h).
//
//   image = "REDIS" version:4 part* EOF [crc:8]          the checksum from version 5 on
//   part  = AUX name value | SELECTDB db | RESIZEDB keys expiring | FUNCTION2 code
//         | [EXPIRETIME s:4 | EXPIRETIME_MS ms:8] [IDLE seconds] [FREQ n:1] type key value
//
// Pure, one owner at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gyre/rdb/value_decoder.h"

namespace gyre::rdb {

constexpr int kNewestVersion = 11;

/// What stands in front of a key.
struct PairInfo {
  int64_t expiry_ms = store::Expiry::kNone;
  int64_t idle_seconds = -1;
  int frequency = -1;
};

/// Takes what an image has. What is given is valid during the call. Each function returns an error, at which
/// reading ends, or an empty text.
class DecoderSink {
 public:
  virtual ~DecoderSink() = default;
  virtual std::string aux(std::string_view name, std::string_view value) = 0;
  virtual std::string select_db(uint64_t db) = 0;
  /// A hint.
  virtual void resize_db(uint64_t keys, uint64_t with_expiry) = 0;
  virtual std::string function(std::string_view code) = 0;
  virtual std::string pair(std::string_view key, Value& value, const PairInfo& info) = 0;
  /// A key whose value is a collection without elements, as old servers sometimes wrote: to be left out.
  virtual void empty_key(std::string_view key) = 0;
};

class Decoder {
 public:
  enum class Result : uint8_t { kMore, kEnd, kFailed };

  struct Options {
    DecodeOptions values;
    bool verify_checksum = true;  // rdbchecksum
  };

  Decoder(const Options& options, DecoderSink& sink);

  /// The bytes that follow; they need not stay after the call. kEnd: the image is complete, and rest() what
  /// follows it. After kEnd or kFailed nothing more may be fed.
  Result feed(std::string_view slice);
  /// After kEnd, as long as the slice stays.
  std::string_view rest() const { return input_.rest(); }

  /// Bytes read.
  uint64_t position() const { return input_.position(); }
  /// Why it failed. The bytes are at fault, at position(), unless `corrupt()` is false: then the sink refused
  /// what it got, or the image is none that this server reads.
  const std::string& error() const { return error_; }
  bool corrupt() const { return corrupt_; }
  /// What failed was the checksum: what the image has, and what it should have.
  bool checksum_differs() const { return stored_checksum_ != computed_checksum_; }
  uint64_t stored_checksum() const { return stored_checksum_; }
  uint64_t computed_checksum() const { return computed_checksum_; }
  /// The image says that it has no checksum.
  bool without_checksum() const { return without_checksum_; }
  uint64_t sanitizations() const { return values_.sanitizations(); }

 private:
  /// magic ──▶ opcode ⇄ (what belongs to it) ... ──▶ checksum ──▶ end
  enum class State : uint8_t {
    kMagic,
    kOpcode,
    kExpirySeconds,
    kExpiryMs,
    kFrequency,
    kIdle,
    kSelectDb,
    kResizeKeys,
    kResizeExpiring,
    kAuxName,
    kAuxValue,
    kModuleAux,
    kFunction,
    kKey,
    kValue,
    kChecksum,
    kEnd,
    kFailed,
  };

  Read step();
  Read read_magic();
  Read read_opcode();
  Read read_numbers();
  Read read_database();
  Read read_aux();
  Read read_module_aux();
  Read read_function();
  Read read_key();
  Read read_value();
  Read read_checksum();
  /// Ends reading with an error that is not one of single bytes.
  Read refuse(std::string error);

  const Options options_;
  DecoderSink& sink_;
  Input input_;
  ValueDecoder values_;
  State state_ = State::kMagic;
  int version_ = 0;
  uint8_t type_ = 0;
  std::string name_;  // key, or name of an auxiliary field
  uint64_t number_ = 0;
  PairInfo info_;
  std::string error_;
  bool corrupt_ = false;
  bool without_checksum_ = false;
  uint64_t stored_checksum_ = 0, computed_checksum_ = 0;
};

}  // namespace gyre::rdb
