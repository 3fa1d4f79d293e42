// The only file that talks to OpenMP, through libgomp's stable C entries, so that clang links the same pool as gcc.
#include "team.hpp"

extern "C" {
void GOMP_parallel(void (*fn)(void*), void* data, unsigned threads, unsigned flags);
int omp_get_thread_num(void);
int omp_get_num_threads(void);
int omp_get_max_threads(void);
void omp_set_num_threads(int);
}

namespace rlx::cpu {

#if defined(__SANITIZE_THREAD__)
#define RLX_CPU_ONE_THREAD 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RLX_CPU_ONE_THREAD 1
#endif
#endif

namespace {

struct Job {
  void (*body)(void*, unsigned);
  void* arg;
  unsigned parts;
};

#ifndef RLX_CPU_ONE_THREAD
void run_parts(void* data) {
  const Job& job = *static_cast<Job*>(data);
  const unsigned step = static_cast<unsigned>(omp_get_num_threads());
  for (unsigned part = static_cast<unsigned>(omp_get_thread_num()); part < job.parts; part += step)
    job.body(job.arg, part);
}
#endif

}  // namespace

// ThreadSanitizer cannot see libgomp's barriers and would report every join as a race: there the team is one thread.
void Team::fork(unsigned parts, void (*body)(void*, unsigned), void* arg) {
#ifdef RLX_CPU_ONE_THREAD
  for (unsigned part = 0; part < parts; ++part) body(arg, part);
#else
  Job job{body, arg, parts};
  GOMP_parallel(run_parts, &job, parts, 0);
#endif
}

ThreadCountScope::ThreadCountScope(unsigned threads) : before_(omp_get_max_threads()) {
#ifdef RLX_CPU_ONE_THREAD
  threads = 1;
#endif
  omp_set_num_threads(static_cast<int>(threads));
}

ThreadCountScope::~ThreadCountScope() {
  omp_set_num_threads(before_);
}

}  // namespace rlx::cpu
