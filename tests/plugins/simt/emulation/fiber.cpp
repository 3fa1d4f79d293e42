// Switches stacks: in assembly on x86-64, with ucontext elsewhere. The sanitizers are told of each switch.
#include "emulation/fiber.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#define EMULATION_ADDRESS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EMULATION_ADDRESS 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define EMULATION_THREAD 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define EMULATION_THREAD 1
#endif
#endif
#if defined(EMULATION_ADDRESS)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(EMULATION_THREAD)
#include <sanitizer/tsan_interface.h>
#endif
#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace emulation {

namespace {
#if defined(EMULATION_ADDRESS) || defined(EMULATION_THREAD)
constexpr size_t kStackBytes = 512u << 10;
#else
constexpr size_t kStackBytes = 64u << 10;
#endif
}  // namespace

#if defined(__x86_64__)
// Saves the callee's registers on the stack, exchanges stacks, restores. from: where the old stack pointer goes.
extern "C" void emulation_switch(void** from, void* to);
asm(R"(
.text
.globl emulation_switch
.hidden emulation_switch
.type emulation_switch, @function
emulation_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emulation_switch, .-emulation_switch
)");
#endif

struct Fiber::State {
  char* mapping = nullptr;
  size_t guard = 0;
#if defined(__x86_64__)
  void *own = nullptr, *caller = nullptr;
#else
  ucontext_t own, caller;
#endif
#if defined(EMULATION_ADDRESS)
  void *own_fake = nullptr, *caller_fake = nullptr;
  const void* caller_stack = nullptr;
  size_t caller_bytes = 0;
#endif
#if defined(EMULATION_THREAD)
  void *own_fiber = nullptr, *caller_fiber = nullptr;
#endif
};

namespace {
// The fiber that begins; its first frame has no other way to learn it.
thread_local Fiber* beginning = nullptr;
}  // namespace

void Fiber::body(Fiber* self) {
#if defined(EMULATION_ADDRESS)
  __sanitizer_finish_switch_fiber(nullptr, &self->state_->caller_stack, &self->state_->caller_bytes);
#endif
  for (;;) {
    self->fn_(self->arg_);
    self->ended_ = true;
    self->leave();
  }
}

Fiber::Fiber() : state_(new State) {
  state_->guard = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* memory = mmap(nullptr, state_->guard + kStackBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    delete state_;
    throw std::bad_alloc();
  }
  state_->mapping = static_cast<char*>(memory);
  mprotect(state_->mapping, state_->guard, PROT_NONE);
#if defined(__x86_64__)
  // As if body had been called: six registers, the address to return to, and one word that aligns the stack.
  void** top = reinterpret_cast<void**>(state_->mapping + state_->guard + kStackBytes) - 2;
  *top = reinterpret_cast<void*>(+[] { Fiber::body(beginning); });
  state_->own = top - 6;
#else
  getcontext(&state_->own);
  state_->own.uc_stack.ss_sp = state_->mapping + state_->guard;
  state_->own.uc_stack.ss_size = kStackBytes;
  state_->own.uc_link = nullptr;
  makecontext(&state_->own, reinterpret_cast<void (*)()>(+[] { Fiber::body(beginning); }), 0);
#endif
#if defined(EMULATION_THREAD)
  state_->own_fiber = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
#if defined(EMULATION_THREAD)
  __tsan_destroy_fiber(state_->own_fiber);
#endif
  munmap(state_->mapping, state_->guard + kStackBytes);
  delete state_;
}

void Fiber::enter() {
  State& s = *state_;
#if defined(EMULATION_THREAD)
  s.caller_fiber = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(s.own_fiber, 0);
#endif
#if defined(EMULATION_ADDRESS)
  __sanitizer_start_switch_fiber(&s.caller_fake, s.mapping + s.guard, kStackBytes);
#endif
  beginning = this;
#if defined(__x86_64__)
  emulation_switch(&s.caller, s.own);
#else
  swapcontext(&s.caller, &s.own);
#endif
#if defined(EMULATION_ADDRESS)
  __sanitizer_finish_switch_fiber(s.caller_fake, nullptr, nullptr);
#endif
}

void Fiber::leave() {
  State& s = *state_;
#if defined(EMULATION_THREAD)
  __tsan_switch_to_fiber(s.caller_fiber, 0);
#endif
#if defined(EMULATION_ADDRESS)
  __sanitizer_start_switch_fiber(&s.own_fake, s.caller_stack, s.caller_bytes);
#endif
#if defined(__x86_64__)
  emulation_switch(&s.own, s.caller);
#else
  swapcontext(&s.own, &s.caller);
#endif
#if defined(EMULATION_ADDRESS)
  __sanitizer_finish_switch_fiber(s.own_fake, &s.caller_stack, &s.caller_bytes);
#endif
}

bool Fiber::resume(void (*fn)(void*), void* arg) {
  if (ended_) {
    fn_ = fn;
    arg_ = arg;
    ended_ = false;
  }
  enter();
  return ended_;
}

void Fiber::yield() {
  leave();
}

}  // namespace emulation
