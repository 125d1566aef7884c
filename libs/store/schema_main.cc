// mostove-schema: the migration that a new resource asks for.
//
//   mostove-schema mostove.trainings.v1.Topic mostove.trainings.v1.Program

#include <cstdio>
#include <string>

#include "google/protobuf/descriptor.h"
#include "libs/resource/type.h"
#include "libs/store/schema.h"

int main(int argc, char** argv) {
  using google::protobuf::DescriptorPool;
  std::string script;
  for (int i = 1; i < argc; ++i) {
    const auto* descriptor = DescriptorPool::generated_pool()->FindMessageTypeByName(argv[i]);
    if (descriptor == nullptr) {
      std::fprintf(stderr, "%s is no message of the linked protos\n", argv[i]);
      return 2;
    }
    const auto type = mostove::resource::Type::Build(descriptor);
    if (!type.ok()) {
      std::fprintf(stderr, "%s\n", type.status().ToString().c_str());
      return 1;
    }
    const auto tables = mostove::store::SchemaScript(mostove::store::Layout(**type));
    if (!tables.ok()) {
      std::fprintf(stderr, "%s\n", tables.status().ToString().c_str());
      return 1;
    }
    script += (i == 1 ? "" : "\n") + *tables;
  }
  std::fputs(script.c_str(), stdout);
  return argc > 1 ? 0 : 2;
}
