// Which commands a run sends, and in what proportion.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "gyre/base/random.h"
#include "request.h"

namespace gyre::bench {

class Workload {
 public:
  struct Command {
    std::string name;  // in reports
    double weight;
    RequestTemplate request;
  };

  /// A built-in test: ping set get incr mset del expire append getset.
  bool add_builtin(std::string_view name, double weight, std::string* error);
  bool add_template(std::string_view text, double weight, std::string* error);
  /// "set:50,get:50"; an item without weight has 1.
  bool add_mix(std::string_view text, std::string* error);
  static std::vector<std::string> builtin_names();

  /// Before the first draw.
  void prepare(const KeySpec& keys, const KeyFormat& format, const ValueSizes& sizes);
  /// The index of the next command.
  size_t draw(base::Random& random) const {
    if (commands_.size() == 1) return 0;
    const double at = unit_interval(random);
    size_t i = 0;
    while (upto_[i] <= at && i + 1 < upto_.size()) ++i;
    return i;
  }

  bool empty() const { return commands_.empty(); }
  size_t size() const { return commands_.size(); }
  const Command& operator[](size_t i) const { return commands_[i]; }
  /// "set" or "set:50,get:50".
  std::string describe() const;

 private:
  // A deque: templates refer to their own parts and stay where they are.
  std::deque<Command> commands_;
  std::vector<double> upto_;
};

}  // namespace gyre::bench
