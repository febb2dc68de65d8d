#pragma once

#include <memory>
#include <string>

#include "watch/run_catalog.h"

namespace reckon::watch {

/// How the live page is served.
struct ServerOptions {
  std::string host = "127.0.0.1";
  int port = 0;  ///< 0: any free one
  double poll_seconds = 0.5;
  int max_event_readers = 64;  ///< further ones are refused
};

/// Serves the live page of a catalog over HTTP, and looks at the catalog's folder again and again.
/// Each request has its own connection and one thread of a bounded pool. The constructor looks once
/// and listens; the destructor stops. `catalog` must outlive the server and be given to one only.
/// All members are thread-safe.
class Server {
 public:
  /// Throws Error(io) if it cannot listen there.
  explicit Server(RunCatalog& catalog, const ServerOptions& options = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  int port() const;

  /// What is typed into a browser.
  std::string address() const;

  /// How many streams of events are open.
  int event_readers() const;

  /// Ends all streams and returns when all threads have ended. May be called twice.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reckon::watch
