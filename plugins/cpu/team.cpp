// The only file that talks to OpenMP, through libgomp's stable C entries, so that clang links the same pool as gcc.
#include "team.hpp"

#include <thread>
#include <vector>

extern "C" {
void GOMP_parallel(void (*fn)(void*), void* data, unsigned threads, unsigned flags);
int omp_get_thread_num(void);
int omp_get_num_threads(void);
int omp_get_max_threads(void);
void omp_set_num_threads(int);
}

namespace rlx::cpu {

#if defined(__SANITIZE_THREAD__)
#define RLX_CPU_PLAIN_THREADS 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RLX_CPU_PLAIN_THREADS 1
#endif
#endif

namespace {

struct Job {
  void (*body)(void*, unsigned);
  void* arg;
  unsigned parts;
};

#ifndef RLX_CPU_PLAIN_THREADS
void run_parts(void* data) {
  const Job& job = *static_cast<Job*>(data);
  const unsigned step = static_cast<unsigned>(omp_get_num_threads());
  for (unsigned part = static_cast<unsigned>(omp_get_thread_num()); part < job.parts; part += step)
    job.body(job.arg, part);
}
#endif

}  // namespace

// ThreadSanitizer cannot see libgomp's barriers and would report every join as a race: there the team is made anew from
// plain threads, so that it sees what the parts of a kernel do to each other, and oneDNN keeps to one.
void Team::fork(unsigned parts, void (*body)(void*, unsigned), void* arg) {
#ifdef RLX_CPU_PLAIN_THREADS
  std::vector<std::thread> others;
  for (unsigned part = 1; part < parts; ++part) others.emplace_back(body, arg, part);
  body(arg, 0);
  for (std::thread& t : others) t.join();
#else
  Job job{body, arg, parts};
  GOMP_parallel(run_parts, &job, parts, 0);
#endif
}

ThreadCountScope::ThreadCountScope(unsigned threads) : before_(omp_get_max_threads()) {
#ifdef RLX_CPU_PLAIN_THREADS
  threads = 1;
#endif
  omp_set_num_threads(static_cast<int>(threads));
}

ThreadCountScope::~ThreadCountScope() {
  omp_set_num_threads(before_);
}

}  // namespace rlx::cpu
