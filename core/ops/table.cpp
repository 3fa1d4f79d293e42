// The one list of ops. A new op adds a schema to its family file; a new family adds a line here.
#include "ops/families.hpp"

#include <algorithm>

namespace rlx {
namespace {

std::vector<const OpSchema*> sorted_schemas() {
  const ops::Family families[] = {
      ops::leaf_ops(),          ops::elementwise_ops(), ops::shape_ops(),      ops::index_ops(),  ops::linalg_ops(),
      ops::norm_ops(),          ops::softmax_ops(),     ops::reduce_ops(),     ops::conv_ops(),   ops::pool_ops(),
      ops::norm_backward_ops(), ops::sort_ops(),        ops::attention_ops(),  ops::resize_ops(), ops::random_ops(),
      ops::fused_ops(),         ops::complex_ops(),     ops::collective_ops(), ops::quant_ops(),
  };
  std::vector<const OpSchema*> schemas;
  for (const ops::Family& family : families)
    for (const OpSchema& schema : family) schemas.push_back(&schema);
  std::sort(schemas.begin(), schemas.end(), [](const OpSchema* a, const OpSchema* b) { return a->name < b->name; });
  return schemas;
}

const std::vector<const OpSchema*>& table() {
  static const std::vector<const OpSchema*> schemas = sorted_schemas();
  return schemas;
}

}  // namespace

const OpSchema* find_op(std::string_view name) {
  const auto& schemas = table();
  const auto at = std::lower_bound(schemas.begin(), schemas.end(), name,
                                   [](const OpSchema* schema, std::string_view n) { return schema->name < n; });
  return at != schemas.end() && (*at)->name == name ? *at : nullptr;
}

std::span<const OpSchema* const> all_ops() {
  return table();
}

}  // namespace rlx
