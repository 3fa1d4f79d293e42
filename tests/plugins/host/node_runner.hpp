// Runs programs on the plugin under test. run_node is what most tests need: one node, values in, values out.
#pragma once

#include "plugins/host/opened_plugin.hpp"
#include "plugins/host/program.hpp"

#include <optional>
#include <vector>

namespace tests {

// An executable with one context. Throws Failure wherever the plugin fails.
class Runner {
 public:
  explicit Runner(Program& program, rlx_device* device = plugin().device, const rlx_compile_options* options = nullptr);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  void set_param(const std::string& name, const Value& value);
  void finalize();  // and makes the context
  void write(uint32_t tensor, const Value& value);
  Value read(uint32_t tensor);
  void run();

  rlx_executable* executable() const { return executable_; }
  rlx_context* context() const { return context_; }
  rlx_arena* arena() const { return plugin().executable->arena(context_); }

 private:
  const rlx_program* program_;
  rlx_executable* executable_ = nullptr;
  rlx_context* context_ = nullptr;
};

// nullopt is an absent optional input.
using Inputs = std::vector<std::optional<Value>>;

// Runs one node `runs` times and returns its outputs after the last run.
std::vector<Value> run_node(const std::string& op, const Attrs& attrs, const Inputs& inputs,
                            const std::vector<Type>& outputs, int runs = 1);
// For nodes with one output.
Value run_one(const std::string& op, const Attrs& attrs, const Inputs& inputs, const Type& output);
// The failure of a node that must fail; throws when it does not.
Failure failure_of(const std::string& op, const Attrs& attrs, const Inputs& inputs, const std::vector<Type>& outputs);

// Every element within margin of what is expected; NaN equals NaN. Reports the first that is not.
void require_close(const Value& got, const std::vector<double>& expected, double margin = 1e-6);

}  // namespace tests
