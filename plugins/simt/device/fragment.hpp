// Products of small matrices by a whole warp: C (16 × 16) += A (16 × 16) · B (16 × 16), added up in accumulator_t.
// Where the chip multiplies elements of a type in one instruction a fragment is registers in that instruction's layout;
// elsewhere it says where the operand is in shared memory (fragment_lanes.hpp). Every lane of the warp makes each call.
//
// Fragments<T> has, whatever is behind it:
//   A, B, C                  the fragments; c.sums are the kSums elements of C that a lane has
//   row(i), column(i)        where element i of this lane is in C
//   kRows, lane_row(r)       of how many rows of C a lane has elements, and which they are
//   own_row(i)               in which of these kRows element i is
//   kRowLanes                how many neighbouring lanes, an aligned power of two, share these rows between them
//   load_a<kDepthMajor>(tile, stride), load_b<...>
//                            an operand from a tile in shared memory whose rows are rows of A or columns of B, or
//                            (kDepthMajor) steps of k. stride: elements between the tile's rows, which begin at
//                            multiples of 16 bytes
//   multiply_add(c, a, b)
//   to_operand(c, scratch)   C, rounded to T, as an A. scratch: 16 × 16 elements of shared memory that only this warp
//                            uses
#pragma once

#include "fragment_amd.hpp"
#include "fragment_lanes.hpp"
#include "fragment_mma.hpp"
