// What a steady run of the cpu plugin calls: no kernel allocates or locks, in every case of the conformance suite. Two
// kinds do, and say so in docs/performance.md: oneDNN's primitives, and the reference kernels that a few ops fall back
// on.
#include "allocations.hpp"
#include "catch.hpp"
#include "conformance/run.hpp"

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <mutex>

namespace {
std::atomic<uint64_t> locks{0};
}

// Stands in front of the one in libc, for the plugins, too: the program exports it. A sanitizer has its own there.
#ifndef RLX_SANITIZED
extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) {
  using Lock = int (*)(pthread_mutex_t*);
  static const Lock next = reinterpret_cast<Lock>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  locks.fetch_add(1, std::memory_order_relaxed);
  return next(mutex);
}
#endif

namespace {

using conformance::Case;

struct Calls {
  uint64_t allocations, locks;
};

rlx::Result<rlx::Context> context_of(const std::shared_ptr<rlx::Registry>& registry, const Case& c, uint32_t threads) {
  RLX_ASSIGN(rlx::Graph graph, conformance::one_node_graph(c));
  RLX_ASSIGN(const std::vector<rlx::Tensor> inputs, conformance::make_inputs(c, 1));
  rlx::SessionOptions options;
  options.device = "cpu:0";
  options.compile.fold_constants = false;
  options.compile.fuse = false;
  options.compile.threads = threads;
  RLX_ASSIGN(rlx::Session session, rlx::Session::create(registry, std::move(graph), options));
  RLX_ASSIGN(const rlx::Executable executable, session.executable());
  RLX_ASSIGN(rlx::Context context, executable.create_context());
  for (size_t i = 0; i < inputs.size(); ++i) RLX_TRY(context.set_input(i, inputs[i].view()));
  return context;
}

bool may_allocate(const std::vector<rlx::KernelTime>& kernels) {
  for (const rlx::KernelTime& k : kernels)
    if (k.kernel.find("onednn:") != std::string::npos || k.kernel.find("ref:") != std::string::npos) return true;
  return false;
}

rlx::Result<Calls> calls_of_a_run(rlx::Context& context) {
  for (int warm = 0; warm < 2; ++warm) RLX_TRY(context.run());
  const Calls before{rlx::tools::allocation_count(), locks.load()};
  RLX_TRY(context.run());
  return Calls{rlx::tools::allocation_count() - before.allocations, locks.load() - before.locks};
}

TEST_CASE("a steady run neither allocates nor locks", "[cpu]") {
  if (rlx::tools::allocation_count() == UINT64_MAX) RLX_SKIP("this build's sanitizer owns malloc");
  const auto registry = rlx::Registry::create().value();
  const uint32_t threads = GENERATE(1u, 2u);
  size_t counted = 0;
  for (const Case& c : conformance::all_cases()) {
    const Calls before{rlx::tools::allocation_count(), locks.load()};
    auto context = context_of(registry, c, threads);
    if (!context && context.error().code == rlx::Code::kUnimplemented) continue;
    INFO(c.name());
    REQUIRE(context);
    // Both counters see the plugin: making a context takes memory from a pool behind a mutex.
    REQUIRE(rlx::tools::allocation_count() > before.allocations);
    REQUIRE(locks.load() > before.locks);
    const auto kernels = context->profile();
    REQUIRE(kernels);
    if (may_allocate(*kernels)) continue;
    const auto calls = calls_of_a_run(*context);
    REQUIRE(calls);
    REQUIRE(calls->allocations == 0);
    REQUIRE(calls->locks == 0);
    ++counted;
  }
  REQUIRE(counted > 1000);
}

}  // namespace
