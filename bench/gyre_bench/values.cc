#include "values.h"

#include <algorithm>
#include <optional>

#include "gyre/base/numbers.h"
#include "keys.h"

namespace gyre::bench {
namespace {

/// Where random values start is one of this many places.
constexpr size_t kPoolSpread = 64 * 1024;

/// Nothing at all is 0 to parse_memory(), as in a configuration file.
std::optional<uint64_t> parse_size(std::string_view text) {
  return text.empty() ? std::nullopt : base::parse_memory(text);
}

}  // namespace

bool ValueSizes::parse(std::string_view text, std::string* error) {
  std::vector<Choice> choices;
  double total = 0;
  size_t largest = 0;
  while (true) {
    const size_t comma = text.find(',');
    std::string_view item = text.substr(0, comma);
    double weight = 1;
    if (const size_t colon = item.find(':'); colon != std::string_view::npos) {
      weight = base::parse_double(item.substr(colon + 1)).value_or(-1);
      item = item.substr(0, colon);
    }
    const size_t dash = item.find('-');
    const auto from = parse_size(item.substr(0, dash));
    const auto to = dash == std::string_view::npos ? from : parse_size(item.substr(dash + 1));
    if (!from || !to || *from > *to || *to > kMaxBytes || !(weight > 0)) {
      *error =
          "value sizes: '" + std::string(item) + "' is not SIZE, FROM-TO or a list of these with :WEIGHT";
      return false;
    }
    total += weight;
    choices.push_back({*from, *to, total});
    largest = std::max<size_t>(largest, *to);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  for (Choice& choice : choices) choice.upto /= total;
  choices_ = std::move(choices);
  largest_ = largest;
  return true;
}

size_t ValueSizes::draw(base::Random& random) const {
  const Choice* choice = choices_.data();
  if (choices_.size() > 1) {
    const double at = unit_interval(random);
    while (choice->upto <= at && choice != &choices_.back()) ++choice;
  }
  if (choice->smallest == choice->largest) return choice->smallest;
  return choice->smallest + random.below(choice->largest - choice->smallest + 1);
}

ValuePool::ValuePool(size_t largest, bool random, uint64_t seed) : spread_(random ? kPoolSpread : 0) {
  static constexpr char kAlphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  pool_.assign(largest + spread_, 'x');
  if (!random) return;
  base::Random generator(seed);
  for (char& c : pool_) c = kAlphabet[generator.next() & 63];
}

}  // namespace gyre::bench
