#include "sandbox/group.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/error.h"
#include "sandbox/group_files.h"

using namespace reckon;
using namespace reckon::sandbox;
namespace fs = std::filesystem;

namespace {

// A folder with plain files in the place of the kernel's.
class FakeHierarchy {
 public:
  FakeHierarchy()
      : path_(fs::temp_directory_path() / fmt::format("reckon-fake-cgroup-{}", ::getpid())) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  FakeHierarchy(const FakeHierarchy&) = delete;
  FakeHierarchy& operator=(const FakeHierarchy&) = delete;
  ~FakeHierarchy() { fs::remove_all(path_); }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// The files of a group of version 2, at rest.
void write_group2(const FakeHierarchy& fake, const std::string& name) {
  for (const char* file : {"memory.max", "memory.swap.max", "memory.oom.group", "cpu.max",
                           "pids.max", "cgroup.procs", "cgroup.kill"}) {
    fake.write(name + "/" + file, "");
  }
  fake.write(name + "/pids.current", "0\n");
}

}  // namespace

TEST_CASE("numbers are read from control files alone and by key") {
  const FakeHierarchy fake;
  fake.write("one", "4096\n");
  fake.write("stat", "usage_usec 12\nuser_usec 7\nusage 5\n");
  CHECK(control_number(fake.path() / "one") == 4096);
  CHECK(control_number(fake.path() / "stat", "usage") == 5);
  CHECK(control_number(fake.path() / "stat", "usage_usec") == 12);
  CHECK(control_number(fake.path() / "stat", "none", -1) == -1);
  CHECK(control_number(fake.path() / "absent", {}, -2) == -2);
}

TEST_CASE("version 2 needs memory, pids and cpu, and says what is missing") {
  const FakeHierarchy fake;
  std::string why;
  fake.write("cgroup.controllers", "hugetlb\n");
  CHECK(make_cgroup2(fake.path(), why) == nullptr);
  CHECK(why.find("does not offer memory, pids and cpu") != std::string::npos);
  fake.write("cgroup.controllers", "cpu io memory hugetlb pids\n");
  fake.write("cgroup.procs", "");
  fake.write("cgroup.subtree_control", "cpu memory pids\n");
  const auto groups = make_cgroup2(fake.path(), why);
  REQUIRE(groups != nullptr);
  CHECK(groups->backend() == "cgroup2");
}

TEST_CASE("a group of version 2 writes its limits and counts from its start") {
  const FakeHierarchy fake;
  fake.write("cgroup.controllers", "cpu memory pids\n");
  fake.write("cgroup.subtree_control", "cpu memory pids\n");
  fake.write("cgroup.procs", "");
  const std::string name = group_name(3);
  write_group2(fake, name);
  std::string why;
  const auto group = make_cgroup2(fake.path(), why)->make(3);
  CHECK(group->join_files().size() == 1);
  group->limit(100 << 20, 8);
  CHECK(read_control(fake.path() / name / "memory.swap.max") == "0");
  CHECK(read_control(fake.path() / name / "memory.oom.group") == "1");
  CHECK(read_control(fake.path() / name / "cpu.max") == "100000 100000");
  CHECK(control_number(fake.path() / name / "memory.max") >= 100 << 20);
  CHECK(control_number(fake.path() / name / "pids.max") == 10);

  fake.write(name + "/cpu.stat", "usage_usec 1000000\nuser_usec 1\n");
  fake.write(name + "/memory.events", "low 0\noom 1\noom_kill 2\n");
  fake.write(name + "/pids.events", "max 5\n");
  fake.write(name + "/memory.peak", "1000\n");
  fake.write(name + "/pids.peak", "4\n");
  group->start_count();
  CHECK(group->usage().cpu_s == 0.0);
  CHECK(group->usage().oom_kills == 0);
  fake.write(name + "/cpu.stat", "usage_usec 3500000\nuser_usec 1\n");
  fake.write(name + "/memory.events", "low 0\noom 1\noom_kill 3\n");
  fake.write(name + "/pids.events", "max 6\n");
  fake.write(name + "/memory.peak", "2000\n");
  fake.write(name + "/pids.peak", "9\n");
  const GroupUsage usage = group->usage();
  CHECK(usage.cpu_s == doctest::Approx(2.5));
  CHECK(usage.oom_kills == 1);
  CHECK(usage.refused_forks == 1);
  CHECK(usage.peak_memory_bytes == 2000);
  CHECK(usage.peak_processes == 7);
  group->kill();
  CHECK(read_control(fake.path() / name / "cgroup.kill") == "1");
  CHECK(group->wait_empty(0));
  fake.write(name + "/pids.current", "2\n");
  CHECK_FALSE(group->wait_empty(5));
  fs::remove_all(fake.path() / name);
}

TEST_CASE("version 1 needs all four hierarchies") {
  const FakeHierarchy fake;
  std::string why;
  CHECK(make_cgroup1({fake.path(), fake.path(), fake.path(), {}}, why) == nullptr);
  CHECK(why.find("not mounted") != std::string::npos);
  CHECK(make_cgroup1({fake.path() / "none", fake.path(), fake.path(), fake.path()}, why) ==
        nullptr);
  CHECK(why.find("not writable") != std::string::npos);
}

TEST_CASE("groups of dead judges are removed, those of living ones stay") {
  const FakeHierarchy fake;
  const std::string mine = group_name(0);
  fs::create_directories(fake.path() / mine);
  fs::create_directories(fake.path() / "reckon-999999999-123-0");
  // The number of a living process, but not its start: the number was given again.
  fs::create_directories(fake.path() / fmt::format("reckon-{}-1-0", ::getpid()));
  fs::create_directories(fake.path() / "other");
  fs::create_directories(fake.path() / "reckon-odd");
  remove_stale_groups(fake.path());
  CHECK(fs::exists(fake.path() / mine));
  CHECK(fs::exists(fake.path() / "other"));
  CHECK(fs::exists(fake.path() / "reckon-odd"));
  CHECK_FALSE(fs::exists(fake.path() / "reckon-999999999-123-0"));
  CHECK_FALSE(fs::exists(fake.path() / fmt::format("reckon-{}-1-0", ::getpid())));
}
