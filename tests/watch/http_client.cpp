#include "tests/watch/http_client.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include "core/error.h"
#include "core/progress.h"

namespace reckon::watch {

HttpClient::HttpClient(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int failed = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  check(failed == 0, ErrorCode::io, "expected a server at port {}, got none", port);
}

HttpClient::~HttpClient() { ::close(fd_); }

bool HttpClient::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

std::string HttpClient::receive(double seconds, std::string_view wanted) const {
  std::string text;
  const double end = steady_seconds() + seconds;
  while (wanted.empty() || text.find(wanted) == std::string::npos) {
    const double left = end - steady_seconds();
    pollfd ready{fd_, POLLIN, 0};
    if (left <= 0.0 || ::poll(&ready, 1, static_cast<int>(left * 1000.0) + 1) <= 0) break;
    char bytes[65536];
    const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
    if (got <= 0) break;
    text.append(bytes, static_cast<size_t>(got));
  }
  return text;
}

std::string http_get(int port, const std::string& target, const std::string& method,
                     const std::string& more_headers, const std::string& host) {
  const HttpClient client(port);
  client.send(
      fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n{}\r\n", method, target, host, more_headers));
  return client.receive();
}

int http_status(const std::string& answer) {
  return answer.starts_with("HTTP/1.1 ") ? std::atoi(answer.c_str() + 9) : 0;
}

std::string http_body(const std::string& answer) {
  const size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? std::string() : answer.substr(end + 4);
}

}  // namespace reckon::watch
