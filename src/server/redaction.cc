#include "gyre/server/redaction.h"

#include "gyre/exec/ignore_case.h"
#include "gyre/server/config.h"

namespace gyre::server {

RedactedArgs::RedactedArgs(const exec::CommandRow& row, exec::CommandArgs args) : args_(args) {
  if (row.full_name == "auth") {
    for (size_t i = 1; i < args.size(); ++i) hide(i);
  } else if (row.full_name == "hello") {
    hide_hello();
  } else if (row.full_name == "config|set") {
    hide_config_set();
  } else if (row.full_name == "migrate") {
    hide_migrate();
  }
}

void RedactedArgs::hide(size_t position) {
  if (copy_.empty()) {
    copy_.assign(args_.begin(), args_.end());
    args_ = copy_;
  }
  copy_[position] = "(redacted)";
}

void RedactedArgs::hide_hello() {
  for (size_t i = 2; i < args_.size(); ++i) {
    if (exec::equal_ignoring_case(args_[i], "auth") && i + 2 < args_.size()) {
      hide(i + 1);
      hide(i + 2);
      i += 2;
    } else if (exec::equal_ignoring_case(args_[i], "setname")) {
      ++i;
    }
  }
}

void RedactedArgs::hide_migrate() {
  constexpr size_t kFirstOption = 6;
  for (size_t i = kFirstOption; i < args_.size() && !exec::equal_ignoring_case(args_[i], "keys"); ++i) {
    const size_t secrets = exec::equal_ignoring_case(args_[i], "auth")    ? 1
                           : exec::equal_ignoring_case(args_[i], "auth2") ? 2
                                                                          : 0;
    if (i + secrets >= args_.size()) return;
    for (const size_t last = i + secrets; i < last;) hide(++i);
  }
}

void RedactedArgs::hide_config_set() {
  for (size_t i = 2; i + 1 < args_.size(); i += 2)
    if (Config::is_sensitive(args_[i])) hide(i + 1);
}

}  // namespace gyre::server
