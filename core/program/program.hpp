// A Program owns the memory behind one rlx_program: the plain tables that cross the plugin boundary, and the constants'
// bytes. Built by ProgramBuilder (from a graph, or from a file); immutable afterwards but for its memory plan.
#pragma once

#include <rlx/program.h>
#include <rlx/attribute.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rlx {

// Part of a program's interface.
struct ProgramPort {
  std::string name;
  TensorType type;
  uint32_t tensor;
};

class Program {
 public:
  Program(Program&&) noexcept = default;
  Program& operator=(Program&&) noexcept = default;

  // Borrowed from this object; moving it leaves the tables where they are.
  const rlx_program& raw() const { return raw_; }
  std::span<const rlx_tensor> tensors() const { return tensors_; }
  std::span<const rlx_region> regions() const { return regions_; }
  std::span<const rlx_node> nodes(size_t region = 0) const { return nodes_[region]; }

  // In public order for inputs and outputs, in the order of tensors for the others.
  const std::vector<ProgramPort>& inputs() const { return inputs_; }
  const std::vector<ProgramPort>& outputs() const { return outputs_; }
  const std::vector<ProgramPort>& params() const { return params_; }
  const std::vector<ProgramPort>& states() const { return states_; }

  std::array<uint64_t, 2> fingerprint() const { return {raw_.fingerprint[0], raw_.fingerprint[1]}; }
  // Hash of a constant's or a state's bytes; zeros without data. With a plan only.
  std::array<uint64_t, 2> data_hash(size_t tensor) const { return data_hashes_[tensor]; }

  // One offset per tensor. Computes the fingerprint, which is zero before: a program that is only asked about never has
  // its constants read.
  void set_plan(std::span<const uint64_t> offsets, uint64_t arena_bytes, uint64_t lower_bound);
  // Lets go of the bytes of constants and states, once the device holds its own. The fingerprint stays.
  void release_data();

 private:
  friend class ProgramBuilder;
  Program() = default;
  ProgramPort port(uint32_t tensor) const;

  rlx_program raw_{};
  std::vector<rlx_tensor> tensors_;
  std::vector<rlx_region> regions_;
  std::vector<std::vector<rlx_node>> nodes_;           // of each region
  std::vector<std::unique_ptr<std::byte[]>> storage_;  // strings, index lists, attributes
  std::vector<Bytes> data_;                            // of each tensor; most are empty
  std::vector<std::array<uint64_t, 2>> data_hashes_;
  std::vector<ProgramPort> inputs_, outputs_, params_, states_;
};

// Collects the parts of a program. Every pointer that it hands out or stores belongs to the program.
class ProgramBuilder {
 public:
  uint32_t add_tensor(const TensorType& type, uint32_t role, std::string_view name = {});
  // The tensor shares the memory of root, which is no view.
  void set_view(uint32_t tensor, uint32_t root, uint64_t offset_bytes);
  void set_data(uint32_t tensor, Bytes data);
  // May be invalidated by add_tensor.
  rlx_tensor& tensor(uint32_t index) { return program_.tensors_[index]; }
  size_t tensor_count() const { return program_.tensors_.size(); }
  const rlx_region& region(uint32_t index) const { return program_.regions_[index]; }

  // Regions are numbered in the order of these calls; 0 is the main one.
  uint32_t add_region();
  void set_interface(uint32_t region, std::span<const uint32_t> inputs, std::span<const uint32_t> outputs);
  struct NodeParts {
    std::string_view op;
    std::string_view name;
    std::span<const uint32_t> inputs;
    std::span<const uint32_t> outputs;
    std::span<const rlx_attr> attrs;
    std::span<const uint32_t> regions;
  };
  void add_node(uint32_t region, const NodeParts& parts);

  rlx_str text(std::string_view text);
  rlx_attr attr(std::string_view name, const AttrValue& value);
  // data of count elements of the type's own size are copied.
  rlx_attr attr(std::string_view name, uint32_t type, const void* data, uint64_t count);

  // The builder is empty afterwards.
  Program finish();

 private:
  const void* store(const void* data, size_t bytes);
  template <typename T>
  const T* store(std::span<const T> items) {
    return static_cast<const T*>(store(items.data(), items.size_bytes()));
  }
  Program program_;
  std::byte* free_ = nullptr;  // rest of the newest chunk of storage
  size_t free_bytes_ = 0;
  std::vector<std::vector<rlx_node>> nodes_;
};

// Bytes of one element of an attribute's data; 0 for a number that is no attribute type.
size_t attr_element_bytes(uint32_t type);

}  // namespace rlx
