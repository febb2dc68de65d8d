#include "cli/watch_terminal.h"

#include <fmt/format.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "cli/command.h"
#include "core/error.h"
#include "core/progress.h"
#include "core/shutdown.h"
#include "watch/terminal_view.h"

namespace reckon::cli {
namespace {

using watch::TerminalLine;

constexpr double kDrawSeconds = 1.0;
constexpr char kInterrupt = '\x03';
constexpr int kLookMilliseconds = 100;  // for keys and for another size of the window

// What the user's locale can write.
watch::Characters characters() {
  const locale_t locale = ::newlocale(LC_CTYPE_MASK, "", nullptr);
  if (locale == nullptr) return watch::Characters::ascii;
  const bool is_utf8 = std::strcmp(::nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
  ::freelocale(locale);
  return is_utf8 ? watch::Characters::unicode : watch::Characters::ascii;
}

watch::TerminalSize window_size(watch::Characters characters) {
  watch::TerminalSize size{80, 24, characters};
  winsize window{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 && window.ws_row > 0) {
    size.columns = window.ws_col;
    size.rows = window.ws_row;
  }
  return size;
}

/// The terminal while the program draws on it; the destructor gives it back as it was.
class Screen {
 public:
  Screen() {
    reads_keys_ = ::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (reads_keys_) {
      termios raw = before_;
      raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
      raw.c_cc[VMIN] = 1;
      raw.c_cc[VTIME] = 0;
      // A program that is put to sleep, or ended by a second Ctrl-C, cannot give the screen back:
      // Ctrl-C comes as a key.
      raw.c_cc[VSUSP] = _POSIX_VDISABLE;
      raw.c_cc[VINTR] = _POSIX_VDISABLE;
      ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    // The other screen, no cursor, and lines that end at the edge.
    write("\x1b[?1049h\x1b[?25l\x1b[?7l");
  }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
  ~Screen() {
    write("\x1b[?7h\x1b[?25h\x1b[?1049l");
    if (reads_keys_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }

  // False if the terminal is gone.
  bool write(const std::string& bytes) {
    return std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size() &&
           std::fflush(stdout) == 0;
  }

  // Waits a moment for a key; true if the user wants to leave.
  bool wants_to_leave() {
    pollfd input{reads_keys_ ? STDIN_FILENO : -1, POLLIN, 0};
    if (::poll(&input, 1, kLookMilliseconds) <= 0) return false;
    char key = 0;
    const ssize_t count = ::read(STDIN_FILENO, &key, 1);
    return count == 0 || (count == 1 && (key == 'q' || key == 'Q' || key == kInterrupt));
  }

 private:
  bool reads_keys_ = false;
  termios before_{};
};

const char* style_code(TerminalLine::Style style) {
  switch (style) {
    case TerminalLine::Style::strong:
      return "\x1b[1m";
    case TerminalLine::Style::faint:
      return "\x1b[2m";
    case TerminalLine::Style::good:
      return "\x1b[32m";
    case TerminalLine::Style::bad:
      return "\x1b[31m";
    case TerminalLine::Style::plain:
      break;
  }
  return "";
}

// One frame over the one before, without clearing first, so that nothing flickers.
std::string frame(const std::vector<TerminalLine>& lines, bool has_styles) {
  std::string bytes = "\x1b[H";
  for (size_t at = 0; at < lines.size(); ++at) {
    if (at > 0) bytes += "\r\n";
    const std::string code = has_styles ? style_code(lines[at].style) : "";
    bytes += code + lines[at].text + (code.empty() ? "" : "\x1b[0m") + "\x1b[K";
  }
  return bytes + "\x1b[J";
}

/// Looks at the catalog and draws its newest run.
class Painter {
 public:
  explicit Painter(watch::RunCatalog& catalog) : catalog_(catalog) {}

  bool has_run() const { return !runs_.empty(); }

  void look() {
    catalog_.poll();
    runs_ = catalog_.list();
  }

  std::vector<TerminalLine> draw(const watch::TerminalSize& size, const std::string& footer) {
    watch::TerminalScene scene;
    scene.missing = fmt::format("No run in {} yet.", catalog_.root().string());
    if (const auto run = has_run() ? catalog_.open(runs_.front().id) : nullptr) {
      const std::lock_guard lock(run->mutex);
      run->index.refresh();
      scene = watch::terminal_scene(run->index, runs_.front(), catalog_.now());
      scene.footer = footer;
      if (!footer.empty() && runs_.size() > 1) {
        scene.footer += fmt::format("; the newest of {} runs", runs_.size());
      }
      return watch::terminal_view(scene, size);
    }
    scene.footer = footer;
    return watch::terminal_view(scene, size);
  }

 private:
  watch::RunCatalog& catalog_;
  std::vector<watch::RunSummary> runs_;
};

int draw_once(watch::RunCatalog& catalog) {
  Painter painter(catalog);
  painter.look();
  check(painter.has_run(), ErrorCode::not_found, "expected a run folder, got none, in {}",
        catalog.root().string());
  watch::TerminalSize size;
  size.characters = characters();
  for (const auto& line : painter.draw(size, "")) fmt::print("{}\n", line.text);
  return done;
}

}  // namespace

int watch_in_terminal(watch::RunCatalog& catalog, bool once) {
  if (once || ::isatty(STDOUT_FILENO) != 1) return draw_once(catalog);
  const bool has_styles = std::getenv("NO_COLOR") == nullptr;
  const auto kind = characters();
  Painter painter(catalog);
  Screen screen;
  watch::TerminalSize drawn{0, 0, kind};
  double looked_at = -kDrawSeconds;
  while (!shutdown_requested()) {
    const auto size = window_size(kind);
    const bool is_due = steady_seconds() - looked_at >= kDrawSeconds;
    if (is_due) {
      painter.look();
      looked_at = steady_seconds();
    }
    if (is_due || size.columns != drawn.columns || size.rows != drawn.rows) {
      if (!screen.write(frame(painter.draw(size, "q ends"), has_styles))) break;
      drawn = size;
    }
    if (screen.wants_to_leave()) break;
  }
  return done;
}

}  // namespace reckon::cli
