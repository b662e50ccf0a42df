// The argument tree of a command, as COMMAND DOCS shows it, and the notation that rows write it in:
//
//   constexpr auto kSetArgs = args(key(), string("value"),
//                                  one_of("condition", token("NX"), token("XX")).opt().since("2.6.12"));
//
// A tree is one flat constant array in preorder: each node says how many nodes lie below it, so a sibling is
// found by skipping them. No pointers, no dynamic initialisation, static storage.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace gyre::exec {

enum class ArgType : uint8_t {
  kString,
  kInteger,
  kDouble,
  kKey,
  kPattern,
  kUnixTime,
  kPureToken,
  kOneOf,
  kBlock
};

std::string_view arg_type_name(ArgType type);

/// One node. Empty strings mean that COMMAND DOCS leaves the field out.
struct ArgDoc {
  std::string_view name;  // empty: the token in lower case
  std::string_view token;
  std::string_view display_text;  // empty: the name
  std::string_view since;
  std::string_view deprecated_since;
  ArgType type = ArgType::kString;
  int8_t key_spec_index = -1;  // which of the row's key specs this argument belongs to; -1 none
  bool optional = false;
  bool multiple = false;
  bool multiple_token = false;  // the token is repeated with each value
  uint16_t descendants = 0;     // nodes of the subtree below, which follow this one
};

/// A forest of argument nodes in preorder.
using ArgDocs = std::span<const ArgDoc>;

/// Calls visit(node, children) for every top-level node of the forest, in order.
template <typename Visit>
constexpr void for_each_arg(ArgDocs forest, Visit&& visit) {
  while (!forest.empty()) {
    const size_t below = forest.front().descendants;
    visit(forest.front(), forest.subspan(1, below));
    forest = forest.subspan(1 + below);
  }
}

namespace notation {

/// One argument with what lies below it. The setters change its root and return a copy.
template <size_t N>
struct ArgTree {
  std::array<ArgDoc, N> nodes;

  constexpr ArgTree opt() const {
    return with([](ArgDoc& a) { a.optional = true; });
  }
  constexpr ArgTree multiple() const {
    return with([](ArgDoc& a) { a.multiple = true; });
  }
  constexpr ArgTree multiple_token() const {
    return with([](ArgDoc& a) { a.multiple = a.multiple_token = true; });
  }
  constexpr ArgTree token(std::string_view t) const {
    return with([t](ArgDoc& a) { a.token = t; });
  }
  constexpr ArgTree display(std::string_view t) const {
    return with([t](ArgDoc& a) { a.display_text = t; });
  }
  /// What it names are keys of the row's key spec number `spec`.
  constexpr ArgTree keys_of(int8_t spec) const {
    return with([spec](ArgDoc& a) { a.key_spec_index = spec; });
  }
  constexpr ArgTree since(std::string_view v) const {
    return with([v](ArgDoc& a) { a.since = v; });
  }
  constexpr ArgTree deprecated(std::string_view v) const {
    return with([v](ArgDoc& a) { a.deprecated_since = v; });
  }

 private:
  template <typename Change>
  constexpr ArgTree with(Change change) const {
    ArgTree copy = *this;
    change(copy.nodes[0]);
    return copy;
  }
};

/// Concatenates trees into a forest.
template <size_t... N>
constexpr auto args(const ArgTree<N>&... trees) {
  std::array<ArgDoc, (N + ...)> forest{};
  size_t at = 0;
  auto append = [&](const auto& nodes) {
    for (const ArgDoc& node : nodes) forest[at++] = node;
  };
  (append(trees.nodes), ...);
  return forest;
}

constexpr ArgTree<1> leaf(ArgType type, std::string_view name) {
  return {{ArgDoc{.name = name, .type = type}}};
}
constexpr auto string(std::string_view name) { return leaf(ArgType::kString, name); }
constexpr auto integer(std::string_view name) { return leaf(ArgType::kInteger, name); }
constexpr auto number(std::string_view name) { return leaf(ArgType::kDouble, name); }
constexpr auto pattern(std::string_view name) { return leaf(ArgType::kPattern, name); }
constexpr auto unix_time(std::string_view name) { return leaf(ArgType::kUnixTime, name); }

/// A key that belongs to the row's key spec number `spec`.
constexpr ArgTree<1> key(std::string_view name = "key", int8_t spec = 0) {
  return {{ArgDoc{.name = name, .type = ArgType::kKey, .key_spec_index = spec}}};
}
/// A bare token; the second form is for one whose name is not the token in lower case.
constexpr ArgTree<1> token(std::string_view token) {
  return {{ArgDoc{.token = token, .type = ArgType::kPureToken}}};
}
constexpr ArgTree<1> token(std::string_view name, std::string_view token) {
  return {{ArgDoc{.name = name, .token = token, .type = ArgType::kPureToken}}};
}

template <size_t... N>
constexpr auto branch(ArgType type, std::string_view name, const ArgTree<N>&... children) {
  const ArgDoc root{.name = name, .type = type, .descendants = static_cast<uint16_t>((N + ...))};
  return ArgTree<1 + (N + ...)>{args(ArgTree<1>{{root}}, children...)};
}
template <size_t... N>
constexpr auto one_of(std::string_view name, const ArgTree<N>&... children) {
  return branch(ArgType::kOneOf, name, children...);
}
template <size_t... N>
constexpr auto block(std::string_view name, const ArgTree<N>&... children) {
  return branch(ArgType::kBlock, name, children...);
}

}  // namespace notation
}  // namespace gyre::exec
