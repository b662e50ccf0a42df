#include "gyre/server/config_environment.h"

#include <fcntl.h>
#include <glob.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <clocale>
#include <cstdio>
#include <cstdlib>

namespace gyre::server {
namespace {

int read_all(int fd, std::string* content) {
  char buffer[16384];
  for (;;) {
    const ssize_t count = ::read(fd, buffer, sizeof(buffer));
    if (count == 0) return 0;
    if (count > 0)
      content->append(buffer, static_cast<size_t>(count));
    else if (errno != EINTR)
      return errno;
  }
}

int write_all(int fd, const std::string& content) {
  size_t done = 0;
  while (done < content.size()) {
    const ssize_t count = ::write(fd, content.data() + done, content.size() - done);
    if (count >= 0)
      done += static_cast<size_t>(count);
    else if (errno != EINTR)
      return errno;
  }
  return 0;
}

/// umask(2) can only be read by changing it, which other threads would notice; the kernel prints it too.
mode_t file_mode_mask() {
  std::string status;
  const int fd = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    read_all(fd, &status);
    ::close(fd);
  }
  const size_t at = status.find("\nUmask:");
  return at == std::string::npos ? 022
                                 : static_cast<mode_t>(std::strtoul(status.c_str() + at + 7, nullptr, 8));
}

int sync_directory_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno;
  const int failure = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  // Some filesystems cannot sync a directory; nothing more can be done there.
  return failure == EINVAL ? 0 : failure;
}

}  // namespace

int ConfigEnvironment::read_file(const std::string& path, std::string* content) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  const int failure = read_all(fd, content);
  ::close(fd);
  return failure;
}

int ConfigEnvironment::read_stdin(std::string* content) { return read_all(STDIN_FILENO, content); }

int ConfigEnvironment::replace_file(const std::string& path, const std::string& content) {
  std::string temporary = path + ".XXXXXX";
  if (temporary.size() >= PATH_MAX) return ENAMETOOLONG;
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return errno;
  int failure = write_all(fd, content);
  if (failure == 0 && ::fsync(fd) != 0) failure = errno;
  if (failure == 0 && ::fchmod(fd, 0644 & ~file_mode_mask()) != 0) failure = errno;
  if (failure == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) failure = errno;
  ::close(fd);
  if (failure != 0) {
    ::unlink(temporary.c_str());
    return failure;
  }
  return sync_directory_of(path);
}

int ConfigEnvironment::change_directory(const std::string& path) {
  return ::chdir(path.c_str()) == 0 ? 0 : errno;
}

int ConfigEnvironment::check_log(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return errno;
  ::close(fd);
  return 0;
}

int ConfigEnvironment::set_collation(const std::string& locale) {
  return std::setlocale(LC_COLLATE, locale.c_str()) != nullptr ? 0 : EINVAL;
}

std::string ConfigEnvironment::current_directory() {
  char path[PATH_MAX];
  return ::getcwd(path, sizeof(path)) != nullptr ? path : "";
}

std::vector<std::string> ConfigEnvironment::match_files(const std::string& pattern) {
  std::vector<std::string> paths;
  glob_t matches = {};
  if (::glob(pattern.c_str(), 0, nullptr, &matches) == 0) {
    paths.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  }
  ::globfree(&matches);
  return paths;
}

int ConfigEnvironment::usable_cores() {
  cpu_set_t cores;
  if (::sched_getaffinity(0, sizeof(cores), &cores) == 0) return CPU_COUNT(&cores);
  const long online = ::sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? static_cast<int>(online) : 1;
}

}  // namespace gyre::server
