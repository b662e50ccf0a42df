// A model of how appended bytes become readable, for exploring every execution of a small case. The steps,
// and their numbers, are those at the head of gyre/journal/journal.h.
//
// It runs on the release/acquire part of the C++ memory model and not on interleavings of a memory that all
// see alike: a location is the list of its stores in modification order; a thread may read any store not
// older than what it is known to have seen of that location (its view); a store with release hands on its
// thread's view, a load with acquire takes it over, and a read-modify-write reads the last store and hands on
// the view of what it read too (release sequences). This is exact here, because every location is written by
// one thread or by read-modify-writes only. The bytes of a record are one plain location, written once: what
// a reader claims must be in its view, or it is a data race.
//
// All records have size 1, so that the head's value is its place in the modification order.
#pragma once

#include <absl/container/flat_hash_set.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace gyre::journal::model {

/// What the protocol does; each field is a fault that one can put in.
struct Protocol {
  bool bound_behind_reserve = false;     // 1 after 2
  bool bounds_before_head = false;       // 6 before 5
  bool committed_by_store = false;       // 7 without looking at what it replaces
  bool relaxed_bound = false;            // 1
  bool relaxed_reserve = false;          // 2
  bool relaxed_publish = false;          // 4
  bool relaxed_head = false;             // 5
  bool relaxed_bounds = false;           // 6
  bool relaxed_committed_load = false;   // 7, the load
  bool relaxed_committed_store = false;  // 7, the swap
};

struct Size {
  unsigned records;  // of each of the two writers
  unsigned readers;  // 1 or 2
  unsigned passes;   // of each reader
};

struct Result {
  std::string violation;  // empty: none
  uint64_t states = 0;
};

constexpr unsigned kWriters = 2;
constexpr unsigned kReaders = 2;
constexpr unsigned kMaxRecords = 4;
constexpr uint8_t kNone = 15;

/// The newest store of each location that a thread is known to have seen; of the records, which.
struct View {
  uint8_t head = 0;
  uint8_t committed = 0;
  std::array<uint8_t, kWriters> bound{};
  uint8_t records = 0;
  void join(const View& other) {
    head = std::max(head, other.head);
    committed = std::max(committed, other.committed);
    for (unsigned i = 0; i < kWriters; ++i) bound[i] = std::max(bound[i], other.bound[i]);
    records |= other.records;
  }
};

struct Store {
  uint8_t value = 0;
  View view;
};

template <size_t kCapacity>
struct Location {
  std::array<Store, kCapacity> stores{};
  uint8_t count = 1;
  void add(uint8_t value, const View& view) { stores[count++] = {value, view}; }
  const Store& last() const { return stores[count - 1]; }
};

struct Thread {
  View view;
  uint8_t step = 0;
  uint8_t done = 0;      // records, or passes
  uint8_t position = 0;  // writer: the head it loaded, then where its record begins; reader: `least`
  uint8_t previous = 0;  // reader: of `committed`
  uint8_t returned = 0;  // reader: by the last pass
};

struct State {
  Location<kMaxRecords + 1> head;
  Location<kMaxRecords * 2> committed;
  std::array<Location<kMaxRecords + 1>, kWriters> bound;
  std::array<Thread, kWriters> writers;
  std::array<Thread, kReaders> readers;
};
static_assert(std::has_unique_object_representations_v<State>, "states are compared as bytes");

class Exploration {
 public:
  Exploration(const Protocol& protocol, const Size& size) : protocol_(protocol), size_(size) {}

  /// Depth first over all states, each once (told apart by a hash of 64 bits).
  Result run() {
    State start{};
    for (auto& bound : start.bound) bound.stores[0].value = kNone;
    visit(start);
    while (!stack_.empty() && result_.violation.empty()) {
      const State state = stack_.back();
      stack_.pop_back();
      bool moved = false;
      for (unsigned i = 0; i < kWriters; ++i) moved |= step_writer(state, i);
      for (unsigned i = 0; i < size_.readers; ++i) moved |= step_reader(state, i);
      if (!moved) check_end(state);
    }
    result_.states = seen_.size();
    return result_;
  }

 private:
  void visit(const State& state) {
    if (seen_.insert(XXH3_64bits(&state, sizeof(state))).second) stack_.push_back(state);
  }
  void fail(const char* what) { result_.violation = what; }

  static View released(const Thread& thread, bool relaxed) { return relaxed ? View{} : thread.view; }

  bool step_writer(const State& state, unsigned index) {
    const Thread& before = state.writers[index];
    if (before.done == size_.records) return false;
    // 0: load the head. Then 1 and 2 (in the protocol's order), 3, 4.
    if (before.step == 0) {
      for (uint8_t at = before.view.head; at < state.head.count; ++at) {
        State next = state;
        Thread& writer = next.writers[index];
        writer.view.head = writer.position = at;
        writer.step = 1;
        visit(next);
      }
      return true;
    }
    State next = state;
    Thread& writer = next.writers[index];
    ++writer.step;
    const bool bound_turn = before.step == (protocol_.bound_behind_reserve ? 2 : 1);
    if (before.step <= 2 && bound_turn) {
      store_bound(next, index, writer.position, protocol_.relaxed_bound);
    } else if (before.step <= 2) {
      reserve(next, index);
    } else if (before.step == 3) {
      writer.view.records |= static_cast<uint8_t>(1 << writer.position);
    } else {
      store_bound(next, index, kNone, protocol_.relaxed_publish);
      writer.step = writer.position = 0;
      ++writer.done;
    }
    visit(next);
    return true;
  }

  void store_bound(State& state, unsigned index, uint8_t value, bool relaxed) {
    Thread& writer = state.writers[index];
    auto& bound = state.bound[index];
    writer.view.bound[index] = bound.count;
    bound.add(value, released(writer, relaxed));
  }

  void reserve(State& state, unsigned index) {
    Thread& writer = state.writers[index];
    const auto begin = static_cast<uint8_t>(state.head.count - 1);
    const uint8_t bound = state.bound[index].last().value;
    if (bound != kNone && bound > begin) fail("a bound is above what was reserved");
    writer.position = begin;
    writer.view.head = state.head.count;
    View view = released(writer, protocol_.relaxed_reserve);
    view.join(state.head.last().view);
    state.head.add(state.head.count, view);
  }

  // Steps of a pass: 0 load committed; 1 to 3 the head and two bounds; 4 the swap.
  bool step_reader(const State& state, unsigned index) {
    const Thread& reader = state.readers[index];
    if (reader.done == size_.passes) return false;
    if (reader.step == 0) {
      for (uint8_t at = reader.view.committed; at < state.committed.count; ++at)
        read_committed(state, index, at);
    } else if (reader.step == 4) {
      commit(state, index);
    } else if (reader.step == (protocol_.bounds_before_head ? 3 : 1)) {
      for (uint8_t at = reader.view.head; at < state.head.count; ++at) read_head(state, index, at);
    } else {
      const unsigned bound = reader.step - (protocol_.bounds_before_head ? 1U : 2U);
      for (uint8_t at = reader.view.bound[bound]; at < state.bound[bound].count; ++at)
        read_bound(state, index, bound, at);
    }
    return true;
  }

  void read_committed(const State& state, unsigned index, uint8_t at) {
    State next = state;
    Thread& reader = next.readers[index];
    reader.view.committed = at;
    const Store& read = next.committed.stores[at];
    if (!protocol_.relaxed_committed_load) reader.view.join(read.view);
    reader.previous = read.value;
    if (reader.step == 0) {
      reader.position = kNone;
      reader.step = 1;
    }
    visit(next);
  }

  void read_head(const State& state, unsigned index, uint8_t at) {
    State next = state;
    Thread& reader = next.readers[index];
    reader.view.head = at;
    if (!protocol_.relaxed_head) reader.view.join(next.head.stores[at].view);
    reader.position = std::min(reader.position, at);
    ++reader.step;
    if (!protocol_.bounds_before_head && reader.position <= reader.previous) {
      claim(next, index, reader.previous);
    } else {
      visit(next);
    }
  }

  void read_bound(const State& state, unsigned index, unsigned bound, uint8_t at) {
    State next = state;
    Thread& reader = next.readers[index];
    reader.view.bound[bound] = at;
    const Store& read = next.bound[bound].stores[at];
    if (!protocol_.relaxed_bounds) reader.view.join(read.view);
    reader.position = std::min(reader.position, read.value);
    ++reader.step;
    visit(next);
  }

  void commit(const State& state, unsigned index) {
    const Thread& reader = state.readers[index];
    if (reader.previous >= reader.position && !protocol_.committed_by_store) {
      State next = state;
      return claim(next, index, reader.previous);
    }
    if (protocol_.committed_by_store || state.committed.last().value == reader.previous) {
      State next = state;
      Thread& winner = next.readers[index];
      if (winner.position < next.committed.last().value) fail("committed falls");
      if (next.committed.count == next.committed.stores.size())
        return fail("more stores of committed than there are values");
      View view = protocol_.committed_by_store ? View{} : next.committed.last().view;
      winner.view.committed = next.committed.count;
      if (!protocol_.relaxed_committed_load) winner.view.join(view);
      view.join(released(winner, protocol_.relaxed_committed_store));
      next.committed.add(winner.position, view);
      return claim(next, index, winner.position);
    }
    // The swap fails, with a value that is not the expected one.
    for (uint8_t at = reader.view.committed; at < state.committed.count; ++at) {
      if (state.committed.stores[at].value != reader.previous) read_committed(state, index, at);
    }
  }

  /// The pass ends: the reader will read everything before `position`.
  void claim(State& state, unsigned index, uint8_t position) {
    Thread& reader = state.readers[index];
    const uint8_t claimed = static_cast<uint8_t>((1 << position) - 1);
    if ((reader.view.records & claimed) != claimed) return fail("a reader claims bytes that it may not see");
    if (position < reader.returned) return fail("committed falls for a reader");
    reader.returned = position;
    reader.step = reader.position = reader.previous = 0;
    ++reader.done;
    visit(state);
  }

  /// Whoever sees all of it finds everything committed.
  void check_end(const State& state) {
    const unsigned total = kWriters * size_.records;
    if (state.head.last().value != total) return fail("the head is not where all records end");
    for (const auto& bound : state.bound) {
      if (bound.last().value != kNone) return fail("a bound stays");
    }
    for (unsigned i = 0; i < kWriters; ++i) {
      if (state.writers[i].done != size_.records) return fail("a writer is stuck");
    }
    for (unsigned i = 0; i < size_.readers; ++i) {
      if (state.readers[i].done != size_.passes) return fail("a reader is stuck");
    }
  }

  const Protocol protocol_;
  const Size size_;
  Result result_;
  std::vector<State> stack_;
  absl::flat_hash_set<uint64_t> seen_;
};

}  // namespace gyre::journal::model
