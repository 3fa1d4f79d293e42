// A device inside the test program whose behaviour a test chooses: with or without host pointers and a queue of its
// own, slow, failing, throwing, out of memory. It computes unary (negates), binary (adds), copy and state_write on f32.
#pragma once

#include "plugin/device.hpp"

#include <rlx/session.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>

namespace tests {

struct FakeDevice {
  FakeDevice();
  FakeDevice(const FakeDevice&) = delete;
  FakeDevice& operator=(const FakeDevice&) = delete;

  std::string id = "fake:0";
  std::set<std::string, std::less<>> refused;  // ops that query says no to
  bool host_pointers = true;
  bool submits = false;  // has a queue of its own
  // At finalize it tells the host of "pack", 0 to 2 of 2.
  std::function<rlx_status*()> run;  // called first in each run; may sleep, fail or throw
  std::function<rlx_status*()> create_context;
  std::function<rlx_status*()> stats;  // of executables
  std::atomic<int> inside = 0;         // runs going on
  std::atomic<int> most = 0;           // the most at one time
  std::atomic<int> binds = 0;          // calls of bind
  std::atomic<int> finalized = 0;      // calls of finalize
  std::atomic<int> contexts = 0;       // alive
  std::atomic<int> executables = 0;    // alive

  // Used by one Executable after another; outlives them all.
  rlx::Device device();
  // Compiled without the optimiser, so that the nodes are those of the graph.
  rlx::Executable compile(const rlx::Graph& graph, rlx::Progress progress = {});
};

}  // namespace tests
