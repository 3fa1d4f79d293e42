// Sessions: a source of graphs, a device, and one executable for each set of symbol values.
#include <rlx/session.hpp>

#include "runtime/buckets.hpp"
#include "runtime/build.hpp"
#include "runtime/fallback.hpp"
#include "runtime/group_device.hpp"
#include "runtime/padding.hpp"

#include <rlx/guard.hpp>

#include <algorithm>
#include <map>

namespace rlx {

struct SessionImpl {
  std::shared_ptr<Registry> registry;
  AllowedDevices devices;
  GraphSource source;
  SessionOptions options;
  Evaluator evaluate;
  std::unique_ptr<Buckets> buckets;
  // Exact output types for symbol values that were rounded up. Used by run() only.
  std::map<Bindings, std::vector<TensorType>> exact_outputs;

  Result<Bindings> complete(const Bindings& given) const;
  Result<Bindings> bindings_of(const std::vector<NamedView>& inputs) const;
  Result<Bindings> rounded(const Bindings& exact) const;
  Result<const std::vector<TensorType>*> output_types(const Bindings& exact);
  Result<std::vector<NamedTensor>> run(const std::vector<NamedView>& inputs);
  Status set_inputs(Context& context, const PortList& ports, const std::vector<NamedView>& inputs) const;
};

namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& n : names) text += (text.empty() ? "" : ", ") + n;
  return text.empty() ? "none" : text;
}

}  // namespace

GraphSource GraphSource::of(Graph graph) {
  GraphSource source;
  source.symbols = graph.symbols();
  for (ValueId v : graph.inputs()) source.inputs.push_back({graph.producer(v).attrs.str("name"), graph.type(v)});
  source.build = [shared = std::make_shared<const Graph>(std::move(graph))](const Bindings& b) -> Result<Graph> {
    if (shared->symbols().empty()) return *shared;
    return bind(*shared, b);
  };
  return source;
}

// The session's own bindings and the given ones; every symbol has a value and every name is a symbol.
Result<Bindings> SessionImpl::complete(const Bindings& given) const {
  Bindings all = options.bindings;
  for (const auto& [name, value] : given) all[name] = value;
  for (const auto& [name, value] : all) {
    if (std::find(source.symbols.begin(), source.symbols.end(), name) == source.symbols.end())
      return error(Code::kNotFound, "symbol '" + name + "' does not exist; known: " + joined(source.symbols));
    if (value < 0) return error(Code::kInvalidArgument, "symbol '" + name + "' is bound to " + std::to_string(value));
  }
  std::vector<std::string> unbound;
  for (const std::string& s : source.symbols)
    if (!all.count(s)) unbound.push_back(s);
  if (!unbound.empty()) return error(Code::kFailedPrecondition, "symbols without a value: " + joined(unbound));
  return all;
}

Result<Bindings> SessionImpl::bindings_of(const std::vector<NamedView>& inputs) const {
  Bindings found = options.bindings;
  for (const Port& port : source.inputs) {
    const auto given =
        std::find_if(inputs.begin(), inputs.end(), [&](const NamedView& v) { return v.name == port.name; });
    if (given == inputs.end()) continue;  // the context names it
    const Shape& shape = given->view.type.shape;
    if (shape.rank() != port.type.shape.rank())
      return error(Code::kInvalidArgument, "input '" + port.name + "': expected " +
                                               to_string(port.type, source.symbols) + ", got " +
                                               to_string(given->view.type));
    for (size_t i = 0; i < shape.rank(); ++i) {
      const int64_t dim = port.type.shape[i];
      if (!is_symbol(dim)) continue;
      const std::string& symbol = source.symbols[symbol_index(dim)];
      const auto [it, fresh] = found.emplace(symbol, shape[i]);
      if (!fresh && it->second != shape[i])
        return error(Code::kInvalidArgument, "input '" + port.name + "': symbol " + symbol + " is " +
                                                 std::to_string(it->second) + " elsewhere, got " +
                                                 to_string(given->view.type));
    }
  }
  return complete(found);
}

Result<Bindings> SessionImpl::rounded(const Bindings& exact) const {
  if (!options.bucket) return exact;
  Bindings up = exact;
  for (auto& [name, value] : up) {
    const int64_t size = options.bucket(name, value);
    if (size < value)
      return error(Code::kInvalidArgument, "bucket: symbol '" + name + "' of " + std::to_string(value) +
                                               " was rounded down to " + std::to_string(size));
    value = size;
  }
  return up;
}

Result<const std::vector<TensorType>*> SessionImpl::output_types(const Bindings& exact) {
  const auto known = exact_outputs.find(exact);
  if (known != exact_outputs.end()) return &known->second;
  RLX_ASSIGN(const Graph graph, source.build(exact));
  std::vector<TensorType> types;
  for (const GraphOutput& o : graph.outputs()) types.push_back(graph.type(o.value));
  // Every length of a text ends up here; the map must not grow with all of them.
  if (exact_outputs.size() >= 1024) exact_outputs.clear();
  return &exact_outputs.emplace(exact, std::move(types)).first->second;
}

Status SessionImpl::set_inputs(Context& context, const PortList& ports, const std::vector<NamedView>& inputs) const {
  std::vector<bool> given(ports.size());
  for (const NamedView& input : inputs) {
    RLX_ASSIGN(const size_t i, ports.find(input.name, "input"));
    if (given[i]) return error(Code::kInvalidArgument, "input '" + input.name + "' is given twice");
    given[i] = true;
    const Shape& shape = ports.ports[i].type.shape;
    if (!options.bucket || input.view.type.shape == shape) {
      RLX_TRY(context.set_input(i, input.view));
      continue;
    }
    // Only symbolic dims may grow, so a wrong static dim is still found.
    Shape expected = input.view.type.shape;
    for (size_t d = 0; d < expected.rank(); ++d)
      if (is_symbol(source.inputs[i].type.shape[d])) expected[d] = shape[d];
    if (expected != shape)
      return error(Code::kInvalidArgument, "input '" + input.name + "': expected " +
                                               to_string(source.inputs[i].type, source.symbols) + ", got " +
                                               to_string(input.view.type));
    RLX_TRY(
        check_view({input.name, input.view.type}, "input", input.view.type, input.view.data, input.view.bytes, false));
    RLX_ASSIGN(const Tensor padded, pad_to(input.view, shape));
    RLX_TRY(context.set_input(i, padded.view()));
  }
  std::vector<std::string> missing;
  for (size_t i = 0; i < ports.size(); ++i)
    if (!given[i]) missing.push_back("'" + ports.ports[i].name + "'");
  if (!missing.empty()) return error(Code::kFailedPrecondition, "run: inputs without a value: " + joined(missing));
  return {};
}

Result<std::vector<NamedTensor>> SessionImpl::run(const std::vector<NamedView>& inputs) {
  RLX_ASSIGN(const Bindings exact, bindings_of(inputs));
  RLX_ASSIGN(const Bindings size, rounded(exact));
  RLX_ASSIGN(const std::shared_ptr<Buckets::Bucket> bucket, buckets->get(size));
  if (!bucket->context) {
    RLX_ASSIGN(bucket->context, Executable(bucket->executable).create_context());
  }
  Context& context = *bucket->context;
  RLX_TRY(set_inputs(context, bucket->executable->inputs, inputs));
  RLX_TRY(context.run());

  const std::vector<TensorType>* exact_types = nullptr;
  if (size != exact) {
    RLX_ASSIGN(exact_types, output_types(exact));
  }
  std::vector<NamedTensor> outputs;
  const PortList& ports = bucket->executable->outputs;
  for (size_t i = 0; i < ports.size(); ++i) {
    RLX_ASSIGN(Tensor value, context.output(i));
    if (exact_types && i < exact_types->size() && (*exact_types)[i].shape != value.shape()) {
      const Tensor& whole = value;
      RLX_ASSIGN(value, cut_to(whole.view(), (*exact_types)[i].shape));
    }
    outputs.push_back({ports.ports[i].name, std::move(value)});
  }
  return outputs;
}

Session::Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::create(std::shared_ptr<Registry> registry, GraphSource source, SessionOptions options) {
  return guarded([&]() -> Result<Session> {
    if (!registry) return error(Code::kInvalidArgument, "session: no registry");
    if (!source.build) return error(Code::kInvalidArgument, "session: the source cannot build graphs");
    auto impl = std::make_unique<SessionImpl>();
    RLX_ASSIGN(impl->devices, allowed_devices(*registry, options));
    if (options.group) impl->devices.fallback.push_back(group_device(options.group));
    impl->evaluate = make_evaluator(registry);
    impl->registry = std::move(registry);
    impl->source = std::move(source);
    impl->options = std::move(options);
    impl->buckets = std::make_unique<Buckets>(
        impl->options.max_buckets, [p = impl.get()](const Bindings& b) -> Result<std::shared_ptr<ExecutableImpl>> {
          RLX_ASSIGN(Graph graph, p->source.build(b));
          return build_executable(std::move(graph), {p->devices.chosen, p->devices.fallback, p->devices.listed,
                                                     p->options.compile, p->evaluate, p->options.progress, true});
        });
    Session session;
    session.impl_ = std::move(impl);
    return session;
  });
}

Result<Session> Session::create(std::shared_ptr<Registry> registry, Graph graph, SessionOptions options) {
  return guarded([&]() -> Result<Session> {
    return create(std::move(registry), GraphSource::of(std::move(graph)), std::move(options));
  });
}

const Device& Session::device() const {
  return impl_->devices.chosen;
}
const std::vector<Port>& Session::inputs() const {
  return impl_->source.inputs;
}
const std::vector<std::string>& Session::symbols() const {
  return impl_->source.symbols;
}

Result<Executable> Session::executable(const Bindings& bindings) {
  return guarded([&]() -> Result<Executable> {
    RLX_ASSIGN(const Bindings all, impl_->complete(bindings));
    RLX_ASSIGN(const std::shared_ptr<Buckets::Bucket> bucket, impl_->buckets->get(all));
    return Executable(bucket->executable);
  });
}

Result<std::vector<NamedTensor>> Session::run(const std::vector<NamedView>& inputs) {
  return guarded([&]() -> Result<std::vector<NamedTensor>> { return impl_->run(inputs); });
}

}  // namespace rlx
