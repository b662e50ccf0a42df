// Names of functions by their addresses, read from the symbol tables of the program's and its libraries'
// files, so that functions that are not exported have names too. Async-signal-safe after prepare_symbols():
// no memory is allocated and no lock taken, unlike dladdr() and backtrace_symbols_fd().
#pragma once

#include <string_view>

#include "gyre/server/raw_text.h"

namespace gyre::server {

/// Notes what is loaded where. Once at start, and again when a library was loaded.
void prepare_symbols();

/// "gyre::exec::Dispatcher::run_body+0x1f (gyre-server+0x12345)"; the offset in the file is what addr2line
/// wants. As much of it as is known. Of an address behind a call the caller passes the byte before, which belongs to the call.
void write_symbol(RawText& out, const void* address);

/// A mangled C++ name as one reads it, without parameters and template arguments; what is not of a simple
/// form stays mangled.
void write_readable_name(RawText& out, std::string_view mangled);

}  // namespace gyre::server
