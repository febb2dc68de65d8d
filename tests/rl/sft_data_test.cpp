#include "rl/sft_data.h"

#include <doctest/doctest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/error.h"
#include "core/files.h"
#include "rl/sample_file.h"
#include "tests/core/thrown_error.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

std::shared_ptr<const policy::Tokenizer> words(const std::string& list, const std::string& eos) {
  std::vector<std::string> all;
  std::istringstream in(list);
  for (std::string word; in >> word;) all.push_back(word);
  return policy::make_word_level_tokenizer(std::move(all), "<bos>", eos, "<pad>");
}

// Ids: <bos> 0, <eos> 1, <pad> 2, a 3, b 4, c 5, d 6.
const char* kWords = "<bos> <eos> <pad> a b c d";

// A folder with a data set of JSON lines, and what reads it.
struct Data {
  explicit Data(const std::string& lines, const char* name = "rows.jsonl") {
    write_file_atomic(folder->path() / name, lines);
    sources.context = {"/stages/1/datasets", "recipe.json", 7, 1};
    sources.tokenizer = words(kWords, "<eos>");
    sources.end_ids = {1};
    options.datasets.resize(1);
    options.datasets[0].path = (folder->path() / name).string();
  }

  std::vector<tasks::DocumentIds> load() const {
    return load_sft_data(options, sources).sets().at(0).documents;
  }

  std::string error(ErrorCode code) const {
    try {
      load();
    } catch (const Error& error) {
      CHECK(error.code() == code);
      return error.what();
    }
    FAIL("expected an error");
    return "";
  }

  std::shared_ptr<TempFolder> folder = std::make_shared<TempFolder>();
  SftDataOptions options;
  SftSources sources;
};

std::string sample_line(const std::string& prompt, const std::string& completion,
                        const std::vector<int>& prompt_ids,
                        const std::vector<int>& completion_ids) {
  const json line = {{"prompt_index", 0},
                     {"sample", 0},
                     {"prompt", prompt},
                     {"completion", completion},
                     {"prompt_ids", prompt_ids},
                     {"completion_ids", completion_ids},
                     {"num_tokens", 2},
                     {"rewards", json::object()},
                     {"reward", 1.0},
                     {"extracted", ""},
                     {"gold", ""},
                     {"difficulty", ""},
                     {"columns", json::object()}};
  return line.dump() + "\n";
}

// A samples file, with the fingerprint of `teacher` beside it.
Data samples(const std::string& lines, const policy::Tokenizer& teacher) {
  Data data(lines, "samples.jsonl");
  SampleSummary summary;
  summary.tokenizer = tokenizer_fingerprint(teacher);
  write_file_atomic(data.folder->path() / "summary.json", write_summary(summary).dump());
  data.options.datasets[0].samples = std::exchange(data.options.datasets[0].path, "");
  return data;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

using Ids = std::vector<int32_t>;

}  // namespace

TEST_CASE("a row becomes prompt and completion, with one end token") {
  const Data data(R"({"prompt": "a b", "completion": "c d"}
                     {"prompt": "a", "completion": "c <eos>"})");
  const auto documents = data.load();
  REQUIRE(documents.size() == 2);
  CHECK(documents[0].prompt == Ids{3, 4});
  CHECK(documents[0].completion == Ids{5, 6, 1});
  CHECK(documents[1].completion == Ids{5, 1});
}

TEST_CASE("a prompt that is empty becomes the beginning of a text") {
  const Data data(R"({"completion": "c"})");
  const auto documents = data.load();
  CHECK(documents[0].prompt == Ids{0});
  CHECK(documents[0].completion == Ids{5, 1});
}

TEST_CASE("without completion_only_loss all tokens but the first have a loss") {
  Data data(R"({"prompt": "a b", "completion": "c"})");
  data.options.completion_only_loss = false;
  const auto documents = data.load();
  CHECK(documents[0].prompt == Ids{3});
  CHECK(documents[0].completion == Ids{4, 5, 1});
}

TEST_CASE("documents over max_length are cut at the end or left out") {
  // Of 5 tokens, with a prompt of 4, and of 3.
  Data data(R"({"prompt": "a", "completion": "b c d"}
               {"prompt": "a b c d", "completion": "a"}
               {"prompt": "a", "completion": "b"})");
  data.options.max_length = 4;
  auto documents = data.load();
  REQUIRE(documents.size() == 2);  // nothing is left to learn of the second
  CHECK(documents[0].completion == Ids{4, 5, 6});
  CHECK(documents[1].completion == Ids{4, 1});
  data.options.truncation = "drop";
  documents = data.load();
  REQUIRE(documents.size() == 1);
  CHECK(documents[0].completion == Ids{4, 1});
  data.options.max_length = std::nullopt;
  CHECK(data.load().size() == 3);
  data.options.max_length = 2;
  CHECK(contains(data.error(ErrorCode::invalid_argument), "short enough"));
}

TEST_CASE("messages are written in the chat format, and the answer is what follows the prompt") {
  Data data(
      R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]})"
      "\n"
      R"({"prompt": [{"role": "user", "content": "c"}],)"
      R"( "completion": [{"role": "assistant", "content": "d"}]})");
  data.sources.format = policy::ChatFormat::from_template(
      "{% for m in messages %}{{ m.role + ' ' + m.content + ' <end>\n' }}{% endfor %}"
      "{% if add_generation_prompt %}{{ 'assistant ' }}{% endif %}",
      "<bos>", "<eos>");
  data.sources.tokenizer = words("<bos> <eos> <pad> user assistant <end> a b c d", "<eos>");
  data.sources.end_ids = {1, 5};
  const auto documents = data.load();
  CHECK(documents[0].prompt == Ids{3, 6, 5, 4});
  CHECK(documents[0].completion == Ids{7, 5});
  CHECK(documents[1].prompt == Ids{3, 8, 5, 4});
  CHECK(documents[1].completion == Ids{9, 5});
}

TEST_CASE("a prompt of text is a message of the user where the model is asked so") {
  Data data(R"({"prompt": "a", "completion": "b"})");
  data.sources.format = policy::ChatFormat::from_template(
      "{% for m in messages %}{{ m.content + ' ' }}{% endfor %}"
      "{% if add_generation_prompt %}{{ 'd' }}{% endif %}",
      "<bos>", "<eos>");
  CHECK(data.load()[0].prompt == Ids{3});
  data.sources.as_messages = true;
  CHECK(data.load()[0].prompt == Ids{3, 6});
}

TEST_CASE("columns of a data set are named, also inside of others") {
  Data data(R"({"question": "a b", "answer": "c", "prompt": "d", "completion": "d"}
               {"question": "b", "answer": "d", "messages": []})");
  data.options.datasets[0].prompt_column = "question";
  data.options.datasets[0].completion_column = "answer";
  const auto documents = data.load();
  REQUIRE(documents.size() == 2);
  CHECK(documents[0].prompt == Ids{3, 4});
  CHECK(documents[0].completion == Ids{5, 1});
  CHECK(documents[1].prompt == Ids{4});
  CHECK(documents[1].completion == Ids{6, 1});

  Data nested(R"({"problem": {"text": "a"}, "solutions": ["b", "c"]})");
  nested.options.datasets[0].prompt_column = "/problem/text";
  nested.options.datasets[0].completion_column = "/solutions/1";
  CHECK(nested.load()[0].prompt == Ids{3});
  CHECK(nested.load()[0].completion == Ids{5, 1});
}

TEST_CASE("a named column that a row lacks is an error that names file and line") {
  const std::string good = R"({"question": "a", "answer": "b"})";
  const std::vector<std::pair<const char*, const char*>> broken = {
      {R"({"answer": "b"})", "expected text in column `question`, got no such column, in "},
      {R"({"question": "a"})", "expected text in column `answer`, got no such column, in "},
      {R"({"question": "a", "answer": 3})", "expected text in column `answer`, got 3, in "},
      {R"({"question": "a", "answer": ""})", "expected an answer to learn, got an empty one, in "},
      {R"({"messages": [{"role": "assistant", "content": "b"}]})", "got no such column, in "}};
  for (const auto& [line, message] : broken) {
    Data data(good + "\n" + line);
    data.options.datasets[0].prompt_column = "question";
    data.options.datasets[0].completion_column = "answer";
    const auto text = data.error(ErrorCode::corrupt);
    CHECK_MESSAGE(contains(text, message), text);
    CHECK_MESSAGE(contains(text, "rows.jsonl line 2"), text);
  }
}

TEST_CASE("a system prompt is the first message of prompts that have none") {
  Data data(
      R"({"prompt": "a", "completion": "b"})"
      "\n"
      R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]})"
      "\n"
      R"({"prompt": [{"role": "system", "content": "d"}, {"role": "user", "content": "a"}],)"
      R"( "completion": "b"})");
  data.sources.format = policy::ChatFormat::from_template(
      "{% for m in messages %}{{ m.role + ' ' + m.content + ' <end>\n' }}{% endfor %}"
      "{% if add_generation_prompt %}{{ 'assistant ' }}{% endif %}",
      "<bos>", "<eos>");
  data.sources.tokenizer = words("<bos> <eos> <pad> user assistant <end> system a b c d", "<eos>");
  data.sources.end_ids = {1, 5};
  data.options.datasets[0].system_prompt = "c";
  const auto documents = data.load();
  REQUIRE(documents.size() == 3);
  for (const size_t i : {0, 1, 2}) {
    CHECK(documents[i].prompt == Ids{6, i < 2 ? 9 : 10, 5, 3, 7, 5, 4});
    CHECK(documents[i].completion == Ids{8, 5});
  }
  CHECK(contains(
      [&] {
        write_file_atomic(data.options.datasets[0].path, R"({"completion": "b"})");
        return data.error(ErrorCode::corrupt);
      }(),
      "expected text in column `prompt`, got no such column"));
}

TEST_CASE("samples of the student's tokenizer are taken as ids, without an end of our own") {
  // The text is not what the ids say, to tell which of them is used.
  const auto data = samples(sample_line("a", "b", {3, 4}, {5, 6}), *words(kWords, "<eos>"));
  const auto documents = data.load();
  CHECK(documents[0].prompt == Ids{3, 4});
  CHECK(documents[0].completion == Ids{5, 6});
}

TEST_CASE(
    "samples of another tokenizer are encoded anew, and its end token becomes the student's") {
  const auto teacher = words("<bos> </s> <pad> d c b a", "</s>");
  const auto data = samples(sample_line("a", "b </s>", {6}, {5, 1}), *teacher);
  const auto documents = data.load();
  CHECK(documents[0].prompt == Ids{3});
  CHECK(documents[0].completion == Ids{4, 1});
}

TEST_CASE("samples with ids beyond the vocabulary are an error, not a crash") {
  const auto data = samples(sample_line("a", "b", {3}, {5, 99}), *words(kWords, "<eos>"));
  CHECK(contains(data.error(ErrorCode::corrupt), "99"));
}

TEST_CASE("a corpus gives as many documents as it is told, also relative to the rows") {
  Data data(R"({"prompt": "a", "completion": "b"}
               {"prompt": "a", "completion": "b"}
               {"prompt": "a", "completion": "b"})");
  data.options.datasets.insert(data.options.datasets.begin(), SftDatasetConfig{});
  auto& corpus = data.options.datasets[0];
  const auto generated = data.folder->path() / "corpus.jsonl";
  write_file_atomic(generated, R"({"prompt": "a", "completion": "c"})");
  corpus.corpus = JsonValue(json{{"kind", "jsonl"}, {"path", generated.string()}});
  corpus.relative_size = 2.0;
  CHECK(load_sft_data(data.options, data.sources).sets()[0].documents.size() == 6);
  corpus.relative_size = 0.0;
  corpus.num_documents = 4;
  CHECK(load_sft_data(data.options, data.sources).sets()[0].documents.size() == 4);
}

TEST_CASE("data sets that do not say what they are get an error that names them") {
  Data data("");
  const auto refused = [&](const std::function<void(SftDatasetConfig&)>& change) {
    Data other("");
    other.options.datasets[0].path.clear();
    change(other.options.datasets[0]);
    const auto text = other.error(ErrorCode::invalid_argument);
    CHECK(contains(text, "recipe.json /stages/1/datasets/0"));
    return text;
  };
  const JsonValue corpus(json{{"kind", "countdown-traces"}});
  CHECK(contains(refused([](auto&) {}), "got 0 of them"));
  CHECK(contains(refused([](auto& d) { d.path = d.samples = "x"; }), "got 2 of them"));
  CHECK(contains(refused([&](auto& d) { d.corpus = corpus; }), "num_documents"));
  CHECK(contains(refused([&](auto& d) {
                   d.corpus = corpus;
                   d.num_documents = 3;
                   d.relative_size = 1.0;
                 }),
                 "got 2 of them"));
  CHECK(contains(refused([](auto& d) {
                   d.samples = "x";
                   d.prompt_column = "question";
                 }),
                 "beside a path only, got samples"));
  CHECK(contains(refused([&](auto& d) {
                   d.corpus = corpus;
                   d.system_prompt = "Think.";
                 }),
                 "beside a path only, got corpus"));
  CHECK(contains(refused([&](auto& d) {
                   d.path = "x";
                   d.num_documents = 3;
                 }),
                 "beside a corpus only"));
  CHECK(contains(refused([&](auto& d) {
                   d.corpus = corpus;
                   d.relative_size = 1.0;
                 }),
                 "relative_size"));
  data.options.datasets.clear();
  CHECK(contains(data.error(ErrorCode::invalid_argument), "at least one data set"));
}

TEST_CASE("a wrong key of a corpus is found before a run") {
  Data data("");
  auto& set = data.options.datasets[0];
  set = SftDatasetConfig{};
  set.num_documents = 3;
  set.corpus = JsonValue(json{{"kind", "countdown-traces"}});
  CHECK_NOTHROW(check_sft_datasets(data.options, data.sources.context));
  set.corpus = JsonValue(json{{"kind", "countdown-traces"}, {"colour", 3}});
  const auto error =
      tests::thrown_by([&] { check_sft_datasets(data.options, data.sources.context); });
  CHECK(error.code == ErrorCode::invalid_argument);
  CHECK(error.says("/stages/1/datasets/0/corpus"));
}

TEST_CASE("an empty data set is an error that names it") {
  const Data rows("");
  CHECK(contains(rows.error(ErrorCode::invalid_argument), "/stages/1/datasets/0/path"));
  const auto kept = samples("", *words(kWords, "<eos>"));
  CHECK(contains(kept.error(ErrorCode::invalid_argument), "/stages/1/datasets/0/samples"));
  Data missing("");
  missing.options.datasets[0].path = "no-such-file.jsonl";
  CHECK(contains(missing.error(ErrorCode::not_found), "no-such-file.jsonl"));
}

TEST_CASE("a broken row is an error that names file and line") {
  const std::string good = R"({"prompt": "a", "completion": "b"})";
  for (const char* bad :
       {R"({"prompt": "a"})", R"({"prompt": "a", "completion": ""})",
        R"({"prompt": 3, "completion": "b"})", "[1]", R"({"messages": []})",
        R"({"messages": [{"role": "user", "content": "a"}]})",
        R"({"messages": [{"role": "system", "content": "a"}, {"role": "user", "content": "a"}]})",
        R"({"messages": [{"role": "user", "content": "a"}, {"role": "tool", "content": "a"}]})"}) {
    CAPTURE(bad);
    CHECK(contains(Data(good + "\n" + bad).error(ErrorCode::corrupt), "rows.jsonl line 2"));
  }
}

TEST_CASE("rows of a file can be checked before a run, without a model") {
  const Data data(R"({"prompt": "a", "completion": "words that no tokenizer knows"})");
  CHECK_NOTHROW(check_sft_file(data.options.datasets[0], "recipe.json /stages/1/datasets/0"));
  SftDatasetConfig corpus;
  corpus.corpus = JsonValue(json{{"kind", "countdown-traces"}});
  CHECK_NOTHROW(check_sft_file(corpus, "here"));
  const Data empty("");
  CHECK_THROWS_AS(check_sft_file(empty.options.datasets[0], "here"), Error);
}
