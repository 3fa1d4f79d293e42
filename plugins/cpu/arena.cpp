// The arena table: host access to the tensors of a context. A rlx_arena is its context.
#include "context.hpp"
#include "host.hpp"
#include "tables.hpp"

#include <rlx/sdk/convert.hpp>

#include <cstring>

namespace rlx::cpu {

namespace {

using sdk::Error;

Context& context_of(rlx_arena* arena) {
  return *reinterpret_cast<Context*>(arena);
}

std::string tensor_text(const Context& c, uint32_t tensor) {
  const std::string& name = c.plan(tensor).name;
  return name.empty() ? "tensor " + std::to_string(tensor) : "tensor '" + name + "'";
}

// first + count within limit, without overflow.
void check_range(const Context& c, uint32_t tensor, uint64_t first, uint64_t count, uint64_t limit, const char* unit) {
  if (first <= limit && count <= limit - first) return;
  throw Error(RLX_OUT_OF_RANGE, tensor_text(c, tensor) + ": " + std::to_string(count) + " " + unit + " from " +
                                    std::to_string(first) + " exceed its " + std::to_string(limit));
}

struct Range {
  std::byte* address;
  rlx_dtype own;
  uint64_t count;
};

Range typed_range(const Context& c, uint32_t tensor, rlx_dtype dtype, uint64_t size_bytes, uint64_t first_elem) {
  std::byte* base = c.address(tensor);
  const rlx_tensor& t = c.plan(tensor).desc;
  const uint64_t width = sdk::dtype_size(dtype);
  if (width == 0)
    throw Error(RLX_INVALID_ARGUMENT, tensor_text(c, tensor) + ": unknown dtype " + std::to_string(dtype));
  if (size_bytes % width != 0)
    throw Error(RLX_INVALID_ARGUMENT, tensor_text(c, tensor) + ": " + std::to_string(size_bytes) +
                                          " bytes are no whole number of " + sdk::dtype_name(dtype) + " elements");
  const uint64_t count = size_bytes / width;
  check_range(c, tensor, first_elem, count, sdk::elements(t), "elements");
  return {base + first_elem * sdk::dtype_size(t.dtype), t.dtype, count};
}

std::byte* byte_range(const Context& c, uint32_t tensor, uint64_t size_bytes, uint64_t offset_bytes) {
  std::byte* base = c.address(tensor);
  check_range(c, tensor, offset_bytes, size_bytes, c.plan(tensor).desc.size_bytes, "bytes");
  return base + offset_bytes;
}

void move_bytes(void* dst, const void* src, uint64_t bytes) {
  if (bytes) std::memmove(dst, src, bytes);
}

rlx_status* slot(rlx_arena* arena, uint32_t tensor, rlx_slot* out_slot) {
  return sdk::guard(host(), [&] { context_of(arena).slot(tensor, *out_slot); });
}

rlx_status* write(rlx_arena* arena, uint32_t tensor, rlx_dtype dtype, const void* src, uint64_t size_bytes,
                  uint64_t first_elem) {
  return sdk::guard(host(), [&] {
    const Range r = typed_range(context_of(arena), tensor, dtype, size_bytes, first_elem);
    sdk::convert(dtype, src, r.own, r.address, r.count);
  });
}

rlx_status* read(rlx_arena* arena, uint32_t tensor, rlx_dtype dtype, void* dst, uint64_t size_bytes,
                 uint64_t first_elem) {
  return sdk::guard(host(), [&] {
    const Range r = typed_range(context_of(arena), tensor, dtype, size_bytes, first_elem);
    sdk::convert(r.own, r.address, dtype, dst, r.count);
  });
}

rlx_status* write_raw(rlx_arena* arena, uint32_t tensor, const void* src, uint64_t size_bytes, uint64_t offset_bytes) {
  return sdk::guard(
      host(), [&] { move_bytes(byte_range(context_of(arena), tensor, size_bytes, offset_bytes), src, size_bytes); });
}

rlx_status* read_raw(rlx_arena* arena, uint32_t tensor, void* dst, uint64_t size_bytes, uint64_t offset_bytes) {
  return sdk::guard(
      host(), [&] { move_bytes(dst, byte_range(context_of(arena), tensor, size_bytes, offset_bytes), size_bytes); });
}

rlx_status* copy_range(rlx_arena* arena, uint32_t dst_tensor, uint64_t dst_offset_bytes, uint32_t src_tensor,
                       uint64_t src_offset_bytes, uint64_t size_bytes) {
  return sdk::guard(host(), [&] {
    const Context& c = context_of(arena);
    const std::byte* src = byte_range(c, src_tensor, size_bytes, src_offset_bytes);
    move_bytes(byte_range(c, dst_tensor, size_bytes, dst_offset_bytes), src, size_bytes);
  });
}

rlx_status* copy_from(rlx_arena* arena, rlx_arena* src_arena, uint32_t tensor) {
  return sdk::guard(host(), [&] {
    const Context &to = context_of(arena), &from = context_of(src_arena);
    if (&to.executable() != &from.executable())
      throw Error(RLX_INVALID_ARGUMENT, "copy_from: the contexts belong to different executables");
    const uint64_t bytes = to.plan(tensor).desc.size_bytes;
    move_bytes(to.address(tensor), from.address(tensor), bytes);
  });
}

rlx_status* stats(rlx_arena* arena, rlx_arena_stats* out_stats) {
  return sdk::guard(host(), [&] {
    rlx_arena_stats s{};
    s.struct_size = out_stats->struct_size;
    context_of(arena).stats(s);
    std::memcpy(out_stats, &s, std::min<size_t>(sizeof s, out_stats->struct_size));
  });
}

}  // namespace

const rlx_arena_table_v1& arena_table() {
  static const rlx_arena_table_v1 table{sizeof table, RLX_ABI_MINOR, slot,       write,     read,
                                        write_raw,    read_raw,      copy_range, copy_from, stats};
  return table;
}

}  // namespace rlx::cpu
