/* A library whose soname no file has: what depends on it cannot be opened. */
void rlx_test_gone(void);

__attribute__((visibility("default"))) void rlx_test_gone(void) {}
