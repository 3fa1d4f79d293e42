// Functions of f32 to a few units in the last place. The built-in ones may be off by 2^-11 (sin) or by a share that
// grows with the argument (exp), and every driver has others. Polynomials after Cephes (S. Moshier) and N. Juffa.

float two_to(int n) { return uintBitsToFloat(uint(n + 127) << 23); }

float exp_f(float x) {
  if (is_nan(x)) return x;
  if (x > 88.72284) return kInfinity;
  if (x < -103.97208) return 0.0;
  precise float n = roundEven(x * 1.44269504);
  precise float r = x - n * 0.693359375;
  r = r + n * 2.12194440e-4;
  float p = 1.9875691500e-4;
  p = p * r + 1.3981999507e-3;
  p = p * r + 8.3334519073e-3;
  p = p * r + 4.1665795894e-2;
  p = p * r + 1.6666665459e-1;
  p = p * r + 5.0000001201e-1;
  p = p * r * r + r + 1.0;
  int half_n = int(n) / 2;
  return p * two_to(half_n) * two_to(int(n) - half_n);
}

float expm1_f(float x) {
  if (abs(x) > 0.34657359) return exp_f(x) - 1.0;
  float p = 1.9875691500e-4;
  p = p * x + 1.3981999507e-3;
  p = p * x + 8.3334519073e-3;
  p = p * x + 4.1665795894e-2;
  p = p * x + 1.6666665459e-1;
  p = p * x + 5.0000001201e-1;
  return p * x * x + x;
}

float log_f(float x) {
  if (is_nan(x) || x < 0.0) return kNaN;
  if (x == 0.0) return -kInfinity;
  if (is_infinite(x)) return x;
  int e = 0;
  if (x < 1.1754944e-38) {
    x *= 8388608.0;
    e = -23;
  }
  uint bits = floatBitsToUint(x);
  e += int(bits >> 23) - 126;
  float m = uintBitsToFloat((bits & 0x007fffffu) | 0x3f000000u);
  if (m < 0.70710678) {
    m += m;
    --e;
  }
  float t = m - 1.0, z = t * t;
  float y = 7.0376836292e-2;
  y = y * t - 1.1514610310e-1;
  y = y * t + 1.1676998740e-1;
  y = y * t - 1.2420140846e-1;
  y = y * t + 1.4249322787e-1;
  y = y * t - 1.6668057665e-1;
  y = y * t + 2.0000714765e-1;
  y = y * t - 2.4999993993e-1;
  y = y * t + 3.3333331174e-1;
  precise float tail = y * t * z - 2.12194440e-4 * float(e) - 0.5 * z;
  precise float sum = t + tail;
  return sum + 0.693359375 * float(e);
}

float log1p_f(float x) {
  precise float u = 1.0 + x;
  if (u == 1.0 || u == kInfinity) return x;
  precise float d = u - 1.0;
  return log_f(u) * (x / d);
}

float tanh_f(float x) {
  float a = abs(x);
  if (is_nan(x)) return x;
  if (a < 0.625) {
    float z = x * x;
    float p = -5.70498872745e-3;
    p = p * z + 2.06390887954e-2;
    p = p * z - 5.37397155531e-2;
    p = p * z + 1.33314422036e-1;
    p = p * z - 3.33332819422e-1;
    return p * z * x + x;
  }
  float y = a > 10.0 ? 1.0 : 1.0 - 2.0 / (exp_f(2.0 * a) + 1.0);
  return x < 0.0 ? -y : y;
}

float sinh_f(float x) {
  if (abs(x) < 1.0) {
    float z = x * x;
    return ((2.03721912945e-4 * z + 8.33028376239e-3) * z + 1.66667160211e-1) * z * x + x;
  }
  float h = exp_f(0.5 * abs(x));
  float y = 0.5 * h * h - 0.5 / (h * h);
  return x < 0.0 ? -y : y;
}

float cosh_f(float x) {
  float h = exp_f(0.5 * abs(x));
  return 0.5 * h * h + 0.5 / (h * h);
}

// x = q·π/2 + the result, exact for every finite x: 2/π to 192 bits (Payne and Hanek).
const uint kTwoOverPi[6] = uint[6](0x28be60dbu, 0x9391054au, 0x7f09d5f4u, 0x7d4d3770u, 0x36d8a566u, 0x4f10e410u);
float quadrant(float x, out int q) {
  q = 0;
  uint bits = floatBitsToUint(x);
  int e = int((bits >> 23) & 0xffu) - 126;
  if (e < 0) return x;
  uint m = (bits << 8) | 0x80000000u;
  int i = e >> 5;
  e &= 31;
  uint hi = i > 0 ? kTwoOverPi[i - 1] : 0u, mid = kTwoOverPi[i], lo = kTwoOverPi[i + 1], next = kTwoOverPi[i + 2];
  if (e > 0) {
    hi = (hi << e) | (mid >> (32 - e));
    mid = (mid << e) | (lo >> (32 - e));
    lo = (lo << e) | (next >> (32 - e));
  }
  uint64_t p = uint64_t(m) * uint64_t(lo);
  p = uint64_t(m) * uint64_t(mid) + (p >> 32);
  p += uint64_t(m * hi) << 32;
  q = int(uint(p >> 62));
  int64_t fraction = int64_t(p & 0x3ffffffffffffffful);
  if ((p & 0x2000000000000000ul) != 0ul) {
    fraction -= 0x4000000000000000l;
    ++q;
  }
  float r = float(fraction) * 3.4061215800e-19;  // π/2 · 2^-62
  if ((bits & 0x80000000u) != 0u) {
    r = -r;
    q = -q;
  }
  return r;
}

// sin of x + turns·π/2
float sine(float x, int turns) {
  if (is_nan(x) || is_infinite(x)) return kNaN;
  int q;
  float r = quadrant(x, q), z = r * r;
  q += turns;
  float y = (q & 1) == 0 ? ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1) * z * r + r
                         : ((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2) * z * z -
                               0.5 * z + 1.0;
  return (q & 2) != 0 ? -y : y;
}

float tan_f(float x) {
  if (is_nan(x) || is_infinite(x)) return kNaN;
  int q;
  float r = quadrant(x, q), z = r * r;
  float p = 9.38540185543e-3;
  p = p * z + 3.11992232697e-3;
  p = p * z + 2.44301354525e-2;
  p = p * z + 5.34112807005e-2;
  p = p * z + 1.33387994085e-1;
  p = p * z + 3.33331568548e-1;
  p = p * z * r + r;
  return (q & 1) != 0 ? -1.0 / p : p;
}

float atan_f(float x) {
  if (is_nan(x)) return x;
  float a = abs(x), y = 0.0;
  if (a > 2.414213562) {
    y = 1.570796327;
    a = -1.0 / a;
  } else if (a > 0.4142135624) {
    y = 0.7853981634;
    a = (a - 1.0) / (a + 1.0);
  }
  float z = a * a;
  y += (((8.05374449538e-2 * z - 1.38776856032e-1) * z + 1.99777106478e-1) * z - 3.33329491539e-1) * z * a + a;
  return (floatBitsToUint(x) & 0x80000000u) != 0u ? -y : y;
}

float atan2_f(float y, float x) {
  if (is_nan(x) || is_nan(y)) return kNaN;
  bool left = (floatBitsToUint(x) & 0x80000000u) != 0u, below = (floatBitsToUint(y) & 0x80000000u) != 0u;
  float ax = abs(x), ay = abs(y), angle;
  if (ay == 0.0)
    angle = 0.0;
  else if (is_infinite(ax) && is_infinite(ay))
    angle = 0.7853981634;
  else if (ax == 0.0)
    angle = 1.570796327;
  else
    angle = ay > ax ? 1.570796327 - atan_f(ax / ay) : atan_f(ay / ax);
  if (left) angle = 3.141592654 - angle;
  return below ? -angle : angle;
}

float asin_f(float x) {
  float a = abs(x);
  if (is_nan(x) || a > 1.0) return kNaN;
  bool outer = a > 0.5;
  float z = outer ? 0.5 * (1.0 - a) : a * a, s = outer ? sqrt(z) : a;
  float p = 4.2163199048e-2;
  p = p * z + 2.4181311049e-2;
  p = p * z + 4.5470025998e-2;
  p = p * z + 7.4953002686e-2;
  p = p * z + 1.6666752422e-1;
  float y = p * z * s + s;
  if (outer) y = 1.570796327 - 2.0 * y;
  return x < 0.0 ? -y : y;
}

float acos_f(float x) {
  if (is_nan(x) || abs(x) > 1.0) return kNaN;
  if (x > 0.5) return 2.0 * asin_f(sqrt(0.5 * (1.0 - x)));
  if (x < -0.5) return 3.141592654 - 2.0 * asin_f(sqrt(0.5 * (1.0 + x)));
  return 1.570796327 - asin_f(x);
}

float asinh_f(float x) {
  float a = abs(x);
  if (is_nan(x)) return x;
  float y = a > 1e9 ? log_f(a) + 0.6931471806 : log1p_f(a + a * a / (1.0 + sqrt(a * a + 1.0)));
  return x < 0.0 ? -y : y;
}

float acosh_f(float x) {
  if (is_nan(x) || x < 1.0) return kNaN;
  float t = x - 1.0;
  return x > 1e9 ? log_f(x) + 0.6931471806 : log1p_f(t + sqrt(2.0 * t + t * t));
}

float atanh_f(float x) {
  float a = abs(x);
  if (is_nan(x) || a > 1.0) return kNaN;
  float y = a == 1.0 ? kInfinity : 0.5 * log1p_f(2.0 * a / (1.0 - a));
  return x < 0.0 ? -y : y;
}

float erf_f(float x) {
  float t = abs(x), s = x * x;
  if (is_nan(x)) return x;
  if (t > 0.927734375) {
    float r = -1.72853470e-5 * t + 3.83197126e-4;
    float u = -3.88396438e-3 * t + 2.42546219e-2;
    r = r * s + u;
    r = r * t - 1.06777877e-1;
    r = r * t - 6.34846687e-1;
    r = r * t - 1.28717512e-1;
    r = r * t - t;
    r = t > 4.0 ? 1.0 : 1.0 - exp_f(r);
    return x < 0.0 ? -r : r;
  }
  float r = -5.96761703e-4;
  r = r * s + 4.99119423e-3;
  r = r * s - 2.67681349e-2;
  r = r * s + 1.12819925e-1;
  r = r * s - 3.76125336e-1;
  r = r * s + 1.28379166e-1;
  return r * x + x;
}

// |a|^b for finite a != 0 through base-2 exponent and a logarithm in two parts, whose product with b keeps 8 more bits.
float power_magnitude(float a, float b) {
  if (a == 1.0) return 1.0;
  if (b == roundEven(b) && abs(b) <= 16.0) {
    float y = 1.0, base = a;
    for (uint n = uint(abs(b)); n != 0u; n >>= 1) {
      if ((n & 1u) != 0u) y *= base;
      base *= base;
    }
    return b < 0.0 ? 1.0 / y : y;
  }
  return exp_f(b * log_f(a));
}

float pow_f(float a, float b) {
  if (b == 0.0 || a == 1.0) return 1.0;
  if (is_nan(a) || is_nan(b)) return kNaN;
  float size = abs(a);
  if (is_infinite(b)) {
    if (size == 1.0) return 1.0;
    return (size > 1.0) == (b > 0.0) ? kInfinity : 0.0;
  }
  bool whole = b == trunc(b), odd = whole && abs(b) < 16777216.0 && (int(b) & 1) != 0;
  bool negative = (floatBitsToUint(a) & 0x80000000u) != 0u;
  float y;
  if (size == 0.0 || is_infinite(size))
    y = (size == 0.0) == (b > 0.0) ? 0.0 : kInfinity;
  else if (negative && !whole)
    return kNaN;
  else
    y = power_magnitude(size, b);
  return negative && odd ? -y : y;
}

// Exact: subtracts the divisor times falling powers of two.
float fmod_f(float a, float b) {
  float rest = abs(a), divisor = abs(b);
  if (is_nan(a) || is_nan(b) || is_infinite(rest) || divisor == 0.0) return kNaN;
  if (!is_infinite(divisor) && rest >= divisor) {
    uint scaled = floatBitsToUint(divisor);
    int shift = int(floatBitsToUint(rest) >> 23) - int(scaled >> 23);
    for (; shift >= 0; --shift) {
      float part = uintBitsToFloat(scaled + (uint(shift) << 23));
      if (part <= rest) rest -= part;
    }
  }
  return (floatBitsToUint(a) & 0x80000000u) != 0u ? -rest : rest;
}

float mod_f(float a, float b) {
  float rest = fmod_f(a, b);
  if (rest == 0.0) return (floatBitsToUint(b) & 0x80000000u) != 0u ? -0.0 : 0.0;
  return (rest < 0.0) != (b < 0.0) ? rest + b : rest;
}

// NaN propagates through these.
float max_f(float a, float b) { return is_nan(a) ? a : is_nan(b) ? b : a < b ? b : a; }
float min_f(float a, float b) { return is_nan(a) ? a : is_nan(b) ? b : b < a ? b : a; }

float sigmoid_f(float x) { return 1.0 / (1.0 + exp_f(-x)); }
float softplus_f(float x) { return x > 0.0 ? x + log1p_f(exp_f(-x)) : log1p_f(exp_f(x)); }
