#pragma once

#include <string>
#include <string_view>

namespace reckon::watch {

/// A connection to a server on this machine, with nothing between the test and the wire.
class HttpClient {
 public:
  /// Throws Error(io) if nobody listens.
  explicit HttpClient(int port);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  /// Sends any bytes; false if the server does not take them.
  bool send(std::string_view bytes) const;

  /// Bytes until the server closes, `wanted` is among them, or `seconds` are over.
  std::string receive(double seconds = 10.0, std::string_view wanted = {}) const;

 private:
  int fd_ = -1;
};

/// Sends a whole request for `target` and returns the whole answer.
std::string http_get(int port, const std::string& target, const std::string& method = "GET",
                     const std::string& more_headers = "", const std::string& host = "localhost");

/// The number in the first line of an answer; 0 where there is none.
int http_status(const std::string& answer);

/// What follows the headers.
std::string http_body(const std::string& answer);

}  // namespace reckon::watch
