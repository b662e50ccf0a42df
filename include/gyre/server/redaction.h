// Arguments that must not appear in the slow log or in MONITOR: passwords and sensitive configuration values.
#pragma once

#include <string_view>
#include <vector>

#include "gyre/exec/command_row.h"

namespace gyre::server {

class RedactedArgs {
 public:
  /// Views `args`, which must outlive this.
  RedactedArgs(const exec::CommandRow& row, exec::CommandArgs args);
  RedactedArgs(const RedactedArgs&) = delete;
  exec::CommandArgs args() const { return args_; }

 private:
  void hide(size_t position);
  void hide_hello();
  void hide_config_set();
  void hide_migrate();

  exec::CommandArgs args_;
  std::vector<std::string_view> copy_;  // empty while nothing is hidden
};

}  // namespace gyre::server
