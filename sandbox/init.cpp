// reckon-init: the first process of a box. It starts one program at a time, reaps everything,
// kills what a program leaves behind and empties the writable folder. When it ends, the kernel ends
// all that is left in its process namespace. Static, no dependencies: nothing in the box can stand
// in for a part of it.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/init_protocol.h"

namespace {

using namespace reckon::sandbox;

constexpr int kMostDescriptors = 5;
constexpr int kFirstFreeDescriptor = 16;
constexpr int kMostWords = 256;

// What one run needs, as received.
struct Request {
  alignas(8) char bytes[kMostMessageBytes] = {};
  RunHeader header;
  char* words[kMostWords + 1] = {};
  int descriptors[kMostDescriptors] = {-1, -1, -1, -1, -1};
};

// How init was started. As the first process of a namespace it may kill everything it sees; without
// one (where a machine has none and the user insists) only what descends from it.
struct Place {
  const char* box = "/box";
  bool own_namespace = true;
};

void close_from(unsigned first) { ::syscall(SYS_close_range, first, ~0U, 0U); }

void send_report(int control, const InitReport& report, int descriptor) {
  iovec part = {const_cast<InitReport*>(&report), sizeof report};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))] = {};
  if (descriptor >= 0) {
    message.msg_control = space;
    message.msg_controllen = sizeof space;
    cmsghdr* entry = CMSG_FIRSTHDR(&message);
    entry->cmsg_level = SOL_SOCKET;
    entry->cmsg_type = SCM_RIGHTS;
    entry->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(entry), &descriptor, sizeof(int));
  }
  if (::sendmsg(control, &message, MSG_NOSIGNAL) < 0) ::_exit(3);
}

// Splits the words behind the header. False if they are not what the header says.
bool split_words(Request& request, ssize_t size) {
  const uint32_t length = request.header.argument_bytes;
  if (size != static_cast<ssize_t>(sizeof(RunHeader) + length) || length == 0) return false;
  char* at = request.bytes + sizeof(RunHeader);
  char* const end = at + length;
  if (end[-1] != '\0') return false;
  int count = 0;
  for (; at < end && count < kMostWords; at += strlen(at) + 1) request.words[count++] = at;
  return at == end;
}

// Waits for a run. Anything else, also the judge's end of the socket closing, ends the box.
void receive(int control, Request& request) {
  iovec part = {request.bytes, sizeof request.bytes};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int) * kMostDescriptors)];
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof space;
  ssize_t size;
  do {
    size = ::recvmsg(control, &message, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size < static_cast<ssize_t>(sizeof(RunHeader))) ::_exit(0);
  memcpy(&request.header, request.bytes, sizeof(RunHeader));
  const RunHeader& header = request.header;
  const cmsghdr* entry = CMSG_FIRSTHDR(&message);
  const size_t expected = 3U + header.has_result + header.has_channel;
  if (header.magic != kInitMagic || header.kind != InitMessage::run || entry == nullptr ||
      entry->cmsg_len != CMSG_LEN(sizeof(int) * expected) || !split_words(request, size)) {
    ::_exit(4);
  }
  int received[kMostDescriptors];
  memcpy(received, CMSG_DATA(entry), sizeof(int) * expected);
  for (int i = 0; i < 3; ++i) request.descriptors[i] = received[i];
  request.descriptors[3] = header.has_result ? received[3] : -1;
  request.descriptors[4] = header.has_channel ? received[3 + header.has_result] : -1;
}

void limit(int resource, uint64_t soft, uint64_t hard) {
  rlimit now = {};
  ::getrlimit(static_cast<__rlimit_resource>(resource), &now);
  if (hard > now.rlim_max) hard = now.rlim_max;
  if (soft > hard) soft = hard;
  const rlimit wanted = {soft, hard};
  if (::setrlimit(static_cast<__rlimit_resource>(resource), &wanted) != 0) ::_exit(125);
}

void set_limits(const uint64_t* limits) {
  // The soft CPU limit tells the program why it ends; the hard one ends it anyway.
  limit(RLIMIT_CPU, limits[limit_cpu_seconds], limits[limit_cpu_seconds] + 1);
  limit(RLIMIT_AS, limits[limit_address_space], limits[limit_address_space]);
  limit(RLIMIT_FSIZE, limits[limit_file_bytes], limits[limit_file_bytes]);
  limit(RLIMIT_NOFILE, limits[limit_open_files], limits[limit_open_files]);
  limit(RLIMIT_NPROC, limits[limit_processes], limits[limit_processes]);
  limit(RLIMIT_STACK, limits[limit_stack_bytes], limits[limit_stack_bytes]);
  limit(RLIMIT_CORE, 0, 0);
  limit(RLIMIT_MEMLOCK, 64 << 10, 64 << 10);
  limit(RLIMIT_MSGQUEUE, 0, 0);
  limit(RLIMIT_SIGPENDING, 256, 256);
  limit(RLIMIT_RTPRIO, 0, 0);
  limit(RLIMIT_NICE, 0, 0);
}

// The child's side: becomes the program, or says why it cannot.
[[noreturn]] void become(const Request& request, const Place& place, int failure) {
  ::setsid();
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // What the judge's caller ignores would be ignored here too.
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  // Step 1. Move what is needed out of the way of the final numbers.
  int moved[kMostDescriptors];
  for (int i = 0; i < kMostDescriptors; ++i) {
    const int fd = request.descriptors[i];
    moved[i] = fd < 0 ? -1 : ::fcntl(fd, F_DUPFD_CLOEXEC, kFirstFreeDescriptor);
  }
  const int report = ::fcntl(failure, F_DUPFD_CLOEXEC, kFirstFreeDescriptor);
  // Step 2. Put each under its number; nothing else stays open after exec.
  for (int i = 0; i < kMostDescriptors; ++i) {
    if (moved[i] >= 0) {
      ::dup2(moved[i], i);
    } else {
      ::close(i);
    }
  }
  ::syscall(SYS_close_range, static_cast<unsigned>(kMostDescriptors), ~0U, 4U /* close-on-exec */);
  // Step 3. Limits last: the steps before need descriptors.
  set_limits(request.header.limits);
  if (::chdir(place.box) == 0) ::execve(request.words[0], request.words, environ);
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(report, &error, sizeof error);
  ::_exit(126);
}

void add_usage(InitReport& report, const rusage& usage) {
  report.cpu_us += int64_t{usage.ru_utime.tv_sec + usage.ru_stime.tv_sec} * 1'000'000 +
                   usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  if (usage.ru_maxrss > report.peak_kib) report.peak_kib = usage.ru_maxrss;
}

// Sends SIGKILL to all that may be left: everything in the namespace, or else every child (orphans
// become children, as init is their reaper).
void kill_all(const Place& place) {
  if (place.own_namespace && ::getpid() == 1) {
    ::kill(-1, SIGKILL);
    return;
  }
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%d/children", ::getpid());
  FILE* children = ::fopen(path, "re");
  if (children == nullptr) return;
  for (int pid = 0; ::fscanf(children, "%d", &pid) == 1;) {
    ::kill(-pid, SIGKILL);
    ::kill(pid, SIGKILL);
  }
  ::fclose(children);
}

// Kills and reaps all other processes.
void kill_rest(const Place& place, InitReport& report) {
  for (;;) {
    kill_all(place);
    rusage usage = {};
    int status = 0;
    const pid_t pid = ::wait4(-1, &status, 0, &usage);
    if (pid > 0) add_usage(report, usage);
    if (pid < 0 && errno == ECHILD) return;
  }
}

// Reaps until the main process has ended. The judge closing its socket ends the box.
void wait_for(pid_t main, int control, int signals, const Place& place, InitReport& report) {
  for (;;) {
    int status = 0;
    rusage usage = {};
    pid_t pid;
    while ((pid = ::wait4(-1, &status, WNOHANG, &usage)) > 0) {
      add_usage(report, usage);
      if (pid != main) continue;
      report.wait_status = status;
      return;
    }
    if (pid < 0 && errno == ECHILD) ::_exit(5);
    pollfd watched[2] = {{control, POLLIN, 0}, {signals, POLLIN, 0}};
    if (::poll(watched, 2, -1) < 0) continue;
    if (watched[0].revents != 0) {
      kill_rest(place, report);
      ::_exit(0);
    }
    signalfd_siginfo ignored[8];
    [[maybe_unused]] const ssize_t got = ::read(signals, ignored, sizeof ignored);
  }
}

// Opens the wanted file if it is a regular one. Never blocks, follows no link at its end.
int open_collected(const char* name, const Place& place) {
  if (name[0] == '\0') return -1;
  const int box = ::open(place.box, O_PATH | O_DIRECTORY | O_CLOEXEC);
  const int fd = ::openat(box, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  ::close(box);
  struct stat status = {};
  if (fd >= 0 && ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) return fd;
  if (fd >= 0) ::close(fd);
  return -1;
}

// Removes the entries of one folder below `box`. Folders in it are first moved up to `box` under a
// new name, so that no depth of nesting needs a path or a stack. Says whether any entry was seen.
bool empty_folder(int box, const char* folder, unsigned long& moved) {
  const int fd = ::openat(box, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR* listing = fd < 0 ? nullptr : ::fdopendir(fd);
  if (listing == nullptr) ::_exit(6);
  const bool top = strcmp(folder, ".") == 0;
  bool any = false;
  while (const dirent* entry = ::readdir(listing)) {
    const char* name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
    any = true;
    if (::unlinkat(fd, name, 0) == 0) continue;
    ::fchmodat(fd, name, 0700, 0);  // a folder: unlinkat removes all else
    if (::unlinkat(fd, name, AT_REMOVEDIR) == 0) continue;
    char other[32] = ".reckon-";
    unsigned long number = ++moved;
    for (int i = 8; i < 28; ++i, number /= 10) other[i] = static_cast<char>('0' + number % 10);
    if (top) {
      empty_folder(box, name, moved);
      ::unlinkat(box, name, AT_REMOVEDIR);
    } else {
      // A taken name fails; the next round tries another.
      [[maybe_unused]] const int renamed = ::renameat(fd, name, box, other);
    }
  }
  ::closedir(listing);
  return any;
}

void empty_box(const Place& place) {
  const int box = ::open(place.box, O_PATH | O_DIRECTORY | O_CLOEXEC);
  ::chmod(place.box, 0700);
  unsigned long moved = 0;
  while (empty_folder(box, ".", moved)) {
  }
  ::close(box);
}

void serve(int control, int signals, const Place& place, Request& request) {
  int failure[2];
  if (::pipe2(failure, O_CLOEXEC) != 0) ::_exit(8);
  const pid_t main = ::fork();
  if (main == 0) become(request, place, failure[1]);
  ::close(failure[1]);
  for (int& fd : request.descriptors) {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
  InitReport report;
  report.kind = InitMessage::done;
  report.run = request.header.run;
  if (main < 0) {
    report.exec_error = errno;
  } else {
    [[maybe_unused]] const ssize_t got =
        ::read(failure[0], &report.exec_error, sizeof report.exec_error);
    wait_for(main, control, signals, place, report);
    kill_rest(place, report);
  }
  ::close(failure[0]);
  const int collected = open_collected(request.header.collect, place);
  report.collected = collected >= 0;
  send_report(control, report, collected);
  if (collected >= 0) ::close(collected);
  empty_box(place);
  report.kind = InitMessage::clean;
  send_report(control, report, -1);
}

}  // namespace

// reckon-init DESCRIPTOR [FOLDER]: the control socket; the writable folder where there are no
// namespaces.
int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) return 2;
  Place place;
  if (argc == 3) {
    place = {argv[2], false};
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  }
  int control = atoi(argv[1]);
  // Nobody in the box may look into this process.
  ::prctl(PR_SET_DUMPABLE, 0);
  ::umask(022);
  control = ::fcntl(control, F_DUPFD_CLOEXEC, kFirstFreeDescriptor);
  ::dup3(control, 3, O_CLOEXEC);
  control = 3;
  close_from(4);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &child, nullptr);
  const int signals = ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  const InitReport ready;
  send_report(control, ready, -1);
  static Request request;
  for (;;) {
    receive(control, request);
    serve(control, signals, place, request);
  }
}
