// Compile options and the report of what the compiler did.
#pragma once

#include <rlx/graph.hpp>

#include <optional>
#include <string>
#include <vector>

namespace rlx {

// What products of f32 (matmul, linear, conv, attention) may lose; a device may always be more exact.
enum class Precision {
  kFull,  // nothing
  kTf32,  // all but 10 bits behind the first of each factor; sums stay f32
};

struct CompileOptions {
  bool fold_constants = true;
  bool fuse = true;
  // Largest literal, in bytes, that constant folding may create.
  int64_t fold_limit_bytes = int64_t{64} << 20;
  // A fused elementwise region never reads more values than this.
  uint32_t max_region_inputs = 16;
  uint32_t threads = 0;  // default of contexts; 0 = all cores the process may use
  Precision f32_products = Precision::kFull;
};

// How nodes of one op came to run.
enum class Placement { kNative, kSlow, kDecomposed, kMoved, kUnsupported };
RLX_API std::string_view name_of(Placement placement);

struct CompileReport {
  struct Op {
    std::string op;
    Placement placement;
    size_t count = 0;
    std::string reason;  // why slow, decomposed, moved or unsupported
    // Of moved nodes: the device that runs them, and their names ("node 12" where there is none).
    std::string device = {};
    std::vector<std::string> nodes = {};
  };
  // A part of the program that one device runs in one go. Bytes: what crosses to and from other parts in each run.
  struct Segment {
    std::string device;
    size_t nodes = 0;
    uint64_t bytes_in = 0, bytes_out = 0;
  };
  struct Pass {
    std::string name;
    size_t changes = 0;
    double milliseconds = 0;
  };
  struct Fusion {
    std::string pattern;
    size_t done = 0;
    size_t missed = 0;
    std::string hint;  // why the first one was missed
  };

  std::string device;
  std::vector<Op> ops;
  std::vector<Pass> passes;
  std::vector<Fusion> fusions;
  std::vector<Segment> segments;  // in the order in which they run; empty when `device` runs everything
  size_t nodes_before = 0, nodes_after = 0;
  // Memory, in bytes. Arena figures are the plugin's own once compiled.
  uint64_t weight_bytes = 0, arena_bytes = 0, arena_lower_bound = 0;
  // What a run launches, once compiled: how many kernels, and the bytes of their operands, each as a whole for each
  // kernel that reads or writes it (0: the plugin does not know).
  uint64_t kernel_count = 0, operand_bytes = 0;
  // Of devices that run launches at the same time unless a barrier stands between them.
  struct Ordering {
    uint64_t barriers = 0;
    uint64_t dependencies = 0;  // pairs of launches of which the later one needs the earlier one itself
  };
  std::optional<Ordering> ordering;
  double optimise_ms = 0, compile_ms = 0;

  RLX_API std::string text() const;
  RLX_API std::string json() const;
};

}  // namespace rlx
