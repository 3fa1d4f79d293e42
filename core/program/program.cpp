// Storage of programs. Small pieces (names, index lists, attribute values) are packed into chunks that never move.
#include "program/program.hpp"

#include "program/fingerprint.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace rlx {
namespace {

constexpr size_t kChunkBytes = 16 << 10;
constexpr size_t kAlign = 8;  // the strictest of what is stored: int64, double, pointers

}  // namespace

size_t attr_element_bytes(uint32_t type) {
  switch (type) {
    case RLX_ATTR_INT:
    case RLX_ATTR_INTS:
    case RLX_ATTR_DTYPE:
      return sizeof(int64_t);
    case RLX_ATTR_FLOAT:
    case RLX_ATTR_FLOATS:
      return sizeof(double);
    case RLX_ATTR_STRING:
    case RLX_ATTR_BYTES:
      return 1;
    default:
      return 0;
  }
}

void Program::set_plan(std::span<const uint64_t> offsets, uint64_t arena_bytes, uint64_t lower_bound) {
  for (size_t i = 0; i < tensors_.size(); ++i) tensors_[i].plan_offset = offsets[i];
  raw_.arena_bytes = arena_bytes;
  raw_.arena_lower_bound = lower_bound;
  if (data_hashes_.empty())
    for (const Bytes& data : data_)
      data_hashes_.push_back(data.size() ? hash_bytes(data.data(), data.size()) : std::array<uint64_t, 2>{});
  const std::array<uint64_t, 2> hash = fingerprint_of(*this);
  raw_.fingerprint[0] = hash[0];
  raw_.fingerprint[1] = hash[1];
}

void Program::release_data() {
  for (rlx_tensor& t : tensors_) t.data = nullptr;
  data_.assign(data_.size(), Bytes());
}

ProgramPort Program::port(uint32_t tensor) const {
  const rlx_tensor& t = tensors_[tensor];
  ProgramPort p;
  p.name.assign(t.name.data ? t.name.data : "", static_cast<size_t>(t.name.size));
  p.type.dtype = static_cast<DType>(t.dtype);
  for (uint32_t d = 0; d < t.rank; ++d) p.type.shape.push_back(static_cast<int64_t>(t.dims[d]));
  p.tensor = tensor;
  return p;
}

uint32_t ProgramBuilder::add_tensor(const TensorType& type, uint32_t role, std::string_view name) {
  rlx_tensor t{};
  t.dtype = static_cast<rlx_dtype>(type.dtype);
  t.rank = static_cast<uint32_t>(type.shape.rank());
  std::fill(std::begin(t.dims), std::end(t.dims), uint64_t{1});
  for (uint32_t d = 0; d < t.rank; ++d) t.dims[d] = static_cast<uint64_t>(type.shape[d]);
  t.role = role;
  t.view_of = RLX_NO_INDEX;
  t.size_bytes = static_cast<uint64_t>(type.bytes());
  t.plan_offset = RLX_NO_OFFSET;
  t.name = text(name);
  program_.tensors_.push_back(t);
  program_.data_.emplace_back();
  return static_cast<uint32_t>(program_.tensors_.size() - 1);
}

void ProgramBuilder::set_view(uint32_t tensor, uint32_t root, uint64_t offset_bytes) {
  program_.tensors_[tensor].view_of = root;
  program_.tensors_[tensor].view_offset = offset_bytes;
}

void ProgramBuilder::set_data(uint32_t tensor, Bytes data) {
  program_.tensors_[tensor].data = data.data();
  program_.data_[tensor] = std::move(data);
}

uint32_t ProgramBuilder::add_region() {
  program_.regions_.emplace_back();
  nodes_.emplace_back();
  return static_cast<uint32_t>(nodes_.size() - 1);
}

void ProgramBuilder::set_interface(uint32_t region, std::span<const uint32_t> inputs,
                                   std::span<const uint32_t> outputs) {
  rlx_region& r = program_.regions_[region];
  r.inputs = store(inputs);
  r.input_count = static_cast<uint32_t>(inputs.size());
  r.outputs = store(outputs);
  r.output_count = static_cast<uint32_t>(outputs.size());
}

void ProgramBuilder::add_node(uint32_t region, const NodeParts& parts) {
  rlx_node n{};
  n.op = text(parts.op);
  n.name = text(parts.name);
  n.inputs = store(parts.inputs);
  n.input_count = static_cast<uint32_t>(parts.inputs.size());
  n.outputs = store(parts.outputs);
  n.output_count = static_cast<uint32_t>(parts.outputs.size());
  n.attrs = store(parts.attrs);
  n.attr_count = static_cast<uint32_t>(parts.attrs.size());
  n.regions = store(parts.regions);
  n.region_count = static_cast<uint32_t>(parts.regions.size());
  nodes_[region].push_back(n);
}

rlx_str ProgramBuilder::text(std::string_view text) {
  return {static_cast<const char*>(store(text.data(), text.size())), text.size()};
}

rlx_attr ProgramBuilder::attr(std::string_view name, uint32_t type, const void* data, uint64_t count) {
  return {text(name), type, 0, count, store(data, static_cast<size_t>(count) * attr_element_bytes(type))};
}

rlx_attr ProgramBuilder::attr(std::string_view name, const AttrValue& value) {
  switch (type_of(value)) {
    case AttrType::kInt:
      return attr(name, RLX_ATTR_INT, &std::get<int64_t>(value), 1);
    case AttrType::kInts: {
      const auto& v = std::get<std::vector<int64_t>>(value);
      return attr(name, RLX_ATTR_INTS, v.data(), v.size());
    }
    case AttrType::kFloat:
      return attr(name, RLX_ATTR_FLOAT, &std::get<double>(value), 1);
    case AttrType::kFloats: {
      const auto& v = std::get<std::vector<double>>(value);
      return attr(name, RLX_ATTR_FLOATS, v.data(), v.size());
    }
    case AttrType::kString: {
      const auto& v = std::get<std::string>(value);
      return attr(name, RLX_ATTR_STRING, v.data(), v.size());
    }
    case AttrType::kDType: {
      const auto v = static_cast<int64_t>(std::get<DType>(value));
      return attr(name, RLX_ATTR_DTYPE, &v, 1);
    }
    case AttrType::kLiteral: {
      const Bytes& v = std::get<Literal>(value).bytes;
      return attr(name, RLX_ATTR_BYTES, v.data(), v.size());
    }
  }
  return attr(name, RLX_ATTR_BYTES, nullptr, 0);
}

const void* ProgramBuilder::store(const void* data, size_t bytes) {
  if (bytes == 0) return nullptr;
  const size_t rounded = (bytes + kAlign - 1) / kAlign * kAlign;
  if (rounded > free_bytes_) {
    const size_t chunk = std::max(rounded, kChunkBytes);
    program_.storage_.push_back(std::make_unique<std::byte[]>(chunk));
    free_ = program_.storage_.back().get();
    free_bytes_ = chunk;
  }
  std::byte* at = free_;
  free_ += rounded;
  free_bytes_ -= rounded;
  std::memcpy(at, data, bytes);
  return at;
}

Program ProgramBuilder::finish() {
  Program p = std::exchange(program_, Program());
  p.nodes_ = std::exchange(nodes_, {});
  free_ = nullptr;
  free_bytes_ = 0;
  for (size_t r = 0; r < p.regions_.size(); ++r) {
    p.regions_[r].nodes = p.nodes_[r].data();
    p.regions_[r].node_count = p.nodes_[r].size();
  }

  rlx_program& raw = p.raw_;
  raw.struct_size = sizeof(rlx_program);
  raw.abi_minor = RLX_ABI_MINOR;
  raw.tensors = p.tensors_.data();
  raw.regions = p.regions_.data();
  raw.tensor_count = p.tensors_.size();
  raw.region_count = p.regions_.size();
  raw.tensor_stride = sizeof(rlx_tensor);
  raw.node_stride = sizeof(rlx_node);
  raw.attr_stride = sizeof(rlx_attr);
  raw.region_stride = sizeof(rlx_region);

  const rlx_region& main = p.regions_[0];
  for (uint32_t i = 0; i < main.input_count; ++i) p.inputs_.push_back(p.port(main.inputs[i]));
  for (uint32_t i = 0; i < main.output_count; ++i) p.outputs_.push_back(p.port(main.outputs[i]));
  for (uint32_t i = 0; i < p.tensors_.size(); ++i) {
    if (p.tensors_[i].view_of != RLX_NO_INDEX) continue;
    if (p.tensors_[i].role == RLX_ROLE_PARAM) p.params_.push_back(p.port(i));
    if (p.tensors_[i].role == RLX_ROLE_STATE) p.states_.push_back(p.port(i));
  }
  return p;
}

}  // namespace rlx
