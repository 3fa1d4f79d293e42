// Whether a prototype that was written down by hand can call what a vendor's header declares: as many parameters, and
// each of the same size and kind. Names of types do not matter to a call.
#pragma once

#include <type_traits>

namespace headers {

template <typename Ours, typename Theirs>
constexpr bool is_alike = sizeof(Ours) == sizeof(Theirs) &&
                          std::is_pointer_v<Ours> == std::is_pointer_v<Theirs>&& std::is_floating_point_v<Ours> ==
                              std::is_floating_point_v<Theirs>;

template <typename Ours, typename Theirs>
struct Fits : std::false_type {};
template <typename OurResult, typename... Ours, typename TheirResult, typename... Theirs>
requires(sizeof...(Ours) == sizeof...(Theirs)) struct Fits<OurResult(Ours...), TheirResult(Theirs...)>
    : std::bool_constant<is_alike<OurResult, TheirResult> && (is_alike<Ours, Theirs> && ...)> {
};

}  // namespace headers
