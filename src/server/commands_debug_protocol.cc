// DEBUG PROTOCOL and DEBUG ERROR: replies of each type, for tests of clients.
#include "debug_commands.h"
#include "support.h"

namespace gyre::server {

using exec::CommandContext;

namespace {

struct ProtocolType {
  std::string_view name;
  void (*reply)(CommandContext& c);
};

void reply_numbers(CommandContext& c) {
  for (int i = 0; i < 3; ++i) c.reply.integer(i);
}

constexpr ProtocolType kTypes[] = {
    {"string", [](CommandContext& c) { c.reply.bulk("Hello World"); }},
    {"integer", [](CommandContext& c) { c.reply.integer(12345); }},
    {"double", [](CommandContext& c) { c.reply.double_(3.141); }},
    {"bignum", [](CommandContext& c) { c.reply.big_number("1234567999999999999999999999999999999"); }},
    {"null", [](CommandContext& c) { c.reply.null(); }},
    {"array",
     [](CommandContext& c) {
       c.reply.array(3);
       reply_numbers(c);
     }},
    {"set",
     [](CommandContext& c) {
       c.reply.set(3);
       reply_numbers(c);
     }},
    {"map",
     [](CommandContext& c) {
       c.reply.map(3);
       for (int i = 0; i < 3; ++i) {
         c.reply.integer(i);
         c.reply.boolean(i == 1);
       }
     }},
    {"attrib",
     [](CommandContext& c) {
       if (c.reply.version() >= 3) {
         c.reply.attribute(1);
         c.reply.bulk("key-popularity");
         c.reply.array(2);
         c.reply.bulk("key:123");
         c.reply.integer(90);
       }
       c.reply.bulk("Some real reply following the attribute");
     }},
    {"push",
     [](CommandContext& c) {
       if (c.reply.version() < 3) return c.reply.error("ERR RESP2 is not supported by this command");
       c.reply.push(2);
       c.reply.bulk("server-cpu-usage");
       c.reply.integer(42);
       c.reply.bulk("Some real reply following the push reply");
     }},
    {"true", [](CommandContext& c) { c.reply.boolean(true); }},
    {"false", [](CommandContext& c) { c.reply.boolean(false); }},
    {"verbatim", [](CommandContext& c) { c.reply.verbatim("txt", "This is a verbatim\nstring"); }},
};

}  // namespace

void debug_protocol(CommandContext& c) {
  for (const ProtocolType& type : kTypes)
    if (is_word(c, 2, type.name)) return type.reply(c);
  c.reply.error(
      "ERR Wrong protocol type name. Please use one of the following: "
      "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false");
}

void debug_error(CommandContext& c) { c.reply.error(c.arg(2)); }

}  // namespace gyre::server
