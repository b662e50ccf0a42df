// What a ScoreTree should hold, as a sorted vector, for tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gyre/base/random.h"
#include "gyre/ds/score_tree.h"

namespace gyre::ds {

struct Element {
  double score = 0;
  std::string member;
  friend bool operator<(const Element& a, const Element& b) {
    return a.score != b.score ? a.score < b.score : a.member < b.member;
  }
};

/// How the elements of a test look.
struct Shape {
  uint64_t scores = 1000;     // different scores
  uint64_t members = 100000;  // different members
  const char* prefix = "";    // of all members
  size_t long_percent = 0;    // members above what a leaf holds
};

class ScoreModel {
 public:
  ScoreModel(const Shape& shape, base::Random& random) : shape_(shape), random_(random) {}

  std::vector<Element> elements;  // in order

  size_t lower(const Element& e) const {
    return static_cast<size_t>(std::ranges::lower_bound(elements, e, std::less<>()) - elements.begin());
  }
  bool has(const Element& e) const {
    size_t at = lower(e);
    return at < elements.size() && !(e < elements[at]);
  }

  double make_score() {
    uint64_t n = random_.below(shape_.scores + 3);
    if (n == shape_.scores) return INFINITY;
    if (n == shape_.scores + 1) return -INFINITY;
    if (n == shape_.scores + 2) return -0.0;
    return (static_cast<double>(n) - static_cast<double>(shape_.scores / 2)) / 4;
  }
  std::string make_member() {
    uint64_t n = random_.below(shape_.members);
    std::string member = shape_.prefix + std::to_string(n);
    if (n % 100 < shape_.long_percent) member.append(120 + n % 300, static_cast<char>(n));
    if (n % 51 == 0) member.push_back('\0');
    return n == 77 ? std::string() : member;
  }
  Element make() { return {make_score(), make_member()}; }
  /// One that is there, or now and then another.
  Element pick() {
    if (elements.empty() || random_.below(10) == 0) return make();
    return elements[random_.below(elements.size())];
  }

 private:
  Shape shape_;
  base::Random& random_;
};

inline void expect_same(const ScoreTree& tree, const std::vector<Element>& elements) {
  ASSERT_EQ(tree.size(), elements.size());
  ScoreCursor cursor = tree.first();
  for (const Element& e : elements) {
    ASSERT_TRUE(cursor.valid());
    ASSERT_EQ(cursor.score(), e.score);
    ASSERT_EQ(std::signbit(cursor.score()), std::signbit(e.score));
    ASSERT_EQ(cursor.member(), e.member);
    cursor.next();
  }
  ASSERT_FALSE(cursor.valid());
  cursor = tree.last();
  for (size_t i = elements.size(); i-- > 0; cursor.previous()) ASSERT_EQ(cursor.member(), elements[i].member);
  ASSERT_FALSE(cursor.valid());
}

}  // namespace gyre::ds
