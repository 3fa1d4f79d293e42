// A program that knows nothing but what pkg-config tells it. Prints the devices it finds.
#include <rlx/registry.hpp>

#include <iostream>

int main() {
  const auto registry = rlx::Registry::create();
  if (!registry) {
    std::cerr << registry.error().text() << '\n';
    return 1;
  }
  for (const rlx::Device& device : (*registry)->devices()) std::cout << device.id() << '\n';
  return 0;
}
