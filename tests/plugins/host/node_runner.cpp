// Running programs and nodes; see node_runner.hpp.
#include "plugins/host/node_runner.hpp"

#include "agree.hpp"
#include "catch.hpp"

namespace tests {

Runner::Runner(Program& program, rlx_device* device, const rlx_compile_options* options) : program_(&program.build()) {
  check(plugin().executable->compile(device, program_, options, &executable_));
}

Runner::~Runner() {
  plugin().executable->release_context(context_);
  plugin().executable->release(executable_);
}

void Runner::set_param(const std::string& name, const Value& value) {
  check(plugin().executable->set_param(executable_, rlx::sdk::str(name), value.dtype, value.bytes.data(),
                                       value.bytes.size()));
}

void Runner::finalize() {
  check(plugin().executable->finalize(executable_));
  check(plugin().executable->create_context(executable_, nullptr, &context_));
}

void Runner::write(uint32_t tensor, const Value& value) {
  check(plugin().arena->write(arena(), tensor, value.dtype, value.bytes.data(), value.bytes.size(), 0));
}

Value Runner::read(uint32_t tensor) {
  const rlx_tensor& t = program_->tensors[tensor];
  Value value{t.dtype, {t.dims, t.dims + t.rank}, std::vector<std::byte>(t.size_bytes)};
  check(plugin().arena->read(arena(), tensor, value.dtype, value.bytes.data(), value.bytes.size(), 0));
  return value;
}

void Runner::run() {
  check(plugin().executable->run(context_));
}

std::vector<Value> run_node(const std::string& op, const Attrs& attrs, const Inputs& inputs,
                            const std::vector<Type>& outputs, int runs) {
  Program program;
  std::vector<uint32_t> in, out;
  for (const std::optional<Value>& v : inputs) in.push_back(v ? program.input({v->dtype, v->dims}) : RLX_NO_INDEX);
  for (const Type& type : outputs) out.push_back(program.output(type));
  program.node(op, attrs, in, out, {}, 0, "it");
  Runner runner(program);
  runner.finalize();
  for (size_t i = 0; i < in.size(); ++i)
    if (inputs[i]) runner.write(in[i], *inputs[i]);
  for (int i = 0; i < runs; ++i) runner.run();
  std::vector<Value> values;
  for (uint32_t t : out) values.push_back(runner.read(t));
  return values;
}

Value run_one(const std::string& op, const Attrs& attrs, const Inputs& inputs, const Type& output) {
  return run_node(op, attrs, inputs, {output})[0];
}

Failure failure_of(const std::string& op, const Attrs& attrs, const Inputs& inputs, const std::vector<Type>& outputs) {
  try {
    run_node(op, attrs, inputs, outputs);
  } catch (const Failure& failure) {
    return failure;
  }
  throw std::runtime_error(op + " succeeded");
}

void require_close(const Value& got, const std::vector<double>& expected, double margin) {
  const std::vector<double> values = numbers(got);
  REQUIRE(values.size() == expected.size());
  for (size_t i = 0; i < values.size(); ++i) {
    INFO("element " << i << ": got " << values[i] << ", expected " << expected[i]);
    REQUIRE(agree(values[i], expected[i], 0, margin));
  }
}

}  // namespace tests
