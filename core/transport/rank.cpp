// The C++ front: every argument is checked here, once, so that transports need not.
#include <rlx/transport.hpp>

#include "plugin/abi_call.hpp"
#include "status/format.hpp"

#include <utility>

namespace rlx {

using plugin::call;

Region& Region::operator=(Region&& other) noexcept {
  std::swap(table_, other.table_);
  std::swap(rank_, other.rank_);
  std::swap(handle_, other.handle_);
  std::swap(size_, other.size_);
  return *this;
}

Region::~Region() {
  if (handle_) plugin::call_quietly(table_->release_region, rank_, handle_);
}

Rank& Rank::operator=(Rank&& other) noexcept {
  std::swap(table_, other.table_);
  std::swap(handle_, other.handle_);
  std::swap(heap_, other.heap_);
  std::swap(options_, other.options_);
  std::swap(used_, other.used_);
  return *this;
}

Rank::~Rank() {
  if (handle_) plugin::call_quietly(table_->detach, handle_);
}

// What is wrong with it, out of the way of all that is right.
[[gnu::noinline, gnu::cold]] Status Rank::refuse(std::string_view name, uint32_t peer, uint64_t offset,
                                                 uint64_t size) const {
  if (!handle_) return rlx::fail(Code::kFailedPrecondition, "{}: this rank is not attached", name);
  if (peer >= options_.world_size)
    return rlx::fail(Code::kInvalidArgument, "{}: rank {} is unknown in a world of {}", name, peer,
                     options_.world_size);
  return rlx::fail(Code::kOutOfRange, "{}: {} bytes at offset {} of rank {} exceed its heap of {} bytes", name, size,
                   offset, peer, options_.heap_bytes);
}

inline Status Rank::check(std::string_view name, uint32_t peer, uint64_t offset, uint64_t size) const {
  // Not offset + size, which may overflow.
  const bool inside = size <= options_.heap_bytes && offset <= options_.heap_bytes - size;
  return handle_ && peer < options_.world_size && inside ? Status() : refuse(name, peer, offset, size);
}

inline Status Rank::check_word(std::string_view name, uint32_t peer, uint64_t offset) const {
  RLX_TRY(check(name, peer, offset, sizeof(uint64_t)));
  if (offset % sizeof(uint64_t)) [[unlikely]]
    return rlx::fail(Code::kInvalidArgument, "{}: offset {} is not aligned to 8 bytes", name, offset);
  return {};
}

Status Rank::check_strided(std::string_view name, uint32_t peer, const Strided& s) const {
  if (s.count > 1 && (s.heap_stride < s.block_bytes || s.local_stride < s.block_bytes))
    return rlx::fail(Code::kInvalidArgument, "{}: strides {} and {} are less than the block of {} bytes", name,
                     s.heap_stride, s.local_stride, s.block_bytes);
  uint64_t extent = 0;
  const uint64_t steps = s.count ? s.count - 1 : 0;
  if (__builtin_mul_overflow(steps, s.heap_stride, &extent) ||
      __builtin_add_overflow(extent, s.count ? s.block_bytes : 0, &extent))
    return rlx::fail(Code::kOutOfRange, "{}: {} blocks with stride {} exceed any heap", name, s.count, s.heap_stride);
  return check(name, peer, s.heap_offset, extent);
}

Status Rank::check_region(std::string_view name, const Region& region, uint64_t offset, uint64_t size) const {
  if (!region.handle_ || region.rank_ != handle_)
    return rlx::fail(Code::kInvalidArgument, "{}: the region belongs to another rank, or to none", name);
  if (size > region.size_ || offset > region.size_ - size)
    return rlx::fail(Code::kOutOfRange, "{}: {} bytes at offset {} exceed a region of {} bytes", name, size, offset,
                     region.size_);
  return {};
}

void* Rank::peer(uint32_t rank) const {
  void* heap = nullptr;
  if (!handle_ || rank >= options_.world_size) return nullptr;
  return call("map", table_->map, handle_, rank, &heap) ? heap : nullptr;
}

Result<Link> Rank::link(uint32_t peer) const {
  RLX_TRY(check("link", peer, 0, 0));
  rlx_link_info info{};
  info.struct_size = sizeof info;
  RLX_TRY(call("link", table_->link, handle_, peer, &info));
  return Link{(info.flags & RLX_LINK_SAME_PROCESS) != 0, (info.flags & RLX_LINK_SAME_HOST) != 0,
              (info.flags & RLX_LINK_MAPPED) != 0, info.latency_ns, info.bandwidth_bytes_per_s};
}

Status Rank::put(uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size) {
  RLX_TRY(check("put", peer, dst_offset, size));
  return call("put", table_->put, handle_, peer, dst_offset, src, size);
}

Status Rank::get(uint32_t peer, uint64_t src_offset, void* dst, uint64_t size) {
  RLX_TRY(check("get", peer, src_offset, size));
  return call("get", table_->get, handle_, peer, src_offset, dst, size);
}

namespace {
rlx_strided to_abi(const Rank::Strided& s) {
  return {sizeof(rlx_strided), 0, s.count, s.block_bytes, s.heap_offset, s.heap_stride, s.local_stride};
}
}  // namespace

Status Rank::put(uint32_t peer, const Strided& layout, const void* src) {
  RLX_TRY(check_strided("put", peer, layout));
  const rlx_strided strided = to_abi(layout);
  return call("put_strided", table_->put_strided, handle_, peer, &strided, src);
}

Status Rank::get(uint32_t peer, const Strided& layout, void* dst) {
  RLX_TRY(check_strided("get", peer, layout));
  const rlx_strided strided = to_abi(layout);
  return call("get_strided", table_->get_strided, handle_, peer, &strided, dst);
}

Status Rank::put_signal(uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size, uint64_t signal_offset,
                        uint64_t value) {
  RLX_TRY(check("put_signal", peer, dst_offset, size));
  RLX_TRY(check_word("put_signal", peer, signal_offset));
  return call("put_signal", table_->put_signal, handle_, peer, dst_offset, src, size, signal_offset, value);
}

Status Rank::wait_signal(uint64_t signal_offset, uint64_t value, uint32_t from, uint64_t deadline_ns) {
  RLX_TRY(check_word("wait_signal", options_.rank, signal_offset));
  if (from != RLX_ANY_RANK) RLX_TRY(check("wait_signal", from, 0, 0));
  return call("wait_signal", table_->wait_signal, handle_, signal_offset, value, from, deadline_ns);
}

Result<uint64_t> Rank::atomic_add(uint32_t peer, uint64_t offset, uint64_t value) {
  RLX_TRY(check_word("atomic_add", peer, offset));
  uint64_t old = 0;
  RLX_TRY(call("atomic_add", table_->atomic_add, handle_, peer, offset, value, &old));
  return old;
}

Status Rank::fence() {
  RLX_TRY(check("fence", 0, 0, 0));
  return call("fence", table_->fence, handle_);
}

Status Rank::quiet() {
  RLX_TRY(check("quiet", 0, 0, 0));
  return call("quiet", table_->quiet, handle_, options_.deadline_ns);
}

Status Rank::barrier(uint64_t deadline_ns) {
  RLX_TRY(check("barrier", 0, 0, 0));
  return call("barrier", table_->barrier, handle_, deadline_ns);
}

Result<rlx_point> Rank::put_async(uint32_t peer, uint64_t dst_offset, const void* src, uint64_t size,
                                  std::span<const rlx_point> waits) {
  RLX_TRY(check("put_async", peer, dst_offset, size));
  rlx_point end{};
  RLX_TRY(call("put_async", table_->put_async, handle_, peer, dst_offset, src, size, waits.data(),
               uint64_t{waits.size()}, &end));
  return end;
}

Result<rlx_point> Rank::get_async(uint32_t peer, uint64_t src_offset, void* dst, uint64_t size,
                                  std::span<const rlx_point> waits) {
  RLX_TRY(check("get_async", peer, src_offset, size));
  rlx_point end{};
  RLX_TRY(call("get_async", table_->get_async, handle_, peer, src_offset, dst, size, waits.data(),
               uint64_t{waits.size()}, &end));
  return end;
}

Status Rank::wait(rlx_point point, uint64_t deadline_ns) {
  RLX_TRY(check("wait", 0, 0, 0));
  // This point has always passed, whatever the transport.
  if (point.timeline == 0 && point.value == 0) return {};
  return call("wait_point", table_->wait_point, handle_, point, deadline_ns);
}

Result<Region> Rank::register_region(rlx_region_desc desc) {
  RLX_TRY(check("register_region", 0, 0, 0));
  if (!desc.address && (!desc.read || !desc.write))
    return rlx::fail(Code::kInvalidArgument, "register_region: without an address both read and write are needed");
  desc.struct_size = sizeof desc;
  Region region;
  RLX_TRY(call("register_region", table_->register_region, handle_, &desc, &region.handle_));
  region.table_ = table_;
  region.rank_ = handle_;
  region.size_ = desc.size;
  return region;
}

Status Rank::put(uint32_t peer, uint64_t dst_offset, const Region& src, uint64_t src_offset, uint64_t size) {
  RLX_TRY(check("put", peer, dst_offset, size));
  RLX_TRY(check_region("put", src, src_offset, size));
  return call("put_region", table_->put_region, handle_, peer, dst_offset, src.handle_, src_offset, size);
}

Status Rank::get(uint32_t peer, uint64_t src_offset, const Region& dst, uint64_t dst_offset, uint64_t size) {
  RLX_TRY(check("get", peer, src_offset, size));
  RLX_TRY(check_region("get", dst, dst_offset, size));
  return call("get_region", table_->get_region, handle_, peer, src_offset, dst.handle_, dst_offset, size);
}

Status Rank::fail(Code code, uint32_t culprit) {
  RLX_TRY(check("fail", culprit, 0, 0));
  return call("fail", table_->fail, handle_, static_cast<rlx_code>(code), culprit);
}

Status Rank::collective(rlx_collective what) {
  RLX_TRY(check("collective", what.root, 0, 0));
  what.struct_size = sizeof what;
  what.deadline_ns = options_.deadline_ns;
  return call("collective", table_->collective, handle_, &what);
}

}  // namespace rlx
