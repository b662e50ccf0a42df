#include "gyre/store/trie_object.h"

#include "gyre/base/check.h"
#include "gyre/ds/intset.h"
#include "gyre/ds/listpack.h"
#include "gyre/store/hash.h"

namespace gyre::store {

namespace {

using ds::HashTrie;

HashTrie empty_trie(HashTrie::Form form) { return HashTrie(form, detail::hash_seed); }

}  // namespace

size_t TrieObject::footprint() const {
  static_assert(sizeof(SetObject) == sizeof(TrieObject) && sizeof(HashObject) == sizeof(TrieObject));
  return sizeof(TrieObject) + trie_.footprint();
}

bool TrieObject::reclaim(size_t blocks) {
  if (!reclaimer_) reclaimer_.emplace(trie_.detach());
  return !reclaimer_->step(blocks);
}

SetObject::SetObject() : TrieObject(kForm, empty_trie(HashTrie::Form::kSet)) {}

std::unique_ptr<SetObject> SetObject::from_packed(ValueForm form, std::string_view bytes) {
  auto object = std::make_unique<SetObject>();
  ds::PackedElement::Scratch digits;
  if (form == kSetIntset) {
    const ds::IntsetView set(bytes);
    for (uint32_t i = 0; i < set.count(); ++i)
      object->trie().insert(ds::PackedElement(set.get(i)).text(digits));
    return object;
  }
  GYRE_CHECK(form == kSetListpack);
  const ds::ListpackView list(bytes);
  for (uint32_t at = list.first(); at != list.end(); at = list.next(at))
    object->trie().insert(list.get(at).text(digits));
  return object;
}

std::unique_ptr<Object> SetObject::freeze() const { return std::make_unique<SetObject>(trie().freeze()); }

HashObject::HashObject() : TrieObject(kForm, empty_trie(HashTrie::Form::kMap)) {}

std::unique_ptr<HashObject> HashObject::from_packed(std::string_view bytes) {
  auto object = std::make_unique<HashObject>();
  ds::PackedElement::Scratch field_digits, value_digits;
  const ds::ListpackView list(bytes);
  for (uint32_t at = list.first(); at != list.end();) {
    const uint32_t value = list.next(at);
    object->trie().insert_or_assign(list.get(at).text(field_digits), list.get(value).text(value_digits));
    at = list.next(value);
  }
  return object;
}

std::unique_ptr<Object> HashObject::freeze() const { return std::make_unique<HashObject>(trie().freeze()); }

}  // namespace gyre::store
