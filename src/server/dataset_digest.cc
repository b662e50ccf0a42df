#include "gyre/server/dataset_digest.h"

#include "gyre/base/double_digits.h"
#include "gyre/base/sha1.h"
#include "gyre/store/elements.h"

namespace gyre::server {

namespace {

class Digest {
 public:
  /// Order does not matter among additions.
  void add(std::string_view bytes) {
    const base::Sha1::Digest hash = base::Sha1::of(bytes);
    for (size_t i = 0; i < value_.size(); ++i) value_[i] ^= hash[i];
  }
  void add(const Digest& other) { add(other.view()); }
  /// Order does.
  void mix(std::string_view bytes) {
    add(bytes);
    value_ = base::Sha1::of(view());
  }
  /// A number as four bytes in network order.
  void mix(uint32_t number) {
    const char bytes[4] = {static_cast<char>(number >> 24), static_cast<char>(number >> 16),
                           static_cast<char>(number >> 8), static_cast<char>(number)};
    mix({bytes, sizeof(bytes)});
  }
  std::string hex() const {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (uint8_t byte : value_) {
      text += kDigits[byte >> 4];
      text += kDigits[byte & 15];
    }
    return text;
  }

 private:
  std::string_view view() const { return {reinterpret_cast<const char*>(value_.data()), value_.size()}; }
  base::Sha1::Digest value_{};
};

void add_value(const store::Entry& entry, Digest* digest) {
  digest->mix(static_cast<uint32_t>(entry.type()));
  if (entry.type() == store::Type::kString) {
    char scratch[base::kInt64TextMax];
    digest->mix(entry.text(scratch));
  }
  if (entry.type() == store::Type::kList) {
    store::for_each_listed(entry, [digest](std::string_view element) { digest->mix(element); });
  }
  if (entry.type() == store::Type::kSet) {
    store::for_each_member(entry, [digest](std::string_view member) { digest->add(member); });
  }
  if (entry.type() == store::Type::kZset) {
    store::for_each_scored(entry, [digest](std::string_view member, double score) {
      Digest element;
      element.mix(member);
      element.mix(base::format_double_digits(score));
      digest->add(element);
    });
  }
  if (entry.type() == store::Type::kHash) {
    store::for_each_field(entry, [digest](std::string_view field, std::string_view value) {
      Digest pair;
      pair.mix(field);
      pair.mix(value);
      digest->add(pair);
    });
  }
  if (entry.type() == store::Type::kStream) {
    store::for_each_streamed(
        entry, [digest](store::StreamId id) { digest->mix(store::StreamIdText(id, '.')); },
        [digest](std::string_view field, std::string_view value) {
          digest->mix(field);
          digest->mix(value);
        });
  }
  if (entry.has_expiry()) digest->add("!!expire!!");
}

}  // namespace

std::string dataset_digest(store::Keyspace& keyspace) {
  Digest total;
  for (unsigned db = 0; db < keyspace.database_count(); ++db) {
    if (keyspace.keys(db) == 0) continue;
    total.mix(uint32_t{db});
    for (unsigned i = 0; i < keyspace.shard_count(); ++i) {
      const store::Database* d = keyspace.shard(i).find_database(db);
      if (!d) continue;
      d->table.for_each([&total](const store::Entry* entry) {
        Digest one;
        one.mix(entry->key());
        add_value(*entry, &one);
        total.add(one);
      });
    }
  }
  return total.hex();
}

std::string value_digest(const store::Entry* entry) {
  Digest digest;
  if (entry) add_value(*entry, &digest);
  return digest.hex();
}

}  // namespace gyre::server
