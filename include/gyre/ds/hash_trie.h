// A hash table with little more memory than its bytes, and frozen copies at no cost: the representation of
// large sets (members) and of large hashes (fields with values), and below ScoreIndex.
//
// It is a trie over the bits of a 64-bit hash, highest first. Inner nodes are directories of 2 to 256 slots
// that double when a leaf must be divided that has as many bits as they; from 256 on the leaf's place is
// taken by a further node. A leaf holds up to 80 elements in 512 bytes, or 16 in 2 KB (detail/hash_trie_leaf.h), and covers an
// interval of hashes; adjacent slots may mean the same leaf. Leaves that have become sparse are joined with
// their neighbour, and nodes shrink. Elements of more than 254 bytes have a block of their own.
//
// Persistent: nodes and leaves are counted; freeze() gives another trie with the same root, and whoever then
// writes (either of them) copies what lies on the way to the element: some KB, and the counts of up to 256
// children for each level. Costs of every other operation: a walk of at most 8 levels (2 for a million
// elements, 3 for ten) and the bytes of a leaf.
//
// Owner and thread: a trie belongs to one thread at a time. Tries that share nodes may be used, written and
// dropped by different threads without a lock.
//
// Views returned are valid until the next write to this trie. Bytes given to a write must not be such views.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "gyre/base/random.h"

namespace gyre::ds {

namespace trie {

enum class Form : uint8_t {
  kSet,    // members; values are empty
  kMap,    // fields and values
  kIndex,  // of ScoreIndex
};

struct Element {
  std::string_view field;
  std::string_view value;
};

using HashFunction = uint64_t (*)(std::string_view bytes, uint64_t seed);
uint64_t xxh3(std::string_view bytes, uint64_t seed);

/// How hashes of a trie come about, and what of them is where.
struct Scheme {
  HashFunction function;
  uint64_t seed;
  Form form;

  uint64_t hash(std::string_view bytes) const { return function(bytes, seed); }
  uint8_t fingerprint(uint64_t hash) const {
    return static_cast<uint8_t>(form == Form::kIndex ? hash >> 32 : hash);
  }
  /// Leaves of elements that agree in so many bits are not divided any further.
  unsigned hash_bits() const { return form == Form::kIndex ? 32 : 64; }
};

/// All there is of a trie outside of its nodes. Copying it does not count the root.
struct State {
  static constexpr unsigned kDepths = 33;

  Scheme scheme;
  uintptr_t root = 0;  // a Slot (detail/hash_trie_node.h)
  size_t size = 0;
  size_t footprint = 0;
  uint32_t widest = 0;  // no leaf has more elements than this
  uint32_t leaves[kDepths] =
      {};  // how many leaves there are of each depth in bits; the last: that and deeper
};

struct Leaf;

/// A reference to somebody's function, for as long as a call.
class Visitor {
 public:
  template <class Visit>
  explicit Visitor(Visit& visit)
      : target_(const_cast<void*>(static_cast<const void*>(&visit))),
        call_([](void* target, const Element& element) { (*static_cast<Visit*>(target))(element); }) {}
  void operator()(const Element& element) const { call_(target_, element); }

 private:
  void* target_;
  void (*call_)(void*, const Element&);
};

/// What is left of a trie, to be freed step by step, by any thread. Its destructor frees the rest.
class Reclaimer {
 public:
  /// Takes the root.
  explicit Reclaimer(State& state);
  Reclaimer(Reclaimer&& other) noexcept;
  Reclaimer& operator=(Reclaimer&& other) noexcept;
  ~Reclaimer();
  /// Visits and frees at most about so many nodes, leaves and blobs (a leaf's blobs go with it). True when
  /// nothing is left.
  bool step(size_t blocks);

 private:
  struct Stack;
  std::unique_ptr<Stack> stack_;
};

}  // namespace trie

class HashTrie {
 public:
  using Form = trie::Form;
  using Element = trie::Element;
  using Reclaimer = trie::Reclaimer;

  /// Requires: form is kSet or kMap.
  HashTrie(Form form, uint64_t seed, trie::HashFunction function = trie::xxh3);
  HashTrie(HashTrie&& other) noexcept;
  HashTrie& operator=(HashTrie&& other) noexcept;
  /// Frees everything that nobody else holds, at once: for large ones see detach().
  ~HashTrie();

  /// A trie with the same elements, O(1). Kept as it is, it is the image of this moment; it may also be
  /// written.
  HashTrie freeze() const;

  Form form() const { return state_.scheme.form; }
  size_t size() const { return state_.size; }
  bool empty() const { return state_.size == 0; }
  /// Bytes of all blocks that it reaches, those shared with others included. O(1).
  size_t footprint() const { return state_.footprint; }

  uint64_t hash_of(std::string_view bytes) const { return state_.scheme.hash(bytes); }
  /// Fetches the leaf's first lines into the cache (having read the nodes above it).
  void prefetch(uint64_t hash) const;

  /// The value (for a set: an empty view), or nothing. The forms with a hash require hash_of(field).
  std::optional<std::string_view> find(std::string_view field) const { return find(field, hash_of(field)); }
  std::optional<std::string_view> find(std::string_view field, uint64_t hash) const;
  bool contains(std::string_view field) const { return find(field).has_value(); }

  /// True if the field is new, false if it had a value, which is replaced. A set's value must be empty.
  bool insert_or_assign(std::string_view field, std::string_view value) {
    return insert_or_assign(field, value, hash_of(field));
  }
  bool insert_or_assign(std::string_view field, std::string_view value, uint64_t hash);
  /// False, and nothing is changed, if the field is there.
  bool insert(std::string_view field, std::string_view value = {}) {
    return insert(field, value, hash_of(field));
  }
  bool insert(std::string_view field, std::string_view value, uint64_t hash);
  bool erase(std::string_view field) { return erase(field, hash_of(field)); }
  bool erase(std::string_view field, uint64_t hash);
  /// O(nodes), like the destructor.
  void clear();

  /// One of the elements, each with the same probability. Requires: not empty.
  Element random(base::Random& random) const;
  /// Takes out a random element, after showing it to `visit(const Element&)`. Requires: not empty.
  template <class Visit>
  void pop_random(base::Random& random, Visit&& visit) {
    pop(random, trie::Visitor(visit));
  }

  /// Calls `visit(const Element&)` for some elements, about `count` of them or a few dozen more, from cursor
  /// 0, and returns the cursor to go on from, 0 when all has been seen. Cursors have 48 bits. An element that
  /// is there from the first call to the last is seen exactly once, whatever is written in between. `visit`
  /// must not write.
  template <class Visit>
  uint64_t scan(uint64_t cursor, size_t count, Visit&& visit) const {
    return scan_leaves(cursor, count, trie::Visitor(visit));
  }

  /// Goes through all elements, in the order of scan(). Valid until the trie is written; that of a frozen one
  /// for as long as that is kept (not moved).
  class Cursor {
   public:
    explicit Cursor(const HashTrie& trie) : state_(&trie.state_) {}
    /// The next element; false at the end.
    bool next(Element& element);

   private:
    const trie::State* state_;
    const trie::Leaf* leaf_ = nullptr;
    const char* at_ = nullptr;
    size_t index_ = 0;
    uint64_t position_ = 0;  // where the leaf after this one begins
    bool last_ = false;
  };

  /// Takes all elements away, to be freed step by step. O(1).
  Reclaimer detach();

 private:
  friend class HashTriePeer;  // tests
  HashTrie() = default;
  void pop(base::Random& random, const trie::Visitor& visit);
  uint64_t scan_leaves(uint64_t cursor, size_t count, const trie::Visitor& visit) const;

  trie::State state_{};
};

}  // namespace gyre::ds
