#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "core/error.h"
#include "core/json.h"
#include "core/utf8.h"
#include "policy/model_files.h"
#include "policy/tokenizer.h"

namespace reckon::cli {
namespace {

using nlohmann::json;
using Ids = std::vector<std::int32_t>;

constexpr const char* kInput = "standard input";
constexpr std::size_t kChunkBytes = std::size_t{1} << 16;
constexpr std::size_t kMaxLineBytes = std::size_t{1} << 26;
constexpr std::size_t kMaxPendingBytes = std::size_t{1} << 20;

struct Arguments {
  std::string model;
  bool decode = false;
  bool jsonl = false;
  bool no_special = false;
};

// Whoever reads the output may stop early, which is no error.
enum class Reader { listens, gone };

// Standard output, in pieces of about a megabyte.
class Output {
 public:
  void add(std::string_view text) { pending_ += text; }
  bool is_full() const { return pending_.size() > kMaxPendingBytes; }

  Reader flush() {
    std::string_view rest = pending_;
    while (!rest.empty()) {
      const ssize_t count = ::write(STDOUT_FILENO, rest.data(), rest.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno == EPIPE) return Reader::gone;
      check(count >= 0, ErrorCode::io, "expected to write to standard output, got: {}",
            std::strerror(errno));
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
    pending_.clear();
    return Reader::listens;
  }

 private:
  std::string pending_;
};

// Standard input by lines, which end at \n only.
class LineReader {
 public:
  // The next line, valid until the next call, or none at the end.
  std::optional<std::string_view> next() {
    while (true) {
      const std::size_t end = buffer_.find('\n', searched_);
      if (end != std::string::npos) return take(end, end + 1);
      searched_ = buffer_.size();
      if (at_end_) break;
      fill();
    }
    if (begin_ == buffer_.size()) return std::nullopt;
    return take(buffer_.size(), buffer_.size());
  }

  // Whether the next line has to be waited for.
  bool is_drained() const { return buffer_.find('\n', searched_) == std::string::npos; }

  std::uint64_t line_number() const { return line_number_; }

 private:
  std::string_view take(std::size_t end, std::size_t next) {
    const std::string_view line(buffer_.data() + begin_, end - begin_);
    begin_ = searched_ = next;
    ++line_number_;
    return line;
  }

  void fill() {
    buffer_.erase(0, begin_);
    searched_ -= begin_;
    begin_ = 0;
    check(buffer_.size() <= kMaxLineBytes, ErrorCode::invalid_argument,
          "expected lines of at most {} bytes, got a longer one, in {} at line {}", kMaxLineBytes,
          kInput, line_number_ + 1);
    const std::size_t known = buffer_.size();
    buffer_.resize(known + kChunkBytes);
    ssize_t count = -1;
    do {
      count = ::read(STDIN_FILENO, buffer_.data() + known, kChunkBytes);
    } while (count < 0 && errno == EINTR);
    check(count >= 0, ErrorCode::io, "expected to read {}, got: {}", kInput, std::strerror(errno));
    buffer_.resize(known + static_cast<std::size_t>(count));
    at_end_ = count == 0;
  }

  std::string buffer_;
  std::size_t begin_ = 0;     // of the next line
  std::size_t searched_ = 0;  // no \n from begin_ to here
  bool at_end_ = false;
  std::uint64_t line_number_ = 0;
};

std::string text_member(std::string_view line, std::uint64_t number) {
  const json record = parse_json_text(line, kInput, false, number);
  const bool has_text = record.is_object() && record.contains("text") && record["text"].is_string();
  check(has_text, ErrorCode::corrupt,
        "expected an object with a text `text`, got {}, in {} at line {}", json_summary(record),
        kInput, number);
  return record["text"].get<std::string>();
}

Ids id_list(std::string_view line, std::uint64_t number) {
  const json record = parse_json_text(line, kInput, false, number);
  const json& list = record.is_object() && record.contains("ids") ? record["ids"] : record;
  check(list.is_array(), ErrorCode::corrupt,
        "expected a list of ids or an object with one in `ids`, got {}, in {} at line {}",
        json_summary(list), kInput, number);
  Ids ids;
  for (const json& id : list) {
    const bool fits = id.is_number_unsigned() && id.get<std::uint64_t>() <= 0x7FFFFFFF;
    check(fits, ErrorCode::corrupt, "expected ids from 0 to 2147483647, got {}, in {} at line {}",
          json_summary(id), kInput, number);
    ids.push_back(id.get<std::int32_t>());
  }
  return ids;
}

std::string encoded(const policy::Tokenizer& tokenizer, const Arguments& arguments,
                    std::string_view line, std::uint64_t number) {
  const std::string text = arguments.jsonl ? text_member(line, number) : std::string(line);
  const Ids ids =
      arguments.no_special ? tokenizer.encode(text) : tokenizer.encode_with_special(text);
  std::string result = "{\"ids\": [";
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) result += ", ";
    result += std::to_string(ids[i]);
  }
  return result += "]}\n";
}

std::string decoded(const policy::Tokenizer& tokenizer, const Arguments& arguments,
                    std::string_view line, std::uint64_t number) {
  const policy::SpecialText special =
      arguments.no_special ? policy::SpecialText::skip : policy::SpecialText::keep;
  const std::string text = tokenizer.decode(id_list(line, number), special);
  return (arguments.jsonl ? json_text({{"text", text}}) : text) + "\n";
}

Reader translate_lines(const policy::Tokenizer& tokenizer, const Arguments& arguments,
                       Output& output, std::size_t& replaced) {
  LineReader input;
  while (const auto line = input.next()) {
    std::string repaired;
    std::string_view text = *line;
    if (!is_utf8(text)) text = repaired = replace_invalid_utf8(text, &replaced);
    output.add(arguments.decode ? decoded(tokenizer, arguments, text, input.line_number())
                                : encoded(tokenizer, arguments, text, input.line_number()));
    const bool due = output.is_full() || input.is_drained();
    if (due && output.flush() == Reader::gone) return Reader::gone;
  }
  return output.flush();
}

int tokenize(const Arguments& arguments) {
  const std::unique_ptr<policy::Tokenizer> tokenizer =
      policy::load_model_tokenizer(arguments.model);
  Output output;
  std::size_t replaced = 0;
  try {
    translate_lines(*tokenizer, arguments, output, replaced);
  } catch (const Error&) {
    output.flush();  // the lines before the bad one
    throw;
  }
  if (replaced > 0) {
    fmt::print(stderr, "reckon: note: replaced {} {} of the input that {} not UTF-8 by U+FFFD\n",
               replaced, replaced == 1 ? "part" : "parts", replaced == 1 ? "is" : "are");
  }
  return done;
}

}  // namespace

void add_tokenize(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "tokenize",
      "Turn text into the ids of a model's tokens, or ids into text, line by line.\n\n"
      "  printf 'Hello world\\n' | reckon tokenize models/SmolLM2-135M\n"
      "      {\"ids\": [19556, 905]}\n"
      "  reckon tokenize models/SmolLM2-135M < corpus.txt > ids.jsonl\n"
      "  reckon tokenize models/SmolLM2-135M --decode < ids.jsonl\n\n"
      "One line of output for each line of standard input; lines end at \\n only.");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("MODEL", arguments->model, "folder of a model, with its tokenizer.json")
      ->required();
  command->add_flag("--decode", arguments->decode,
                    "read lines of {\"ids\": [...]} or [...] and write their texts");
  command->add_flag("--jsonl", arguments->jsonl, "the lines of text are JSON: {\"text\": \"...\"}");
  command->add_flag("--no-special", arguments->no_special,
                    "add no special tokens (beginning of text, ...); with --decode: leave special "
                    "tokens out of the text");
  command->callback([arguments, &action] {
    action = [arguments](const Environment&) { return tokenize(*arguments); };
  });
}

}  // namespace reckon::cli
