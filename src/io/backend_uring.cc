#include "backend_uring.h"
namespace gyre::io {
std::unique_ptr<Backend> make_uring_backend(const BackendOptions&, std::string* reason) {
  *reason = "not built";
  return nullptr;
}
}  // namespace gyre::io
