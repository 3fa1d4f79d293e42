// oneDNN's C API made safe: owning handles, errors as exceptions while compiling, and a call object whose run does not
// throw. The C API, because its hot path is the shorter one and dnnl.hpp costs seconds per translation unit.
#pragma once

#include "kernel.hpp"
#include "onednn/desc.hpp"

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

// The f32 descriptor of a tensor of these dims.
Desc desc_of(std::span<const uint64_t> dims, Layout layout);
// The same with the order left to oneDNN.
Desc any_desc(std::span<const uint64_t> dims);
// Which of our layouts a descriptor is; false when none.
bool to_layout(const Desc& desc, std::span<const uint64_t> dims, Layout& out);

// An attribute with the scratchpad in our hands.
Attr make_attr(const dnnl_post_ops_t post_ops = nullptr);

// A descriptor that the primitive chose.
Desc query(const PrimitiveDesc& desc, dnnl_query_t what, int index = 0);
// "onednn:jit:avx2"
std::string kernel_name(const PrimitiveDesc& desc);

// Moves bytes between two orders, while packing.
void reorder(const Desc& from, const void* src, const Desc& to, void* dst);
// The primitive of a reorder by itself.
std::shared_ptr<const Primitive> reorder_primitive(const Desc& from, const Desc& to);

// A primitive with its memory objects. The objects hold addresses, so every context has its own.
class Call final : public KernelState {
 public:
  struct Operand {
    int arg;  // DNNL_ARG_SRC, ...
    Desc desc;
  };
  Call(std::shared_ptr<const Primitive> primitive, std::span<const Operand> operands);
  // Sets the address of operand i; free when it did not change.
  void set(size_t i, const void* data) {
    if (addresses_[i] == data) return;
    addresses_[i] = data;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_memory_set_data_handle(memories_[i].get(), const_cast<void*>(data));
#else
    dnnl_memory_set_data_handle_v2(memories_[i].get(), const_cast<void*>(data), stream_.get());
#endif
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
