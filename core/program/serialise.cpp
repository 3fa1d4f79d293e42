// Layout: magic, version, payload size, checksum of the payload; then tensors, regions with their nodes, the plan.
#include "program/serialise.hpp"

#include "program/byte_stream.hpp"
#include "program/check.hpp"
#include "program/fingerprint.hpp"

#include <rlx/sdk/error.hpp>

namespace rlx {
namespace {

constexpr std::string_view kMagic = "RLXPROG\n";
constexpr uint32_t kVersion = 1;
// What each part takes at least, to bound counts by the bytes that are there.
constexpr size_t kTensorBytes = 40, kRegionBytes = 16, kNodeBytes = 24, kAttrBytes = 16;

void write_indices(ByteWriter& w, const uint32_t* indices, uint32_t count) {
  w.u32(count);
  for (uint32_t i = 0; i < count; ++i) w.u32(indices[i]);
}

void write_attr(ByteWriter& w, const rlx_attr& a) {
  w.text(sdk::view(a.name));
  w.u32(a.type);
  w.u64(a.count);
  if (attr_element_bytes(a.type) == 1) {
    w.raw(a.data, static_cast<size_t>(a.count));
    return;
  }
  for (uint64_t i = 0; i < a.count; ++i) {
    uint64_t bits;
    std::memcpy(&bits, static_cast<const char*>(a.data) + i * 8, 8);
    w.u64(bits);
  }
}

void write_node(ByteWriter& w, const rlx_node& n) {
  w.text(sdk::view(n.op));
  w.text(sdk::view(n.name));
  write_indices(w, n.inputs, n.input_count);
  write_indices(w, n.outputs, n.output_count);
  write_indices(w, n.regions, n.region_count);
  w.u32(n.attr_count);
  for (uint32_t i = 0; i < n.attr_count; ++i) write_attr(w, n.attrs[i]);
}

void write_tensor(ByteWriter& w, const rlx_tensor& t) {
  w.u32(t.dtype);
  w.u32(t.rank);
  for (uint32_t d = 0; d < t.rank; ++d) w.u64(t.dims[d]);
  w.u32(t.role);
  w.u32(t.flags);
  w.u32(t.view_of);
  w.u64(t.view_offset);
  w.u64(t.plan_offset);
  w.text(sdk::view(t.name));
  w.u32(t.data ? 1 : 0);
  // Elements are stored as they are in memory; every host that RLX runs on is little-endian.
  if (t.data) w.raw(t.data, static_cast<size_t>(t.size_bytes));
}

std::vector<uint32_t> read_indices(ByteReader& r) {
  std::vector<uint32_t> indices(r.count(r.u32(), 4));
  for (uint32_t& i : indices) i = r.u32();
  return indices;
}

class Parser {
 public:
  explicit Parser(std::span<const std::byte> payload) : r_(payload) {}

  Result<Program> parse() {
    const uint64_t tensors = r_.count(r_.u64(), kTensorBytes);
    for (uint64_t i = 0; i < tensors && r_.ok(); ++i) RLX_TRY(read_tensor());
    const uint64_t regions = r_.count(r_.u64(), kRegionBytes);
    for (uint64_t i = 0; i < regions && r_.ok(); ++i) RLX_TRY(read_region());
    const uint64_t arena_bytes = r_.u64(), lower_bound = r_.u64();
    if (!r_.ok()) return error(Code::kDataLoss, "program: a field goes beyond the end of the payload");
    if (!r_.at_end()) return error(Code::kDataLoss, "program: " + std::to_string(r_.left()) + " bytes behind its end");
    if (regions == 0) return error(Code::kInvalidArgument, "program: no main region");
    RLX_TRY(check_indices(builder_));
    Program program = builder_.finish();
    program.set_plan(offsets_, arena_bytes, lower_bound);
    RLX_TRY(check_program(program));
    RLX_TRY(check_plan(program));
    return program;
  }

 private:
  Status read_tensor() {
    TensorType type;
    type.dtype = static_cast<DType>(r_.u32());
    const uint32_t rank = r_.u32();
    if (r_.ok() && (!is_valid(type.dtype) || rank > kMaxRank))
      return error(Code::kInvalidArgument, "program: a tensor of dtype " +
                                               std::to_string(static_cast<uint32_t>(type.dtype)) + " and rank " +
                                               std::to_string(rank));
    std::vector<int64_t> dims;
    for (uint32_t d = 0; d < rank; ++d) dims.push_back(static_cast<int64_t>(r_.u64()));
    for (int64_t d : dims)
      if (d < 0) return error(Code::kInvalidArgument, "program: a tensor with the dim " + std::to_string(d));
    RLX_ASSIGN(type.shape, Shape::make(dims));
    const uint32_t role = r_.u32(), flags = r_.u32(), view_of = r_.u32();
    const uint64_t view_offset = r_.u64(), plan_offset = r_.u64();
    const std::string_view name = r_.text();
    const uint32_t tensor = builder_.add_tensor(type, role, name);
    builder_.tensor(tensor).flags = flags;
    if (view_of != RLX_NO_INDEX) builder_.set_view(tensor, view_of, view_offset);
    offsets_.push_back(plan_offset);
    if (r_.u32() != 0) {
      const auto data = r_.raw(builder_.tensor(tensor).size_bytes);
      builder_.set_data(tensor, Bytes::copy(data.data(), data.size()));
    }
    return {};
  }

  Status read_region() {
    const uint32_t region = builder_.add_region();
    const std::vector<uint32_t> inputs = read_indices(r_), outputs = read_indices(r_);
    builder_.set_interface(region, inputs, outputs);
    const uint64_t nodes = r_.count(r_.u64(), kNodeBytes);
    for (uint64_t i = 0; i < nodes && r_.ok(); ++i) RLX_TRY(read_node(region));
    return {};
  }

  Status read_node(uint32_t region) {
    const std::string_view op = r_.text(), name = r_.text();
    const std::vector<uint32_t> inputs = read_indices(r_), outputs = read_indices(r_), regions = read_indices(r_);
    const uint64_t attr_count = r_.count(r_.u32(), kAttrBytes);
    std::vector<rlx_attr> attrs;
    for (uint64_t i = 0; i < attr_count && r_.ok(); ++i) {
      RLX_ASSIGN(const rlx_attr attr, read_attr());
      attrs.push_back(attr);
    }
    builder_.add_node(region, {op, name, inputs, outputs, attrs, regions});
    return {};
  }

  Result<rlx_attr> read_attr() {
    const std::string_view name = r_.text();
    const uint32_t type = r_.u32();
    const uint64_t count = r_.u64();
    const size_t element = attr_element_bytes(type);
    if (r_.ok() && element == 0)
      return error(Code::kInvalidArgument, "program: an attribute of type " + std::to_string(type));
    if (element <= 1) {
      const auto data = r_.raw(count);
      return builder_.attr(name, type, data.data(), data.size());
    }
    std::vector<uint64_t> values(r_.count(count, 8));
    for (uint64_t& v : values) v = r_.u64();
    return builder_.attr(name, type, values.data(), values.size());
  }

  ByteReader r_;
  ProgramBuilder builder_;
  std::vector<uint64_t> offsets_;
};

}  // namespace

std::vector<std::byte> serialise(const Program& program) {
  ByteWriter w;
  w.u64(program.tensors().size());
  for (const rlx_tensor& t : program.tensors()) write_tensor(w, t);
  w.u64(program.regions().size());
  for (size_t i = 0; i < program.regions().size(); ++i) {
    const rlx_region& r = program.regions()[i];
    write_indices(w, r.inputs, r.input_count);
    write_indices(w, r.outputs, r.output_count);
    w.u64(r.node_count);
    for (const rlx_node& n : program.nodes(i)) write_node(w, n);
  }
  w.u64(program.raw().arena_bytes);
  w.u64(program.raw().arena_lower_bound);
  const std::vector<std::byte> payload = w.take();

  ByteWriter file;
  file.raw(kMagic.data(), kMagic.size());
  file.u32(kVersion);
  file.u32(0);
  file.u64(payload.size());
  const std::array<uint64_t, 2> hash = hash_bytes(payload.data(), payload.size());
  file.u64(hash[0]);
  file.u64(hash[1]);
  file.raw(payload.data(), payload.size());
  return file.take();
}

Result<Program> parse_program_payload(std::span<const std::byte> payload) {
  return Parser(payload).parse();
}

Result<Program> parse_program(std::span<const std::byte> bytes) {
  ByteReader r(bytes);
  const auto magic = r.raw(kMagic.size());
  if (!r.ok() || std::memcmp(magic.data(), kMagic.data(), kMagic.size()) != 0)
    return error(Code::kDataLoss, "program: not a program file");
  const uint32_t version = r.u32();
  r.u32();
  if (r.ok() && version != kVersion)
    return error(Code::kUnimplemented,
                 "program: version " + std::to_string(version) + ", this build reads " + std::to_string(kVersion));
  const uint64_t size = r.u64(), h0 = r.u64(), h1 = r.u64();
  const auto payload = r.raw(size);
  if (!r.ok() || !r.at_end())
    return error(Code::kDataLoss, "program: truncated, or with bytes behind its end: " + std::to_string(bytes.size()) +
                                      " bytes for a payload of " + std::to_string(size));
  const std::array<uint64_t, 2> expected = {h0, h1};
  if (hash_bytes(payload.data(), payload.size()) != expected)
    return error(Code::kDataLoss, "program: the checksum of " + std::to_string(size) + " bytes does not match");
  return parse_program_payload(payload);
}

}  // namespace rlx
