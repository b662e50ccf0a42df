#include "gyre/server/symbols.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace gyre::server {

namespace {

struct Module {
  uintptr_t base = 0;  // what is added to the addresses in the file
  uintptr_t low = 0, high = 0;
  char path[256] = {};
};

constexpr unsigned kMaxModules = 48;
Module g_modules[kMaxModules];
unsigned g_module_count = 0;
char g_program[256] = {};  // the path of the program

int note_module(dl_phdr_info* info, size_t /*size*/, void* /*context*/) {
  if (g_module_count == kMaxModules) return 1;
  Module& module = g_modules[g_module_count];
  module = {};
  module.base = info->dlpi_addr;
  module.low = UINTPTR_MAX;
  for (unsigned i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    const uintptr_t begin = module.base + segment.p_vaddr;
    if (begin < module.low) module.low = begin;
    if (begin + segment.p_memsz > module.high) module.high = begin + segment.p_memsz;
  }
  // The program itself has no name here; through /proc its file is found although it was replaced by another.
  const char* path = g_module_count == 0 ? "/proc/self/exe" : info->dlpi_name;
  std::strncpy(module.path, path, sizeof(module.path) - 1);
  ++g_module_count;
  return 0;
}

/// A file mapped for reading as long as this lives.
class MappedFile {
 public:
  explicit MappedFile(const char* path) {
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    struct stat status;
    if (::fstat(fd, &status) == 0 && status.st_size > 0) {
      void* at = ::mmap(nullptr, static_cast<size_t>(status.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
      if (at != MAP_FAILED) {
        bytes_ = static_cast<const char*>(at);
        size_ = static_cast<size_t>(status.st_size);
      }
    }
    ::close(fd);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile() {
    if (bytes_) ::munmap(const_cast<char*>(bytes_), size_);
  }
  /// `count` objects at an offset, or null when the file ends before.
  template <class T>
  const T* at(uint64_t offset, uint64_t count = 1) const {
    if (offset > size_ || count > (size_ - offset) / sizeof(T) || offset % alignof(T) != 0) return nullptr;
    return reinterpret_cast<const T*>(bytes_ + offset);
  }

 private:
  const char* bytes_ = nullptr;
  size_t size_ = 0;
};

struct Found {
  std::string_view name;
  uintptr_t start = 0;
};

void search_table(const MappedFile& file, const ElfW(Shdr) & table, const ElfW(Shdr) & names,
                  uintptr_t wanted, Found* found) {
  const uint64_t count = table.sh_size / sizeof(ElfW(Sym));
  const auto* symbols = file.at<ElfW(Sym)>(table.sh_offset, count);
  const char* text = file.at<char>(names.sh_offset, names.sh_size);
  if (!symbols || !text) return;
  for (uint64_t i = 0; i < count; ++i) {
    const ElfW(Sym)& symbol = symbols[i];
    if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF) continue;
    if (wanted < symbol.st_value || wanted >= symbol.st_value + symbol.st_size ||
        symbol.st_name >= names.sh_size)
      continue;
    *found = {{text + symbol.st_name, ::strnlen(text + symbol.st_name, names.sh_size - symbol.st_name)},
              symbol.st_value};
    return;
  }
}

Found find_symbol(const MappedFile& file, uintptr_t wanted) {
  Found found;
  const auto* header = file.at<ElfW(Ehdr)>(0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return found;
  const auto* sections = file.at<ElfW(Shdr)>(header->e_shoff, header->e_shnum);
  if (!sections) return found;
  // The full table first; a stripped file has only the other.
  for (const auto kind : {ElfW(Word){SHT_SYMTAB}, ElfW(Word){SHT_DYNSYM}})
    for (unsigned i = 0; i < header->e_shnum && found.name.empty(); ++i)
      if (sections[i].sh_type == kind && sections[i].sh_link < header->e_shnum)
        search_table(file, sections[i], sections[sections[i].sh_link], wanted, &found);
  return found;
}

std::string_view file_name(const Module& module) {
  const char* path = &module == &g_modules[0] ? g_program : module.path;
  const char* slash = std::strrchr(path, '/');
  return slash ? slash + 1 : path;
}

}  // namespace

void prepare_symbols() {
  g_module_count = 0;
  const ssize_t length = ::readlink("/proc/self/exe", g_program, sizeof(g_program) - 1);
  g_program[length < 0 ? 0 : length] = '\0';
  ::dl_iterate_phdr(&note_module, nullptr);
}

void write_symbol(RawText& out, const void* address) {
  const auto wanted = reinterpret_cast<uintptr_t>(address);
  for (unsigned i = 0; i < g_module_count; ++i) {
    const Module& module = g_modules[i];
    if (wanted < module.low || wanted >= module.high) continue;
    const MappedFile file(module.path);
    const Found found = find_symbol(file, wanted - module.base);
    if (!found.name.empty()) {
      write_readable_name(out, found.name);
      out.text("+").hex(wanted - module.base - found.start).text(" ");
    }
    out.text("(").text(file_name(module)).text("+").hex(wanted - module.base).text(")");
    return;
  }
  out.text("(in no file)");
}

}  // namespace gyre::server
