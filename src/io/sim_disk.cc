#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "gyre/io/sim.h"

namespace gyre::io {
namespace {

std::string directory_of(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

}  // namespace

int64_t SimDisk::used() const {
  int64_t bytes = 0;
  for (auto& [path, file] : names_) bytes += static_cast<int64_t>(file->content.size());
  return bytes;
}

int32_t SimDisk::open(const FileOp& op) {
  Handle handle;
  handle.append = op.flags & O_APPEND;
  if (op.flags & O_DIRECTORY) {
    handle.directory = op.path;
  } else {
    auto found = names_.find(op.path);
    if (found == names_.end()) {
      if (!(op.flags & O_CREAT)) return -ENOENT;
      found = names_.emplace(op.path, std::make_shared<File>()).first;
    } else if ((op.flags & O_CREAT) && (op.flags & O_EXCL)) {
      return -EEXIST;
    }
    handle.file = found->second;
    if (op.flags & O_TRUNC) handle.file->content.clear();
  }
  handles_.emplace(next_handle_, std::move(handle));
  return next_handle_++;
}

int32_t SimDisk::write(Handle& handle, const FileOp& op, size_t bytes, int64_t room) {
  std::string& content = handle.file->content;
  size_t offset = op.offset >= 0 ? static_cast<size_t>(op.offset) : static_cast<size_t>(handle.position);
  if (handle.append) offset = content.size();
  const int64_t growth = static_cast<int64_t>(offset + bytes) - static_cast<int64_t>(content.size());
  if (growth > room) {
    // As a full disk does: what still fits is written.
    const int64_t fits = static_cast<int64_t>(bytes) - (growth - room);
    if (fits <= 0) return -ENOSPC;
    bytes = static_cast<size_t>(fits);
  }
  if (content.size() < offset + bytes) content.resize(offset + bytes);
  std::memcpy(content.data() + offset, op.iov.iov_base, bytes);
  if (op.offset < 0) handle.position = static_cast<int64_t>(offset + bytes);
  return static_cast<int32_t>(bytes);
}

void SimDisk::sync_directory(const std::string& directory) {
  std::erase_if(durable_names_, [&](auto& name) { return directory_of(name.first) == directory; });
  for (auto& [path, file] : names_)
    if (directory_of(path) == directory) durable_names_[path] = file;
}

int32_t SimDisk::run(FileOp& op, base::Random& random, const SimOptions& options) {
  for (auto it = failures_.begin(); it != failures_.end(); ++it) {
    if (it->first != op.kind) continue;
    const int error = it->second;
    failures_.erase(it);
    return -error;
  }
  auto chance = [&](double p) { return p > 0 && static_cast<double>(random.below(1'000'000)) < p * 1e6; };
  if (chance(options.file_error) && op.kind != Backend::kFileClose) return -EIO;
  switch (op.kind) {
    case Backend::kOpen:
      return open(op);
    case Backend::kRename: {
      auto from = names_.find(op.path);
      if (from == names_.end()) return -ENOENT;
      auto file = from->second;
      names_.erase(from);
      names_[op.path2] = file;
      return 0;
    }
    case Backend::kUnlink:
      return names_.erase(op.path) ? 0 : -ENOENT;
    default:
      break;
  }
  auto found = handles_.find(op.fd);
  if (found == handles_.end()) return -EBADF;
  Handle& handle = found->second;
  if (op.kind == Backend::kFileClose) {
    handles_.erase(found);
    return 0;
  }
  if (!handle.file) {
    if (op.kind != Backend::kFsync && op.kind != Backend::kFdatasync) return -EISDIR;
    sync_directory(handle.directory);
    return 0;
  }
  std::string& content = handle.file->content;
  size_t bytes = op.iov.iov_len;
  if (bytes > 1 && chance(options.short_io)) bytes = 1 + random.below(bytes);
  switch (op.kind) {
    case Backend::kRead: {
      const auto offset = static_cast<size_t>(op.offset >= 0 ? op.offset : handle.position);
      bytes = offset < content.size() ? std::min(bytes, content.size() - offset) : 0;
      if (bytes) std::memcpy(op.iov.iov_base, content.data() + offset, bytes);
      if (op.offset < 0) handle.position += static_cast<int64_t>(bytes);
      return static_cast<int32_t>(bytes);
    }
    case Backend::kWrite:
      return write(handle, op, bytes, options.disk_bytes - used());
    case Backend::kFsync:
    case Backend::kFdatasync:
      handle.file->durable = content;
      return 0;
    case Backend::kTruncate:
      content.resize(static_cast<size_t>(op.offset));
      return 0;
    case Backend::kStatSize:
      op.offset = static_cast<int64_t>(content.size());
      return 0;
    default:
      return -EINVAL;
  }
}

void SimDisk::power_cut() {
  handles_.clear();
  names_ = durable_names_;
  for (auto& [path, file] : names_) file->content = file->durable;
}

const std::string* SimDisk::content(const std::string& path) const {
  auto found = names_.find(path);
  return found == names_.end() ? nullptr : &found->second->content;
}

const std::string* SimDisk::durable_content(const std::string& path) const {
  auto found = durable_names_.find(path);
  return found == durable_names_.end() ? nullptr : &found->second->durable;
}

std::vector<std::string> SimDisk::names() const {
  std::vector<std::string> result;
  for (auto& [path, file] : names_) result.push_back(path);
  return result;
}

}  // namespace gyre::io
