// Arithmetic of integers in 64 bits, for signed and unsigned ones, and conversions between them and floats.

int64_t truth(bool b) { return b ? 1l : 0l; }
bool less(int64_t a, int64_t b, bool u) { return u ? uint64_t(a) < uint64_t(b) : a < b; }
int64_t lower(int64_t a, int64_t b, bool u) { return less(b, a, u) ? b : a; }

int64_t quotient(int64_t a, int64_t b, bool u) {
  if (b == 0l) return 0l;
  if (u) return int64_t(uint64_t(a) / uint64_t(b));
  if (b == -1l) return -a;
  uint64_t q = uint64_t(a < 0l ? -a : a) / uint64_t(b < 0l ? -b : b);
  return (a < 0l) != (b < 0l) ? -int64_t(q) : int64_t(q);
}

// Has the sign of a.
int64_t rest_of(int64_t a, int64_t b, bool u) { return b == 0l ? 0l : a - quotient(a, b, u) * b; }

// Has the sign of b.
int64_t floored_rest(int64_t a, int64_t b, bool u) {
  int64_t rest = rest_of(a, b, u);
  return !u && rest != 0l && (rest < 0l) != (b < 0l) ? rest + b : rest;
}

int64_t power(int64_t base, int64_t exponent, bool u) {
  if (!u && exponent < 0l) return base == 1l ? 1l : base == -1l ? ((exponent & 1l) != 0l ? -1l : 1l) : 0l;
  int64_t y = 1l;
  for (uint64_t n = uint64_t(exponent); n != 0ul; n >>= 1) {
    if ((n & 1ul) != 0ul) y *= base;
    base *= base;
  }
  return y;
}

// The bits that a dtype has, extended again as it extends them.
int64_t wrapped(int64_t x, uint dtype) {
  switch (dtype) {
    case DTYPE_I8: return widened(int(uint(x) << 24) >> 24);
    case DTYPE_I16: return widened(int(uint(x) << 16) >> 16);
    case DTYPE_I32: return widened(int(uint(x)));
    case DTYPE_U8: return int64_t(uint64_t(uint(x) & 0xffu));
    case DTYPE_U16: return int64_t(uint64_t(uint(x) & 0xffffu));
    case DTYPE_U32: return int64_t(uint64_t(uint(x)));
    default: return x;
  }
}

// Truncates and saturates; NaN gives 0.
int64_t saturated(float x, uint dtype) {
  if (is_nan(x)) return 0l;
  switch (dtype) {
    case DTYPE_I8: return int64_t(min(max(x, -128.0), 127.0));
    case DTYPE_I16: return int64_t(min(max(x, -32768.0), 32767.0));
    case DTYPE_I32: return x >= 2147483648.0 ? 0x7fffffffl : x <= -2147483648.0 ? -0x80000000l : int64_t(x);
    case DTYPE_I64:
      return x >= 9223372036854775808.0   ? 0x7fffffffffffffffl
             : x <= -9223372036854775808.0 ? int64_t(0x8000000000000000ul)
                                           : int64_t(x);
    case DTYPE_U8: return int64_t(min(max(x, 0.0), 255.0));
    case DTYPE_U16: return int64_t(min(max(x, 0.0), 65535.0));
    case DTYPE_U32: return x >= 4294967296.0 ? 0xffffffffl : x <= 0.0 ? 0l : int64_t(x);
    default:
      // Halved, so that the conversion is one of signed integers.
      if (x <= 0.0) return 0l;
      if (x >= 18446744073709551616.0) return int64_t(0xfffffffffffffffful);
      return x < 9223372036854775808.0 ? int64_t(x) : int64_t(x - 9223372036854775808.0) + int64_t(0x8000000000000000ul);
  }
}

float unsigned_to_float(uint64_t x) {
  // The last bit is sticky, so that halving does not change how the value rounds.
  return (x >> 63) == 0ul ? float(int64_t(x)) : 2.0 * float(int64_t((x >> 1) | (x & 1ul)));
}
