// The C API: library, statuses, devices and graphs.
#include "runtime/capi.hpp"

#include <cstring>

using namespace rlx;
using capi::null_argument;
using plugin::answer;

namespace {

rlx_str text_of(const rlx_status* status, rlx_str rlx_status_desc::*field) {
  return status ? status->desc.*field : rlx_str{nullptr, 0};
}

Status set_attr(Attrs& attrs, const rlx_attr& a) {
  const std::string name(a.name.data ? a.name.data : "", static_cast<size_t>(a.name.size));
  const auto fail = [&](const std::string& why) {
    return error(Code::kInvalidArgument, "rlx_graph_add: attribute '" + name + "' " + why);
  };
  if (!a.data && a.count) return fail("has no data");
  const bool single = a.type == RLX_ATTR_INT || a.type == RLX_ATTR_FLOAT || a.type == RLX_ATTR_DTYPE;
  if (single && a.count != 1) return fail("has " + std::to_string(a.count) + " values instead of one");
  const auto* ints = static_cast<const int64_t*>(a.data);
  const auto* floats = static_cast<const double*>(a.data);
  switch (a.type) {
    case RLX_ATTR_INT:
      attrs.set(name, ints[0]);
      return {};
    case RLX_ATTR_INTS:
      attrs.set(name, std::vector<int64_t>(ints, ints + a.count));
      return {};
    case RLX_ATTR_FLOAT:
      attrs.set(name, floats[0]);
      return {};
    case RLX_ATTR_FLOATS:
      attrs.set(name, std::vector<double>(floats, floats + a.count));
      return {};
    case RLX_ATTR_STRING:
      attrs.set(name, std::string(static_cast<const char*>(a.data), static_cast<size_t>(a.count)));
      return {};
    case RLX_ATTR_DTYPE:
      attrs.set(name, static_cast<DType>(ints[0]));
      return {};
    default:
      return fail("has type " + std::to_string(a.type) + ", which no op takes");
  }
}

Result<Literal> make_literal(const rlx_view* view) {
  RLX_ASSIGN(const MutableTensorView v, capi::make_view(view));
  if (v.bytes != static_cast<size_t>(v.type.bytes()))
    return error(Code::kInvalidArgument, to_string(v.type) + " has " + std::to_string(v.type.bytes()) + " bytes, got " +
                                             std::to_string(v.bytes));
  return Literal{v.type, Bytes::copy(v.data, v.bytes)};
}

}  // namespace

namespace rlx::capi {

Result<TensorType> make_type(rlx_dtype dtype, uint32_t rank, const int64_t* dims) {
  if (!is_valid(static_cast<DType>(dtype)))
    return error(Code::kInvalidArgument, "dtype " + std::to_string(dtype) + " does not exist");
  if (rank && !dims) return error(Code::kInvalidArgument, "rank " + std::to_string(rank) + " without dims");
  RLX_ASSIGN(const Shape shape, Shape::make(std::span<const int64_t>(dims, rank)));
  return TensorType{static_cast<DType>(dtype), shape};
}

Result<MutableTensorView> make_view(const rlx_view* view) {
  if (!view) return error(Code::kInvalidArgument, "no view");
  RLX_ASSIGN(const TensorType type, make_type(view->dtype, view->rank, view->dims));
  if (!type.shape.is_static()) return error(Code::kInvalidArgument, "a view of " + to_string(type) + " is not static");
  if (!view->data && view->size_bytes) return error(Code::kInvalidArgument, "a view without data");
  return MutableTensorView{type, view->data, static_cast<size_t>(view->size_bytes)};
}

}  // namespace rlx::capi

const char* rlx_version(void) {
  return RLX_VERSION;
}

rlx_code rlx_status_code(const rlx_status* status) {
  return status ? status->desc.code : rlx_code{RLX_OK};
}

rlx_str rlx_status_message(const rlx_status* status) {
  return text_of(status, &rlx_status_desc::message);
}

rlx_str rlx_status_remedy(const rlx_status* status) {
  return text_of(status, &rlx_status_desc::remedy);
}

void rlx_status_release(rlx_status* status) {
  plugin::release_status(status);
}

rlx_status* rlx_registry_create(const char* plugin_path, rlx_registry** out_registry) {
  return answer([&]() -> Status {
    if (!out_registry) return null_argument("rlx_registry_create");
    RegistryOptions options;
    if (plugin_path) options.plugin_paths.emplace_back(plugin_path);
    RLX_ASSIGN(std::shared_ptr<Registry> registry, Registry::create(options));
    *out_registry = new rlx_registry{std::move(registry)};
    return {};
  });
}

void rlx_registry_release(rlx_registry* registry) {
  delete registry;
}

uint64_t rlx_registry_device_count(const rlx_registry* registry) {
  return registry ? registry->registry->devices().size() : 0;
}

const char* rlx_registry_device_id(const rlx_registry* registry, uint64_t index) {
  if (index >= rlx_registry_device_count(registry)) return nullptr;
  return registry->registry->devices()[index].id().c_str();
}

rlx_status* rlx_graph_create(const char* name, rlx_graph** out_graph) {
  return answer([&]() -> Status {
    if (!out_graph) return null_argument("rlx_graph_create");
    *out_graph = new rlx_graph{Graph(name ? name : "")};
    return {};
  });
}

rlx_status* rlx_graph_parse(const char* text, uint64_t size, rlx_graph** out_graph) {
  return answer([&]() -> Status {
    if (!text || !out_graph) return null_argument("rlx_graph_parse");
    RLX_ASSIGN(Graph graph, parse_graph({text, static_cast<size_t>(size)}));
    *out_graph = new rlx_graph{std::move(graph)};
    return {};
  });
}

void rlx_graph_release(rlx_graph* graph) {
  delete graph;
}

rlx_status* rlx_graph_symbol(rlx_graph* graph, const char* name, int64_t* out_dim) {
  return answer([&]() -> Status {
    if (!graph || !name || !out_dim) return null_argument("rlx_graph_symbol");
    *out_dim = graph->graph.symbol(name);
    return {};
  });
}

rlx_status* rlx_graph_input(rlx_graph* graph, const char* name, rlx_dtype dtype, uint32_t rank, const int64_t* dims,
                            uint32_t* out_value) {
  return answer([&]() -> Status {
    if (!graph || !name || !out_value) return null_argument("rlx_graph_input");
    RLX_ASSIGN(const TensorType type, capi::make_type(dtype, rank, dims));
    RLX_ASSIGN(*out_value, graph->graph.input(name, type));
    return {};
  });
}

rlx_status* rlx_graph_param(rlx_graph* graph, const char* name, rlx_dtype dtype, uint32_t rank, const int64_t* dims,
                            uint32_t* out_value) {
  return answer([&]() -> Status {
    if (!graph || !name || !out_value) return null_argument("rlx_graph_param");
    RLX_ASSIGN(const TensorType type, capi::make_type(dtype, rank, dims));
    RLX_ASSIGN(*out_value, graph->graph.param(name, type));
    return {};
  });
}

rlx_status* rlx_graph_state(rlx_graph* graph, const char* name, rlx_dtype dtype, uint32_t rank, const int64_t* dims,
                            const rlx_view* init, uint32_t* out_value) {
  return answer([&]() -> Status {
    if (!graph || !name || !out_value) return null_argument("rlx_graph_state");
    RLX_ASSIGN(const TensorType type, capi::make_type(dtype, rank, dims));
    std::optional<Literal> first;
    if (init) {
      RLX_ASSIGN(first, make_literal(init));
    }
    RLX_ASSIGN(*out_value, graph->graph.state(name, type, std::move(first)));
    return {};
  });
}

rlx_status* rlx_graph_constant(rlx_graph* graph, const rlx_view* value, uint32_t* out_value) {
  return answer([&]() -> Status {
    if (!graph || !out_value) return null_argument("rlx_graph_constant");
    RLX_ASSIGN(Literal literal, make_literal(value));
    RLX_ASSIGN(*out_value, graph->graph.constant(std::move(literal)));
    return {};
  });
}

rlx_status* rlx_graph_add(rlx_graph* graph, const char* op, const uint32_t* inputs, uint32_t input_count,
                          const rlx_attr* attrs, uint32_t attr_count, uint32_t output_count, uint32_t* out_values) {
  return answer([&]() -> Status {
    if (!graph || !op || (input_count && !inputs) || (attr_count && !attrs) || !out_values)
      return null_argument("rlx_graph_add");
    static_assert(kNoValue == RLX_NO_INDEX);
    for (uint32_t i = 0; i < input_count; ++i)
      if (inputs[i] != RLX_NO_INDEX && inputs[i] >= graph->graph.value_count())
        return error(Code::kInvalidArgument,
                     std::string(op) + ": input " + std::to_string(i) + " is no value of the graph");
    Attrs values;
    for (uint32_t i = 0; i < attr_count; ++i) RLX_TRY(set_attr(values, attrs[i]));
    RLX_ASSIGN(const NodeId node, graph->graph.add_node(op, std::span<const ValueId>(inputs, input_count),
                                                        std::move(values), {}, output_count));
    const std::vector<ValueId>& made = graph->graph.node(node).outputs;
    for (uint32_t i = 0; i < (output_count ? output_count : 1); ++i) out_values[i] = made[i];
    return {};
  });
}

rlx_status* rlx_graph_output(rlx_graph* graph, const char* name, uint32_t value) {
  return answer([&]() -> Status {
    if (!graph || !name) return null_argument("rlx_graph_output");
    if (value >= graph->graph.value_count())
      return error(Code::kInvalidArgument, "output '" + std::string(name) + "' is no value of the graph");
    return graph->graph.add_output(name, value);
  });
}
