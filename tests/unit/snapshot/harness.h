// A keyspace with a walk over it, on one thread: what the tests of the walk share.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gyre/snapshot/stream_writer.h"
#include "gyre/snapshot/walk.h"
#include "gyre/store/db.h"
#include "unit/rdb/rdb_reader.h"

namespace gyre::snapshot {

constexpr int64_t kNow = 1'700'000'000'000;

/// What is in a keyspace, expired keys included.
using Content = std::map<std::pair<unsigned, std::string>, rdb::ReadPair>;

inline Content content_of(store::Keyspace& keyspace) {
  Content content;
  for (unsigned i = 0; i < keyspace.shard_count(); ++i) {
    for (unsigned db = 0; db < keyspace.database_count(); ++db) {
      const store::Database* database = keyspace.shard(i).find_database(db);
      if (!database) continue;
      database->table.for_each([&](const store::Entry* entry) {
        content[{db, std::string(entry->key())}] = {rdb::value_text(*entry), entry->expiry()};
      });
    }
  }
  return content;
}

/// Segments that still carry metadata of a walk.
inline size_t segments_with_metadata(store::Keyspace& keyspace) {
  size_t found = 0;
  for (unsigned i = 0; i < keyspace.shard_count(); ++i) {
    for (unsigned db = 0; db < keyspace.database_count(); ++db) {
      const store::Database* database = keyspace.shard(i).find_database(db);
      for (uint64_t at = 0; database != nullptr;) {
        const ds::Segment* segment = database->table.segment_of(at);
        if (segment && segment->meta) ++found;
        const uint64_t last = segment ? store::Table::last_hash(*segment, at) : ~uint64_t{0};
        if (last == ~uint64_t{0}) break;
        at = last + 1;
      }
      if (database) EXPECT_EQ(database->note, nullptr);
    }
    EXPECT_EQ(keyspace.shard(i).observer, nullptr);
  }
  return found;
}

class Harness {
 public:
  explicit Harness(const store::KeyspaceOptions& options)
      : keyspace(options), reactors(options.reactors), walk(keyspace, options.reactors) {}

  store::Db db(unsigned index) { return store::Db(store::Held::assume(), keyspace, index, now_ms, nullptr); }
  void set(unsigned index, std::string_view name, std::string_view value, int64_t expiry = -1) {
    store::Db d = db(index);
    const store::Key key = store::make_key(name);
    d.set(key, d.peek(key), value, {expiry});
  }
  bool erase(unsigned index, std::string_view name) { return db(index).erase(store::make_key(name)); }

  /// The cut; remembers what there is.
  void begin(const WalkOptions& options = {}) {
    at_cut = content_of(keyspace);
    walk.begin(options, now_ms);
    stream.clear();
    writer.emplace(walk, rdb::HeaderFields{.version = 10}, true);
  }
  /// Takes at most `pieces` from the stream.
  StreamWriter::Result pull(size_t pieces = SIZE_MAX) {
    auto result = StreamWriter::Result::kNothing;
    for (; pieces > 0; --pieces) {
      rdb::Chunk chunk;
      result = writer->next(&chunk);
      if (result != StreamWriter::Result::kPiece) break;
      stream += chunk.view();
    }
    return result;
  }
  StepResult step(unsigned reactor = 0, int64_t budget_us = 0) { return walk.step(reactor, 0, budget_us); }
  /// Steps until nothing is left, then ends the walk and compares.
  void finish_and_compare() {
    for (unsigned r = 0; pull() != StreamWriter::Result::kEnd; r = (r + 1) % reactors) {
      ASSERT_FALSE(walk.failed());
      step(r, 100);
    }
    EXPECT_EQ(walk.keys_done(), walk.keys_total());
    EXPECT_EQ(walk.keys_total(), at_cut.size());
    EXPECT_EQ(walk.pending_bytes(), 0u);
    EXPECT_EQ(walk.pre_image_bytes(), 0u);
    end();
    compare();
  }
  void end() {
    writer.reset();
    walk.end();
    while (step() != StepResult::kDone) {
    }
    EXPECT_EQ(segments_with_metadata(keyspace), 0u);
  }
  void compare() {
    rdb::RdbReader reader(stream);
    const rdb::ReadImage image = reader.read_image();
    EXPECT_TRUE(image.complete);
    EXPECT_EQ(image.repeated, 0u);
    EXPECT_EQ(image.pairs.size(), at_cut.size());
    size_t shown = 0;
    for (const auto& [key, pair] : at_cut) {
      auto found = image.pairs.find(key);
      if (found != image.pairs.end() && found->second == pair) continue;
      if (++shown > 5) continue;
      ADD_FAILURE() << (found == image.pairs.end() ? "missing: " : "differs: ") << key.first << " "
                    << key.second;
    }
  }

  store::Keyspace keyspace;
  unsigned reactors;
  int64_t now_ms = kNow;
  Walk walk;
  std::optional<StreamWriter> writer;
  Content at_cut;
  std::string stream;
};

}  // namespace gyre::snapshot
