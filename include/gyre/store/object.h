// A value of a representation of its own: large lists, sets, hashes and sorted sets, and streams.
//
// An object is made of counted nodes that are copied on write (ds), so that freeze() costs nothing in itself:
// COPY takes one, and a snapshot takes one as the image of a moment.
//
// Owner and thread: the entry that holds its pointer, so the shard (I1); it is changed through
// Db::edit_object() only. A frozen one belongs to whoever took it, who may read and destroy it on any thread
// without a lock.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "gyre/store/value_form.h"

namespace gyre::store {

/// What it costs that somebody holds an image: memory that writers have copied because of it. All images of
/// one holder add to one sum; an image that goes takes its share away. Any thread.
class ImageCost {
 public:
  using Sum = std::atomic<uint64_t>;
  /// The sum outlives the image.
  explicit ImageCost(Sum& sum) : sum_(sum) {}
  ~ImageCost() { sum_.fetch_sub(own_.load(std::memory_order_relaxed), std::memory_order_relaxed); }
  ImageCost(const ImageCost&) = delete;
  ImageCost& operator=(const ImageCost&) = delete;

  void add(uint64_t bytes) {
    own_.fetch_add(bytes, std::memory_order_relaxed);
    sum_.fetch_add(bytes, std::memory_order_relaxed);
  }

 private:
  Sum& sum_;
  std::atomic<uint64_t> own_{0};
};

class Object {
 public:
  virtual ~Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  ValueForm form() const { return form_; }
  /// Elements, as LLEN, SCARD, ZCARD, HLEN and XLEN count them.
  virtual uint64_t size() const = 0;
  /// Bytes of all blocks, also of those that it shares with frozen ones. O(1).
  virtual size_t footprint() const = 0;
  /// The same value, sharing all nodes. O(1). As it is, or to become another key's value.
  virtual std::unique_ptr<Object> freeze() const = 0;
  /// Frees a part, about `blocks` nodes; true while there is more. Once called the object may only be
  /// reclaimed further or destroyed.
  virtual bool reclaim(size_t blocks) = 0;

  /// What changes cost as long as the image lives goes there: the cost of one that is held together with a
  /// frozen object. The latest one counts.
  void set_image_cost(const std::shared_ptr<ImageCost>& cost) { image_cost_ = cost; }
  /// Null when there is no image (any more).
  std::shared_ptr<ImageCost> image_cost() {
    if (image_cost_.use_count() == 0) [[likely]]
      return nullptr;
    return image_cost_.lock();
  }

 protected:
  explicit Object(ValueForm form) : form_(form) {}

 private:
  const ValueForm form_;
  std::weak_ptr<ImageCost> image_cost_;
};

}  // namespace gyre::store
