// A small independent decoder of what the encoder writes, for tests: strings, sets and hashes, and no mercy
// for what it does not know.
#pragma once

#include <gtest/gtest.h>
#include <lzf.h>

#include <cstdint>
#include <cstring>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collection_text.h"
#include "gyre/base/crc64.h"

namespace gyre::rdb {

struct ReadPair {
  std::string value;
  int64_t expiry = -1;
  int64_t idle = -1;
  int64_t frequency = -1;
  bool operator==(const ReadPair&) const = default;
};

struct ReadImage {
  int version = 0;
  std::vector<std::pair<std::string, std::string>> aux;
  std::map<unsigned, std::pair<uint64_t, uint64_t>> sizes;     // RESIZEDB by database
  std::map<std::pair<unsigned, std::string>, ReadPair> pairs;  // by database and key
  size_t repeated = 0;                                         // pairs whose key had been there
  bool complete = false;
};

class RdbReader {
 public:
  explicit RdbReader(std::string_view bytes) : all_(bytes), left_(bytes) {}

  /// A whole image, from the magic to the checksum.
  ReadImage read_image() {
    ReadImage image;
    const std::string_view magic = take(9);
    EXPECT_EQ(magic.substr(0, 5), "REDIS");
    image.version = std::stoi(std::string(magic.substr(5)));
    read_parts(image);
    const std::string_view before = all_.substr(0, all_.size() - left_.size());
    const auto crc = raw<uint64_t>();
    image.complete = ended_ && left_.empty() && !failed_ && (crc == 0 || crc == base::crc64(0, before));
    return image;
  }
  /// What stands between the magic and the checksum, or some of it.
  void read_parts(ReadImage& image) {
    unsigned db = 0;
    ReadPair pair;
    while (!left_.empty() && !ended_ && !failed_) {
      const auto opcode = raw<uint8_t>();
      switch (opcode) {
        case 0xfa: {
          std::string name = string();
          image.aux.emplace_back(std::move(name), string());
          break;
        }
        case 0xfe:
          db = static_cast<unsigned>(length());
          break;
        case 0xfb: {
          const uint64_t keys = length();
          image.sizes[db] = {keys, length()};
          break;
        }
        case 0xfc:
          pair.expiry = raw<int64_t>();
          break;
        case 0xf8:
          pair.idle = static_cast<int64_t>(length());
          break;
        case 0xf9:
          pair.frequency = raw<uint8_t>();
          break;
        case 0xff:
          ended_ = true;
          break;
        case 0:
        case 2:
        case 4:
        case 5:
        case 11:
        case 16:
        case 17:
        case 18:
        case 20: {
          std::string key = string();
          pair.value = value(opcode);
          if (!image.pairs.emplace(std::pair(db, std::move(key)), pair).second) ++image.repeated;
          pair = {};
          break;
        }
        default:
          ADD_FAILURE() << "opcode " << int{opcode};
          failed_ = true;
      }
    }
  }
  /// A value of this type, as value_text() has it.
  std::string value(unsigned type) {
    switch (type) {
      case 0:
        return string();
      case 2:
        return collection_text("set", strings(length()), false);
      case 4:
        return collection_text("hash", strings(2 * length()), true);
      case 5: {
        std::map<std::string, double> scores;
        for (uint64_t left = length(); left > 0 && !failed_; --left) {
          std::string member = string();
          scores[std::move(member)] = raw<double>();
        }
        return scores_text(scores);
      }
      case 17: {
        const Texts texts = texts_of_listpack(string());
        std::map<std::string, double> scores;
        for (size_t i = 0; i < texts.size(); i += 2) scores[texts[i]] = std::stod(texts[i + 1]);
        return scores_text(scores);
      }
      case 18: {
        Texts texts;
        for (uint64_t left = length(); left > 0 && !failed_; --left) {
          const bool plain = length() == 1;
          std::string node = string();
          Texts more = plain ? Texts{std::move(node)} : texts_of_listpack(node);
          std::move(more.begin(), more.end(), std::back_inserter(texts));
        }
        return list_text(texts);
      }
      case 11:
        return collection_text("set", texts_of_intset(string()), false);
      case 16:
        return collection_text("hash", texts_of_listpack(string()), true);
      case 20:
        return collection_text("set", texts_of_listpack(string()), false);
      default:
        ADD_FAILURE() << "type " << type;
        return {};
    }
  }
  std::string string() {
    const auto first = static_cast<uint8_t>(left_.empty() ? 0 : left_.front());
    switch (first) {
      case 0xc0:
        left_.remove_prefix(1);
        return std::to_string(raw<int8_t>());
      case 0xc1:
        left_.remove_prefix(1);
        return std::to_string(raw<int16_t>());
      case 0xc2:
        left_.remove_prefix(1);
        return std::to_string(raw<int32_t>());
      case 0xc3: {
        left_.remove_prefix(1);
        const uint64_t packed = length();
        std::string text(length(), '\0');
        const std::string_view from = take(packed);
        const unsigned size = lzf_decompress(from.data(), static_cast<unsigned>(from.size()), text.data(),
                                             static_cast<unsigned>(text.size()));
        EXPECT_EQ(size, text.size());
        return text;
      }
      default:
        return std::string(take(length()));
    }
  }
  uint64_t length() {
    const auto first = raw<uint8_t>();
    if (first < 0x40) return first;
    if (first < 0x80) return (first & 0x3fU) << 8 | raw<uint8_t>();
    if (first == 0x80) return __builtin_bswap32(raw<uint32_t>());
    EXPECT_EQ(first, 0x81);
    return __builtin_bswap64(raw<uint64_t>());
  }
  bool at_end() const { return left_.empty() && !failed_; }

 private:
  std::string_view take(size_t size) {
    if (size > left_.size()) {
      failed_ = true;
      ADD_FAILURE() << "the image ends early";
      size = left_.size();
    }
    const std::string_view bytes = left_.substr(0, size);
    left_.remove_prefix(size);
    return bytes;
  }
  Texts strings(uint64_t count) {
    Texts texts;
    while (count-- > 0 && !failed_) texts.push_back(string());
    return texts;
  }
  template <class T>
  T raw() {
    T value{};
    const std::string_view bytes = take(sizeof value);
    std::memcpy(&value, bytes.data(), bytes.size());
    return value;
  }

  std::string_view all_, left_;
  bool ended_ = false, failed_ = false;
};

}  // namespace gyre::rdb
