// Writes JSON: objects and arrays by open and close, commas by itself.
#pragma once

#include <cinttypes>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace gyre::bench {

class JsonWriter {
 public:
  JsonWriter& open(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_ += bracket;
    first_ = false;
    return *this;
  }
  JsonWriter& key(std::string_view name) {
    string(name);
    out_ += ':';
    first_ = true;
    return *this;
  }
  void string(std::string_view text) {
    separate();
    out_ += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\')
        (out_ += '\\') += c;
      else if (static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f)
        out_ += c;
      else
        append("\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
    out_ += '"';
  }
  void integer(uint64_t value) {
    separate();
    out_ += std::to_string(value);
  }
  void number(double value) {
    separate();
    if (std::isfinite(value))
      append("%.9g", value);
    else
      out_ += "null";
  }
  void boolean(bool value) {
    separate();
    out_ += value ? "true" : "false";
  }
  const std::string& text() const { return out_; }

 private:
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  template <class Value>
  void append(const char* format, Value value) {
    char buffer[64];
    std::snprintf(buffer, sizeof(buffer), format, value);
    out_ += buffer;
  }

  std::string out_;
  bool first_ = true;
};

}  // namespace gyre::bench
