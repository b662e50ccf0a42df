#include "gyre/rdb/object_writer.h"

#include <algorithm>
#include <utility>

#include "gyre/base/check.h"
#include "gyre/rdb/compressed_string.h"
#include "gyre/rdb/encoder.h"
#include "gyre/store/list_object.h"
#include "gyre/store/trie_object.h"
#include "gyre/store/zset_object.h"
#include "object_source.h"

namespace gyre::rdb {

namespace {

constexpr int kActiveTimesFrom = 11;

class TrieSource final : public ObjectSource {
 public:
  explicit TrieSource(const store::TrieObject& object) : trie_(object.trie()), cursor_(trie_) {}
  uint64_t length() const override { return trie_.size(); }
  bool next(ObjectElement& element) override {
    ds::HashTrie::Element pair;
    if (!cursor_.next(pair)) return false;
    if (trie_.form() == ds::HashTrie::Form::kSet) {
      element.set_text(pair.field);
    } else {
      element.texts = {pair.field, pair.value};
      element.texts_left = 2;
    }
    return true;
  }

 private:
  const ds::HashTrie& trie_;
  ds::HashTrie::Cursor cursor_;
};

/// From the highest to the lowest, as Redis, so that a loader that inserts at the front is fast.
class ZsetSource final : public ObjectSource {
 public:
  explicit ZsetSource(const store::ZsetObject& object)
      : size_(object.size()), cursor_(object.elements().last()) {}
  uint64_t length() const override { return size_; }
  bool next(ObjectElement& element) override {
    if (!cursor_.valid()) return false;
    element.set_text(cursor_.member());
    element.put(cursor_.score());
    cursor_.previous();
    return true;
  }

 private:
  const uint64_t size_;
  ds::ScoreCursor cursor_;
};

/// A list's nodes, each with its kind.
class ListSource final : public ObjectSource {
 public:
  explicit ListSource(const store::ListObject& object)
      : nodes_(object.nodes()), cursor_(object.first_node()) {}
  uint64_t length() const override { return nodes_; }
  bool next(ObjectElement& element) override {
    if (!cursor_.valid()) return false;
    const store::ListObject::Node node = store::ListObject::node(cursor_);
    element.kind = node.plain ? kPlainNode : kPackedNode;
    element.set_text(node.bytes);
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

std::unique_ptr<ObjectSource> source_of(const store::Object& object, int version) {
  if (object.form() == store::kZsetSkiplist)
    return std::make_unique<ZsetSource>(static_cast<const store::ZsetObject&>(object));
  if (object.form() == store::kListQuicklist)
    return std::make_unique<ListSource>(static_cast<const store::ListObject&>(object));
  if (object.form() == store::kStream)
    return stream_source(static_cast<const store::StreamObject&>(object), version >= kActiveTimesFrom);
  GYRE_CHECK(object.form() == store::kSetTable || object.form() == store::kHashTable);
  return std::make_unique<TrieSource>(static_cast<const store::TrieObject&>(object));
}

}  // namespace

ObjectWriter::ObjectWriter(const store::Object& object, bool compress, int version)
    : compress_(compress), source_(source_of(object, version)) {}

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
    if (element_.kind) {
      length(out, *std::exchange(element_.kind, std::nullopt));
    } else if (element_.texts_left > 0) {
      write_string(out, element_.texts[element_.texts.size() - element_.texts_left--]);
    } else if (element_.raw_bytes > 0) {
      out.append({element_.raw.data(), std::exchange(element_.raw_bytes, 0)});
    } else if (element_.number) {
      length(out, *std::exchange(element_.number, std::nullopt));
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

}  // namespace gyre::rdb
