#include "gyre/base/blob.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "gyre/base/check.h"
#include "gyre/base/memory.h"

namespace gyre::base {
namespace {

// From here on a blob is a mapping of its own: growing it moves page table entries instead of bytes, and
// freeing it gives the pages back at once.
constexpr size_t kMapFrom = size_t{1} << 20;
constexpr size_t kMaxCapacity = size_t{1} << 46;

constexpr uint32_t kMappedFlag = 1;

size_t mapping_length(size_t header, size_t capacity) {
  static const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return (header + capacity + page - 1) / page * page;
}

}  // namespace

constinit std::atomic<Blob::Disposer> Blob::disposer_{nullptr};

Blob Blob::create(size_t size, size_t capacity) {
  capacity = std::max(size, capacity);
  GYRE_CHECK(capacity <= kMaxCapacity);
  void* place;
  size_t mapped = 0;
  if (capacity >= kMapFrom) {
    mapped = mapping_length(sizeof(Rep), capacity);
    place = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    GYRE_CHECK(place != MAP_FAILED);
    account(static_cast<int64_t>(mapped));
    capacity = mapped - sizeof(Rep);
  } else {
    place = allocate(sizeof(Rep) + capacity);
    capacity = usable_size(place) - sizeof(Rep);
  }
  Blob blob;
  blob.rep_ = new (place) Rep{{1}, mapped ? kMappedFlag : 0, size, capacity, mapped};
  return blob;
}

Blob Blob::copy_of(std::string_view bytes) {
  Blob blob = create(bytes.size());
  if (!bytes.empty()) std::memcpy(blob.data(), bytes.data(), bytes.size());
  return blob;
}

size_t Blob::footprint() const {
  if (!rep_) return 0;
  return rep_->mapped ? rep_->mapped : usable_size(rep_);
}

void Blob::grow(size_t wanted) {
  if (!rep_) {
    *this = create(0, wanted);
    return;
  }
  GYRE_CHECK(unique());
  if (wanted <= rep_->capacity) return;
  GYRE_CHECK(wanted <= kMaxCapacity);
  if (rep_->mapped) {
    const size_t length = mapping_length(sizeof(Rep), wanted);
    void* place = mremap(rep_, rep_->mapped, length, MREMAP_MAYMOVE);
    GYRE_CHECK(place != MAP_FAILED);
    rep_ = static_cast<Rep*>(place);
    account(static_cast<int64_t>(length - rep_->mapped));
    rep_->mapped = length;
    rep_->capacity = length - sizeof(Rep);
  } else if (wanted >= kMapFrom) {
    Blob larger = create(rep_->size, wanted);
    std::memcpy(larger.data(), data(), rep_->size);
    std::swap(rep_, larger.rep_);
  } else {
    rep_ = static_cast<Rep*>(reallocate(rep_, sizeof(Rep) + wanted));
    rep_->capacity = usable_size(rep_) - sizeof(Rep);
  }
}

void Blob::release(Rep* rep, bool at_once) noexcept {
  // Release on the way down, acquire for the one that frees: all reads of other holders come before it. The
  // holder of the only reference needs no atomic write.
  if (rep->refs.load(std::memory_order_acquire) != 1 &&
      rep->refs.fetch_sub(1, std::memory_order_acq_rel) != 1) {
    return;
  }
  if (const size_t mapped = rep->mapped) {
    if (const Disposer dispose = at_once ? nullptr : disposer_.load(std::memory_order_acquire)) {
      rep->refs.store(1, std::memory_order_relaxed);
      return dispose(adopt(rep));
    }
    munmap(rep, mapped);
    account(-static_cast<int64_t>(mapped));
  } else {
    deallocate(rep);
  }
}

}  // namespace gyre::base
