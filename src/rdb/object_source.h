// What ObjectWriter writes, element by element. Private to this module.
#pragma once

#include <cstdint>
#include <memory>

#include "gyre/rdb/object_writer.h"
#include "gyre/store/stream_object.h"

namespace gyre::rdb {

/// The elements of an object, one after the other.
class ObjectSource {
 public:
  virtual ~ObjectSource() = default;
  /// What is written in front of the elements.
  virtual uint64_t length() const = 0;
  /// False at the end. What the element refers to is valid as long as the object.
  virtual bool next(ObjectElement& element) = 0;
  /// Not 0: the text of the latest element is the LZF of so many bytes.
  virtual uint64_t expanded_size() const { return 0; }
};

/// `active_times`: the format knows when consumers were last given something.
std::unique_ptr<ObjectSource> stream_source(const store::StreamObject& stream, bool active_times);

}  // namespace gyre::rdb
