// The form in which DUMP gives a value, for who moves keys elsewhere.
#pragma once

#include "gyre/base/blob.h"
#include "gyre/cmd/environment.h"
#include "gyre/store/entry.h"

namespace gyre::cmd {

/// The value in the form that RESTORE takes: type, value, version, checksum. Under I1.
base::Blob dump_payload(const store::Entry& entry, const Environment& environment);

}  // namespace gyre::cmd
