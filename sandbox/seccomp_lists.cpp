#include "sandbox/seccomp_lists.h"

namespace reckon::sandbox {
namespace {

constexpr const char* kAllowed[] = {
    // Files
    "read", "readv", "pread64", "preadv", "preadv2", "write", "writev", "pwrite64", "pwritev",
    "pwritev2", "lseek", "_llseek", "close", "close_range", "dup", "dup2", "dup3", "fcntl",
    "fcntl64", "flock", "fsync", "fdatasync", "sync", "syncfs", "sync_file_range", "ftruncate",
    "ftruncate64", "truncate", "truncate64", "fallocate", "sendfile", "sendfile64", "splice", "tee",
    "vmsplice", "copy_file_range", "fadvise64", "readahead", "open", "openat", "creat", "stat",
    "stat64", "lstat", "lstat64", "fstat", "fstat64", "newfstatat", "fstatat64", "statx", "statfs",
    "statfs64", "fstatfs", "fstatfs64", "access", "faccessat", "faccessat2", "getdents",
    "getdents64", "getcwd", "chdir", "fchdir", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat",
    "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "readlink",
    "readlinkat", "chmod", "fchmod", "fchmodat", "fchmodat2", "umask", "utime", "utimes",
    "utimensat", "futimesat", "getxattr", "lgetxattr", "fgetxattr", "listxattr", "llistxattr",
    "flistxattr",
    // Waiting and channels
    "poll", "ppoll", "select", "_newselect", "pselect6", "epoll_create", "epoll_create1",
    "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "pipe", "pipe2", "eventfd",
    "eventfd2", "signalfd", "signalfd4", "timerfd_create", "timerfd_settime", "timerfd_gettime",
    "inotify_init", "inotify_init1", "inotify_add_watch", "inotify_rm_watch", "socketpair",
    "sendmsg", "recvmsg", "sendto", "recvfrom", "sendmmsg", "recvmmsg", "shutdown", "bind",
    "listen", "accept", "accept4", "connect", "getsockname", "getpeername", "getsockopt",
    "setsockopt",
    // Memory
    "mmap", "mmap2", "mprotect", "munmap", "brk", "madvise", "mremap", "msync", "mincore", "mlock",
    "mlock2", "munlock", "mlockall", "munlockall", "pkey_alloc", "pkey_free", "pkey_mprotect",
    "membarrier", "get_mempolicy",
    // Time
    "clock_gettime", "clock_gettime64", "clock_getres", "clock_nanosleep", "nanosleep",
    "gettimeofday", "time", "times", "alarm", "getitimer", "setitimer", "timer_create",
    "timer_settime", "timer_gettime", "timer_getoverrun", "timer_delete", "pause",
    // Signals
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigtimedwait",
    "rt_sigsuspend", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "sigaltstack", "sigreturn", "kill",
    "tkill", "tgkill", "restart_syscall",
    // Processes and threads
    "fork", "vfork", "execve", "execveat", "exit", "exit_group", "wait4", "waitid", "waitpid",
    "futex", "futex_waitv", "futex_wake", "futex_wait", "futex_requeue", "set_robust_list",
    "get_robust_list", "set_tid_address", "gettid", "getpid", "getppid", "getpgid", "setpgid",
    "getpgrp", "getsid", "setsid", "arch_prctl", "set_thread_area", "get_thread_area", "rseq",
    "getrlimit", "ugetrlimit", "setrlimit", "getrusage", "sched_yield", "sched_getaffinity",
    "sched_getparam", "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min",
    "sched_rr_get_interval", "sched_getattr", "getpriority", "getcpu", "capget",
    // Identity
    "getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid", "getgroups", "uname",
    "sysinfo", "getrandom"};

constexpr const char* kRefused[] = {
    "mbind", "set_mempolicy", "set_mempolicy_home_node", "move_pages", "migrate_pages",
    "sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr", "setpriority",
    "ioprio_set", "ioprio_get", "chroot", "chown", "lchown", "fchown", "fchownat", "setxattr",
    "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr", "setuid", "setgid",
    "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid", "setgroups", "capset",
    "sethostname", "setdomainname", "vhangup",
    // They would survive the run
    "shmget", "shmat", "shmdt", "shmctl", "semget", "semop", "semtimedop", "semctl", "msgget",
    "msgsnd", "msgrcv", "msgctl", "mq_open", "mq_unlink", "mq_timedsend", "mq_timedreceive",
    "mq_notify", "mq_getsetattr"};

constexpr const char* kDeadly[] = {"ptrace",
                                   "process_vm_readv",
                                   "process_vm_writev",
                                   "process_madvise",
                                   "kcmp",
                                   "pidfd_getfd",
                                   "mount",
                                   "umount",
                                   "umount2",
                                   "pivot_root",
                                   "move_mount",
                                   "fsopen",
                                   "fsconfig",
                                   "fsmount",
                                   "fspick",
                                   "open_tree",
                                   "mount_setattr",
                                   "unshare",
                                   "setns",
                                   "bpf",
                                   "perf_event_open",
                                   "userfaultfd",
                                   "add_key",
                                   "request_key",
                                   "keyctl",
                                   "init_module",
                                   "finit_module",
                                   "delete_module",
                                   "create_module",
                                   "query_module",
                                   "get_kernel_syms",
                                   "kexec_load",
                                   "kexec_file_load",
                                   "reboot",
                                   "swapon",
                                   "swapoff",
                                   "settimeofday",
                                   "stime",
                                   "clock_settime",
                                   "clock_settime64",
                                   "clock_adjtime",
                                   "adjtimex",
                                   "acct",
                                   "quotactl",
                                   "quotactl_fd",
                                   "iopl",
                                   "ioperm",
                                   "modify_ldt",
                                   "name_to_handle_at",
                                   "open_by_handle_at",
                                   "fanotify_init",
                                   "fanotify_mark",
                                   "syslog",
                                   "lookup_dcookie",
                                   "nfsservctl",
                                   "vm86",
                                   "vm86old",
                                   "uselib",
                                   "ustat",
                                   "sysfs",
                                   "_sysctl"};

}  // namespace

std::span<const char* const> allowed_calls() { return kAllowed; }
std::span<const char* const> refused_calls() { return kRefused; }
std::span<const char* const> deadly_calls() { return kDeadly; }

}  // namespace reckon::sandbox
