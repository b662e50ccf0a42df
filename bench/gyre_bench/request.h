// Requests made from templates without allocation. A template is a command line in which
//   __key__       is a key of the run's distribution and format
//   __data__      is a value of the run's sizes
//   __int__       is a number of the key distribution in plain decimal
//   __rand_int__  is a number uniform in the key space, 12 digits (as in redis-benchmark)
// Quotes group words as in redis-cli: "a \"b\" \x00" with escapes, 'as it is'.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gyre/base/out_buffer.h"
#include "gyre/base/random.h"
#include "keys.h"
#include "values.h"

namespace gyre::bench {

/// What the fields are drawn from; one per thread. What it refers to must outlive it.
class FieldSource {
 public:
  FieldSource(const KeySpec& keys, unsigned part, unsigned parts, const KeyFormat& format,
              const ValueSizes& sizes, const ValuePool& pool, uint64_t seed)
      : random(seed), keys(keys, part, parts), space(keys.space), format(format), sizes(sizes), pool(pool) {}

  base::Random random;
  KeySource keys;
  const uint64_t space;
  const KeyFormat& format;
  const ValueSizes& sizes;
  const ValuePool& pool;
  std::string scratch;  // for requests too large for one reservation of an output buffer
};

class RequestTemplate {
 public:
  /// False and the reason when `text` is no command line.
  bool parse(std::string_view text, std::string* error);
  /// Before the first append: works out what is constant with these keys and values.
  void prepare(const KeySpec& keys, const KeyFormat& format, const ValueSizes& sizes);
  void append(base::OutBuffer& out, FieldSource& source) const;
  /// The command's name, as written.
  std::string_view name() const { return name_; }

 private:
  enum class Field : uint8_t { kText, kKey, kData, kInt, kRandInt };
  struct Piece {
    Field field;
    std::string text;
  };
  using Argument = std::vector<Piece>;
  /// What was drawn for one piece whose length had to be known ahead.
  struct Drawn {
    uint64_t number;
    size_t length;
  };
  struct Step {
    enum class Kind : uint8_t { kText, kField, kArgument } kind;
    Field field;
    std::string text;
    const Argument* argument;
  };
  static constexpr size_t kMaxPieces = 16;

  static Argument split(std::string_view word);
  static Drawn draw(Field field, FieldSource& source);
  static char* write_field(char* out, Field field, const Drawn& drawn, FieldSource& source);
  char* write(char* out, FieldSource& source) const;
  static char* write_argument(char* out, const Argument& argument, FieldSource& source);
  void add_text(std::string_view text);

  std::string name_;
  std::vector<Argument> arguments_;
  std::vector<Step> steps_;
  size_t largest_ = 0;  // bytes that one request can take
};

/// Words of a command line; false when a quote is not closed.
bool split_words(std::string_view line, std::vector<std::string>* words);

}  // namespace gyre::bench
