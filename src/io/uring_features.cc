// The text form of UringFeatures (the `io-uring-features` directive and the log line at start).
#include <cctype>
#include <string_view>

#include "gyre/io/backend.h"

namespace gyre::io {
namespace {

struct Named {
  std::string_view name;
  bool UringFeatures::* member;
};

constexpr Named kNames[] = {
    {"single_issuer", &UringFeatures::single_issuer},
    {"defer_taskrun", &UringFeatures::defer_taskrun},
    {"multishot_accept", &UringFeatures::multishot_accept},
    {"multishot_recv", &UringFeatures::multishot_recv},
    {"buffer_ring", &UringFeatures::buffer_ring},
    {"recv_bundle", &UringFeatures::recv_bundle},
    {"incremental_buffers", &UringFeatures::incremental_buffers},
    {"send_zc", &UringFeatures::send_zc},
    {"msg_ring", &UringFeatures::msg_ring},
    {"no_iowait", &UringFeatures::no_iowait},
    {"registered_ring", &UringFeatures::registered_ring},
    {"silent_sends", &UringFeatures::silent_sends},
};

}  // namespace

bool UringFeatures::parse(const std::string& text, std::string* error) {
  UringFeatures result = *this;
  std::string word;
  auto apply = [&]() {
    if (word.empty()) return true;
    bool on = word[0] != '-';
    std::string name = word.substr(on ? 0 : 1);
    for (char& c : name) c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    bool known = false;
    for (const Named& n : kNames) {
      if (on && (name == "all" || name == "none"))
        result.*n.member = name == "all";
      else if (name == n.name)
        result.*n.member = on;
      else
        continue;
      known = true;
    }
    if (!known && error) *error = "unknown io_uring feature '" + word + "'";
    word.clear();
    return known;
  };
  for (char c : text + " ") {
    if (c != ' ' && c != ',' && c != '\t')
      word += c;
    else if (!apply())
      return false;
  }
  *this = result;
  return true;
}

std::string UringFeatures::describe() const {
  std::string on, off;
  for (const Named& n : kNames) {
    std::string& list = this->*n.member ? on : off;
    if (!list.empty()) list += ' ';
    list += n.name;
  }
  if (on.empty()) on = "none";
  return off.empty() ? on : on + "; off: " + off;
}

}  // namespace gyre::io
