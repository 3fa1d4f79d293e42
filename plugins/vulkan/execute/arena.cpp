// The arena table: host access to the tensors of a context, in the order of the queue.
#include "execute/context.hpp"
#include "host.hpp"
#include "memory/transfer.hpp"
#include "tables.hpp"

#include <rlx/sdk/access.hpp>
#include <rlx/sdk/convert.hpp>

#include <algorithm>
#include <cstring>

namespace rlx::vulkan {

namespace {

using sdk::Error;

Context& of(rlx_arena* arena) {
  return *reinterpret_cast<Context*>(arena);
}

// Bytes of a context's memory.
struct Range {
  uint64_t offset, bytes, width;
  rlx_dtype dtype;
};

// The elements of a tensor that size_bytes of the caller's dtype stand for.
Range elements_of(Context& c, uint32_t tensor, rlx_dtype dtype, uint64_t size_bytes, uint64_t first_elem) {
  const uint64_t offset = c.offset_bytes(tensor);
  const TensorInfo& t = c.executable().tensor(tensor);
  const uint64_t width = sdk::dtype_size(t.desc.dtype), count = sdk::whole_elements(t.label(), dtype, size_bytes);
  sdk::check_range(t.label(), first_elem, count, sdk::elements(t.desc), "elements");
  return {offset + first_elem * width, count * width, width, t.desc.dtype};
}

uint64_t bytes_of(Context& c, uint32_t tensor, uint64_t size_bytes, uint64_t offset_bytes) {
  const uint64_t offset = c.offset_bytes(tensor);
  const TensorInfo& t = c.executable().tensor(tensor);
  sdk::check_range(t.label(), offset_bytes, size_bytes, t.desc.size_bytes, "bytes");
  return offset + offset_bytes;
}

rlx_status* slot(rlx_arena* arena, uint32_t tensor, rlx_slot* out_slot) {
  return sdk::guard(host(), [&] {
    const uint64_t offset = of(arena).offset_bytes(tensor);
    const rlx_tensor& t = of(arena).executable().tensor(tensor).desc;
    *out_slot = {offset, t.size_bytes, t.dtype, 0};
  });
}

rlx_status* write(rlx_arena* arena, uint32_t tensor, rlx_dtype dtype, const void* src, uint64_t size_bytes,
                  uint64_t first_elem) {
  return sdk::guard(host(), [&] {
    Context& c = of(arena);
    const Range to = elements_of(c, tensor, dtype, size_bytes, first_elem);
    const uint64_t src_width = sdk::dtype_size(dtype);
    c.settle();
    c.device().transfer().write(c.memory(), to.offset, to.bytes, to.width,
                                [&](std::byte* chunk, uint64_t first, uint64_t bytes) {
                                  sdk::convert(dtype, static_cast<const std::byte*>(src) + first / to.width * src_width,
                                               to.dtype, chunk, bytes / to.width);
                                });
  });
}

rlx_status* read(rlx_arena* arena, uint32_t tensor, rlx_dtype dtype, void* dst, uint64_t size_bytes,
                 uint64_t first_elem) {
  return sdk::guard(host(), [&] {
    Context& c = of(arena);
    const Range from = elements_of(c, tensor, dtype, size_bytes, first_elem);
    const uint64_t dst_width = sdk::dtype_size(dtype);
    c.settle();
    c.device().transfer().read(
        c.memory(), from.offset, from.bytes, from.width, [&](const std::byte* chunk, uint64_t first, uint64_t bytes) {
          sdk::convert(from.dtype, chunk, dtype, static_cast<std::byte*>(dst) + first / from.width * dst_width,
                       bytes / from.width);
        });
  });
}

rlx_status* write_raw(rlx_arena* arena, uint32_t tensor, const void* src, uint64_t size_bytes, uint64_t offset_bytes) {
  return sdk::guard(host(), [&] {
    Context& c = of(arena);
    const uint64_t to = bytes_of(c, tensor, size_bytes, offset_bytes);
    c.settle();
    c.device().transfer().write(c.memory(), to, size_bytes, 1, [&](std::byte* chunk, uint64_t first, uint64_t bytes) {
      std::memcpy(chunk, static_cast<const std::byte*>(src) + first, bytes);
    });
  });
}

rlx_status* read_raw(rlx_arena* arena, uint32_t tensor, void* dst, uint64_t size_bytes, uint64_t offset_bytes) {
  return sdk::guard(host(), [&] {
    Context& c = of(arena);
    const uint64_t from = bytes_of(c, tensor, size_bytes, offset_bytes);
    c.settle();
    c.device().transfer().read(c.memory(), from, size_bytes, 1,
                               [&](const std::byte* chunk, uint64_t first, uint64_t bytes) {
                                 std::memcpy(static_cast<std::byte*>(dst) + first, chunk, bytes);
                               });
  });
}

rlx_status* copy_range(rlx_arena* arena, uint32_t dst_tensor, uint64_t dst_offset_bytes, uint32_t src_tensor,
                       uint64_t src_offset_bytes, uint64_t size_bytes) {
  return sdk::guard(host(), [&] {
    Context& c = of(arena);
    const uint64_t from = bytes_of(c, src_tensor, size_bytes, src_offset_bytes);
    const uint64_t to = bytes_of(c, dst_tensor, size_bytes, dst_offset_bytes);
    c.note(c.device().transfer().copy(c.memory(), to, c.memory(), from, size_bytes));
  });
}

rlx_status* copy_from(rlx_arena* arena, rlx_arena* src_arena, uint32_t tensor) {
  return sdk::guard(host(), [&] {
    Context &to = of(arena), &from = of(src_arena);
    if (&to.executable() != &from.executable())
      throw Error(RLX_INVALID_ARGUMENT, "copy_from: the arenas belong to different executables");
    const uint64_t at = to.offset_bytes(tensor);
    const uint64_t place =
        to.device().transfer().copy(to.memory(), at, from.memory(), at, to.executable().tensor(tensor).desc.size_bytes);
    to.note(place);
    from.note(place);
  });
}

rlx_status* stats(rlx_arena* arena, rlx_arena_stats* out_stats) {
  return sdk::guard(host(), [&] {
    const Context& c = of(arena);
    rlx_arena_stats s{};
    s.struct_size = out_stats->struct_size;
    s.valid = RLX_ARENA_HAS_LOWER_BOUND;
    s.size = c.executable().arena_bytes();
    s.lower_bound = c.executable().arena_lower_bound();
    s.scratch = c.executable().scratch_bytes();
    sdk::describe(c.device().pool(MemoryKind::kDevice).stats(), s);
    std::memcpy(out_stats, &s, std::min<size_t>(sizeof s, out_stats->struct_size));
  });
}

}  // namespace

const rlx_arena_table_v1& arena_table() {
  static const rlx_arena_table_v1 table{sizeof table, RLX_ABI_MINOR, slot,       write,     read,
                                        write_raw,    read_raw,      copy_range, copy_from, stats};
  return table;
}

}  // namespace rlx::vulkan
