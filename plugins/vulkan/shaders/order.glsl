// One signed integer for each element that sorts as the elements do, NaN above everything, zeros of both signs alike.
int64_t order_key(uint64_t base, uint64_t index, uint dtype) {
  if (is_float(dtype)) {
    float x = load_float(base, index, dtype);
    if (is_nan(x)) return 0x7fffffffl;
    int bits = int(floatBitsToUint(x));
    return int64_t(bits < 0 ? -(bits & 0x7fffffff) : bits);
  }
  int64_t x = load_int(base, index, dtype);
  return dtype == DTYPE_U64 ? x ^ int64_t(0x8000000000000000ul) : x;
}
