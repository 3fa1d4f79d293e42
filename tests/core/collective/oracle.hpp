// Random collectives, made up from a number so that every rank makes up the same ones, and what they must give.
#pragma once

#include <rlx/process_group.hpp>

#include <random>
#include <string>
#include <vector>

namespace tests {

enum class Kind {
  kAllReduce,
  kReduce,
  kReduceScatter,
  kAllGather,
  kAllGatherV,
  kBroadcast,
  kGather,
  kScatter,
  kAllToAll,
  kAllToAllV,
  kSendReceive,
  kBarrier,
  kCount
};

struct Case {
  Kind kind = Kind::kBarrier;
  rlx::Reduction op = rlx::Reduction::kSum;
  rlx::DType dtype = rlx::DType::kF32;
  rlx::Algorithm algorithm = rlx::Algorithm::kAuto;
  uint64_t count = 0;            // elements for each rank, where all have as many
  std::vector<uint64_t> counts;  // [from * n + to] of the others
  uint32_t root = 0;
  bool in_place = false, in_heap = false;
  std::vector<uint32_t> members;  // ranks of the world
  uint32_t number = 0;

  std::string text() const;
};

// The number-th case of this seed in a world. mapped: direct algorithms may be asked for.
Case make_case(uint32_t seed, uint32_t number, uint32_t world, bool mapped);

// count elements that world rank `rank` brings: small whole numbers, so that sums are exact in every dtype and order.
std::vector<char> make_input(const Case& c, uint32_t rank, uint64_t count, uint32_t stream = 0);

// The reduction of these inputs, computed one by one in double precision or 64-bit integers.
std::vector<char> reduce_serially(const Case& c, const std::vector<std::vector<char>>& inputs, uint64_t count);

// Runs the case as one rank of the group and compares.
rlx::Status run_case(rlx::ProcessGroup& group, const Case& c);

}  // namespace tests
