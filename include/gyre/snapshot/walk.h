// The point-in-time walk: serialises the keyspace as it was at one moment (the cut), while commands go on changing it.
//
//   begin()          gate closed: the cut. Each database of each shard that has keys becomes a part of the image.
//   step()           each reactor, in background slices: serialises what is older than the cut, shard by shard, under
//                    the shard's lock.
//   before_change()  a command is about to change an entry that has not been serialised: that entry is, first (its
//                    pre-image). Large values are referred to, objects are frozen, so this is O(1) beside the command's
//                    own work.
//   next()           the consumer: pieces of RDB, to be sent in the order they come.
//   end()            gate closed: when all is consumed, or to give up half way.
//
// Which entries are done: a part is walked in the order of hashes, segment by segment. Below `done_below` everything is;
// from there on the table's snapshot metadata tells (ds/segment.h), made for a segment when the walk comes to it or when
// something in it changes before, and dropped when the walk leaves it. So there is metadata of few segments at a time.
// Invariant: each key of the cut comes out exactly once, with the value and the expiry it had at the cut, also where it
// had expired by then and was still there (as in Redis). Keys that came later do not come out.
//
// Databases that are flushed during the walk are handed to it whole (dropped()), walked without a lock and freed then; how
// much that is, is bounded by what was alive. A part goes with its data when databases are swapped, and is written under
// the number it had at the cut.
//
// A large object is only frozen under the lock (store/object.h); its value is encoded when the consumer comes to it
// (output_queue.h). What it costs that writers copy meanwhile counts as pre-images; that a deleted object lives on until it
// is encoded does not: it was alive before, as flushed databases were.
//
// Bounds (I8): output of the walk that nobody has consumed holds at most max_pending_bytes, by what its buffers take (a
// value that is referred to counts too, and so does a large object, which may pass the bound by itself); at the bound step() returns kBlocked.
// Pre-images cannot wait: from half of max_pre_image_bytes on, overloaded() is true and the caller slows writers down; at
// the bound the walk fails, stops observing and gives no more output, and the caller drops the sync.
//
// Threads: begin() and end() with the gate closed (end() also not beside next()); step() on its reactor's thread, outside
// the gate, holding nothing; the observer's calls under the shard's lock or with the gate closed; next() and finished() on
// one thread at a time; the figures inside the gate or where next() may be called. One walk at a time; the object serves
// one after the other.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "gyre/rdb/encoder.h"
#include "gyre/snapshot/output_queue.h"
#include "gyre/store/change_observer.h"
#include "gyre/store/keyspace.h"

namespace gyre::snapshot {

struct WalkOptions {
  int rdb_version = 10;                                 // 10 or 11, as in the header of the image
  bool compress = true;                                 // rdbcompression
  rdb::Access::Kind access = rdb::Access::Kind::kNone;  // by maxmemory-policy
  uint64_t max_pending_bytes = uint64_t{16} << 20;
  uint64_t max_pre_image_bytes = uint64_t{64} << 20;
  int64_t key_save_delay_us = 0;  // rdb-key-save-delay; -n: 1 us for every n keys
  /// Called when there is output and there was none, when the image is complete, and when the walk fails: the consumer looks
  /// again. On a producer's thread, which may hold a shard: must not block. The context lives until end().
  void (*on_output)(void* context) = nullptr;
  void* on_output_context = nullptr;
};

enum class StepResult : uint8_t {
  kMore,   // the budget is used up, or somebody waits for the shard
  kLater,  // nothing can be done just now: the gate is closed, shards are at work, or key_save_delay_us; try
           // again soon
  kBlocked,  // the consumer has to take output first
  kDone,     // nothing is left to do, or the walk has failed
};

class Walk final : public store::ChangeObserver {
 public:
  struct DatabaseSize {
    uint64_t keys = 0, with_expiry = 0;
  };

  /// `reactors`: as many call step().
  Walk(store::Keyspace& keyspace, unsigned reactors);
  /// Requires that the keyspace is still there and nobody is in it.
  ~Walk() override;

  // ---- the owner ----
  /// The cut. Requires the gate closed and no walk under way. `now_ms`: what idle times are counted to.
  void begin(const WalkOptions& options, int64_t now_ms);
  /// Drops what is left of the output and stops observing. Requires the gate closed. After a walk that was
  /// not done, step() goes on returning kMore or kLater until the metadata that it left in tables is gone (in
  /// slices; a new walk may begin before).
  void end();

  /// A background slice of about `budget_us`. `now_us`: base::monotonic_us().
  StepResult step(unsigned reactor, int64_t now_us, int64_t budget_us);

  // ---- the consumer ----
  /// False: nothing at the moment (or ever, when finished() was true before the call).
  bool next(rdb::Chunk* out);
  /// All is serialised: once next() then finds nothing, that was the whole image. False after a failure.
  bool finished() const;

  // ---- figures ----
  bool failed() const { return failed_.load(std::memory_order_acquire); }
  bool overloaded() const { return pre_image_bytes() >= options_.max_pre_image_bytes / 2; }
  uint64_t pending_bytes() const { return output_.held(Origin::kWalk); }
  uint64_t pre_image_bytes() const { return output_.held(Origin::kPreImage) + output_.image_costs(); }
  /// What pre-images and copies have taken since begin(), whether it is still held or not.
  uint64_t preserved_bytes() const {
    return preserved_bytes_.load(std::memory_order_relaxed) + output_.image_costs();
  }
  uint64_t keys_done() const { return keys_done_.load(std::memory_order_relaxed); }
  uint64_t keys_total() const { return keys_total_; }
  uint64_t bytes_produced() const {
    return bytes_produced_.load(std::memory_order_relaxed) + output_.encoded_bytes();
  }
  /// Keys of the cut by database: valid from begin() to the next one.
  const std::vector<DatabaseSize>& sizes() const { return sizes_; }

  // ---- store::ChangeObserver. What was observing before hears everything too. ----
  void before_change(store::Shard& shard, unsigned db, const store::Entry& entry) override;
  void dropped(store::Shard& shard, std::unique_ptr<store::Database> database, bool later) override;

 private:
  enum class State : uint8_t { kIdle, kWalking, kSweeping };
  struct Part;
  struct ShardState;
  struct Worker;
  struct Slice;

  // walk.cc: beginning and end, all with the gate closed
  void add_part(ShardState& state, unsigned db, store::Database& database);
  void forget_part(Part& part);
  // walk_observer.cc
  void preserve(ShardState& state, Part& part, store::Database& database, const store::Entry& entry);
  void check_pre_images();
  void flush_pre_images(ShardState& state);
  // walk_step.cc
  StepResult step_inside(Slice& slice);
  bool work_on(Slice& slice, ShardState& state);
  void advance(Slice& slice, Part& part);
  void sweep(Slice& slice, Part& part);
  bool open_batch(Slice& slice);
  void emit(Slice& slice, const Part& part, const store::Entry& entry);
  bool emit_object(Slice& slice, const Part& part, const store::Entry& entry);
  void pace(Slice& slice);
  void flush_batch(Worker& worker);
  void finish_part(ShardState& state, Part& part);
  void finish_dropped(ShardState& state, Part& part);
  void leave_live(ShardState& state);
  void finish_any(ShardState& state);
  void settle_one();

  void push(rdb::ChunkBuilder& builder, Origin origin, std::unique_ptr<PendingObject> object = nullptr,
            uint64_t object_bytes = 0);
  void signal();
  rdb::Access access_of(const store::Entry& entry) const;
  void push_object(unsigned db, const store::Entry& entry, Origin origin, uint64_t held);

  store::Keyspace& keyspace_;
  const unsigned reactors_;
  WalkOptions options_;
  int64_t cut_ms_ = 0;
  uint32_t cut_ = 0;
  State state_ = State::kIdle;  // changes with the gate closed
  std::unique_ptr<ShardState[]> shards_;
  std::unique_ptr<Worker[]> workers_;
  std::vector<DatabaseSize> sizes_;
  uint64_t keys_total_ = 0;
  OutputQueue output_;
  /// Parts that are not done, and workers with a batch begun: 0 when all output is in the queue.
  std::atomic<uint64_t> outstanding_{0};
  std::atomic<bool> failed_{false};
  std::atomic<uint64_t> keys_done_{0};
  std::atomic<uint64_t> bytes_produced_{0};
  std::atomic<uint64_t> preserved_bytes_{0};
};

}  // namespace gyre::snapshot
