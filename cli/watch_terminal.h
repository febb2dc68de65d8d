#pragma once

#include "watch/run_catalog.h"

namespace reckon::cli {

/// Draws the newest run of the catalog in the terminal every second, until q, Ctrl-C or SIGTERM;
/// the terminal is then as it was. Draws once, without waiting, if `once` or if standard output is
/// no terminal. Returns the exit status. Shutdown handlers must be installed.
int watch_in_terminal(watch::RunCatalog& catalog, bool once);

}  // namespace reckon::cli
