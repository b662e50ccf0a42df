#include "gyre/server/symbols.h"

#include <gtest/gtest.h>

#include <string>

namespace gyre::server {

namespace {

std::string readable(std::string_view mangled) {
  RawText out;
  write_readable_name(out, mangled);
  std::string text(out.view());
  out.clear();
  return text;
}

std::string symbol_of(const void* address) {
  RawText out;
  write_symbol(out, address);
  std::string text(out.view());
  out.clear();
  return text;
}

__attribute__((noinline)) void not_exported() { asm volatile(""); }

}  // namespace

TEST(ReadableName, NestedAndPlainFunctions) {
  EXPECT_EQ(readable("_ZN4gyre4exec10Dispatcher8run_bodyERNS0_14CommandContextEPm"),
            "gyre::exec::Dispatcher::run_body");
  EXPECT_EQ(readable("_ZNK4gyre5store4Gate14anybody_insideEv"), "gyre::store::Gate::anybody_inside");
  EXPECT_EQ(readable("_ZN4gyre6server12_GLOBAL__N_111debug_sleepERNS_4exec14CommandContextE"),
            "gyre::server::(anonymous)::debug_sleep");
  EXPECT_EQ(readable("_Z3fooi"), "foo");
  EXPECT_EQ(readable("_ZL3bari"), "bar");
  EXPECT_EQ(readable("_ZNSt6thread11_State_implIiE6_M_runEv"), "std::thread::_State_impl<...>");
  EXPECT_EQ(readable("main"), "main");
}

TEST(ReadableName, ConstructorsTemplatesCoroutines) {
  EXPECT_EQ(readable("_ZN4gyre6server6ServerC2ERNS0_6ConfigE"), "gyre::server::Server::Server");
  EXPECT_EQ(readable("_ZN4gyre6server6ServerD1Ev"), "gyre::server::Server::~Server");
  EXPECT_EQ(readable("_ZN4gyre2ds12SegmentTableINS_5store11EntryTraitsEE4findEm"),
            "gyre::ds::SegmentTable<...>");
  EXPECT_EQ(readable("_ZN4gyre6server6Client5serveEv.resume"), "gyre::server::Client::serve.resume");
}

TEST(ReadableName, WhatIsStrangeStaysAsItIs) {
  for (const char* name :
       {"", "_Z", "_ZN", "_ZN99999999999999999999abc", "_ZN9", "_ZN5abE", "_ZTV3foo", "_ZN0E"})
    EXPECT_EQ(readable(name), name);
}

TEST(Symbols, NamesFunctionsThatAreNotExported) {
  prepare_symbols();
  const auto address = reinterpret_cast<const char*>(&not_exported);
  EXPECT_NE(symbol_of(address).find("gyre::server::(anonymous)::not_exported+0x0 (test-server+0x"),
            std::string::npos)
      << symbol_of(address);
}

TEST(Symbols, NamesFunctionsOfLibraries) {
  prepare_symbols();
  const std::string text = symbol_of(reinterpret_cast<const void*>(&::strtoull));
  EXPECT_NE(text.find("strtou"), std::string::npos) << text;
  EXPECT_NE(text.find("libc"), std::string::npos) << text;
}

TEST(Symbols, SaysWhenThereIsNothing) {
  prepare_symbols();
  EXPECT_EQ(symbol_of(nullptr), "(in no file)");
}

TEST(RawText, Numbers) {
  RawText out;
  out.decimal(0)
      .text(" ")
      .decimal(INT64_MIN)
      .text(" ")
      .decimal(INT64_MAX)
      .text(" ")
      .hex(0)
      .text(" ")
      .hex(255, 4)
      .text(" ");
  out.hex(UINT64_MAX).text(" ").seconds(1'250'000);
  EXPECT_EQ(out.view(), "0 -9223372036854775808 9223372036854775807 0x0 0x00ff 0xffffffffffffffff 1.2 s");
  out.clear();
}

}  // namespace gyre::server
