#include "core/runtime/fake_device.hpp"

#include "catch.hpp"
#include "plugin/status.hpp"
#include "runtime/build.hpp"

#include <rlx/sdk/progress.hpp>

#include <chrono>
#include <cstring>
#include <future>
#include <string>
#include <string_view>
#include <vector>

namespace tests {
namespace {

struct Node {
  std::string op;
  std::vector<uint32_t> inputs, outputs;
};

struct Executable {
  FakeDevice* device;
  std::vector<rlx_tensor> tensors;
  std::vector<std::vector<std::byte>> data;  // of constants and states
  std::vector<Node> nodes;
  rlx::sdk::Progress progress;
};

struct Context {
  Executable* executable;
  std::vector<std::vector<std::byte>> memory;
  std::vector<void*> bound;
  std::future<rlx_status*> running;

  float* at(uint32_t t) {
    const rlx_tensor& tensor = executable->tensors[t];
    const uint32_t root = tensor.view_of == RLX_NO_INDEX ? t : tensor.view_of;
    char* base = bound[root] ? static_cast<char*>(bound[root]) : reinterpret_cast<char*>(memory[root].data());
    return reinterpret_cast<float*>(base + (root == t ? 0 : tensor.view_offset));
  }
};

FakeDevice* fake(rlx_device* d) {
  return reinterpret_cast<FakeDevice*>(d);
}
Executable* fake(rlx_executable* e) {
  return reinterpret_cast<Executable*>(e);
}
Context* fake(rlx_context* c) {
  return reinterpret_cast<Context*>(c);
}
Context* fake(rlx_arena* a) {
  return reinterpret_cast<Context*>(a);
}

rlx_status* fail(rlx::Code code, const char* message) {
  rlx::Error e;
  e.code = code;
  e.message = message;
  return rlx::plugin::make_status(e);
}

rlx_status* query(rlx_device* device, const rlx_program* p, rlx_node_support* out, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) {
    const rlx_str op = p->regions[0].nodes[i].op;
    const bool no = fake(device)->refused.contains(std::string_view(op.data, op.size));
    out[i].level = no ? RLX_SUPPORT_NO : RLX_SUPPORT_NATIVE;
  }
  return nullptr;
}

rlx_status* compile(rlx_device* device, const rlx_program* p, const rlx_compile_options* options,
                    rlx_executable** out) {
  auto* e = new Executable{
      fake(device), {p->tensors, p->tensors + p->tensor_count}, {}, {}, rlx::sdk::Progress(options->next)};
  for (const rlx_tensor& t : e->tensors) {
    std::vector<std::byte>& bytes = e->data.emplace_back(t.data ? t.size_bytes : 0);
    if (t.data) std::memcpy(bytes.data(), t.data, t.size_bytes);
  }
  for (uint64_t i = 0; i < p->regions[0].node_count; ++i) {
    const rlx_node& n = p->regions[0].nodes[i];
    e->nodes.push_back({std::string(n.op.data, n.op.size),
                        {n.inputs, n.inputs + n.input_count},
                        {n.outputs, n.outputs + n.output_count}});
  }
  ++e->device->executables;
  *out = reinterpret_cast<rlx_executable*>(e);
  return nullptr;
}

rlx_status* set_param(rlx_executable*, rlx_str, rlx_dtype, const void*, uint64_t) {
  return nullptr;
}
rlx_status* finalize(rlx_executable* e) {
  ++fake(e)->device->finalized;
  for (uint64_t done = 0; done <= 2; ++done) fake(e)->progress("pack", done, 2);
  return nullptr;
}
rlx_status* executable_stats(rlx_executable* e, rlx_executable_stats* out) {
  FakeDevice& device = *fake(e)->device;
  if (device.stats)
    if (rlx_status* status = device.stats()) return status;
  out->kernel_count = 1;
  out->operand_bytes = 8;
  out->valid = RLX_EXECUTABLE_HAS_BARRIERS;
  out->barrier_count = 2;
  out->dependency_count = 3;
  return nullptr;
}
void release(rlx_executable* e) {
  --fake(e)->device->executables;
  delete fake(e);
}

void reset(Context& c) {
  for (size_t t = 0; t < c.memory.size(); ++t) {
    if (c.executable->tensors[t].role != RLX_ROLE_STATE) continue;
    std::fill(c.memory[t].begin(), c.memory[t].end(), std::byte{0});
    const std::vector<std::byte>& init = c.executable->data[t];
    std::copy(init.begin(), init.end(), c.memory[t].begin());
  }
}

rlx_status* create_context(rlx_executable* e, const rlx_context_options*, rlx_context** out) {
  FakeDevice& device = *fake(e)->device;
  if (device.create_context)
    if (rlx_status* status = device.create_context()) return status;
  auto* c = new Context{fake(e), {}, {}, {}};
  for (const rlx_tensor& t : c->executable->tensors) c->memory.emplace_back(t.size_bytes);
  for (size_t t = 0; t < c->memory.size(); ++t)
    std::copy(c->executable->data[t].begin(), c->executable->data[t].end(), c->memory[t].begin());
  c->bound.resize(c->memory.size());
  ++device.contexts;
  *out = reinterpret_cast<rlx_context*>(c);
  return nullptr;
}
void release_context(rlx_context* c) {
  --fake(c)->executable->device->contexts;
  delete fake(c);
}
rlx_arena* arena(rlx_context* c) {
  return reinterpret_cast<rlx_arena*>(c);
}
rlx_status* bind(rlx_context* c, uint32_t tensor, void* data, uint64_t) {
  ++fake(c)->executable->device->binds;
  fake(c)->bound[tensor] = data;
  return nullptr;
}

void run_node(Context& c, const Node& n) {
  const float* x = c.at(n.inputs[n.op == "state_write" ? 1 : 0]);
  float* y = c.at(n.outputs[0]);
  const uint64_t count = c.executable->tensors[n.outputs[0]].size_bytes / sizeof(float);
  for (uint64_t i = 0; i < count; ++i) {
    if (n.op == "unary") y[i] = -x[i];
    if (n.op == "binary") y[i] = x[i] + c.at(n.inputs[1])[i];
    if (n.op == "copy" || n.op == "state_write") y[i] = x[i];
  }
}

rlx_status* run(rlx_context* context) {
  Context& c = *fake(context);
  FakeDevice& device = *c.executable->device;
  const int now = ++device.inside;
  int most = device.most;
  while (now > most && !device.most.compare_exchange_weak(most, now)) {
  }
  struct Leave {
    std::atomic<int>& inside;
    ~Leave() { --inside; }
  } leave{device.inside};
  if (device.run)
    if (rlx_status* status = device.run()) return status;
  for (const Node& n : c.executable->nodes) run_node(c, n);
  return nullptr;
}

rlx_status* submit(rlx_context* context, const rlx_point*, uint64_t, rlx_point* end) {
  Context& c = *fake(context);
  if (!c.executable->device->submits) return fail(rlx::Code::kUnimplemented, "submit: not here");
  c.running = std::async(std::launch::async, [context] { return run(context); });
  *end = {1, 1};
  return nullptr;
}
rlx_status* wait(rlx_context* context, rlx_point, uint64_t deadline_ns) {
  Context& c = *fake(context);
  if (deadline_ns != RLX_FOREVER &&
      c.running.wait_for(std::chrono::nanoseconds(deadline_ns)) != std::future_status::ready)
    return fail(rlx::Code::kDeadlineExceeded, "still running");
  return c.running.get();
}
rlx_status* reset_state(rlx_context* c) {
  reset(*fake(c));
  return nullptr;
}
rlx_status* profile(rlx_context* c, uint64_t capacity, uint64_t, rlx_kernel_time* out, uint64_t* count) {
  *count = 1;
  if (capacity) out[0] = {{"unary", 5}, {"", 0}, {"fake", 4}, 1, 8};
  return run(c);
}

rlx_status* slot(rlx_arena*, uint32_t, rlx_slot*) {
  return fail(rlx::Code::kNoSlot, "no slot");
}
rlx_status* write(rlx_arena* a, uint32_t t, rlx_dtype dtype, const void* src, uint64_t bytes, uint64_t) {
  const auto from = static_cast<rlx::DType>(dtype);
  rlx::convert(from, src, rlx::DType::kF32, fake(a)->at(t), bytes / rlx::size_of(from));
  return nullptr;
}
rlx_status* read(rlx_arena* a, uint32_t t, rlx_dtype dtype, void* dst, uint64_t bytes, uint64_t) {
  const auto to = static_cast<rlx::DType>(dtype);
  rlx::convert(rlx::DType::kF32, fake(a)->at(t), to, dst, bytes / rlx::size_of(to));
  return nullptr;
}
rlx_status* write_raw(rlx_arena* a, uint32_t t, const void* src, uint64_t bytes, uint64_t) {
  std::memcpy(fake(a)->at(t), src, bytes);
  return nullptr;
}
rlx_status* read_raw(rlx_arena* a, uint32_t t, void* dst, uint64_t bytes, uint64_t) {
  std::memcpy(dst, fake(a)->at(t), bytes);
  return nullptr;
}
rlx_status* copy_range(rlx_arena* a, uint32_t dst, uint64_t, uint32_t src, uint64_t, uint64_t bytes) {
  std::memmove(fake(a)->at(dst), fake(a)->at(src), bytes);
  return nullptr;
}
rlx_status* copy_from(rlx_arena* a, rlx_arena* from, uint32_t t) {
  std::memcpy(fake(a)->at(t), fake(from)->at(t), fake(a)->executable->tensors[t].size_bytes);
  return nullptr;
}
rlx_status* arena_stats(rlx_arena*, rlx_arena_stats* out) {
  out->size = 4096;
  return nullptr;
}

constexpr rlx_device_table_v1 kDeviceTable = {sizeof(rlx_device_table_v1), 1, nullptr, nullptr, query};
constexpr rlx_executable_table_v1 kExecutableTable = {sizeof(rlx_executable_table_v1),
                                                      1,
                                                      compile,
                                                      set_param,
                                                      finalize,
                                                      nullptr,
                                                      executable_stats,
                                                      release,
                                                      create_context,
                                                      release_context,
                                                      arena,
                                                      bind,
                                                      run,
                                                      submit,
                                                      wait,
                                                      reset_state,
                                                      profile};
constexpr rlx_arena_table_v1 kArenaTable = {
    sizeof(rlx_arena_table_v1), 1, slot, write, read, write_raw, read_raw, copy_range, copy_from, arena_stats};

}  // namespace

FakeDevice::FakeDevice() = default;

rlx::Device FakeDevice::device() {
  rlx::DeviceInfo info;
  info.id = id;
  info.plugin = "fake";
  info.host_pointers = host_pointers;
  return rlx::Device(std::make_shared<const rlx::DeviceImpl>(
      rlx::DeviceImpl{kDeviceTable, kExecutableTable, kArenaTable, reinterpret_cast<rlx_device*>(this), info}));
}

rlx::Executable FakeDevice::compile(const rlx::Graph& graph, rlx::Progress progress) {
  rlx::BuildRequest request;
  request.device = device();
  request.optimise = false;
  request.progress = std::move(progress);
  auto built = rlx::build_executable(graph, request);
  INFO((built ? std::string() : built.error().text()));
  REQUIRE(built);
  return rlx::Executable(std::move(*built));
}

}  // namespace tests
