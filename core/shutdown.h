#pragma once

namespace reckon {

/// From now on SIGINT and SIGTERM only ask for a shutdown, so that the write under way is finished
/// and a resumable run is left. A second SIGINT ends the process at once with status 130. Call
/// once, before other threads start. Throws Error(internal) if the system refuses.
void install_shutdown_handlers();

/// Whether a shutdown was asked for. Thread-safe; cheap enough for inner loops.
bool shutdown_requested();

/// Asks for a shutdown as a signal would. Thread-safe.
void request_shutdown();

/// Forgets the request, for tests.
void clear_shutdown_request();

}  // namespace reckon
