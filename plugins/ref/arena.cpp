// The arena table: host access to the tensors of a context.
#include "context.hpp"
#include "tables.hpp"

#include <rlx/sdk/access.hpp>
#include <rlx/sdk/convert.hpp>

#include <algorithm>
#include <cstring>

namespace rlx::ref {

namespace {

using sdk::Error;

Context& of(rlx_arena* arena) {
  return *reinterpret_cast<Context*>(arena);
}

std::string label(uint32_t tensor) {
  return "tensor " + std::to_string(tensor);
}

struct Elements {
  std::byte* data;
  rlx_dtype dtype;
  uint64_t count;
};

// The elements of a tensor that size_bytes of the caller's dtype stand for.
Elements elements_of(rlx_arena* arena, uint32_t tensor, rlx_dtype dtype, uint64_t size_bytes, uint64_t first_elem) {
  std::byte* data = of(arena).address(tensor);
  const rlx_tensor& t = of(arena).tensor(tensor);
  const uint64_t count = sdk::whole_elements(label(tensor), dtype, size_bytes);
  sdk::check_range(label(tensor), first_elem, count, sdk::elements(t), "elements");
  return {data + first_elem * sdk::dtype_size(t.dtype), t.dtype, count};
}

std::byte* bytes_of(rlx_arena* arena, uint32_t tensor, uint64_t size_bytes, uint64_t offset_bytes) {
  std::byte* data = of(arena).address(tensor);
  sdk::check_range(label(tensor), offset_bytes, size_bytes, of(arena).tensor(tensor).size_bytes, "bytes");
  return data + offset_bytes;
}

void move_bytes(void* dst, const void* src, uint64_t bytes) {
  if (bytes) std::memmove(dst, src, bytes);
}

rlx_status* slot(rlx_arena* arena, uint32_t tensor, rlx_slot* out_slot) {
  return sdk::guard(host(), [&] {
    const rlx_tensor& t = of(arena).tensor(tensor);
    *out_slot = {of(arena).offset_bytes(tensor), t.size_bytes, t.dtype, 0};
  });
}

rlx_status* write(rlx_arena* arena, uint32_t tensor, rlx_dtype dtype, const void* src, uint64_t size_bytes,
                  uint64_t first_elem) {
  return sdk::guard(host(), [&] {
    const Elements own = elements_of(arena, tensor, dtype, size_bytes, first_elem);
    sdk::convert(dtype, src, own.dtype, own.data, own.count);
  });
}

rlx_status* read(rlx_arena* arena, uint32_t tensor, rlx_dtype dtype, void* dst, uint64_t size_bytes,
                 uint64_t first_elem) {
  return sdk::guard(host(), [&] {
    const Elements own = elements_of(arena, tensor, dtype, size_bytes, first_elem);
    sdk::convert(own.dtype, own.data, dtype, dst, own.count);
  });
}

rlx_status* write_raw(rlx_arena* arena, uint32_t tensor, const void* src, uint64_t size_bytes, uint64_t offset_bytes) {
  return sdk::guard(host(), [&] { move_bytes(bytes_of(arena, tensor, size_bytes, offset_bytes), src, size_bytes); });
}

rlx_status* read_raw(rlx_arena* arena, uint32_t tensor, void* dst, uint64_t size_bytes, uint64_t offset_bytes) {
  return sdk::guard(host(), [&] { move_bytes(dst, bytes_of(arena, tensor, size_bytes, offset_bytes), size_bytes); });
}

rlx_status* copy_range(rlx_arena* arena, uint32_t dst_tensor, uint64_t dst_offset_bytes, uint32_t src_tensor,
                       uint64_t src_offset_bytes, uint64_t size_bytes) {
  return sdk::guard(host(), [&] {
    const std::byte* src = bytes_of(arena, src_tensor, size_bytes, src_offset_bytes);
    move_bytes(bytes_of(arena, dst_tensor, size_bytes, dst_offset_bytes), src, size_bytes);
  });
}

rlx_status* copy_from(rlx_arena* arena, rlx_arena* src_arena, uint32_t tensor) {
  return sdk::guard(host(), [&] {
    if (&of(arena).executable() != &of(src_arena).executable())
      throw Error(RLX_INVALID_ARGUMENT, "copy_from: the arenas belong to different executables");
    move_bytes(of(arena).address(tensor), of(src_arena).address(tensor), of(arena).tensor(tensor).size_bytes);
  });
}

rlx_status* stats(rlx_arena* arena, rlx_arena_stats* out_stats) {
  return sdk::guard(host(), [&] {
    const rlx_program& program = of(arena).executable().program().raw();
    rlx_arena_stats s{};
    s.struct_size = out_stats->struct_size;
    s.valid = RLX_ARENA_HAS_LOWER_BOUND;
    s.size = program.arena_bytes;
    s.lower_bound = program.arena_lower_bound;
    std::memcpy(out_stats, &s, std::min<size_t>(sizeof s, out_stats->struct_size));
  });
}

}  // namespace

const rlx_arena_table_v1& arena_table() {
  static const rlx_arena_table_v1 table{sizeof table, RLX_ABI_MINOR, slot,       write,     read,
                                        write_raw,    read_raw,      copy_range, copy_from, stats};
  return table;
}

}  // namespace rlx::ref
