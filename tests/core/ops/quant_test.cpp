// Inference of packed weights.
#include "catch.hpp"
#include "inferred.hpp"

using namespace tests;
using rlx::DType;

TEST_CASE("rows of packed weights are whole blocks", "[ops]") {
  const auto of = [](const char* scheme, const char* w) {
    return inferred("dequantize_blocks", {w}, {attr("scheme", scheme)});
  };
  CHECK(of("q4_0", "u8[5, 36]") == "f32[5, 64]");
  CHECK(of("q4_k", "u8[2, 3, 288]") == "f32[2, 3, 512]");
  CHECK(of("nvfp4", "u8[36]") == "f32[64]");
  CHECK(of("fp8_e4m3", "u8[7, 5]") == "f32[7, 5]");
  CHECK(of("q4_k", "u8[5, n]") == "f32[5, ?]");
  CHECK(of("q4_k", "u8[5, 100]") ==
        "dequantize_blocks: rows of 100 bytes in [5, 100] are no multiple of 144, a block of q4_k");
  CHECK(of("q4_0", "i8[5, 36]") == "dequantize_blocks: input 0 has dtype i8, needs u8, packed");
  CHECK_THAT(of("q4_9", "u8[5, 36]"), contains_text("q4_9"));
  CHECK(inferred("dequantize_blocks", {"u8[5, 36]"}, {attr("scheme", "q4_0"), attr("to", DType::kBF16)}) ==
        "bf16[5, 64]");
  CHECK(inferred("dequantize_blocks", {"u8[5, 36]"}, {attr("scheme", "q4_0"), attr("to", DType::kI32)}) ==
        "dequantize_blocks: to is i32, needs a float");
}

TEST_CASE("scales of packed weights are inside or beside", "[ops]") {
  const auto of = [](const char* scheme, const std::vector<std::string>& inputs, int block, int is_signed = 1) {
    return inferred("dequantize_blocks", inputs,
                    {attr("scheme", scheme), attr("block", block), attr("signed", is_signed)});
  };
  CHECK(of("int8_block", {"u8[5, 64]", "f32[5, 2]"}, 32) == "f32[5, 64]");
  CHECK(of("int8_block", {"u8[5, 64]", "f32[5, 1]"}, 0) == "f32[5, 64]");
  CHECK(of("int4_block", {"u8[5, 32]", "f32[5, 2]", "u8[5, 2]"}, 32, 0) == "f32[5, 64]");
  CHECK(of("fp8_e5m2", {"u8[5, 64]", "f32[]"}, 0) == "f32[5, 64]");
  CHECK(normalised("block", "dequantize_blocks", {"u8[5, 32]", "f32[]"}, {attr("scheme", "int4_block")}) == "64");
  CHECK(of("int8_block", {"u8[5, 64]"}, 32) == "dequantize_blocks: int8_block needs a scale");
  CHECK(of("int8_block_asym", {"u8[5, 64]", "f32[5, 2]"}, 32) ==
        "dequantize_blocks: int8_block_asym needs a zero point");
  CHECK(of("q8_0", {"u8[5, 34]", "f32[5, 1]"}, 0) == "dequantize_blocks: q8_0 has its scales inside");
  CHECK(of("int8_block", {"u8[5, 64]", "f32[5, 2]", "i8[5, 2]"}, 32) ==
        "dequantize_blocks: int8_block has no zero point");
  CHECK(of("q8_0", {"u8[5, 34]"}, 32) == "dequantize_blocks: block is 32, but q8_0 has its scales inside");
  CHECK(of("int8_block", {"u8[5, 64]", "f32[5, 2]"}, 48) ==
        "dequantize_blocks: block 48 does not divide the 64 numbers of a row");
  CHECK(of("int8_block", {"u8[5, 64]", "f32[5, 2]"}, -1) == "dequantize_blocks: block is -1, needs at least 0");
  CHECK(of("int8_block", {"u8[5, 64]", "f32[5, 3]"}, 32) == "dequantize_blocks: scale has shape [5, 3], needs [5, 2]");
  CHECK(of("int8_block", {"u8[5, 64]", "f16[5, 2]"}, 32) == "dequantize_blocks: scale has dtype f16, needs f32");
  CHECK(of("int4_block", {"u8[5, 32]", "f32[5, 2]", "u8[5, 2]"}, 32) ==
        "dequantize_blocks: zero point has dtype u8, needs i8");
}

TEST_CASE("dequant_matmul takes the rows that the weights hold", "[ops]") {
  const rlx::Attrs q4_k = {attr("scheme", "q4_k")};
  CHECK(inferred("dequant_matmul", {"f16[2, 3, 512]", "u8[7, 288]"}, q4_k) == "f16[2, 3, 7]");
  CHECK(inferred("dequant_matmul", {"f32[n, 256]", "u8[7, 144]"}, q4_k) == "f32[n, 7]");
  CHECK(inferred("dequant_matmul", {"f32[256]", "u8[7, 144]"}, q4_k) == "f32[7]");
  CHECK(inferred("dequant_matmul", {"f32[4, 512]", "u8[7, 144]"}, q4_k) ==
        "dequant_matmul: rows of [4, 512] have 512 elements, rows of the q4_k weights [7, 144] hold 256");
  CHECK(inferred("dequant_matmul", {"i32[4, 256]", "u8[7, 144]"}, q4_k) ==
        "dequant_matmul: input 0 has dtype i32, needs a float");
  CHECK(inferred("dequant_matmul", {"f32[4, 256]", "u8[2, 7, 144]"}, q4_k) ==
        "dequant_matmul: input 1 has shape [2, 7, 144], needs rank 2");
}
