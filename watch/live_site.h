#pragma once

#include <map>
#include <string>
#include <string_view>

#include "watch/run_catalog.h"

namespace reckon::watch {

/// A request without the wire it came over. Paths and values are decoded.
struct LiveRequest {
  std::string method = "GET";
  std::string path;
  std::string host;  ///< the header Host
  std::map<std::string, std::string> query;
};

/// What is sent back.
struct LiveAnswer {
  int status = 200;
  std::string type = "application/json; charset=utf-8";
  std::string body;
  bool is_events = false;  ///< the reader wants the stream of events instead of a body
};

/// The live page and its data: decides what a request gets. It changes nothing, and reads nothing
/// but the runs of the catalog and the page's own files. Thread-safe.
class LiveSite {
 public:
  /// `host` is the address at which the server listens: requests must name it or this machine.
  /// `catalog` must outlive the site.
  explicit LiveSite(RunCatalog& catalog, std::string host = "127.0.0.1");

  /// Never throws: what goes wrong becomes a status.
  LiveAnswer answer(const LiveRequest& request) const;

 private:
  LiveAnswer route(const LiveRequest& request) const;
  LiveAnswer run_answer(const LiveRequest& request, const std::string& id,
                        std::string_view part) const;
  bool is_own_host(std::string_view host) const;

  RunCatalog& catalog_;
  std::string host_;
};

}  // namespace reckon::watch
