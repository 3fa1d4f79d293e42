// Sums and maxima over the threads of a workgroup; every thread gets the result. Needs no subgroup operations, so the
// size of a subgroup does not matter.
shared float group_values[RLX_LANES];

float group_sum(float x) {
  uint lane = gl_LocalInvocationID.x;
  group_values[lane] = x;
  barrier();
  for (uint half_size = RLX_LANES / 2u; half_size > 0u; half_size /= 2u) {
    if (lane < half_size) group_values[lane] += group_values[lane + half_size];
    barrier();
  }
  float total = group_values[0];
  barrier();
  return total;
}

float group_max(float x) {
  uint lane = gl_LocalInvocationID.x;
  group_values[lane] = x;
  barrier();
  for (uint half_size = RLX_LANES / 2u; half_size > 0u; half_size /= 2u) {
    if (lane < half_size) group_values[lane] = max_f(group_values[lane], group_values[lane + half_size]);
    barrier();
  }
  float top = group_values[0];
  barrier();
  return top;
}
