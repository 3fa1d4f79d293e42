// The schemas of each op family file. Only table.cpp reads these.
#pragma once

#include <rlx/op.hpp>

namespace rlx::ops {

using Family = std::span<const OpSchema>;

Family leaf_ops();           // leaves.cpp
Family elementwise_ops();    // elementwise.cpp
Family shape_ops();          // shape.cpp
Family index_ops();          // index.cpp
Family linalg_ops();         // linalg.cpp
Family quant_ops();          // quant.cpp
Family norm_ops();           // norm.cpp
Family softmax_ops();        // softmax.cpp
Family reduce_ops();         // reduce.cpp
Family conv_ops();           // conv.cpp
Family pool_ops();           // pool.cpp
Family norm_backward_ops();  // norm_backward.cpp
Family sort_ops();           // sort.cpp
Family attention_ops();      // attention.cpp
Family resize_ops();         // resize.cpp
Family random_ops();         // random.cpp
Family fused_ops();          // fused.cpp
Family complex_ops();        // complex.cpp
Family collective_ops();     // collective.cpp

}  // namespace rlx::ops
