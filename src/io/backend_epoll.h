// The epoll backend: readiness turned into completions. Private to module io; make_backend() is the door.
#pragma once

#include <memory>
#include <string>

#include "gyre/io/backend.h"

namespace gyre::io {

std::unique_ptr<Backend> make_epoll_backend(const BackendOptions& options, std::string* reason);

}  // namespace gyre::io
