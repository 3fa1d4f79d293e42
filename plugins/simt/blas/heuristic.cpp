#include "blas/heuristic.hpp"

#include "choices.hpp"
#include "vendor.hpp"

#include <cstring>

namespace rlx::simt {

namespace {

// What NVIDIA advises for its largest chips. An algorithm that needs less gets less.
constexpr uint64_t kMostWorkspaceBytes = 32u << 20;

std::optional<BlasChoice> ask(void* handle, const ProductShape& shape, const MatrixLayouts& layouts) {
  const BlasNumbers& numbers = vendor().blas.numbers;
  const LibraryObject preference(blas()->preference_destroy,
                                 [](void** out) { call_blas(blas()->preference_create, out); });
  const auto set = [&](int attribute, const auto& value) {
    call_blas(blas()->preference_set, preference.get(), attribute, &value, sizeof value);
  };
  set(numbers.preference_workspace, kMostWorkspaceBytes);
  if (numbers.preference_alignment != BlasNumbers::kNone)
    for (int operand = 0; operand < 4; ++operand) set(numbers.preference_alignment + operand, shape.alignment);

  // Whether there is a bias decides, not where it is; some versions look at the pointer for that.
  const Address some_bias = shape.epilogue & kEpilogueBias ? shape.alignment : 0;
  const LibraryObject operation = describe_operation(shape, some_bias);
  BlasChoice choice;
  int found = 0;
  const int status =
      blas()->heuristic.raw(handle, operation.get(), layouts.first.get(), layouts.second.get(), layouts.result.get(),
                            layouts.result.get(), preference.get(), 1, choice.bytes, &found);
  if (status == numbers.not_supported) return std::nullopt;
  check_blas(blas()->heuristic.symbol, status);
  if (found == 0 || choice.tail().status != 0) return std::nullopt;
  if (choice.tail().workspace_bytes > kMostWorkspaceBytes) return std::nullopt;
  return choice;
}

}  // namespace

BlasChoiceTail BlasChoice::tail() const {
  BlasChoiceTail tail;
  std::memcpy(&tail, bytes + vendor().blas.numbers.algorithm_bytes, sizeof tail);
  return tail;
}

const BlasChoice* choose_algorithm(int device, void* handle, const ProductShape& shape, const MatrixLayouts& layouts) {
  // Never destroyed: calls of programs that outlive main point into it.
  static auto& known = *new Choices<ProductShape, BlasChoice>();
  return known.find(device, shape, [&] { return ask(handle, shape, layouts); });
}

}  // namespace rlx::simt
