#include "gyre/rdb/decoder.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "collection_text.h"
#include "gyre/base/crc64.h"
#include "gyre/ds/listpack_edit.h"
#include "gyre/rdb/encoder.h"
#include "gyre/store/list_object.h"
#include "gyre/store/trie_object.h"
#include "gyre/store/zset_object.h"

namespace gyre::rdb {
namespace {

using namespace std::string_literals;

std::string bytes_of(ChunkBuilder& builder) {
  std::string all;
  for (const Chunk& piece : builder.take()) all += piece.view();
  return all;
}

/// Notes everything as text.
class Notes final : public DecoderSink {
 public:
  std::string aux(std::string_view name, std::string_view value) override {
    return note("aux " + std::string(name) + "=" + std::string(value));
  }
  std::string select_db(uint64_t number) override {
    return number < 16 ? note("db " + std::to_string(number)) : "no such database";
  }
  void resize_db(uint64_t keys, uint64_t with_expiry) override {
    note("size " + std::to_string(keys) + " " + std::to_string(with_expiry));
  }
  std::string function(std::string_view code) override { return std::string(code); }
  std::string pair(std::string_view key, Value& value, const PairInfo& info) override {
    const store::Key name = store::make_key(key);
    const store::Entry* entry = value.put(db, name, db.write(name), {.ms = info.expiry_ms});
    return note("key " + std::string(key) + " at " + std::to_string(info.expiry_ms) + " idle " +
                std::to_string(info.idle_seconds) + " used " + std::to_string(info.frequency) + " " +
                value_text(*entry));
  }
  void empty_key(std::string_view key) override { note("empty " + std::string(key)); }

  std::string note(std::string line) {
    lines.push_back(std::move(line));
    return {};
  }
  std::vector<std::string> lines;
  store::Keyspace keyspace{store::KeyspaceOptions{.reactors = 1, .databases = 1}};
  store::Db db{store::Held::assume(), keyspace, 0, 1000, nullptr};
};

using Result = Decoder::Result;

Result decode(std::string_view bytes, size_t step, Decoder& decoder) {
  Result result = Result::kMore;
  for (size_t at = 0; at < bytes.size() && result == Result::kMore; at += step) {
    const std::string slice(bytes.substr(at, step));
    result = decoder.feed(slice);
  }
  return result;
}

/// A whole image of these parts.
std::string image(std::string parts, std::string_view version = "0011") {
  std::string bytes = "REDIS" + std::string(version) + std::move(parts) + "\xff";
  ChunkBuilder builder;
  checksum(builder, base::crc64(0, bytes));
  return bytes + bytes_of(builder);
}

TEST(Decoder, AllParts) {
  const std::string bytes = image(
      "\xfa\x03"
      "foo"
      "\x03"
      "bar"
      "\xfe\x03\xfb\x04\x02"
      "\xfd\x10\x00\x00\x00\x00\x01"
      "a"
      "\x01"
      "x"
      "\xfc\x39\x30\x00\x00\x00\x00\x00\x00\xf9\x07\x00\x01"
      "b"
      "\xc0\x05"
      "\xf8\x41\x00\x00\x01"
      "c"
      "\x00"
      "\x02\x01"
      "e"
      "\x00"
      "\x00\x01"
      "d"
      "\x01"
      "y"s);
  const std::vector<std::string> lines = {"aux foo=bar",
                                          "db 3",
                                          "size 4 2",
                                          "key a at 16000 idle -1 used -1 x",
                                          "key b at 12345 idle -1 used 7 5",
                                          "key c at -1 idle 256 used -1 ",
                                          "empty e",
                                          "key d at -1 idle -1 used -1 y"};
  for (const size_t step : {size_t{1}, size_t{2}, size_t{5}, bytes.size()}) {
    Notes notes;
    Decoder decoder({}, notes);
    EXPECT_EQ(decode(bytes, step, decoder), Result::kEnd) << decoder.error();
    EXPECT_EQ(notes.lines, lines);
    EXPECT_EQ(decoder.position(), bytes.size());
    EXPECT_FALSE(decoder.without_checksum());
  }
}

TEST(Decoder, VersionsAndChecksums) {
  const std::string pair =
      "\x00\x01"
      "a"
      "\x01"
      "x"s;
  const std::string old = "REDIS0004" + pair + "\xff";
  Notes notes;
  {
    Decoder decoder({}, notes);
    EXPECT_EQ(decoder.feed(old + "rest"), Result::kEnd);
    EXPECT_EQ(decoder.position(), old.size());
  }
  {
    const std::string more = image(pair, "0005") + "rest";
    Decoder decoder({}, notes);
    EXPECT_EQ(decoder.feed(more), Result::kEnd);
    EXPECT_EQ(decoder.rest(), "rest");
  }
  {
    Decoder decoder({}, notes);
    EXPECT_EQ(decoder.feed("REDIS0011" + pair + "\xff" + std::string(8, '\0')), Result::kEnd);
    EXPECT_TRUE(decoder.without_checksum());
  }
  std::string wrong = image(pair);
  wrong.back() ^= 1;
  {
    Decoder decoder({}, notes);
    EXPECT_EQ(decoder.feed(wrong), Result::kFailed);
    EXPECT_EQ(decoder.error(), "RDB CRC error");
    EXPECT_TRUE(decoder.corrupt() && decoder.checksum_differs());
    EXPECT_EQ(decoder.stored_checksum() ^ decoder.computed_checksum(), uint64_t{1} << 56);
  }
  {
    Decoder decoder({.values = {}, .verify_checksum = false}, notes);
    EXPECT_EQ(decoder.feed(wrong), Result::kEnd);
  }
}

TEST(Decoder, Refusals) {
  const std::pair<std::string, std::string> cases[] = {
      {"REDOS0011", "Wrong signature trying to load DB from file"},
      {"REDIS0012", "Can't handle RDB format version 12"},
      {"REDIS0000", "Can't handle RDB format version 0"},
      {"REDIS00x1", "Can't handle RDB format version 0"},
      {"REDIS0011\xfe\x10", "no such database"},
      {"REDIS0011\xf5\x04"
       "code",
       "Failed loading library, code"},
      {"REDIS0011\xf7\x81\x00\x00\x00\x00\x00\x00\x00\x00"s,
       "The RDB file contains AUX module data I can't load: no matching module 'AAAAAAAAA'"},
  };
  for (const auto& [bytes, error] : cases) {
    Notes notes;
    Decoder decoder({}, notes);
    EXPECT_EQ(decode(bytes, 1, decoder), Result::kFailed) << error;
    EXPECT_EQ(decoder.error(), error);
    EXPECT_FALSE(decoder.corrupt());
  }
}

TEST(Decoder, WhatIsCorruptIsSaidWithItsPlace) {
  const std::string good =
      "\x00\x01"
      "a"
      "\x01"
      "x"s;
  const std::pair<std::string, std::string> cases[] = {
      {"\xf6", "Pre-release function format not supported."},
      {"\x63\x01"
       "a"
       "\x01"
       "x",
       "Unknown RDB encoding type 99"},
      {"\x10\x01"
       "a"
       "\x03"
       "xyz",
       "Hash listpack integrity check failed."},
      {"\x00\x01"
       "a"
       "\xc5"s,
       "Unknown RDB string encoding type 5"},
  };
  for (const auto& [bytes, error] : cases) {
    Notes notes;
    Decoder decoder({}, notes);
    EXPECT_EQ(decoder.feed("REDIS0011" + good + bytes), Result::kFailed);
    EXPECT_EQ(decoder.error(), error);
    EXPECT_TRUE(decoder.corrupt());
    EXPECT_GE(decoder.position(), 9 + good.size());
    EXPECT_EQ(notes.lines.size(), 1u);
  }
}

// What the encoder writes of every representation, read in slices of several sizes.
TEST(Decoder, ReadsWhatTheEncoderWrites) {
  store::Keyspace keyspace{store::KeyspaceOptions{.reactors = 1, .databases = 1}};
  store::Db db{store::Held::assume(), keyspace, 0, 1000, nullptr};
  auto put = [&db](std::string_view name, std::unique_ptr<store::Object> object) {
    db.put_object(store::make_key(name), nullptr, std::move(object));
  };
  db.set(store::make_key("string"), nullptr, "text");
  db.set(store::make_key("long"), nullptr, std::string(200'000, 'l'), {.ms = 5000});
  db.set_int(store::make_key("int"), nullptr, 1234567);
  ds::ListpackBuilder pack;
  for (int i = 0; i < 20; ++i) {
    pack.add(std::string_view("member " + std::to_string(i)));
    pack.add(i * 1000);
  }
  const std::string packed = pack.finish();
  db.put_packed(store::make_key("packed hash"), nullptr, store::kHashListpack, packed);
  db.put_packed(store::make_key("packed set"), nullptr, store::kSetListpack, packed);
  db.put_packed(store::make_key("packed zset"), nullptr, store::kZsetListpack, packed);
  db.put_packed(store::make_key("packed list"), nullptr, store::kListListpack, packed);
  db.put_packed(store::make_key("intset"), nullptr, store::kSetIntset, "\x02\0\0\0\x02\0\0\0\x01\0\x02\0"s);
  auto hash = std::make_unique<store::HashObject>();
  auto set = std::make_unique<store::SetObject>();
  auto zset = std::make_unique<store::ZsetObject>();
  auto list = std::make_unique<store::ListObject>(store::ListLimits::of(-1, 0));
  auto compressed = std::make_unique<store::ListObject>(store::ListLimits::of(-1, 1));
  for (int i = 0; i < 2000; ++i) {
    const std::string element = "element " + std::to_string(i);
    hash->trie().insert(element, std::string(static_cast<size_t>(i % 300), 'v'));
    set->trie().insert(element);
    zset->insert(element, i * 0.5);
    list->push_back(std::string_view(element));
    compressed->push_back(std::string_view(element));
  }
  compressed->insert(1000, std::string_view(std::string(300'000, 'p')));
  list->push_back(std::string_view(std::string(30'000, 'p')));
  put("hash", std::move(hash)), put("set", std::move(set));
  put("zset", std::move(zset));
  put("list", std::move(list));
  put("compressed list", std::move(compressed));

  std::map<std::string, std::string> expected;
  for (const int version : {10, 11}) {
    ChunkBuilder builder;
    header(builder, {.version = version});
    select_db(builder, 0);
    keyspace.shard(0).find_database(0)->table.for_each([&](const store::Entry* entry) {
      pair(builder, *entry, {}, {.version = version});
      expected[std::string(entry->key())] = std::string(encoding_name(*entry)) + " " + value_text(*entry);
    });
    end_of_image(builder);
    std::string bytes = bytes_of(builder);
    const uint64_t crc = base::crc64(0, bytes);
    checksum(builder, crc);
    bytes += bytes_of(builder);
    for (const size_t step : {size_t{13}, size_t{4096}, size_t{100'000}, bytes.size()}) {
      Notes notes;
      Decoder decoder(
          {.values = {.limits = {.list_max_listpack_size = -1, .list_compress_depth = version == 10 ? 0 : 2}, .deep = true}, .verify_checksum = true},
          notes);
      ASSERT_EQ(decode(bytes, step, decoder), Result::kEnd) << decoder.error();
      std::map<std::string, std::string> read;
      notes.keyspace.shard(0).find_database(0)->table.for_each([&read](const store::Entry* entry) {
        read[std::string(entry->key())] = std::string(encoding_name(*entry)) + " " + value_text(*entry);
      });
      EXPECT_EQ(read == expected, true);
      EXPECT_EQ(notes.db.peek(store::make_key("long"))->expiry(), 5000);
      EXPECT_EQ(decoder.sanitizations() > 0, true);
    }
  }
}

}  // namespace
}  // namespace gyre::rdb
