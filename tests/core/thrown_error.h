#pragma once

#include <string>
#include <utility>

#include "core/error.h"

namespace reckon::tests {

/// What `action` threw, as code and text. Nothing thrown gives the text "nothing thrown".
struct ThrownError {
  ErrorCode code = ErrorCode::internal;
  std::string text = "nothing thrown";

  bool says(const std::string& part) const { return text.find(part) != std::string::npos; }
};

template <class Action>
ThrownError thrown_by(Action&& action) {
  try {
    std::forward<Action>(action)();
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  return {};
}

}  // namespace reckon::tests
