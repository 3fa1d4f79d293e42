// Compiles where glslc knows cooperative matrices.
#version 460
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
layout(constant_id = 0) const uint kSize = 16;
void main() {
  coopmat<float16_t, gl_ScopeSubgroup, kSize, kSize, gl_MatrixUseA> a;
}
