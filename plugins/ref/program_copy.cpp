// Copies a program table by table. The copy's structs are ours, whatever the host's strides were.
#include "program_copy.hpp"

#include <algorithm>
#include <cstring>

namespace rlx::ref {

namespace {

// Bytes of one element of an attribute of a type.
uint64_t attr_width(uint32_t type) {
  return type == RLX_ATTR_STRING || type == RLX_ATTR_BYTES ? 1 : 8;
}

}  // namespace

template <typename T>
T* ProgramCopy::keep(const T* source, uint64_t count, uint32_t stride) {
  // Value-initialised: what an older host's smaller structs do not have is zero.
  blocks_.push_back(std::make_unique<std::byte[]>(std::max<uint64_t>(count * sizeof(T), 1)));
  std::byte* copy = blocks_.back().get();
  const std::byte* from = reinterpret_cast<const std::byte*>(source);
  for (uint64_t i = 0; i < count; ++i)
    std::memcpy(copy + i * sizeof(T), from + i * stride, std::min<size_t>(sizeof(T), stride));
  return reinterpret_cast<T*>(copy);
}

void ProgramCopy::keep(rlx_str& text) {
  text.data = keep(text.data, text.size);
}

void ProgramCopy::keep(rlx_attr& attr) {
  keep(attr.name);
  attr.data = keep(static_cast<const std::byte*>(attr.data), attr.count * attr_width(attr.type));
}

void ProgramCopy::keep(rlx_node& node, uint32_t attr_stride) {
  keep(node.op);
  keep(node.name);
  node.inputs = keep(node.inputs, node.input_count);
  node.outputs = keep(node.outputs, node.output_count);
  node.regions = keep(node.regions, node.region_count);
  rlx_attr* attrs = keep(node.attrs, node.attr_count, attr_stride);
  for (uint32_t i = 0; i < node.attr_count; ++i) keep(attrs[i]);
  node.attrs = attrs;
}

ProgramCopy::ProgramCopy(const rlx_program& source) {
  std::memcpy(&program_, &source, std::min<size_t>(sizeof program_, source.struct_size));
  rlx_tensor* tensors = keep(source.tensors, source.tensor_count, source.tensor_stride);
  for (uint64_t i = 0; i < source.tensor_count; ++i) keep(tensors[i].name);
  rlx_region* regions = keep(source.regions, source.region_count, source.region_stride);
  for (uint64_t r = 0; r < source.region_count; ++r) {
    rlx_region& region = regions[r];
    region.inputs = keep(region.inputs, region.input_count);
    region.outputs = keep(region.outputs, region.output_count);
    rlx_node* nodes = keep(region.nodes, region.node_count, source.node_stride);
    for (uint64_t i = 0; i < region.node_count; ++i) keep(nodes[i], source.attr_stride);
    region.nodes = nodes;
  }
  program_.struct_size = sizeof program_;
  program_.tensors = tensors;
  program_.regions = regions;
  program_.tensor_stride = sizeof(rlx_tensor);
  program_.node_stride = sizeof(rlx_node);
  program_.attr_stride = sizeof(rlx_attr);
  program_.region_stride = sizeof(rlx_region);
  program_.next = nullptr;
}

}  // namespace rlx::ref
