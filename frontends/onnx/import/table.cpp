// The families' lists joined into one sorted table.

#include "context.hpp"

#include <algorithm>

namespace rlx::onnx {
namespace {

std::vector<OpEntry> join() {
  std::vector<OpEntry> all;
  for (auto list :
       {elementwise_ops(), arithmetic_ops(), shape_ops(), index_ops(), constant_ops(), linalg_ops(), quant_ops(),
        conv_ops(), norm_ops(), reduce_ops(), loss_ops(), resize_ops(), random_ops(), recurrent_ops(), microsoft_ops()})
    all.insert(all.end(), list.begin(), list.end());
  std::sort(all.begin(), all.end(), [](const OpEntry& a, const OpEntry& b) { return a.op < b.op; });
  return all;
}

}  // namespace

const OpEntry* find_handler(std::string_view op, std::string_view domain) {
  static const std::vector<OpEntry> table = join();
  const auto it = std::lower_bound(table.begin(), table.end(), op,
                                   [](const OpEntry& e, std::string_view name) { return e.op < name; });
  return it != table.end() && it->op == op && it->domain == domain ? &*it : nullptr;
}

}  // namespace rlx::onnx
