// Collectives: what the ranks of a group compute and exchange together, over any transport. Every rank calls the same
// functions in the same order with matching sizes.
//
// Results depend on inputs, sizes and algorithm only, never on timing: repeated calls give the same bits, and all ranks
// get the same bits. f16 and bf16 are added up in f32 and rounded once at the end. src == dst is in place; buffers that
// overlap in another way are not allowed. A buffer in the group's heap (Rank::allocate) is reached by peers without
// copies; any other memory works, too.
//
// Errors, beside those of rlx/transport.hpp: LENGTH_MISMATCH (expected, got). A collective that fails on one rank ends
// on all; the group is over then. Deadlines bound each time without progress.
#pragma once

#include <rlx/dtype.hpp>
#include <rlx/transport.hpp>

#include <memory>
#include <span>
#include <vector>

namespace rlx {

enum class Reduction : uint32_t {
  kSum = RLX_REDUCTION_SUM,
  kProd = RLX_REDUCTION_PROD,
  kMin = RLX_REDUCTION_MIN,  // NaN propagates
  kMax = RLX_REDUCTION_MAX,
  kMean = RLX_REDUCTION_MEAN,  // of floats and c64; of integers it would not be exact and is an error
  kAnd = RLX_REDUCTION_AND,    // of bool
  kOr = RLX_REDUCTION_OR,
};
// "sum", "prod", ...
RLX_API std::string_view name_of(Reduction reduction);

enum class Algorithm : uint32_t {
  kAuto,
  kFlat,      // everybody to everybody at once: fewest steps, for small messages
  kDoubling,  // recursive doubling: log2(n) steps with the whole message
  kHalving,   // recursive halving, then doubling: log2(n) steps with less and less
  kRing,      // neighbours only, in chunks: least traffic where peers' memory is out of reach
  kTree,      // binomial tree, from or to a root
  kChain,     // along the ranks in chunks, from a root
  kDirect,    // loads and stores in the peers' buffers: least traffic, no copies
  kNative,    // the transport's own
  kStaged,    // through a copy in each heap, which peers load from: for private memory of processes of one host
};
RLX_API std::string_view name_of(Algorithm algorithm);

struct GroupOptions {
  uint64_t chunk_bytes = 32768;  // of messages through the wire; a multiple of 64, at most 4 MiB
  uint32_t chunks = 8;           // in flight between two ranks; at least 2
};

class ProcessGroup {
 public:
  // Attaches and sets up the wire, which takes world_size * chunks * chunk_bytes of every heap beside
  // options.heap_bytes, and 1 MiB for copies that peers load from.
  RLX_API static Result<ProcessGroup> create(const Transport& transport, RankOptions options,
                                             const GroupOptions& group_options = {});
  RLX_API ProcessGroup(ProcessGroup&&) noexcept;
  RLX_API ProcessGroup& operator=(ProcessGroup&&) noexcept;
  RLX_API ~ProcessGroup();

  // Position and size in this group, which may be a part of the world.
  RLX_API uint32_t rank() const;
  RLX_API uint32_t size() const;
  // The symmetric heap; ranks there are those of the world.
  RLX_API Rank& heap();
  // The group of these members of this one, in this order; every member calls it. INVALID_ARGUMENT unless the caller is
  // one of them. Shares the wire with this group.
  RLX_API Result<ProcessGroup> subgroup(std::span<const uint32_t> members) const;

  RLX_API Status barrier();
  // count elements from every rank.
  RLX_API Status all_reduce(Reduction op, DType dtype, const void* src, void* dst, uint64_t count,
                            Algorithm algorithm = Algorithm::kAuto);
  // At root only; dst may be NULL elsewhere.
  RLX_API Status reduce(Reduction op, DType dtype, const void* src, void* dst, uint64_t count, uint32_t root,
                        Algorithm algorithm = Algorithm::kAuto);
  // src has size() * count elements, dst count of them: the part of this rank. In place: dst is that part of src.
  RLX_API Status reduce_scatter(Reduction op, DType dtype, const void* src, void* dst, uint64_t count,
                                Algorithm algorithm = Algorithm::kAuto);
  // dst has size() * bytes: rank after rank. In place: src is the own part of dst.
  RLX_API Status all_gather(const void* src, uint64_t bytes, void* dst, Algorithm algorithm = Algorithm::kAuto);
  // bytes[r] from rank r, packed.
  RLX_API Status all_gather_v(const void* src, void* dst, std::span<const uint64_t> bytes,
                              Algorithm algorithm = Algorithm::kAuto);
  RLX_API Status broadcast(void* data, uint64_t bytes, uint32_t root, Algorithm algorithm = Algorithm::kAuto);
  // dst has size() * bytes at root, and may be NULL elsewhere; scatter likewise with src.
  RLX_API Status gather(const void* src, uint64_t bytes, void* dst, uint32_t root);
  RLX_API Status scatter(const void* src, void* dst, uint64_t bytes, uint32_t root);
  // bytes for each rank; not in place.
  RLX_API Status all_to_all(const void* src, void* dst, uint64_t bytes);
  // Packed parts: send[r] bytes to rank r, receive[r] bytes from it.
  RLX_API Status all_to_all_v(const void* src, std::span<const uint64_t> send, void* dst,
                              std::span<const uint64_t> receive);
  // Messages between two ranks arrive in order. A send may wait until the receiver takes part of it.
  RLX_API Status send(uint32_t peer, const void* src, uint64_t bytes);
  RLX_API Status receive(uint32_t peer, void* dst, uint64_t bytes);

  // What the last collective used, and what it moved between this rank and others, read and written, in bytes.
  RLX_API Algorithm last_algorithm() const;
  RLX_API uint64_t last_moved_bytes() const;

  struct Impl;

 private:
  explicit ProcessGroup(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rlx
