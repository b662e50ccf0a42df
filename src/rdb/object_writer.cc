#include "gyre/rdb/object_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "gyre/base/check.h"
#include "gyre/rdb/compressed_string.h"
#include "gyre/rdb/encoder.h"
#include "gyre/store/list_object.h"
#include "gyre/store/trie_object.h"
#include "gyre/store/zset_object.h"

namespace gyre::rdb {

/// The elements of an object, one after the other.
class ObjectWriter::Source {
 public:
  virtual ~Source() = default;
  /// What is written in front of the elements.
  virtual uint64_t length() const = 0;
  /// False at the end. What the element refers to is valid as long as the object.
  virtual bool next(Element& element) = 0;
  /// Not 0: the text of the latest element is the LZF of so many bytes.
  virtual uint64_t expanded_size() const { return 0; }
};

class ObjectWriter::TrieSource final : public Source {
 public:
  explicit TrieSource(const store::TrieObject& object) : trie_(object.trie()), cursor_(trie_) {}
  uint64_t length() const override { return trie_.size(); }
  bool next(Element& element) override {
    ds::HashTrie::Element pair;
    if (!cursor_.next(pair)) return false;
    if (trie_.form() == ds::HashTrie::Form::kSet) {
      element = {std::nullopt, {std::string_view(), pair.field}, 1, std::nullopt};
    } else {
      element = {std::nullopt, {pair.field, pair.value}, 2, std::nullopt};
    }
    return true;
  }

 private:
  const ds::HashTrie& trie_;
  ds::HashTrie::Cursor cursor_;
};

/// From the highest to the lowest, as Redis, so that a loader that inserts at the front is fast.
class ObjectWriter::ZsetSource final : public Source {
 public:
  explicit ZsetSource(const store::ZsetObject& object)
      : size_(object.size()), cursor_(object.elements().last()) {}
  uint64_t length() const override { return size_; }
  bool next(Element& element) override {
    if (!cursor_.valid()) return false;
    element = {std::nullopt, {std::string_view(), cursor_.member()}, 1, cursor_.score()};
    cursor_.previous();
    return true;
  }

 private:
  const uint64_t size_;
  ds::ScoreCursor cursor_;
};

/// A list's nodes, each with its kind.
class ObjectWriter::ListSource final : public Source {
 public:
  explicit ListSource(const store::ListObject& object)
      : nodes_(object.nodes()), cursor_(object.first_node()) {}
  uint64_t length() const override { return nodes_; }
  bool next(Element& element) override {
    if (!cursor_.valid()) return false;
    const store::ListObject::Node node = store::ListObject::node(cursor_);
    element = {node.plain ? kPlainNode : kPackedNode, {std::string_view(), node.bytes}, 1, std::nullopt};
    expanded_size_ = node.expanded_size;
    cursor_.next();
    return true;
  }
  uint64_t expanded_size() const override { return expanded_size_; }

 private:
  const uint64_t nodes_;
  ds::BlockCursor cursor_;
  uint64_t expanded_size_ = 0;
};

std::unique_ptr<ObjectWriter::Source> ObjectWriter::source_of(const store::Object& object) {
  if (object.form() == store::kZsetSkiplist)
    return std::make_unique<ZsetSource>(static_cast<const store::ZsetObject&>(object));
  if (object.form() == store::kListQuicklist)
    return std::make_unique<ListSource>(static_cast<const store::ListObject&>(object));
  GYRE_CHECK(object.form() == store::kSetTable || object.form() == store::kHashTable);
  return std::make_unique<TrieSource>(static_cast<const store::TrieObject&>(object));
}

ObjectWriter::ObjectWriter(const store::Object& object, bool compress)
    : compress_(compress), source_(source_of(object)) {}

ObjectWriter::~ObjectWriter() = default;

bool ObjectWriter::step(ChunkBuilder& out, size_t about_bytes) {
  const size_t begin = out.bytes();
  if (!begun_) length(out, source_->length());
  begun_ = true;
  for (size_t done = 0; done < about_bytes; done = out.bytes() - begin) {
    if (!rest_.empty()) {
      const size_t size = std::min(rest_.size(), about_bytes - done);
      out.append(rest_.substr(0, size));
      rest_.remove_prefix(size);
      continue;
    }
    if (element_.number) {
      length(out, *std::exchange(element_.number, std::nullopt));
    } else if (element_.texts_left > 0) {
      write_string(out, element_.texts[element_.texts.size() - element_.texts_left--]);
    } else if (element_.score) {
      write_score(out, *std::exchange(element_.score, std::nullopt));
    } else if (!source_->next(element_)) {
      return false;
    }
  }
  return true;
}

void ObjectWriter::write_string(ChunkBuilder& out, std::string_view text) {
  if (const uint64_t expanded_size = source_->expanded_size(); expanded_size != 0) {
    // As Redis does whatever rdbcompression says.
    compressed_head(out, text.size(), expanded_size);
    rest_ = text;
    return;
  }
  if (text.size() < kReferenceFrom) return string(out, text, compress_);
  length(out, text.size());
  rest_ = text;
}

void ObjectWriter::write_score(ChunkBuilder& out, double score) {
  char bytes[sizeof(score)];
  std::memcpy(bytes, &score, sizeof(score));
  out.append({bytes, sizeof(bytes)});
}

}  // namespace gyre::rdb
