// oneDNN's C API made safe: owning handles, errors as exceptions while compiling, and a call object whose run does not
// throw. The C API, because its hot path is the shorter one and dnnl.hpp costs seconds per translation unit.
#pragma once

#include "kernel.hpp"

#include <dnnl.h>

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace rlx::cpu::onednn {

// Throws sdk::Error with oneDNN's number; doing names the step: "convolution".
void check(dnnl_status_t status, const char* doing);
dnnl_engine_t engine();

template <auto Destroy>
struct Destroyer {
  template <typename T>
  void operator()(T* p) const {
    Destroy(p);
  }
};
template <typename Handle, auto Destroy>
using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, Destroyer<Destroy>>;
using PrimitiveDesc = Owned<dnnl_primitive_desc_t, dnnl_primitive_desc_destroy>;
using Primitive = Owned<dnnl_primitive_t, dnnl_primitive_destroy>;
using Memory = Owned<dnnl_memory_t, dnnl_memory_destroy>;
using Attr = Owned<dnnl_primitive_attr_t, dnnl_primitive_attr_destroy>;
using PostOps = Owned<dnnl_post_ops_t, dnnl_post_ops_destroy>;
using Stream = Owned<dnnl_stream_t, dnnl_stream_destroy>;

// The descriptor of a tensor of these dims, f32 unless told.
dnnl_memory_desc_t desc_of(std::span<const uint64_t> dims, Layout layout, dnnl_data_type_t type = dnnl_f32);
// The same with the order left to oneDNN.
dnnl_memory_desc_t any_desc(std::span<const uint64_t> dims, dnnl_data_type_t type = dnnl_f32);
// Which of our layouts a descriptor is; false when none.
bool to_layout(const dnnl_memory_desc_t& desc, std::span<const uint64_t> dims, Layout& out);

// An attribute with the scratchpad in our hands.
Attr make_attr(const dnnl_post_ops_t post_ops = nullptr);

// Throws UNIMPLEMENTED when oneDNN has nothing.
PrimitiveDesc make_primitive_desc(const void* op_desc, const dnnl_primitive_attr_t attr, const char* doing);
bool try_primitive_desc(const void* op_desc, const dnnl_primitive_attr_t attr, PrimitiveDesc& out);
const dnnl_memory_desc_t& query(const PrimitiveDesc& desc, dnnl_query_t what, int index = 0);
// "onednn:jit:avx2"
std::string kernel_name(const PrimitiveDesc& desc);

// Moves bytes between two orders, while packing.
void reorder(const dnnl_memory_desc_t& from, const void* src, const dnnl_memory_desc_t& to, void* dst);

// A primitive with its memory objects. The objects hold addresses, so every context has its own.
class Call final : public KernelState {
 public:
  struct Operand {
    int arg;  // DNNL_ARG_SRC, ...
    dnnl_memory_desc_t desc;
  };
  Call(std::shared_ptr<const Primitive> primitive, std::span<const Operand> operands);
  // Sets the address of operand i; free when it did not change.
  void set(size_t i, const void* data) {
    if (addresses_[i] == data) return;
    addresses_[i] = data;
    dnnl_memory_set_data_handle_v2(memories_[i].get(), const_cast<void*>(data), stream_.get());
  }
  void execute() {
    dnnl_primitive_execute(primitive_->get(), stream_.get(), static_cast<int>(args_.size()), args_.data());
  }

 private:
  std::shared_ptr<const Primitive> primitive_;
  Stream stream_;
  std::vector<Memory> memories_;
  std::vector<dnnl_exec_arg_t> args_;
  std::vector<const void*> addresses_;
};

// A primitive per thread count: oneDNN divides the work when it creates a primitive, contexts come with their own
// counts, and all of them read the same packed weights.
class PrimitiveSet {
 public:
  struct Entry {
    unsigned threads;
    std::shared_ptr<const Primitive> primitive;
    uint64_t scratch_bytes;
  };
  // make(threads) is called with the OpenMP count set. Threads: any.
  template <typename Make>
  const Entry& get(unsigned threads, Make&& make) const {
    const std::lock_guard lock(mutex_);
    for (const auto& e : entries_)
      if (e->threads == threads) return *e;
    const ThreadCountScope scope(threads);
    PrimitiveDesc desc = make();
    entries_.push_back(std::make_unique<Entry>(create(threads, desc)));
    return *entries_.back();
  }

 private:
  static Entry create(unsigned threads, const PrimitiveDesc& desc);
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace rlx::cpu::onednn
