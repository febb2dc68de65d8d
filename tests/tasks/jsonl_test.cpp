#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "core/files.h"
#include "tasks/corpus.h"
#include "tasks/jsonl_task.h"
#include "tests/core/thrown_error.h"

using namespace reckon;
using namespace reckon::tasks;
using reckon::tests::thrown_by;
using nlohmann::json;

namespace {

/// A data set in a folder of its own.
class DataSet {
 public:
  explicit DataSet(const std::string& text) : path_(folder_.path() / "rows.jsonl") {
    write_file_atomic(path_, text);
  }

  std::unique_ptr<ProblemSource> task(json config = json::object(), uint64_t seed = 7) const {
    return make_task(complete(config), {"/task", "run.json", seed, 0});
  }

  std::unique_ptr<Corpus> corpus(json config = json::object()) const {
    return make_corpus(complete(config), {"/corpus", "run.json", 7, 0});
  }

  /// The message of the error that reading the data set as a task throws.
  std::string task_error(const json& config = json::object()) const {
    try {
      task(config);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  std::string path() const { return path_.string(); }

 private:
  json complete(json config) const {
    config["kind"] = "jsonl";
    config["path"] = path();
    return config;
  }

  TempFolder folder_;
  std::filesystem::path path_;
};

std::string numbered_rows(int count, int first = 0) {
  std::string text;
  for (int i = first; i < first + count; ++i) {
    text += fmt::format(R"({{"prompt": "What is {}?", "answer": {}}})", i, i) + "\n";
  }
  return text;
}

std::set<std::string> held_out_prompts(const ProblemSource& task) {
  std::set<std::string> prompts;
  for (const Problem& problem : task.held_out(task.num_held_out())) prompts.insert(problem.prompt);
  return prompts;
}

}  // namespace

TEST_CASE("an epoch of a data set gives every training row once, and never a held-out one") {
  const auto task = DataSet(numbered_rows(500)).task({{"held_out_fraction", 0.2}});
  const std::set<std::string> held_out = held_out_prompts(*task);
  const uint64_t num_training = 500 - held_out.size();
  CHECK(held_out.size() > 60);
  CHECK(held_out.size() < 140);
  for (uint64_t epoch = 0; epoch < 2; ++epoch) {
    std::set<std::string> prompts;
    for (uint64_t i = 0; i < num_training; ++i) {
      const Problem problem = task->at(epoch * num_training + i);
      CHECK(problem.index == epoch * num_training + i);
      CHECK(!held_out.contains(problem.prompt));
      prompts.insert(problem.prompt);
    }
    CHECK(prompts.size() == num_training);
  }
}

TEST_CASE("rows stay in their split when the data grow or change their order") {
  const std::set<std::string> before = held_out_prompts(*DataSet(numbered_rows(200, 100)).task());
  const std::set<std::string> after =
      held_out_prompts(*DataSet(numbered_rows(400) + numbered_rows(10, 900)).task({}, 8));
  for (const std::string& prompt : before) CHECK(after.contains(prompt));
  CHECK(after.size() > before.size());
}

TEST_CASE("the columns of a row pass through, and the answer becomes the gold") {
  const DataSet data(R"({"question": "q", "answer": "6*7=42\n#### 1,042.", "level": 3, "x": [1]})");
  const Problem problem =
      data.task({{"held_out_fraction", 0}, {"dataset_difficulty_column", "level"}})->at(4);
  CHECK(problem.prompt == "q");
  CHECK(problem.difficulty == "3");
  CHECK(*problem.columns == json{{"question", "q"},
                                 {"answer", "6*7=42\n#### 1,042."},
                                 {"level", 3},
                                 {"x", {1}},
                                 {"gold", "1042"}});
}

TEST_CASE("a prompt of messages comes as messages, with the system prompt where it has none") {
  const DataSet data(
      R"({"messages": [{"role": "user", "content": "2+2?", "name": "x"}], "answer": "4"})");
  const std::vector<ChatMessage> user = {{"user", "2+2?"}};
  const Problem plain = data.task({{"held_out_fraction", 0}})->at(0);
  CHECK(plain.prompt.empty());
  CHECK(plain.messages == user);
  const Problem led = data.task({{"held_out_fraction", 0}, {"system_prompt", "Be brief."}})->at(0);
  CHECK(led.messages == std::vector<ChatMessage>{{"system", "Be brief."}, user[0]});
  CHECK(DataSet(
            R"({"prompt": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]})")
            .task({{"held_out_fraction", 0}, {"system_prompt", "other"}})
            ->at(0)
            .messages == std::vector<ChatMessage>{{"system", "s"}, {"user", "u"}});
}

TEST_CASE("a text becomes the user's message behind a system prompt, and stays text without one") {
  const DataSet data(R"({"prompt": "q"})");
  CHECK(data.task({{"held_out_fraction", 0}})->at(0).messages.empty());
  const Problem problem = data.task({{"held_out_fraction", 0}, {"system_prompt", "s"}})->at(0);
  CHECK(problem.messages == std::vector<ChatMessage>{{"system", "s"}, {"user", "q"}});
  CHECK(problem.prompt.empty());
}

TEST_CASE("conversations are told apart by all their messages") {
  const DataSet data(
      R"({"prompt": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]})"
      "\n"
      R"({"prompt": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "b"}]})"
      "\n"
      R"({"prompt": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]})");
  CHECK(data.task({{"held_out_fraction", 0}})->summary().find("2 for training") !=
        std::string::npos);
}

TEST_CASE("broken messages are named by file, line and place") {
  const auto error = [](const std::string& row) { return DataSet(row).task_error(); };
  CHECK(error(R"({"messages": []})").find("expected a list of messages, got a list of 0") !=
        std::string::npos);
  CHECK(error(R"({"messages": [{"role": "user"}]})")
            .find("expected text in `content`, got no such member, in") != std::string::npos);
  CHECK(error(R"({"messages": ["hi"]})").find("line 1 column `messages`/0") != std::string::npos);
}

TEST_CASE("the form of the answer can be fixed") {
  const DataSet marked(R"({"prompt": "q", "answer": "work\n#### 7"})");
  const DataSet bare(R"({"prompt": "q", "answer": " 7, or 8 "})");
  const auto gold = [](const DataSet& data, const std::string& form) {
    const auto task = data.task({{"held_out_fraction", 0}, {"answer_format", form}});
    return (*task->at(0).columns)["gold"].get<std::string>();
  };
  CHECK(gold(marked, "auto") == "7");
  CHECK(gold(marked, "gsm8k") == "7");
  CHECK(gold(marked, "text") == "work\n#### 7");
  CHECK(gold(bare, "auto") == "7, or 8");
  CHECK(bare.task_error({{"answer_format", "gsm8k"}}).find("expected an answer behind `####`") !=
        std::string::npos);
}

TEST_CASE("columns are found by name or by JSON pointer") {
  const DataSet data(R"({"data": {"text": "q"}, "reward_model": {"ground_truth": 5}})");
  const Problem problem = data.task({{"held_out_fraction", 0},
                                     {"dataset_prompt_column", "/data/text"},
                                     {"dataset_answer_column", "/reward_model/ground_truth"}})
                              ->at(0);
  CHECK(problem.prompt == "q");
  CHECK(problem.columns->at("gold") == "5");
}

TEST_CASE("the gold is what follows the last line of hashes") {
  CHECK(gold_answer("#### 5") == "5");
  CHECK(gold_answer("a\n#### 1\nb\n####  $2,500.\n") == "2500");
  CHECK(gold_answer("#### 1\n#### 2") == "2");
  CHECK(gold_answer(" 1,000 ") == "1,000");
  CHECK(gold_answer("no #### here") == "no #### here");
  CHECK(gold_answer("") == "");
}

TEST_CASE("empty and repeated prompts are left out and counted") {
  const DataSet data(numbered_rows(3) + numbered_rows(2) +
                     "{\"prompt\": \" \"}\n{\"prompt\": \"\"}\n");
  CHECK(data.task({{"held_out_fraction", 0}})->summary() ==
        data.path() +
            ": 7 rows, 3 for training, 0 held out; left out: 2 with an empty prompt, 2 repeated");
}

TEST_CASE("a broken row is named by file and line") {
  CHECK(DataSet("{\"prompt\": \"a\"}\n\n[1]\n").task_error().ends_with("rows.jsonl line 3"));
  CHECK(DataSet("{\"prompt\": 5}\n").task_error().find("column `prompt`, got 5, in") !=
        std::string::npos);
  CHECK(DataSet("{\"text\": \"a\"}\n").task_error().find("got no such column") !=
        std::string::npos);
  CHECK(DataSet("{\"prompt\": \"a\"}\n{\"prompt\": \"b\n").task_error().find("rows.jsonl") !=
        std::string::npos);
  CHECK(DataSet("{\"prompt\": \"a\"}\n")
            .task_error({{"dataset_answer_column", "gold_x"}})
            .ends_with("rows.jsonl line 1"));
  CHECK(DataSet(R"({"prompt": "a", "answer": "1", "gold": "2"})")
            .task_error({{"dataset_answer_column", "answer"}})
            .find("expected no column `gold`") != std::string::npos);
}

TEST_CASE("a data set without rows, or that is missing, is refused") {
  CHECK(DataSet("").task_error().find("run.json /task/path") != std::string::npos);
  CHECK_THROWS_AS(
      make_task({{"kind", "jsonl"}, {"path", "/nowhere/rows.jsonl"}}, {"/task", "run.json", 7, 0}),
      Error);
  CHECK_THROWS_WITH_AS(make_task({{"kind", "jsonl"}}, {"/task", "run.json", 7, 0}),
                       doctest::Contains("/task/path"), Error);
}

TEST_CASE("a data set may be held out as a whole, and then gives no training problems") {
  const auto task = DataSet(numbered_rows(3)).task({{"held_out_fraction", 1}});
  CHECK(task->num_held_out() == 3);
  CHECK_THROWS_AS(task->at(0), Error);
  CHECK_THROWS_AS(task->held_out(4), Error);
  CHECK(!task->trace(task->held_out(1).front(), "<think> </think>").has_value());
}

TEST_CASE("a corpus of rows gives every document once an epoch and knows no ids") {
  const DataSet data(
      "{\"prompt\": \"a\", \"completion\": \"1\"}\n{\"completion\": \"2\"}\n"
      "{\"prompt\": \"c\", \"completion\": \"3\"}\n");
  const auto corpus = data.corpus();
  std::map<std::string, std::string> documents;
  for (uint64_t n = 3; n < 6; ++n) {
    const Document document = corpus->at(n);
    documents[document.completion] = document.prompt;
  }
  CHECK(documents == std::map<std::string, std::string>{{"1", "a"}, {"2", ""}, {"3", "c"}});
  CHECK(corpus->size() == 3);
  CHECK(corpus->vocabulary().empty());
  CHECK_THROWS_AS(corpus->ids_at(0), Error);
  CHECK(data.corpus({{"shuffle", false}})->at(4).completion == "2");
}

TEST_CASE("a corpus row without a completion is named by file and line") {
  CHECK_THROWS_WITH_AS(DataSet("{\"completion\": \"1\"}\n{\"completion\": \"\"}\n").corpus(),
                       doctest::Contains("line 2"), Error);
  CHECK_THROWS_WITH_AS(DataSet("{\"prompt\": \"1\"}\n").corpus(), doctest::Contains("line 1"),
                       Error);
  CHECK_THROWS_AS(DataSet("").corpus(), Error);
}

TEST_CASE("a prompt template puts columns, also nested ones, between its words") {
  const TempFolder folder;
  const auto path = folder.path() / "data.jsonl";
  write_file_atomic(path, R"({"prompt": "Add.", "name": "f", "tests": ["a", "b"], "n": 3})"
                          "\n");
  JsonlConfig config;
  config.path = path.string();
  config.prompt_template = "{prompt} Call it {name}: {/tests/1}, {n}, {{x}}";
  config.held_out_fraction = 0.0;
  CHECK(JsonlTask(config, {"/task"}).at(0).prompt == "Add. Call it f: b, 3, {x}");
  config.prompt_template = "{absent}";
  CHECK(thrown_by([&] { JsonlTask(config, {"/task"}); }).code == ErrorCode::corrupt);
  config.prompt_template = "{prompt";
  CHECK(thrown_by([&] { JsonlTask(config, {"/task"}); }).code == ErrorCode::invalid_argument);
}

TEST_CASE("rows that are left out are neither trained on nor held out, and counted") {
  const TempFolder folder;
  const auto path = folder.path() / "data.jsonl";
  std::string text;
  for (int i = 0; i < 40; ++i) text += fmt::format("{{\"prompt\": \"p{}\", \"gold\": {}}}\n", i, i);
  write_file_atomic(path, text);
  JsonlConfig config;
  config.path = path.string();
  config.held_out_fraction = 0.3;
  config.max_unreadable = 0.06;
  JsonlTask task(config, {"/task"});
  const auto rows = task.rows();
  REQUIRE(rows.size() == 40);
  std::vector<bool> unusable(40, false);
  unusable[0] = unusable[39] = true;
  const auto gold = [](const nlohmann::json& columns) { return columns.at("gold").get<int>(); };
  const int first = gold(*rows[0].columns), last = gold(*rows[39].columns);
  CHECK(rows[0].line == static_cast<uint64_t>(first + 1));
  const uint64_t held_out = task.num_held_out();
  task.leave_out(unusable);
  CHECK(task.num_held_out() == held_out - 1);
  CHECK(task.rows().size() == 38);
  for (uint64_t i = 0; i < 38 - task.num_held_out(); ++i) {
    CHECK(gold(*task.at(i).columns) != first);
  }
  for (const auto& problem : task.held_out(task.num_held_out())) {
    CHECK(gold(*problem.columns) != last);
    CHECK(problem.index < task.num_held_out());
  }
  CHECK(task.summary().find("2 with a gold that cannot be read") != std::string::npos);
}

TEST_CASE("too many rows without a readable gold stop the run with the key that decides") {
  const TempFolder folder;
  const auto path = folder.path() / "data.jsonl";
  write_file_atomic(path, "{\"prompt\": \"a\"}\n{\"prompt\": \"b\"}\n");
  JsonlConfig config;
  config.path = path.string();
  JsonlTask task(config, {"/task"});
  const auto error = thrown_by([&] { task.leave_out({true, false}); });
  CHECK(error.code == ErrorCode::invalid_argument);
  CHECK(error.says("/task/max_unreadable"));
}
