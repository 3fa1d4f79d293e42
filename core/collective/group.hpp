// A process group's state, and what every collective does before and after its algorithm.
#pragma once

#include "collective/algorithms.hpp"
#include "status/format.hpp"

namespace rlx {

struct ProcessGroup::Impl {
  std::shared_ptr<collective::Wire> wire;
  std::vector<uint32_t> members;
  uint32_t me = 0;
  Algorithm last = Algorithm::kAuto;
  uint64_t moved = 0;

  collective::Team team() { return {*wire, members, me}; }
  // All ranks, in their order.
  bool is_world() const;
  // True: the transport executed it. False: the host has to, because another algorithm was asked for or is better, or
  // the transport has none. The answer is the same on all members.
  Result<bool> natively(Algorithm asked, const rlx_collective& what);

  // Counts the call, runs the algorithm and, when it fails, ends the group for all: `name: ...`.
  template <typename Run>
  Status perform(std::string_view name, Run&& run) {
    RLX_TRY(wire->enter());
    Status status = run();
    moved = wire->moved_bytes;
    return status ? status : give_up(name, std::move(status).error());
  }

  Status check_root(std::string_view name, uint32_t root) const {
    if (root < members.size()) return {};
    return fail(Code::kInvalidArgument, "{}: root {} is unknown in a group of {}", name, root, members.size());
  }

  Status give_up(std::string_view name, Error e);
};

namespace collective {

// What kAuto stands for, and whether the algorithm that was asked for exists here: INVALID_ARGUMENT names those that
// do.
Result<Algorithm> choose(std::string_view name, Algorithm asked, std::span<const Algorithm> possible,
                         Algorithm automatic);

Algorithm choose_all_reduce(const Wire& wire, uint32_t ranks, uint64_t bytes);
// Where peers' buffers are out of reach.
Algorithm choose_all_reduce_by_wire(const Wire& wire, uint32_t ranks, uint64_t bytes);

// A copy of the message in the working type while an algorithm that passes partial results on is at work: rounding
// each of them would add up.
class Widened {
 public:
  Widened(const Fold& how, const void* src, uint64_t count);
  char* data() { return reinterpret_cast<char*>(values_.data()); }
  void narrow(void* dst) const;

 private:
  Fold how_;
  std::vector<float> values_;
};

}  // namespace collective

}  // namespace rlx
