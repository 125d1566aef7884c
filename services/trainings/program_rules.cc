#include "services/trainings/program_rules.h"

#include "libs/domain/path.h"
#include "libs/domain/web_address.h"

namespace mostove::trainings {

void PrepareProgram(v1::Program& program) {
  if (program.publication() == common::v1::PUBLICATION_UNSPECIFIED) {
    program.set_publication(common::v1::DRAFT);
  }
}

void CheckProgram(const v1::Program& program, absl::string_view path,
                  status::Violations& violations) {
  domain::CheckWebAddress(program.website(), domain::Join(path, "website"), violations);
}

}  // namespace mostove::trainings
