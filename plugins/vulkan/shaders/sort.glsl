// What both passes of a sort share: keys and positions in shared memory, and where results go. No two pairs of a key and
// a position are alike, so that whatever sorts them is stable.
layout(local_size_x = RLX_SORT_LANES) in;
PARAMS(SortParams);

shared int64_t keys[RLX_SORT_CHUNK];
shared uint positions[RLX_SORT_CHUNK];

bool comes_first(int64_t key, uint position, int64_t other_key, uint other_position) {
  return key < other_key || (key == other_key && position < other_position);
}

uint64_t row_start(uint row, uint size) {
  return uint64_t(row / P.inner) * uint64_t(size) * uint64_t(P.inner) + uint64_t(row % P.inner);
}

// Smaller keys come first, whatever the order is.
int64_t key_at(uint row, uint position) {
  int64_t key = order_key(P.src, row_start(row, P.size) + uint64_t(position) * uint64_t(P.inner), P.dtype);
  return P.descending != 0u ? ~key : key;
}

// Element i of the row's output.
void put_result(uint row, uint i, uint position) {
  uint width = width_of(P.dtype);
  uint64_t to = row_start(row, P.keep) + uint64_t(i) * uint64_t(P.inner);
  store_bits(P.values, to, width, load_bits(P.src, row_start(row, P.size) + uint64_t(position) * uint64_t(P.inner), width));
  At64(P.positions + to * 8ul).v = uint64_t(position);
}
