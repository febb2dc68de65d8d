#pragma once

#include <map>
#include <semaphore>
#include <string>
#include <string_view>

#include "watch/answer_search.h"
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
  LiveAnswer search_answer(const LiveRequest& request, std::string_view part,
                           const AnswerFile& answers) const;
  bool is_own_host(std::string_view host) const;

  RunCatalog& catalog_;
  std::string host_;
  // Looking through all answers keeps a core busy that a run may need: two at a time may.
  mutable std::counting_semaphore<2> searches_{2};
};

}  // namespace reckon::watch
