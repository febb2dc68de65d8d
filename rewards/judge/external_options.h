#pragma once

#include <string>
#include <vector>

#include "core/config.h"

namespace reckon::rewards {

/// Options of a program of the user's that grades.
struct ExternalOptions {
  std::vector<std::string> command;
  double timeout_s = 10.0;
  int max_in_flight = 8;
  int max_restarts = 3;

  template <class V>
  static void visit(V& v) {
    v(&ExternalOptions::command, "command",
      "the program and its arguments, started without a shell", required());
    v(&ExternalOptions::timeout_s, "timeout_s",
      "seconds for one request, of which the time behind earlier ones is no part", positive());
    v(&ExternalOptions::max_in_flight, "max_in_flight", "requests that are sent before an answer",
      at_least(1));
    v(&ExternalOptions::max_restarts, "max_restarts",
      "how often in a row the program is started again without having answered", at_least(0));
  }
};

}  // namespace reckon::rewards
