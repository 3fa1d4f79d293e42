// Small matrices that a subgroup works on together: a sum (kM × kN, f32) += a (kM × kK) · b (kK × kN), both f16, from
// a_tile and b_tile. Cooperative matrices where RLX_COOPERATIVE says so; else loops over the tiles in shared memory, each
// thread for its own elements of the sum, with which a device without cooperative matrices tests all the rest.
#ifdef RLX_COOPERATIVE

#define FragmentA coopmat<float16_t, gl_ScopeSubgroup, kM, kK, gl_MatrixUseA>
#define FragmentB coopmat<float16_t, gl_ScopeSubgroup, kK, kN, gl_MatrixUseB>
#define FragmentSum coopmat<float, gl_ScopeSubgroup, kM, kN, gl_MatrixUseAccumulator>

// Vulkan does not say which threads of a workgroup make a subgroup.
uint own_subgroup() { return gl_SubgroupID; }
uint own_lane() { return gl_SubgroupInvocationID; }

FragmentSum zero_sum() { return FragmentSum(0.0); }

FragmentA load_fragment_a(uint at) {
  FragmentA a;
  coopMatLoad(a, a_tile, at, kPitchA, gl_CooperativeMatrixLayoutRowMajor);
  return a;
}

FragmentB load_fragment_b(uint at) {
  FragmentB b;
  coopMatLoad(b, b_tile, at, kPitchB, gl_CooperativeMatrixLayoutRowMajor);
  return b;
}

FragmentSum multiply_add(FragmentA a, FragmentB b, FragmentSum sum) { return coopMatMulAdd(a, b, sum); }

void store_sum(FragmentSum sum, uint at) {
  coopMatStore(sum, sums, at, kN, gl_CooperativeMatrixLayoutRowMajor);
}

#else

#define OWN 4  // elements of a sum that a thread has at most

uint own_subgroup() { return gl_LocalInvocationID.x / kLanes; }
uint own_lane() { return gl_LocalInvocationID.x % kLanes; }

struct FragmentA { uint at; };
struct FragmentB { uint at; };
struct FragmentSum { float own[OWN]; };

FragmentSum zero_sum() {
  FragmentSum sum;
  for (uint i = 0u; i < OWN; ++i) sum.own[i] = 0.0;
  return sum;
}

FragmentA load_fragment_a(uint at) { return FragmentA(at); }
FragmentB load_fragment_b(uint at) { return FragmentB(at); }

FragmentSum multiply_add(FragmentA a, FragmentB b, FragmentSum sum) {
  for (uint i = 0u; i < OWN; ++i) {
    uint e = own_lane() + i * kLanes;
    if (e >= kM * kN) break;
    for (uint k = 0u; k < kK; ++k)
      sum.own[i] += float(a_tile[a.at + e / kN * kPitchA + k]) * float(b_tile[b.at + k * kPitchB + e % kN]);
  }
  return sum;
}

void store_sum(FragmentSum sum, uint at) {
  for (uint i = 0u; i < OWN; ++i) {
    uint e = own_lane() + i * kLanes;
    if (e < kM * kN) sums[at + e] = sum.own[i];
  }
}

#endif
