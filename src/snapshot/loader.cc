#include "gyre/snapshot/loader.h"

#include <algorithm>
#include <cstdlib>

#include "gyre/base/clock.h"
#include "gyre/base/log.h"
#include "gyre/store/keyspace.h"

namespace gyre::snapshot {

using base::LogLevel;

namespace {

constexpr size_t kReplicationIdSize = 40;
constexpr uint64_t kEmptyKeysLogged = 10;

int printed(std::string_view text) { return static_cast<int>(std::min<size_t>(text.size(), 512)); }

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

int64_t number(std::string_view text) { return std::strtoll(std::string(text).c_str(), nullptr, 10); }

}  // namespace

std::string Loader::aux(std::string_view name, std::string_view value) {
  if (name.starts_with('%')) {
    base::log(LogLevel::kNotice, "RDB '%.*s': %.*s", printed(name), name.data(), printed(value),
              value.data());
  } else if (same_word(name, "repl-stream-db")) {
    replication_db_ = number(value);
  } else if (same_word(name, "repl-id")) {
    if (value.size() == kReplicationIdSize) replication_id_ = std::string(value);
  } else if (same_word(name, "repl-offset")) {
    replication_offset_ = number(value);
  } else if (same_word(name, "redis-ver")) {
    base::log(LogLevel::kNotice, "Loading RDB produced by version %.*s", printed(value), value.data());
  } else if (same_word(name, "ctime")) {
    const int64_t age_s = std::max<int64_t>(0, base::wall_ms() / 1000 - number(value));
    base::log(LogLevel::kNotice, "RDB age %lld seconds", static_cast<long long>(age_s));
  } else if (same_word(name, "used-mem")) {
    used_memory_ = number(value);
    base::log(LogLevel::kNotice, "RDB memory usage when created %.2f Mb",
              static_cast<double>(used_memory_) / (1024 * 1024));
  } else if (same_word(name, "aof-preamble")) {
    if (number(value) != 0) base::log(LogLevel::kNotice, "RDB has an AOF tail");
  } else if (same_word(name, "aof-base")) {
    if (number(value) != 0) base::log(LogLevel::kNotice, "RDB is base AOF");
  } else if (!same_word(name, "redis-bits") && !same_word(name, "lua")) {
    base::log(LogLevel::kDebug, "Unrecognized RDB AUX field: '%.*s'", printed(name), name.data());
  }
  return {};
}

std::string Loader::select_db(uint64_t db) {
  if (db >= keyspace_.database_count())
    return "FATAL: Data file was created with a Redis server configured to handle more than " +
           std::to_string(keyspace_.database_count()) + " databases. Exiting";
  db_ = static_cast<unsigned>(db);
  return {};
}

std::string Loader::function(std::string_view code) {
  // "#!<engine> name=<library>": there is no engine here to run it.
  const size_t begin = code.starts_with("#!") ? 2 : 0;
  const size_t end = std::min(code.find_first_of(" \n", begin), code.size());
  return "Engine '" + std::string(code.substr(begin, end - begin)) + "' not found";
}

std::string Loader::pair(std::string_view key, rdb::Value& value, const rdb::PairInfo& info) {
  if (options_.drop_expired && info.expiry_ms != store::Expiry::kNone && info.expiry_ms < options_.now_ms) {
    ++counts_.expired;
    return {};
  }
  store::Db db(store::Held::assume(), keyspace_, db_, options_.now_ms, nullptr);
  db.set_keep_expired(true);
  const store::Key name = store::make_key(key);
  store::Entry* found = db.peek(name);
  if (found && !options_.replace)
    return "RDB has duplicated key '" + std::string(key) + "' in DB " + std::to_string(db_);
  store::Entry* entry = value.put(db, name, found, {.ms = info.expiry_ms});
  db.restore_access(*entry, info.idle_seconds, info.frequency);
  ++counts_.loaded;
  return {};
}

void Loader::empty_key(std::string_view key) {
  if (counts_.empty++ < kEmptyKeysLogged)
    base::log(LogLevel::kNotice, "rdbLoadObject skipping empty key: %.*s", printed(key), key.data());
}

std::optional<LoadedReplication> Loader::replication() const {
  // Old servers sometimes wrote a database of -1, which says nothing.
  if (!replication_id_ || !replication_offset_ || *replication_offset_ == -1 ||
      replication_db_.value_or(0) == -1)
    return std::nullopt;
  return LoadedReplication{replication_db_.value_or(0), *replication_id_, *replication_offset_};
}

void log_decode_error(const rdb::Decoder& decoder) {
  const auto position = static_cast<unsigned long long>(decoder.position());
  if (decoder.error().empty()) {
    base::log(LogLevel::kWarning, "Short read or OOM loading DB. Unrecoverable error, aborting now.");
    base::log(LogLevel::kWarning,
              "Internal error in RDB reading offset %llu -> Unexpected EOF reading RDB file", position);
    return;
  }
  if (!decoder.corrupt()) return base::log(LogLevel::kWarning, "%s", decoder.error().c_str());
  if (decoder.checksum_differs())
    base::log(LogLevel::kWarning, "Wrong RDB checksum expected: (%llx) but got (%llx). Aborting now.",
              static_cast<unsigned long long>(decoder.computed_checksum()),
              static_cast<unsigned long long>(decoder.stored_checksum()));
  base::log(LogLevel::kWarning, "Internal error in RDB reading offset %llu -> %s", position,
            decoder.error().c_str());
}

}  // namespace gyre::snapshot
