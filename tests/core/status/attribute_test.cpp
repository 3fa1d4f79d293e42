// Bytes, literals and attribute maps.
#include "catch.hpp"

#include <rlx/attribute.hpp>

#include <cmath>
#include <cstring>
#include <limits>

using namespace rlx;

TEST_CASE("copied bytes are aligned and independent of their source", "[attribute]") {
  std::vector<float> source = {1, 2, 3};
  const Bytes bytes = Bytes::copy(source.data(), source.size() * sizeof(float));
  source[0] = 9;
  CHECK(bytes.as<float>()[0] == 1);
  CHECK(reinterpret_cast<uintptr_t>(bytes.data()) % 64 == 0);
  CHECK(Bytes::copy(nullptr, 0).size() == 0);
}

TEST_CASE("allocated bytes are zero and writable through the returned pointer", "[attribute]") {
  std::byte* data = nullptr;
  const Bytes bytes = Bytes::allocate(100, &data);
  CHECK(bytes.size() == 100);
  CHECK(std::count(bytes.data(), bytes.data() + 100, std::byte{0}) == 100);
  data[3] = std::byte{7};
  CHECK(bytes.data()[3] == std::byte{7});
}

TEST_CASE("attributes are sorted by name and replaced when set again", "[attribute]") {
  Attrs attrs{{"b", int64_t{1}}, {"a", 2.5}, {"c", std::string("x")}};
  attrs.set("b", int64_t{7});
  CHECK(attrs.entries().size() == 3);
  CHECK(attrs.entries()[0].first == "a");
  CHECK(attrs.i("b") == 7);
  CHECK(attrs.f("a") == 2.5);
  CHECK(attrs.str("c") == "x");
  attrs.erase("b");
  attrs.erase("nothing");
  CHECK_FALSE(attrs.has("b"));
  CHECK(attrs.i("b", 42) == 42);
}

TEST_CASE("an attribute of another type reads as the default", "[attribute]") {
  const Attrs attrs{{"axis", int64_t{3}}};
  CHECK(attrs.f("axis", 0.5) == 0.5);
  CHECK(attrs.str("axis").empty());
  CHECK(attrs.ints("axis").empty());
  CHECK(attrs.literal("axis") == nullptr);
}

TEST_CASE("float attributes compare by their bits", "[attribute]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(Attrs{{"x", nan}} == Attrs{{"x", nan}});
  CHECK_FALSE(Attrs{{"x", 0.0}} == Attrs{{"x", -0.0}});
  CHECK(Attrs{{"x", std::vector<double>{nan, 1}}} == Attrs{{"x", std::vector<double>{nan, 1}}});
  CHECK_FALSE(Attrs{{"x", std::vector<double>{1}}} == Attrs{{"x", std::vector<double>{1, 2}}});
  CHECK_FALSE(Attrs{{"x", 1.0}} == Attrs{{"x", int64_t{1}}});
}

TEST_CASE("literals are equal when type and bytes are", "[attribute]") {
  const int64_t values[] = {1, 2};
  CHECK(Literal::i64s(values) == Literal::i64s(values));
  CHECK_FALSE(Literal::i64s(values) == Literal::of<int64_t>(DType::kI64, {2, 1}, values));
  CHECK_FALSE(Literal::scalar_f32(0.0f) == Literal::scalar_f32(-0.0f));
}

TEST_CASE("integer literals of every width read as int64, floats do not", "[attribute]") {
  const int8_t narrow[] = {-1, 5};
  CHECK(*to_i64s(Literal::of<int8_t>(DType::kI8, {2}, narrow)) == std::vector<int64_t>{-1, 5});
  const uint16_t wide[] = {65535};
  CHECK(*to_i64s(Literal::of<uint16_t>(DType::kU16, {1}, wide)) == std::vector<int64_t>{65535});
  CHECK_FALSE(to_i64s(Literal::scalar_f32(1)).has_value());
}

TEST_CASE("literals at odd addresses read correctly", "[attribute]") {
  std::byte storage[1 + sizeof(int32_t)];
  const int32_t value = 123456789;
  std::memcpy(storage + 1, &value, sizeof value);
  const Literal literal{{DType::kI32, {1}}, Bytes(nullptr, storage + 1, sizeof value)};
  CHECK(*to_i64s(literal) == std::vector<int64_t>{123456789});
}
