// What an Executable handle shares: the program, the plugin's compiled form of it, and the interface by name.
#pragma once

#include "plugin/device.hpp"
#include "program/program.hpp"

#include <rlx/session.hpp>

#include <atomic>
#include <mutex>
#include <string_view>

namespace rlx {

// Ports with the tensors behind them.
struct PortList {
  std::vector<Port> ports;
  std::vector<uint32_t> tensors;

  explicit PortList(const std::vector<ProgramPort>& from);
  size_t size() const { return ports.size(); }
  // NOT_FOUND lists the names there are. kind: "input".
  Result<size_t> find(std::string_view name, std::string_view kind) const;
};

// OUT_OF_RANGE: "input 3 out of range: the program has 2".
Status check_index(size_t index, const PortList& list, std::string_view kind);

// INVALID_ARGUMENT: "input 'x': expected f32[2, 4], got f32[2, 5]"; any dtype passes unless exact,
// which is for memory to bind and asks for its alignment too.
Status check_view(const Port& port, std::string_view kind, const TensorType& got, const void* data, size_t bytes,
                  bool exact);

struct ExecutableImpl {
  ExecutableImpl(Device device, Program program, Progress progress = {});
  ExecutableImpl(const ExecutableImpl&) = delete;
  ExecutableImpl& operator=(const ExecutableImpl&) = delete;
  ~ExecutableImpl();

  const DeviceImpl& plugin() const { return *device.impl(); }
  Status set_param(std::string_view name, const TensorView& value);
  Status finalize();
  // The compiler's, and once the weights are packed the one with the plugin's own figures. Neither changes once it can
  // be seen, so that readers need no lock.
  const CompileReport& report() const { return finalized_ ? packed_report_ : compile_report_; }
  // Before anybody else has the object.
  void set_report(CompileReport report) { compile_report_ = std::move(report); }

  // Of rlx_compile_options; NULL when nobody wants to know. Borrowed: the plugin may call it until finalize() returns.
  const rlx_ext* progress_extension() const { return progress_ ? &extension_.ext : nullptr; }

  Device device;
  Program program;
  rlx_executable* handle = nullptr;
  PortList inputs, outputs, params, states;

 private:
  void read_stats(CompileReport& report) const;
  static void step(void* self, rlx_str phase, uint64_t done, uint64_t total);
  CompileReport compile_report_, packed_report_;
  Progress progress_;
  rlx_ext_progress extension_{};
  std::mutex mutex_;  // the plugin takes set_param and finalize from one thread at a time
  std::atomic<bool> finalized_ = false;
};

}  // namespace rlx
