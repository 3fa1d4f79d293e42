// MPI's own collectives. They work on memory of this rank alone: a call that runs into its deadline cannot be taken
// back, and the caller's buffers must not be written to any more by then.
#include "wait.hpp"

#include <climits>
#include <cstring>

namespace rlx::mpi {
namespace {

struct Type {
  MPI_Datatype type = MPI_DATATYPE_NULL;
  uint64_t bytes = 0;
};

// Null for f16 and bf16, which MPI does not know.
Type type_of(rlx_dtype dtype) {
  switch (dtype) {
    case RLX_DTYPE_F32:
      return {MPI_FLOAT, 4};
    case RLX_DTYPE_F64:
      return {MPI_DOUBLE, 8};
    case RLX_DTYPE_I8:
      return {MPI_INT8_T, 1};
    case RLX_DTYPE_I16:
      return {MPI_INT16_T, 2};
    case RLX_DTYPE_I32:
      return {MPI_INT32_T, 4};
    case RLX_DTYPE_I64:
      return {MPI_INT64_T, 8};
    case RLX_DTYPE_U8:
      return {MPI_UINT8_T, 1};
    case RLX_DTYPE_U16:
      return {MPI_UINT16_T, 2};
    case RLX_DTYPE_U32:
      return {MPI_UINT32_T, 4};
    case RLX_DTYPE_U64:
      return {MPI_UINT64_T, 8};
    case RLX_DTYPE_BOOL:
      return {MPI_C_BOOL, 1};
    case RLX_DTYPE_C64:
      return {MPI_C_FLOAT_COMPLEX, 8};
    default:
      return {};
  }
}

bool is_float(rlx_dtype dtype) {
  return dtype == RLX_DTYPE_F32 || dtype == RLX_DTYPE_F64;
}

// Null where MPI's result may differ from the host's: its minimum of a NaN depends on the order, and Open MPI's vector
// code stops sums of 8 and 16 bits at the largest value where ours wrap around.
MPI_Op op_of(rlx_reduction reduction, rlx_dtype dtype) {
  const bool narrow =
      dtype == RLX_DTYPE_I8 || dtype == RLX_DTYPE_U8 || dtype == RLX_DTYPE_I16 || dtype == RLX_DTYPE_U16;
  const bool whole = !is_float(dtype) && dtype != RLX_DTYPE_BOOL && dtype != RLX_DTYPE_C64;
  switch (reduction) {
    case RLX_REDUCTION_SUM:
      return dtype == RLX_DTYPE_BOOL || narrow ? MPI_OP_NULL : MPI_SUM;
    case RLX_REDUCTION_MEAN:
      return is_float(dtype) ? MPI_SUM : MPI_OP_NULL;
    case RLX_REDUCTION_PROD:
      return dtype == RLX_DTYPE_BOOL ? MPI_OP_NULL : MPI_PROD;
    case RLX_REDUCTION_MIN:
      return whole ? MPI_MIN : MPI_OP_NULL;
    case RLX_REDUCTION_MAX:
      return whole ? MPI_MAX : MPI_OP_NULL;
    case RLX_REDUCTION_AND:
      return dtype == RLX_DTYPE_BOOL ? MPI_LAND : MPI_OP_NULL;
    case RLX_REDUCTION_OR:
      return dtype == RLX_DTYPE_BOOL ? MPI_LOR : MPI_OP_NULL;
    default:
      return MPI_OP_NULL;
  }
}

template <typename T>
void divide(char* data, uint64_t count, uint32_t by) {
  T* values = reinterpret_cast<T*>(data);
  for (uint64_t i = 0; i < count; ++i) values[i] /= static_cast<T>(by);
}

// One call, in pieces of what the buffers hold: what goes in, what comes out, and where.
struct Plan {
  uint64_t in = 0, out = 0;  // elements
  bool reduces = false;
};

Plan plan_of(const rlx_collective& what, uint32_t world) {
  const uint64_t all = what.count * world;
  switch (what.kind) {
    case RLX_COLLECTIVE_ALL_REDUCE:
      return {what.count, what.count, true};
    case RLX_COLLECTIVE_ALL_GATHER:
      return {what.count, all, false};
    case RLX_COLLECTIVE_REDUCE_SCATTER:
      return {all, what.count, true};
    case RLX_COLLECTIVE_BROADCAST:
      return {what.count, what.count, false};
    case RLX_COLLECTIVE_ALL_TO_ALL:
      return {all, all, false};
    default:
      return {};
  }
}

MPI_Request start(rlx_rank& self, const rlx_collective& what, MPI_Datatype type, MPI_Op op, char* in, char* out) {
  MPI_Request request = MPI_REQUEST_NULL;
  const int count = static_cast<int>(what.count);
  switch (what.kind) {
    case RLX_COLLECTIVE_ALL_REDUCE:
      check(MPI_Iallreduce(in, out, count, type, op, self.comm, &request), "collective", "MPI_Iallreduce");
      break;
    case RLX_COLLECTIVE_ALL_GATHER:
      check(MPI_Iallgather(in, count, type, out, count, type, self.comm, &request), "collective", "MPI_Iallgather");
      break;
    case RLX_COLLECTIVE_REDUCE_SCATTER:
      check(MPI_Ireduce_scatter_block(in, out, count, type, op, self.comm, &request), "collective",
            "MPI_Ireduce_scatter_block");
      break;
    case RLX_COLLECTIVE_BROADCAST:
      check(MPI_Ibcast(out, count, type, static_cast<int>(what.root), self.comm, &request), "collective", "MPI_Ibcast");
      break;
    default:
      check(MPI_Ialltoall(in, count, type, out, count, type, self.comm, &request), "collective", "MPI_Ialltoall");
  }
  return request;
}

}  // namespace

rlx_status* Slots::collective(rlx_rank* rank, const rlx_collective* what) {
  return enter([&] {
    rlx_rank& self = *rank;
    const Plan plan = plan_of(*what, self.world);
    const Type type = type_of(what->dtype);
    const MPI_Op op = plan.reduces ? op_of(what->reduction, what->dtype) : MPI_OP_NULL;
    if (plan.out == 0 && what->count)
      throw sdk::Error(RLX_UNIMPLEMENTED, "collective: kind " + std::to_string(what->kind) + " is not known to mpi");
    if (!type.bytes || (plan.reduces && op == MPI_OP_NULL) || std::max(plan.in, plan.out) > INT_MAX)
      throw sdk::Error(RLX_UNIMPLEMENTED, "collective: reduction " + std::to_string(what->reduction) + " of dtype " +
                                              std::to_string(what->dtype) + " and " + std::to_string(what->count) +
                                              " elements is left to the host");
    check_group(self, "collective");
    const uint64_t in_bytes = plan.in * type.bytes, out_bytes = plan.out * type.bytes;
    self.buffer.resize(std::max<size_t>(self.buffer.size(), in_bytes + out_bytes));
    char *in = self.buffer.data(), *out = in + in_bytes;
    const bool is_root = what->kind == RLX_COLLECTIVE_BROADCAST && what->root == self.rank;
    if (in_bytes) std::memcpy(is_root ? out : in, what->src, in_bytes);
    ++self.collectives;
    MPI_Request request = start(self, *what, type.type, op, in, out);
    const auto done = [&] {
      int flag = 0;
      check(MPI_Test(&request, &flag, MPI_STATUS_IGNORE), "collective", "MPI_Test");
      return flag != 0;
    };
    const auto lost = [&] { return missing_in_collective(self); };
    self.abandoned = true;  // unless it comes to an end
    if (!wait_until(self, "collective", what->deadline_ns, done, lost)) throw timed_out(self, "collective", {});
    self.abandoned = false;
    if (what->reduction == RLX_REDUCTION_MEAN && plan.reduces) {
      if (what->dtype == RLX_DTYPE_F64)
        divide<double>(out, plan.out, self.world);
      else
        divide<float>(out, plan.out, self.world);
    }
    if (out_bytes) std::memcpy(what->dst, out, out_bytes);
  });
}

}  // namespace rlx::mpi
