#include "geo_commands.h"

#include "gyre/cmd/commands.h"
#include "gyre/exec/command_table.h"

namespace gyre::cmd {

void bind_geo_commands(exec::CommandTable& table) {
  table.bind("geoadd", geoadd);
  table.bind("geodist", geodist);
  table.bind("geohash", geohash);
  table.bind("geopos", geopos);
  table.bind("georadius", georadius);
  table.bind("georadius_ro", georadius_ro);
  table.bind("georadiusbymember", georadiusbymember);
  table.bind("georadiusbymember_ro", georadiusbymember_ro);
  table.bind("geosearch", geosearch);
  table.bind("geosearchstore", geosearchstore);
}

}  // namespace gyre::cmd
