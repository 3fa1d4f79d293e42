// rlx-probe: which plugins and devices this machine has, and why something is not among them.
#include "json.hpp"
#include "text.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <arguments.hpp>
#include <iostream>

namespace {

using namespace rlx;
using namespace rlx::tools;

// Scripts rely on these numbers; docs/man/rlx-probe.1 lists them, too.
enum ExitCode { kUsable = 0, kUsage = 1, kNoDevice = 2, kRefused = 3 };
constexpr const char* kFooter =
    "Exit status: 0 a device is usable, 1 bad usage, 2 no device is usable,\n"
    "3 the plugin asked for with --explain ID was refused or is not there.";

struct Arguments {
  RegistryOptions registry;
  std::string id;
  bool explain = false, json = false, environment = false;
};

// The files that belong to an id; all when it is empty.
std::vector<Verdict> chosen_verdicts(const Registry& registry, const std::string& id) {
  std::vector<Verdict> verdicts;
  for (const Verdict& v : registry.verdicts())
    if (id.empty() || v.id == id) verdicts.push_back(v);
  return verdicts;
}

ExitCode exit_code(const Registry& registry, const std::vector<Verdict>& verdicts, const Arguments& arguments) {
  if (!arguments.id.empty()) {
    const bool usable = std::any_of(verdicts.begin(), verdicts.end(), [](const Verdict& v) {
      return v.code == VerdictCode::kLoaded && v.device_count > 0;
    });
    return usable ? kUsable : kRefused;
  }
  return registry.devices().empty() ? kNoDevice : kUsable;
}

int probe(const Arguments& arguments) {
  if (arguments.environment && !arguments.json) {
    print_environment(std::cout);
    return kUsable;
  }
  const Result<std::shared_ptr<Registry>> registry = Registry::create(arguments.registry);
  if (!registry) {
    std::cerr << "rlx-probe: " << registry.error().text() << '\n';
    return kUsage;
  }
  const std::vector<Verdict> verdicts = chosen_verdicts(**registry, arguments.id);
  if (arguments.json) {
    print_json(std::cout, **registry, verdicts);
  } else if (arguments.explain) {
    print_explanation(std::cout, verdicts);
    if (verdicts.empty())
      std::cout << "No plugin file " << (arguments.id.empty() ? "" : "of '" + arguments.id + "' ")
                << "was found; rlx-probe(1) says where they are looked for.\n";
  } else {
    print_devices(std::cout, **registry);
    std::cout << '\n';
    print_plugins(std::cout, verdicts);
  }
  return exit_code(**registry, verdicts, arguments);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Lists the plugins and devices of this machine, and says why one is not usable.");
  app.name("rlx-probe");
  app.footer(kFooter);
  CLI::Option* explain =
      app.add_option("--explain", arguments.id, "each check of every plugin file, or of those of plugin ID")
          ->expected(0, 1)
          ->type_name("[ID]");
  app.add_flag("--json", arguments.json, "print everything as JSON");
  app.add_flag("--env", arguments.environment, "list the environment variables and their values");
  app.add_option("--plugin-path", arguments.registry.plugin_paths, "a plugin file or directory to search first")
      ->type_name("PATH")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  bool only_given = false;
  app.add_flag("--no-default-path", only_given, "search nothing but --plugin-path");
  app.add_option("--select", arguments.registry.select, "plugins to use: cpu,cuda or ^vulkan")->type_name("LIST");
  if (const auto end = parse_arguments(app, "rlx-probe", kUsage, [&] { app.parse(argc, argv); })) return *end;
  arguments.explain = explain->count() > 0;
  arguments.registry.search_defaults = !only_given;
  return probe(arguments);
}
