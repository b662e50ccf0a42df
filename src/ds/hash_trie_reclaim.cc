// Letting go of nodes.
#include <utility>

#include "gyre/base/memory.h"
#include "gyre/ds/detail/hash_trie_node.h"

namespace gyre::ds::trie {
namespace {

/// True when it was the last one.
bool drop_reference(Slot slot) { return slot.refs().fetch_sub(1, std::memory_order_acq_rel) == 1; }

}  // namespace

/// The nodes on the way to where freeing has come to; nobody else has a reference to them.
struct Reclaimer::Stack {
  struct Level {
    Node* node;
    size_t index;
  };
  Level levels[kMaxLevels];
  unsigned depth = 0;

  void push(Node* node) { levels[depth++] = {node, 0}; }

  /// One child of the topmost node, or the node itself when it has none left. Returns the blocks visited.
  size_t step() {
    auto& [node, index] = levels[depth - 1];
    if (index == node->width()) {
      base::deallocate(node);
      --depth;
      return 1;
    }
    const Slot child = node->slots()[index];
    index += node->span(child);
    if (child.is_empty() || !drop_reference(child)) return 1;
    if (!child.is_node()) return 1 + free_leaf(child.leaf());
    push(child.node());
    return 1;
  }
};

Reclaimer::Reclaimer(State& state) {
  const Slot root(std::exchange(state, State{state.scheme}).root);
  if (root.is_empty() || !drop_reference(root)) return;
  if (!root.is_node()) {
    free_leaf(root.leaf());
    return;
  }
  stack_ = std::make_unique<Stack>();
  stack_->push(root.node());
}

Reclaimer::Reclaimer(Reclaimer&& other) noexcept = default;

Reclaimer& Reclaimer::operator=(Reclaimer&& other) noexcept {
  std::swap(stack_, other.stack_);
  return *this;
}

Reclaimer::~Reclaimer() { step(~size_t{0}); }

bool Reclaimer::step(size_t blocks) {
  if (stack_ == nullptr) return true;
  for (size_t done = 0; stack_->depth > 0 && done < blocks;) done += stack_->step();
  if (stack_->depth > 0) return false;
  stack_.reset();
  return true;
}

void release(Slot slot) {
  if (slot.is_empty()) return;
  State state{};
  state.root = slot.bits();
  (void)Reclaimer(state);
}

}  // namespace gyre::ds::trie
