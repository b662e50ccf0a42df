// DUMP and RESTORE: one value in the form of RDB files.
//
//   payload = type value version:2 crc:8        little-endian; the checksum is of all before it
#include <cstring>

#include "generic_commands.h"
#include "gyre/base/crc64.h"
#include "gyre/base/log.h"
#include "gyre/cmd/dump_payload.h"
#include "gyre/cmd/value_limits.h"
#include "gyre/exec/ignore_case.h"
#include "gyre/rdb/decoder.h"
#include "gyre/rdb/encoder.h"
#include "support.h"

namespace gyre::cmd {

namespace {

constexpr size_t kVersionBytes = 2, kChecksumBytes = 8, kFooterBytes = kVersionBytes + kChecksumBytes;

void append_footer(rdb::ChunkBuilder& out, uint64_t crc, int version) {
  const char digits[kVersionBytes] = {static_cast<char>(version & 0xff), static_cast<char>(version >> 8)};
  out.append({digits, sizeof(digits)});
  rdb::checksum(out, base::crc64(crc, {digits, sizeof(digits)}));
}

/// Version and checksum of a payload are those of one that this server reads.
bool footer_valid(CommandContext& c, std::string_view payload) {
  if (payload.size() < kFooterBytes) return false;
  const char* const footer = payload.data() + payload.size() - kFooterBytes;
  const int version = static_cast<uint8_t>(footer[0]) | static_cast<uint8_t>(footer[1]) << 8;
  if (version > rdb::kNewestVersion) return false;
  if (environment(c).skip_checksum_validation()) return true;
  uint64_t stored;
  std::memcpy(&stored, footer + kVersionBytes, sizeof(stored));
  return stored == base::crc64(0, payload.substr(0, payload.size() - kChecksumBytes));
}

struct RestoreOptions {
  bool replace = false, absolute = false;
  int64_t idle_seconds = -1, frequency = -1;
};

/// False and the error replied when they are no good.
bool parse_options(CommandContext& c, RestoreOptions* options) {
  for (size_t i = 4; i < c.argc(); ++i) {
    const bool more = i + 1 < c.argc();
    if (exec::equal_ignoring_case(c.arg(i), "replace")) {
      options->replace = true;
    } else if (exec::equal_ignoring_case(c.arg(i), "absttl")) {
      options->absolute = true;
    } else if (exec::equal_ignoring_case(c.arg(i), "idletime") && more && options->frequency == -1) {
      if (!c.get_int64(++i, &options->idle_seconds)) return false;
      if (options->idle_seconds < 0) {
        c.reply.error("ERR Invalid IDLETIME value, must be >= 0");
        return false;
      }
    } else if (exec::equal_ignoring_case(c.arg(i), "freq") && more && options->idle_seconds == -1) {
      if (!c.get_int64(++i, &options->frequency)) return false;
      if (options->frequency < 0 || options->frequency > UINT8_MAX) {
        c.reply.error("ERR Invalid FREQ value, must be >= 0 and <= 255");
        return false;
      }
    } else {
      c.syntax_error();
      return false;
    }
  }
  return true;
}

/// False when the payload's value is no good; the log then says why and where.
bool read_value(rdb::Input& input, const rdb::DecodeOptions& options, rdb::Value* value) {
  uint8_t type = 0;
  if (input.byte(&type) != rdb::Read::kDone || !rdb::ValueDecoder::known(type)) return false;
  rdb::ValueDecoder decoder;
  decoder.begin(type, options);
  const rdb::Read read = decoder.step(input, value);
  if (read == rdb::Read::kDone && !value->is_empty()) return true;
  const char* const reason = read == rdb::Read::kMore   ? "Unexpected end of the payload"
                             : read == rdb::Read::kDone ? "Empty collection"
                                                        : input.reason().c_str();
  base::log(base::LogLevel::kVerbose, "Internal error in RDB reading offset %llu -> %s",
            static_cast<unsigned long long>(input.position()), reason);
  return false;
}

}  // namespace

base::Blob dump_payload(const Entry& entry, const Environment& environment) {
  const int version = environment.rdb_version();
  rdb::ChunkBuilder out;
  out.append(static_cast<char>(rdb::value_type(entry, version)));
  rdb::value(out, entry, {.version = version, .compress = environment.rdb_compression()});
  std::vector<rdb::Chunk> pieces = out.take();
  uint64_t crc = 0;
  size_t size = kFooterBytes;
  for (const rdb::Chunk& piece : pieces) {
    crc = base::crc64(crc, piece.view());
    size += piece.size;
  }
  rdb::ChunkBuilder footer;
  append_footer(footer, crc, version);
  for (rdb::Chunk& piece : footer.take()) pieces.push_back(std::move(piece));
  base::Blob payload = base::Blob::create(size);
  char* at = payload.data();
  for (const rdb::Chunk& piece : pieces) {
    std::memcpy(at, piece.view().data(), piece.size);
    at += piece.size;
  }
  return payload;
}

void dump(CommandContext& c) {
  const Entry* entry = c.db().read(c.key(1));
  if (!entry) return c.reply.null();
  const base::Blob payload = dump_payload(*entry, environment(c));
  const size_t size = payload.size();
  size < kReferenceBytes ? c.reply.bulk(payload.view()) : c.reply.bulk_ref(payload, 0, size);
}

void restore(CommandContext& c) {
  RestoreOptions options;
  if (!parse_options(c, &options)) return;
  Db& db = c.db();
  const Key key = c.key(1);
  Entry* found = db.write(key);
  if (found && !options.replace) return c.reply.error("BUSYKEY Target key name already exists.");
  int64_t ttl_ms = 0;
  if (!c.get_int64(2, &ttl_ms)) return;
  if (ttl_ms < 0) return c.reply.error("ERR Invalid TTL value, must be >= 0");
  const std::string_view payload = c.arg(3);
  if (!footer_valid(c, payload)) return c.reply.error("ERR DUMP payload version or checksum are wrong");

  const rdb::DecodeOptions decode{.limits = value_limits(environment(c)),
                                  .deep = environment(c).sanitize_restored()};
  rdb::Input input;
  input.feed(payload.substr(0, payload.size() - kFooterBytes));
  rdb::Value value;
  if (!read_value(input, decode, &value)) return c.reply.error("ERR Bad data format");

  const bool relative = ttl_ms != 0 && !options.absolute;
  if (relative && __builtin_add_overflow(ttl_ms, c.now_ms(), &ttl_ms)) ttl_ms = INT64_MAX;
  if (ttl_ms != 0 && ttl_ms <= c.now_ms()) {
    if (found) {
      db.erase(key, found);
      c.propagate_as({environment(c).lazyfree_server_del() ? "UNLINK" : "DEL", key.name});
    }
    return c.reply.ok();
  }
  Entry* entry = value.put(db, key, found, {.ms = ttl_ms != 0 ? ttl_ms : Expiry::kNone});
  db.restore_access(*entry, options.idle_seconds, static_cast<int>(options.frequency));
  c.set_changes(1);
  if (relative) c.propagate_with({{2, NumberText(ttl_ms)}, {c.argc(), "ABSTTL"}});
  c.reply.ok();
}

}  // namespace gyre::cmd
