// The doctest reporter `case`: one line a test case, from which scripts/test counts. It stands
// beside doctest's console reporter on the same stream. Fields are separated by tabs:
//
//   [cases]  begin
//   [case]   passed|failed|skipped  SECONDS  SUITE  TITLE  REASON
//   [cases]  end
//
// Without the last line the binary did not get to its end, whatever its exit status says.
#include <doctest/doctest.h>

#include <iomanip>
#include <ostream>
#include <string>
#include <string_view>

namespace {

// A case that finds at run time that it cannot run says MESSAGE("skipped: REASON") and returns.
constexpr std::string_view kSkipped = "skipped: ";

class CaseReporter : public doctest::IReporter {
 public:
  explicit CaseReporter(const doctest::ContextOptions& options) : out_(*options.cout) {}

  void test_run_start() override { out_ << "[cases]\tbegin" << std::endl; }
  void test_run_end(const doctest::TestRunStats&) override {
    out_ << "\n[cases]\tend" << std::endl;
  }

  void test_case_start(const doctest::TestCaseData& test) override {
    current_ = &test;
    reason_.clear();
  }

  void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
    const char* passed = reason_.empty() ? "passed" : "skipped";
    print(*current_, stats.testCaseSuccess ? passed : "failed", stats.seconds, reason_);
  }

  // doctest also calls this for cases that a filter of the command line left out.
  void test_case_skipped(const doctest::TestCaseData& test) override {
    if (test.m_skip) print(test, "skipped", 0.0, test.m_description ? test.m_description : "");
  }

  // Messages of the main thread only: doctest does not lock around them.
  void log_message(const doctest::MessageData& message) override {
    const std::string_view text = message.m_string.c_str();
    if (text.starts_with(kSkipped)) reason_ = text.substr(kSkipped.size());
  }

  void report_query(const doctest::QueryData&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}

 private:
  // Flushed, so that the lines before a crash are not lost with it.
  void print(const doctest::TestCaseData& test, const char* result, double seconds,
             std::string_view reason) {
    out_ << "[case]\t" << result << '\t' << std::fixed << std::setprecision(3) << seconds << '\t'
         << (test.m_test_suite ? test.m_test_suite : "") << '\t' << test.m_name << '\t' << reason
         << std::endl;
  }

  std::ostream& out_;
  const doctest::TestCaseData* current_ = nullptr;
  std::string reason_;
};

REGISTER_REPORTER("case", 1, CaseReporter);

}  // namespace
