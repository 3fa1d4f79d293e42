// A row's running sums or products, in VALUE: each thread goes through kItems neighbours, and what the threads before it
// have together is found in shared memory. Who includes this defines VALUE, load_value, store_value and TOTALS.
void scan_row(uint64_t base, uint lane, VALUE unit) {
  VALUE carried = unit;
  for (uint first = 0u; first < P.size; first += kLanes * kItems) {
    uint start = min(first + lane * kItems, P.size), end = min(start + kItems, P.size);
    VALUE total = unit;
    for (uint n = start; n < end; ++n) total = combine(total, load_value(element(base, n), unit));
    VALUE before = carried;
    if (kLanes > 1u) {
      TOTALS[lane] = total;
      barrier();
      for (uint step = 1u; step < kLanes; step *= 2u) {
        VALUE left = lane >= step ? TOTALS[lane - step] : unit;
        barrier();
        TOTALS[lane] = combine(left, TOTALS[lane]);
        barrier();
      }
      if (lane > 0u) before = combine(carried, TOTALS[lane - 1u]);
      carried = combine(carried, TOTALS[kLanes - 1u]);
      barrier();
    } else {
      carried = combine(carried, total);
    }
    for (uint n = start; n < end; ++n) {
      VALUE after = combine(before, load_value(element(base, n), unit));
      store_value(element(base, n), P.exclusive != 0u ? before : after);
      before = after;
    }
  }
}
