// The addresses of a stream's two ends, as CLIENT LIST shows them.
#include <arpa/inet.h>
#include <sys/un.h>

#include <cstring>

#include "gyre/io/socket_stream.h"

namespace gyre::io {

std::string SocketStream::address(bool peer) const {
  sockaddr_storage storage{};
  socklen_t length;
  if (reactor_.backend().address(fd_, peer, &storage, &length) != 0) return "?:0";
  char text[INET6_ADDRSTRLEN] = "?";
  if (storage.ss_family == AF_INET) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return std::string(text) + ":" + std::to_string(ntohs(v4.sin_port));
  }
  if (storage.ss_family == AF_INET6) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    return "[" + std::string(text) + "]:" + std::to_string(ntohs(v6.sin6_port));
  }
  if (storage.ss_family == AF_UNIX) {
    auto& unix_address = reinterpret_cast<sockaddr_un&>(storage);
    size_t room = length > offsetof(sockaddr_un, sun_path) ? length - offsetof(sockaddr_un, sun_path) : 0;
    return std::string(unix_address.sun_path, strnlen(unix_address.sun_path, room)) + ":0";
  }
  return "?:0";
}

std::string SocketStream::peer_address() const {
  std::string result = address(true);
  // A client's end of a unix socket has no name; both ends are told by the server's path.
  return result == ":0" ? address(false) : result;
}

std::string SocketStream::local_address() const {
  std::string result = address(false);
  return result == ":0" ? address(true) : result;
}

bool SocketStream::is_unix() const {
  sockaddr_storage storage{};
  socklen_t length;
  return reactor_.backend().address(fd_, false, &storage, &length) == 0 && storage.ss_family == AF_UNIX;
}

}  // namespace gyre::io
