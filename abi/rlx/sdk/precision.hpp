// How exactly the host wants products of f32 to be.
#pragma once

#include <rlx/executable.h>

namespace rlx::sdk {

// Whether factors may be rounded to tf32. chain: rlx_compile_options.next.
inline bool allows_tf32(const rlx_ext* chain) {
  for (; chain; chain = chain->next)
    if (chain->type == RLX_EXT_PRECISION && chain->struct_size >= sizeof(rlx_ext_precision))
      return reinterpret_cast<const rlx_ext_precision*>(chain)->f32_products == RLX_F32_TF32;
  return false;
}

}  // namespace rlx::sdk
