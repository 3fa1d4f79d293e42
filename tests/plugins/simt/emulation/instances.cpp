#include "emulation/instances.hpp"

#include "device/copy.hpp"
#include "device/index.hpp"
#include "device/norm.hpp"
#include "device/random.hpp"
#include "device/reduce.hpp"
#include "device/replace.hpp"
#include "device/softmax.hpp"
#include "device/window.hpp"

namespace emulation {

using namespace simt;

#define REDUCE(T, kind)                                       \
  INSTANCE(ReduceParams, reduce_threads<T, reduce_##kind<T>>) \
  INSTANCE(ReduceParams, reduce_blocks<T, reduce_##kind<T>>)  \
  INSTANCE(ReduceParams, reduce_join<T, reduce_##kind<T>>)
#define SCATTER(T, kind, Index)                                            \
  INSTANCE(ElementIndexParams, scatter_elements<T, scatter_##kind, Index>) \
  INSTANCE(BlockIndexParams, scatter_blocks<T, scatter_##kind, Index>)
#define SCATTERS(T, Index) \
  SCATTER(T, add, Index)   \
  SCATTER(T, mul, Index)   \
  SCATTER(T, max, Index)   \
  SCATTER(T, min, Index)
#define NUMBER(T)                   \
  REDUCE(T, sum)                    \
  REDUCE(T, prod)                   \
  REDUCE(T, max)                    \
  REDUCE(T, min)                    \
  REDUCE(T, l1)                     \
  REDUCE(T, sum_sq)                 \
  INSTANCE(PoolParams, max_pool<T>) \
  SCATTERS(T, i32)                  \
  SCATTERS(T, i64)
#define FLOAT(T)                              \
  NUMBER(T)                                   \
  REDUCE(T, mean)                             \
  REDUCE(T, l2)                               \
  INSTANCE(ReduceParams, reduce_logsumexp<T>) \
  INSTANCE(ReduceParams, join_logsumexp<T>)   \
  INSTANCE(SoftmaxParams, softmax<T>)         \
  INSTANCE(SoftmaxParams, softmax_columns<T>) \
  INSTANCE(NormParams, row_norm<T, true>)     \
  INSTANCE(NormParams, row_norm<T, false>)    \
  INSTANCE(PoolParams, sum_pool<T, true>)     \
  INSTANCE(PoolParams, sum_pool<T, false>)    \
  INSTANCE(RandomParams, random_uniform<T>)   \
  INSTANCE(RandomParams, random_normal<T>)
#define INDEXED(Word, Index)                                  \
  INSTANCE(GatherParams, gather<Word, Index>)                 \
  INSTANCE(ElementIndexParams, gather_elements<Word, Index>)  \
  INSTANCE(BlockIndexParams, gather_blocks<Word, Index>)      \
  INSTANCE(ElementIndexParams, replace_elements<Word, Index>) \
  INSTANCE(BlockIndexParams, replace_blocks<Word, Index>)     \
  INSTANCE(RowWriteParams, write_rows<Word, Index>)
#define RANKED(Index)                                \
  INSTANCE(ElementIndexParams, rank_elements<Index>) \
  INSTANCE(BlockIndexParams, rank_blocks<Index>)
#define WORD(T)                         \
  INSTANCE(CopyParams, strided_copy<T>) \
  INSTANCE(FillParams, fill<T>)         \
  INDEXED(T, i32)                       \
  INDEXED(T, i64)

Instances all_but_products() {
  Instances all = {
      // clang-format off
      FLOAT(f32) FLOAT(f64) FLOAT(f16) FLOAT(bf16)
      NUMBER(i8) NUMBER(i16) NUMBER(i32) NUMBER(i64)
      NUMBER(u8) NUMBER(u16) NUMBER(u32) NUMBER(u64)
      REDUCE(boolean, any) REDUCE(boolean, all)
      WORD(u8) WORD(u16) WORD(u32) WORD(u64)
      RANKED(i32) RANKED(i64)
      // clang-format on
  };
  all.merge(along_axes());
  all.merge(packed_weights());
  return all;
}

}  // namespace emulation
