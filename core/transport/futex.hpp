// Sleeping until a 32-bit word changes. std::atomic::wait knows no deadline and does not work between processes.
#pragma once

#include <atomic>
#include <cstdint>

namespace rlx::transport {

// Returns when the word differs from seen, when woken, after timeout_ns, or for no reason. shared: the word lies in
// memory that processes share.
void futex_wait(std::atomic<uint32_t>& word, uint32_t seen, uint64_t timeout_ns, bool shared) noexcept;
// Wakes everybody who waits on the word.
void futex_wake(std::atomic<uint32_t>& word, bool shared) noexcept;

}  // namespace rlx::transport
