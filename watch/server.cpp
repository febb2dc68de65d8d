#include "watch/server.h"

#include <fmt/format.h>
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "core/error.h"
#include "core/progress.h"
#include "watch/live_site.h"

namespace reckon::watch {

namespace {

constexpr int kRequestThreads = 16;  // beside those that streams of events keep
constexpr size_t kMostWaiting = 64;  // connections; more wait in the kernel
constexpr double kHeartbeat = 15.0;
constexpr double kLookSeconds = 1.0;  // how soon a reader that left is noticed

/// Threads that are started as they are needed, up to a bound. Not enough of them makes new
/// connections wait instead of filling the memory.
class BoundedPool : public httplib::TaskQueue {
 public:
  explicit BoundedPool(size_t most) : most_(most) {}

  void enqueue(std::function<void()> job) override {
    std::unique_lock lock(mutex_);
    has_room_.wait(lock, [&] { return ends_ || jobs_.size() < kMostWaiting; });
    jobs_.push_back(std::move(job));
    if (idle_ < jobs_.size() && threads_.size() < most_) threads_.emplace_back([this] { work(); });
    has_job_.notify_one();
  }

  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    has_job_.notify_all();
    has_room_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      ++idle_;
      has_job_.wait(lock, [&] { return ends_ || !jobs_.empty(); });
      --idle_;
      if (jobs_.empty()) return;
      const auto job = std::move(jobs_.front());
      jobs_.pop_front();
      has_room_.notify_one();
      lock.unlock();
      job();
      lock.lock();
    }
  }

  const size_t most_;
  std::mutex mutex_;
  std::condition_variable has_job_, has_room_;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::thread> threads_;
  size_t idle_ = 0;
  bool ends_ = false;
};

// What makes a browser take everything on the page as nothing but data of this server.
httplib::Headers safe_headers() {
  return {{"Content-Security-Policy",
           "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
           "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
          {"X-Content-Type-Options", "nosniff"},
          {"Referrer-Policy", "no-referrer"},
          {"Cross-Origin-Resource-Policy", "same-origin"},
          {"Cache-Control", "no-store"}};
}

LiveRequest live_request(const httplib::Request& request) {
  LiveRequest live{request.method, request.path, request.get_header_value("Host"), {}};
  for (const auto& [key, value] : request.params) live.query.emplace(key, value);
  return live;
}

/// One reader of events: its place among all of them, and how far it has read.
class EventReader {
 public:
  EventReader(EventLog& events, std::atomic<int>& count)
      : events_(events), count_(count), position_(events.end()), spoke_at_(steady_seconds()) {}
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;
  ~EventReader() { --count_; }

  // Called again and again; false ends the connection.
  bool send(httplib::DataSink& sink) {
    if (!greeted_) {
      greeted_ = true;
      return write(sink, "retry: 2000\n: welcome\n\n");
    }
    std::string text;
    for (const LiveEvent& event : events_.wait(position_, kLookSeconds)) {
      text += fmt::format("event: {}\ndata: {}\n\n", event.type, event.data);
    }
    if (events_.closed()) {
      sink.done();
      return true;
    }
    if (text.empty() && steady_seconds() - spoke_at_ >= kHeartbeat) text = ": alive\n\n";
    return text.empty() ? sink.is_writable() : write(sink, text);
  }

 private:
  bool write(httplib::DataSink& sink, const std::string& text) {
    spoke_at_ = steady_seconds();
    return sink.write(text.data(), text.size());
  }

  EventLog& events_;
  std::atomic<int>& count_;
  uint64_t position_;
  double spoke_at_;
  bool greeted_ = false;
};

}  // namespace

class Server::Impl {
 public:
  Impl(RunCatalog& catalog, const ServerOptions& options)
      : catalog_(catalog), options_(options), site_(catalog, options.host) {
    configure();
    catalog_.poll();
    port_ = bind();
    poller_ = std::thread([this] { poll(); });
    listener_ = std::thread([this] { server_.listen_after_bind(); });
    // Before it runs, httplib would overlook a stop.
    while (!server_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  int port() const { return port_; }
  const std::string& host() const { return options_.host; }
  int event_readers() const { return event_readers_; }

  void stop() {
    const std::lock_guard once(stop_mutex_);
    if (!listener_.joinable()) return;
    catalog_.events().close();
    {
      const std::lock_guard lock(poll_mutex_);
      ends_ = true;
    }
    poll_changed_.notify_all();
    server_.stop();
    listener_.join();
    poller_.join();
  }

 private:
  void configure() {
    const auto threads = static_cast<size_t>(options_.max_event_readers + kRequestThreads);
    server_.new_task_queue = [threads] { return new BoundedPool(threads); };
    // One request a connection: idle ones keep no thread, and what follows a refused request is
    // not taken for another.
    server_.set_keep_alive_max_count(1);
    server_.set_payload_max_length(1024);
    server_.set_default_headers(safe_headers());
    server_.set_tcp_nodelay(true);
    // httplib would share the port with another watch, and requests would reach one or the other.
    server_.set_socket_options([](int socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    server_.set_pre_routing_handler(
        [this](const httplib::Request& request, httplib::Response& response) {
          handle(request, response);
          return httplib::Server::HandlerResponse::Handled;
        });
  }

  int bind() {
    const bool any = options_.port == 0;
    const int port =
        any ? server_.bind_to_any_port(options_.host)
            : (server_.bind_to_port(options_.host, options_.port) ? options_.port : -1);
    check(port > 0, ErrorCode::io, "expected to listen at {}, port {}, got an error: is it in use?",
          options_.host, options_.port);
    return port;
  }

  void handle(const httplib::Request& request, httplib::Response& response) {
    // Many ranges of one body would make a long answer out of a short request.
    if (request.ranges.size() > 1) {
      response.status = 416;
      return;
    }
    LiveAnswer answer = site_.answer(live_request(request));
    response.status = answer.status;
    if (answer.status == 405) response.set_header("Allow", "GET, HEAD");
    if (!answer.is_events || request.method == "HEAD") {
      response.body = std::move(answer.body);
      response.set_header("Content-Type", answer.type);
      return;
    }
    if (++event_readers_ > options_.max_event_readers) {
      --event_readers_;
      response.status = 503;
      response.set_content("{\"error\":\"too many readers\"}", "application/json; charset=utf-8");
      return;
    }
    auto reader = std::make_shared<EventReader>(catalog_.events(), event_readers_);
    response.set_chunked_content_provider(
        answer.type, [reader](size_t, httplib::DataSink& sink) { return reader->send(sink); });
  }

  void poll() {
    const auto wait = std::chrono::duration<double>(options_.poll_seconds);
    std::unique_lock lock(poll_mutex_);
    while (!poll_changed_.wait_for(lock, wait, [&] { return ends_; })) {
      lock.unlock();
      try {
        catalog_.poll();
      } catch (const std::exception&) {
        // A folder that vanishes under the look is looked at again in the next one.
      }
      lock.lock();
    }
  }

  RunCatalog& catalog_;
  const ServerOptions options_;
  LiveSite site_;
  std::atomic<int> event_readers_ = 0;
  httplib::Server server_;
  int port_ = 0;
  std::mutex poll_mutex_;
  std::condition_variable poll_changed_;
  bool ends_ = false;
  std::mutex stop_mutex_;
  std::thread poller_;
  std::thread listener_;
};

Server::Server(RunCatalog& catalog, const ServerOptions& options)
    : impl_(std::make_unique<Impl>(catalog, options)) {}

Server::~Server() { stop(); }

int Server::port() const { return impl_->port(); }

std::string Server::address() const {
  const auto& host = impl_->host();
  const bool is_v6 = host.find(':') != std::string::npos;
  return fmt::format("http://{}{}{}:{}/", is_v6 ? "[" : "", host, is_v6 ? "]" : "", port());
}

int Server::event_readers() const { return impl_->event_readers(); }

void Server::stop() { impl_->stop(); }

}  // namespace reckon::watch
