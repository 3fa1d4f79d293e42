// Owns the parameters and constants of one executable. Before finalize it collects plain bytes; finalize lets every
// kernel pack and then frees the plain bytes that no kernel reads.
#pragma once

#include "host.hpp"
#include "weights.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace rlx::cpu {

class WeightStore {
 public:
  // desc: role PARAM or CONSTANT, no view. Borrows a constant's data until finish().
  void add(uint32_t tensor, const rlx_tensor& desc);
  // A view of a weight: its bytes are those of root at an offset.
  void add_view(uint32_t tensor, uint32_t root, uint64_t offset);
  bool contains(uint32_t tensor) const { return views_.count(tensor) != 0; }

  // Converts and stores a whole parameter; NOT_FOUND, INVALID_ARGUMENT as errors.
  void set(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes);
  // The names of parameters that have no bytes yet, comma separated.
  std::string missing() const;

  // One kernel's part of finalize: inputs are the tensors of its node. users counts down to the last kernel of a
  // tensor.
  void prepare(class Kernel& kernel, const std::vector<uint32_t>& inputs);
  // Counts a kernel's use of its weight inputs; call for every kernel before the first prepare().
  void count_use(const Kernel& kernel, const std::vector<uint32_t>& inputs);
  // Gives up the borrowed pointers: constants that a run reads are copied.
  void finish();

  // After finish(): replaces elements of a parameter and repacks. kernels that use it must prepare() again; returns
  // the parameter's tensor.
  uint32_t set_range(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes, uint64_t first_elem);
  // Ends a set_range: plain bytes that were restored for it are freed again.
  void finish_range();

  // The plain bytes for runs; NULL for those that were freed.
  std::byte* plain(uint32_t tensor) const;
  uint64_t bytes() const;  // held now

 private:
  struct Packed {
    Packing packing;
    HostBuffer buffer;
    bool dirty = false;
  };
  struct Weight {
    rlx_tensor desc;
    std::string name;
    const std::byte* data = nullptr;  // own, or a borrowed constant
    HostBuffer own;
    bool is_param = false, is_set = false;
    bool read_at_run = false;  // by a kernel's run()
    uint32_t users = 0;        // kernels that did not prepare yet
    bool cannot_unpack = false;
    std::map<std::pair<uint32_t, std::string>, std::unique_ptr<Packed>> packed;  // by tensor (weight or view) and key
  };
  struct View {
    uint32_t root;
    uint64_t offset;
  };
  class Face;

  Weight& weight(uint32_t root) { return weights_.at(root); }
  Weight& find(std::string_view name);
  const std::byte* packed(uint32_t tensor, const Packing& packing);
  void free_plain_if_unread(Weight& w);
  void own(Weight& w);

  std::map<uint32_t, Weight> weights_;  // by root tensor
  std::map<uint32_t, View> views_;      // every weight tensor, roots included
};

}  // namespace rlx::cpu
