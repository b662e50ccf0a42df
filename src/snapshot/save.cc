#include "gyre/snapshot/save.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>

#include "gyre/base/crc64.h"
#include "gyre/base/log.h"
#include "gyre/rdb/object_writer.h"
#include "gyre/store/db.h"

namespace gyre::snapshot {

using base::LogLevel;

namespace {

constexpr size_t kWriteBytes = size_t{256} << 10;
constexpr mode_t kFileMode = 0644;

std::string working_directory() {
  char path[4096];
  return ::getcwd(path, sizeof(path)) ? path : "unknown";
}

/// A file that is written from its beginning to its end; an error is kept.
class ImageFile {
 public:
  ImageFile(const std::string& name, bool checksum)
      : checksum_(checksum), fd_(::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode)) {
    if (fd_ < 0) error_ = errno;
  }
  ~ImageFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  ImageFile(const ImageFile&) = delete;
  ImageFile& operator=(const ImageFile&) = delete;

  rdb::ChunkBuilder& out() { return out_; }
  bool opened() const { return fd_ >= 0; }
  int error() const { return error_; }
  const char* failed_step() const { return step_; }

  /// Writes what has gathered when it is worth a call.
  void flush_some() {
    if (out_.bytes() >= kWriteBytes) flush();
  }
  void flush() {
    for (const rdb::Chunk& chunk : out_.take()) {
      if (checksum_) crc_ = base::crc64(crc_, chunk.view());
      write(chunk.view());
    }
  }
  /// The end of the image, on the disk.
  bool finish() {
    rdb::end_of_image(out_);
    flush();
    rdb::checksum(out_, crc_);
    flush();
    if (error_ == 0 && ::fsync(fd_) != 0) fail("fsync");
    if (::close(fd_) != 0) fail("fclose");
    fd_ = -1;
    return error_ == 0;
  }

 private:
  void write(std::string_view bytes) {
    while (!bytes.empty() && error_ == 0) {
      const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail("rdbSaveRio");
      bytes.remove_prefix(static_cast<size_t>(n));
    }
  }
  void fail(const char* step) {
    if (error_ != 0) return;
    error_ = errno;
    step_ = step;
  }

  const bool checksum_;
  int fd_;
  int error_ = 0;
  const char* step_ = "open";
  uint64_t crc_ = 0;
  rdb::ChunkBuilder out_;
};

class ImageWriter {
 public:
  ImageWriter(store::Keyspace& keyspace, const SaveOptions& options, ImageFile& file)
      : keyspace_(keyspace), options_(options), file_(file) {}

  void write() {
    rdb::header(file_.out(), options_.fields);
    for (unsigned db = 0; db < keyspace_.database_count(); ++db) {
      if (keyspace_.keys(db) == 0) continue;
      rdb::select_db(file_.out(), db);
      rdb::resize_db(file_.out(), keyspace_.keys(db), keyspace_.keys_with_expiry(db));
      for (unsigned i = 0; i < keyspace_.shard_count() && file_.error() == 0; ++i)
        if (const store::Database* d = keyspace_.shard(i).find_database(db)) write(*d);
    }
  }

 private:
  void write(const store::Database& database) {
    database.table.for_each([this](const store::Entry* entry) {
      if (file_.error() == 0) write(*entry);
    });
  }

  void write(const store::Entry& entry) {
    const rdb::PairFormat format{.version = options_.fields.version, .compress = options_.compress};
    if (entry.is_object()) {
      rdb::pair_head(file_.out(), entry, access_of(entry), format);
      rdb::ObjectWriter writer(entry.object(), format.compress, format.version);
      while (writer.step(file_.out(), kWriteBytes)) file_.flush_some();
    } else {
      rdb::pair(file_.out(), entry, access_of(entry), format);
    }
    file_.flush_some();
    delay();
  }

  rdb::Access access_of(const store::Entry& entry) const {
    using Kind = rdb::Access::Kind;
    const store::Db db(store::Held::assume(), keyspace_, 0, options_.now_ms, nullptr);
    switch (options_.access) {
      case Kind::kIdleSeconds:
        return {Kind::kIdleSeconds, static_cast<uint64_t>(db.idle_seconds(entry))};
      case Kind::kFrequency:
        return {Kind::kFrequency, db.frequency(entry)};
      default:
        return {};
    }
  }

  void delay() {
    const int64_t us = options_.key_save_delay_us;
    if (us == 0) return;
    file_.flush();
    if (us > 0) {
      ::usleep(static_cast<useconds_t>(us));
    } else if (++undelayed_ >= -us) {
      undelayed_ = 0;
      ::usleep(1);
    }
  }

  store::Keyspace& keyspace_;
  const SaveOptions& options_;
  ImageFile& file_;
  int64_t undelayed_ = 0;
};

bool flush_directory() {
  const int fd = ::open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  // Some file systems have no such thing.
  const bool flushed = ::fsync(fd) == 0 || errno == EINVAL || errno == EBADF;
  ::close(fd);
  return flushed;
}

}  // namespace

bool put_in_place(const std::string& temporary, const std::string& file) {
  if (::rename(temporary.c_str(), file.c_str()) != 0) {
    base::log(LogLevel::kWarning,
              "Error moving temp DB file %s on the final destination %s (in server root dir %s): %s",
              temporary.c_str(), file.c_str(), working_directory().c_str(), std::strerror(errno));
    ::unlink(temporary.c_str());
    return false;
  }
  if (flush_directory()) return true;
  base::log(LogLevel::kWarning, "Failed to fsync directory while saving DB: %s", std::strerror(errno));
  return false;
}

bool save_to_file(store::Keyspace& keyspace, const std::string& file, const SaveOptions& options) {
  const std::string temporary = "temp-" + std::to_string(::getpid()) + ".rdb";
  ImageFile image(temporary, options.checksum);
  if (!image.opened()) {
    base::log(LogLevel::kWarning,
              "Failed opening the temp RDB file %s (in server root dir %s) for saving: %s", temporary.c_str(),
              working_directory().c_str(), std::strerror(image.error()));
    return false;
  }
  ImageWriter(keyspace, options, image).write();
  if (!image.finish()) {
    base::log(LogLevel::kWarning, "Write error while saving DB to the disk(%s): %s", image.failed_step(),
              std::strerror(image.error()));
    ::unlink(temporary.c_str());
    return false;
  }
  if (!put_in_place(temporary, file)) return false;
  base::log(LogLevel::kNotice, "DB saved on disk");
  return true;
}

}  // namespace gyre::snapshot
