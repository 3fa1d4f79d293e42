// What a kernel is: a function that turns one node into dispatches. The device's answer to "can you?" comes from
// running the same function, so a claim cannot drift from what runs. A new kernel is one function in kernels/ and one
// line in kernels.inc.
#pragma once

#include "device/matrix_units.hpp"
#include "device/pipelines.hpp"
#include "shaders/interface.h"

#include <rlx/sdk/program_view.hpp>

#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

namespace rlx::vulkan {

// Stands for the node's working memory where a tensor's index is expected.
constexpr uint32_t kScratch = RLX_NO_INDEX - 1;

// An address that a context writes into the parameters of a dispatch, and what the dispatch does there.
struct Reference {
  uint32_t field;   // bytes from the start of the parameters
  uint32_t tensor;  // or kScratch
  uint64_t offset;  // bytes from the start of the tensor
  uint64_t bytes;
  bool is_write;
};

struct Groups {
  uint32_t x = 1, y = 1, z = 1;
};

struct Dispatch {
  PipelineKey pipeline;
  Groups groups;
  std::vector<std::byte> params;
  std::vector<Reference> references;
  uint32_t node = 0;

  uint64_t operand_bytes() const {
    uint64_t bytes = 0;
    for (const Reference& r : references) bytes += r.bytes;
    return bytes;
  }
};

// Where a field lies in its parameters, and parameters as bytes.
template <typename Params>
uint32_t field_of(const Params& params, const gpu::Address& field) {
  return static_cast<uint32_t>(reinterpret_cast<const std::byte*>(&field) -
                               reinterpret_cast<const std::byte*>(&params));
}
template <typename Params>
std::vector<std::byte> bytes_of(const Params& params) {
  const auto* start = reinterpret_cast<const std::byte*>(&params);
  return {start, start + sizeof params};
}

// A field of the parameters and the tensor whose address it gets; RLX_NO_INDEX leaves it as it is.
struct Bind {
  const gpu::Address* field;
  uint32_t tensor;
  bool is_write = false;
  uint64_t offset = 0;
};

// Why a node cannot run here: "no kernel for f64". Ends the planning.
struct Refusal {
  std::string why;
};

class Plan {
 public:
  // Both outlive the plan.
  Plan(const sdk::NodeView& node, const MatrixUnits& matrix_units) : node(node), matrix_units(matrix_units) {}

  const sdk::NodeView node;
  // Of the device that will run the node.
  const MatrixUnits& matrix_units;

  // Adds a dispatch; params is one of the structs of shaders/interface.h and holds the fields of the binds.
  template <typename Params>
  void dispatch(PipelineKey pipeline, Groups groups, const Params& params, std::initializer_list<Bind> binds) {
    std::vector<Reference> references;
    for (const Bind& b : binds)
      if (b.tensor != RLX_NO_INDEX)
        references.push_back(reference(field_of(params, *b.field), b.tensor, b.is_write, b.offset));
    dispatch(pipeline, groups, bytes_of(params), std::move(references));
  }
  void dispatch(PipelineKey pipeline, Groups groups, std::vector<std::byte> params, std::vector<Reference> references);
  // Reads or writes a whole tensor.
  Reference reference(uint32_t field, uint32_t tensor, bool is_write, uint64_t offset = 0) const;

  // The tensor of an input, RLX_NO_INDEX for an absent one.
  uint32_t input(uint32_t i) const { return node.has_input(i) ? node.input(i) : RLX_NO_INDEX; }

  // Asks for working memory of the node; there is one piece.
  void take_scratch(uint64_t bytes) { scratch_bytes_ = bytes; }
  // Output 0 may take over the memory of this input.
  void may_overwrite(uint32_t input) { overwrites_ |= 1u << input; }
  void mark_slow(std::string why) { slow_ = std::move(why); }

  // Throws Refusal.
  [[noreturn]] void refuse(std::string why) const;
  // Refuses dtypes other than those of a class.
  void need_float(uint32_t input) const;
  void need_number(uint32_t input) const;
  // The number of elements, which shaders count in 31 bits.
  uint32_t count_of(const rlx_tensor& t) const;
  uint32_t small(uint64_t n, const char* what) const;

  // Groups of RLX_LANES threads that go through count elements together; never more than any device takes.
  static Groups lanes_for(uint64_t count);
  // A group for each of count rows, up to the same limit.
  static Groups groups_for(uint64_t count);

  std::vector<Dispatch>& dispatches() { return dispatches_; }
  uint64_t scratch_bytes() const { return scratch_bytes_; }
  uint32_t overwrites() const { return overwrites_; }
  const std::string& slow() const { return slow_; }

 private:
  std::vector<Dispatch> dispatches_;
  uint64_t scratch_bytes_ = 0;
  uint32_t overwrites_ = 0;
  std::string slow_;
};

bool is_float(rlx_dtype dtype);    // f32, f16, bf16
bool is_integer(rlx_dtype dtype);  // without bool

// Plans a node. Throws Refusal.
void plan_node(Plan& plan);

}  // namespace rlx::vulkan
