// The mixing is MurmurHash3's x64 128-bit variant (Austin Appleby, public domain), fed 16 bytes at a time in
// little-endian order.
#include "program/fingerprint.hpp"

#include "program/program.hpp"

#include <rlx/sdk/error.hpp>

#include <bit>
#include <cstring>

namespace rlx {
namespace {

constexpr uint64_t kC1 = 0x87c37b91114253d5u;
constexpr uint64_t kC2 = 0x4cf5ad432745937fu;

uint64_t load_le(const unsigned char* at, size_t bytes) {
  uint64_t v = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&v, at, bytes);
  } else {
    for (size_t i = 0; i < bytes; ++i) v |= uint64_t{at[i]} << (8 * i);
  }
  return v;
}

uint64_t avalanche(uint64_t k) {
  k = (k ^ (k >> 33)) * 0xff51afd7ed558ccdu;
  k = (k ^ (k >> 33)) * 0xc4ceb9fe1a85ec53u;
  return k ^ (k >> 33);
}

void add_indices(Hash128& h, const uint32_t* indices, uint32_t count) {
  h.add(uint64_t{count});
  for (uint32_t i = 0; i < count; ++i) h.add(uint64_t{indices[i]});
}

void add_attr(Hash128& h, const rlx_attr& a) {
  h.add(sdk::view(a.name));
  h.add(uint64_t{a.type});
  h.add(a.count);
  const size_t element = attr_element_bytes(a.type);
  if (element == 8) {
    for (uint64_t i = 0; i < a.count; ++i) {
      uint64_t bits;
      std::memcpy(&bits, static_cast<const char*>(a.data) + i * 8, 8);
      h.add(bits);
    }
  } else {
    h.add(a.data, a.count * element);
  }
}

void add_tensor(Hash128& h, const rlx_tensor& t) {
  h.add(uint64_t{t.dtype});
  h.add(uint64_t{t.rank});
  for (uint32_t d = 0; d < t.rank; ++d) h.add(t.dims[d]);
  h.add(uint64_t{t.role} << 32 | t.flags);
  h.add(uint64_t{t.view_of});
  h.add(t.view_offset);
  h.add(t.plan_offset);
  h.add(sdk::view(t.name));
}

void add_node(Hash128& h, const rlx_node& n) {
  h.add(sdk::view(n.op));
  h.add(sdk::view(n.name));
  add_indices(h, n.inputs, n.input_count);
  add_indices(h, n.outputs, n.output_count);
  add_indices(h, n.regions, n.region_count);
  h.add(uint64_t{n.attr_count});
  for (uint32_t i = 0; i < n.attr_count; ++i) add_attr(h, n.attrs[i]);
}

}  // namespace

void Hash128::mix(uint64_t a, uint64_t b) {
  h1_ ^= std::rotl(a * kC1, 31) * kC2;
  h1_ = (std::rotl(h1_, 27) + h2_) * 5 + 0x52dce729u;
  h2_ ^= std::rotl(b * kC2, 33) * kC1;
  h2_ = (std::rotl(h2_, 31) + h1_) * 5 + 0x38495ab5u;
}

void Hash128::add(const void* data, uint64_t bytes) {
  const auto* at = static_cast<const unsigned char*>(data);
  length_ += bytes;
  for (; bytes >= 16; bytes -= 16, at += 16) mix(load_le(at, 8), load_le(at + 8, 8));
  if (bytes > 8)
    mix(load_le(at, 8), load_le(at + 8, bytes - 8));
  else if (bytes > 0)
    mix(load_le(at, bytes), 0);
}

void Hash128::add(uint64_t value) {
  length_ += 8;
  mix(value, 0);
}

void Hash128::add(std::string_view text) {
  add(uint64_t{text.size()});
  add(text.data(), text.size());
}

std::array<uint64_t, 2> Hash128::value() const {
  uint64_t a = h1_ ^ length_, b = h2_ ^ length_;
  a += b;
  b += a;
  a = avalanche(a);
  b = avalanche(b);
  a += b;
  b += a;
  return {a, b};
}

std::array<uint64_t, 2> hash_bytes(const void* data, uint64_t bytes) {
  Hash128 h;
  h.add(data, bytes);
  return h.value();
}

std::array<uint64_t, 2> fingerprint_of(const Program& program) {
  Hash128 h;
  h.add(uint64_t{program.tensors().size()});
  for (size_t i = 0; i < program.tensors().size(); ++i) {
    add_tensor(h, program.tensors()[i]);
    const std::array<uint64_t, 2> data = program.data_hash(i);
    h.add(data[0]);
    h.add(data[1]);
  }
  h.add(uint64_t{program.regions().size()});
  for (size_t r = 0; r < program.regions().size(); ++r) {
    const rlx_region& region = program.regions()[r];
    add_indices(h, region.inputs, region.input_count);
    add_indices(h, region.outputs, region.output_count);
    h.add(region.node_count);
    for (const rlx_node& n : program.nodes(r)) add_node(h, n);
  }
  h.add(program.raw().arena_bytes);
  h.add(program.raw().arena_lower_bound);
  return h.value();
}

}  // namespace rlx
