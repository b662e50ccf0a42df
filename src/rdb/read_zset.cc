// Sorted sets: elements in any order, packed afterwards if they are few and short.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "gyre/base/numbers.h"
#include "gyre/ds/listpack_edit.h"
#include "gyre/store/zset_object.h"
#include "value_reader.h"

namespace gyre::rdb {

namespace {

using store::ZsetObject;

/// Lengths of scores as text that stand for what has no digits.
constexpr uint8_t kNan = 253, kInfinity = 254;  // and 255: minus infinity

class ZsetReader final : public ValueReader {
 public:
  ZsetReader(bool binary, const ValueLimits& limits) : binary_(binary), limits_(limits) {}

  Read step(Input& input, Value* out) override {
    if (const Read read = read_count(input, &count_, &left_, out); read != Read::kDone || left_ == 0)
      return read;
    while (left_ > 0) {
      if (!has_member_) {
        std::string_view member;
        if (const Read read = input.string(&member); read != Read::kDone) return read;
        member_ = member;
        has_member_ = true;
      }
      double score = 0;
      if (const Read read = binary_ ? input.raw(&score) : text_score(input, &score); read != Read::kDone)
        return read;
      if (std::isnan(score)) return input.fail("Zset with NAN score detected");
      if (object_->score(member_)) return input.fail("Duplicate zset fields detected");
      object_->insert(member_, score);
      longest_ = std::max(longest_, member_.size());
      total_ += member_.size();
      has_member_ = false;
      --left_;
    }
    finish(out);
    return Read::kDone;
  }

 private:
  Read text_score(Input& input, double* score) {
    if (!score_length_) {
      uint8_t length = 0;
      if (const Read read = input.byte(&length); read != Read::kDone) return read;
      score_length_ = length;
    }
    constexpr double kInf = std::numeric_limits<double>::infinity();
    const uint8_t length = *score_length_;
    if (length >= kNan) {
      *score = length == kNan ? std::numeric_limits<double>::quiet_NaN() : length == kInfinity ? kInf : -kInf;
    } else {
      std::string_view text;
      if (const Read read = input.bytes(length, &text); read != Read::kDone) return read;
      const std::optional<double> value = base::parse_double(text);
      if (!value) return input.fail("Zset score is no number");
      *score = *value;
    }
    score_length_.reset();
    return Read::kDone;
  }

  void finish(Value* out) {
    if (object_->size() > limits_.zset_entries || longest_ > limits_.zset_value ||
        !ds::listpack_safe_to_add(0, total_)) {
      *out = Value::object(std::move(object_));
      return;
    }
    ds::ListpackBuilder list(total_);
    for (ds::ScoreCursor at = object_->elements().first(); at.valid(); at.next()) {
      list.add(at.member());
      list.add(store::PackedScore(at.score()).element());
    }
    *out = Value::packed(store::kZsetListpack, list.finish());
  }

  const bool binary_;
  const ValueLimits& limits_;
  Count count_ = Count::kUnread;
  uint64_t left_ = 0;
  bool has_member_ = false;
  std::string member_;
  std::optional<uint8_t> score_length_;
  size_t longest_ = 0, total_ = 0;
  std::unique_ptr<ZsetObject> object_ = std::make_unique<ZsetObject>();
};

}  // namespace

std::unique_ptr<ValueReader> zset_reader(ValueType type, const DecodeOptions& options) {
  return std::make_unique<ZsetReader>(type == ValueType::kZset2, options.limits);
}

}  // namespace gyre::rdb
