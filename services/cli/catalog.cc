#include "services/cli/catalog.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/api/annotations.pb.h"
#include "google/api/resource.pb.h"
#include "google/protobuf/descriptor_database.h"
#include "mostove/changes/v1/changes.pb.h"
#include "services/cli/url.h"

namespace mostove::cli {
namespace {

namespace pb = google::protobuf;

bool IsVariable(absl::string_view segment) { return absl::StartsWith(segment, "{"); }

// Whether `path` fits segments where "" (or "*") stands for any one id.
bool Fits(const std::vector<std::string>& pattern, size_t count, absl::string_view path) {
  const std::vector<absl::string_view> segments = absl::StrSplit(path, '/');
  if (path.empty() || segments.size() != count) return false;
  for (size_t i = 0; i < count; ++i) {
    const bool is_id = pattern[i].empty() || pattern[i] == "*";
    if (is_id ? segments[i].empty() : segments[i] != pattern[i]) return false;
  }
  return true;
}

ResourceType FromDescriptor(const pb::Descriptor& descriptor) {
  const auto& resource = descriptor.options().GetExtension(google::api::resource);
  ResourceType type;
  type.descriptor = &descriptor;
  type.type = resource.type();
  type.singular = resource.singular();
  type.plural = resource.plural();
  type.pattern_text = resource.pattern(0);
  for (absl::string_view segment : absl::StrSplit(type.pattern_text, '/')) {
    type.pattern.emplace_back(IsVariable(segment) ? "" : segment);
  }
  return type;
}

// The repeated field of a list's answer that holds `resource`.
const pb::FieldDescriptor* ListField(const pb::Descriptor& response,
                                     const pb::Descriptor* resource) {
  for (int i = 0; i < response.field_count(); ++i) {
    const pb::FieldDescriptor* field = response.field(i);
    if (field->is_repeated() && field->message_type() == resource) return field;
  }
  return nullptr;
}

void Bind(const pb::MethodDescriptor& method, ResourceType& type) {
  const std::string& resource = type.descriptor->name();
  if (method.output_type() == type.descriptor) {
    if (method.name() == absl::StrCat("Get", resource)) type.get = &method;
    if (method.name() == absl::StrCat("Create", resource)) type.create = &method;
    if (method.name() == absl::StrCat("Update", resource)) type.update = &method;
    if (method.name() == absl::StrCat("Delete", resource)) type.remove = &method;
    if (method.name() == absl::StrCat("Undelete", resource)) type.undelete = &method;
    if (method.name() == absl::StrCat("Merge", resource)) type.merge = &method;
    if (method.name() == absl::StrCat("Unmerge", resource)) type.unmerge = &method;
  } else if (absl::StartsWith(method.name(), "List") &&
             method.input_type()->FindFieldByName("page_token") != nullptr &&
             ListField(*method.output_type(), type.descriptor) != nullptr) {
    type.list = &method;
  } else if (absl::AsciiStrToLower(method.name()) ==
             absl::StrCat("search", absl::AsciiStrToLower(type.plural))) {
    type.search = &method;
  } else if (method.input_type() == changes::v1::ListHistoryRequest::descriptor()) {
    const std::vector<std::string> segments = absl::StrSplit(type.pattern_text, '/');
    std::string example;
    for (absl::string_view segment : segments) {
      absl::StrAppend(&example, example.empty() ? "" : "/", IsVariable(segment) ? "x" : segment);
    }
    if (Route(method, example).ok()) type.history = &method;
  }
}

std::vector<const pb::FileDescriptor*> LinkedFiles() {
  std::vector<std::string> names;
  pb::DescriptorPool::internal_generated_database()->FindAllFileNames(&names);
  std::sort(names.begin(), names.end());
  std::vector<const pb::FileDescriptor*> files;
  for (const std::string& name : names) {
    if (!absl::StartsWith(name, "mostove/")) continue;
    if (const auto* file = pb::DescriptorPool::generated_pool()->FindFileByName(name)) {
      files.push_back(file);
    }
  }
  return files;
}

}  // namespace

std::unique_ptr<pb::Message> ResourceType::New() const {
  return std::unique_ptr<pb::Message>(
      pb::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
}

bool ResourceType::MatchesName(absl::string_view name) const {
  return Fits(pattern, pattern.size(), name);
}

std::string ResourceType::IdParameter() const {
  if (create == nullptr) return "";
  for (int i = 0; i < create->input_type()->field_count(); ++i) {
    const pb::FieldDescriptor* field = create->input_type()->field(i);
    if (field->type() == pb::FieldDescriptor::TYPE_STRING && field->name() != "request_id" &&
        absl::EndsWith(field->name(), "_id")) {
      return field->json_name();
    }
  }
  return "";
}

std::string ResourceType::ListMember() const {
  if (list == nullptr) return plural;
  return ListField(*list->output_type(), descriptor)->json_name();
}

Catalog Catalog::FromLinkedDescriptors() {
  Catalog catalog;
  const auto files = LinkedFiles();
  for (const pb::FileDescriptor* file : files) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      const pb::Descriptor& message = *file->message_type(i);
      if (message.options().HasExtension(google::api::resource)) {
        catalog.types_.push_back(FromDescriptor(message));
      }
    }
  }
  std::stable_sort(catalog.types_.begin(), catalog.types_.end(),
                   [](const ResourceType& a, const ResourceType& b) {
                     return a.pattern.size() < b.pattern.size();
                   });
  for (const pb::FileDescriptor* file : files) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        for (ResourceType& type : catalog.types_) Bind(*file->service(i)->method(j), type);
      }
    }
  }
  return catalog;
}

absl::StatusOr<const ResourceType*> Catalog::FindByName(absl::string_view name) const {
  for (const ResourceType& type : types_) {
    if (type.MatchesName(name)) return &type;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", name, "' is no name of a resource; names are of the form ",
                   absl::StrJoin(types_, " or ", [](std::string* out, const ResourceType& type) {
                     out->append(type.pattern_text);
                   })));
}

absl::StatusOr<Collection> Catalog::FindCollection(absl::string_view path) const {
  for (const ResourceType& type : types_) {
    if (!Fits(type.pattern, type.pattern.size() - 1, path)) continue;
    return Collection{
        &type, std::string(path.substr(0, path.rfind('/') == path.npos ? 0 : path.rfind('/')))};
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", path, "' is no collection; collections are of the form ",
                   absl::StrJoin(types_, " or ", [](std::string* out, const ResourceType& type) {
                     out->append(type.pattern_text.substr(0, type.pattern_text.rfind('/')));
                   })));
}

absl::StatusOr<const ResourceType*> Catalog::FindType(absl::string_view word) const {
  for (const ResourceType& type : types_) {
    if (word == type.singular || word == type.plural || word == type.type) return &type;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", word, "' is no type of resource; there are ",
                   absl::StrJoin(types_, ", ", [](std::string* out, const ResourceType& type) {
                     out->append(type.singular);
                   })));
}

std::string ParentOf(absl::string_view name) {
  const std::vector<absl::string_view> segments = absl::StrSplit(name, '/');
  if (segments.size() < 4) return "";
  return absl::StrJoin(segments.begin(), segments.end() - 2, "/");
}

std::string IdOf(absl::string_view name) { return std::string(name.substr(name.rfind('/') + 1)); }

std::string MakeName(const ResourceType& type, absl::string_view parent, absl::string_view id) {
  return absl::StrCat(parent, parent.empty() ? "" : "/", type.pattern[type.pattern.size() - 2], "/",
                      id);
}

namespace {

// "/v1/{name=organizations/*}:undelete" with a name in place of the variable;
// "" when the name does not fit.
std::string Expand(absl::string_view path_template, absl::string_view name) {
  const size_t begin = path_template.find('{');
  if (begin == absl::string_view::npos) return name.empty() ? std::string(path_template) : "";
  const size_t end = path_template.find('}', begin);
  if (end == absl::string_view::npos || name.empty()) return "";
  const absl::string_view variable = path_template.substr(begin + 1, end - begin - 1);
  const size_t equals = variable.find('=');
  const std::vector<std::string> pattern =
      absl::StrSplit(equals == absl::string_view::npos ? "*" : variable.substr(equals + 1), '/');
  if (!Fits(pattern, pattern.size(), name)) return "";
  return absl::StrCat(path_template.substr(0, begin), EncodePath(name),
                      path_template.substr(end + 1));
}

HttpCall Rendered(const google::api::HttpRule& rule, absl::string_view name) {
  switch (rule.pattern_case()) {
    case google::api::HttpRule::kGet:
      return {"GET", Expand(rule.get(), name)};
    case google::api::HttpRule::kPost:
      return {"POST", Expand(rule.post(), name)};
    case google::api::HttpRule::kPatch:
      return {"PATCH", Expand(rule.patch(), name)};
    case google::api::HttpRule::kPut:
      return {"PUT", Expand(rule.put(), name)};
    case google::api::HttpRule::kDelete:
      return {"DELETE", Expand(rule.delete_(), name)};
    default:
      return {};
  }
}

}  // namespace

absl::StatusOr<HttpCall> Route(const pb::MethodDescriptor& method, absl::string_view name) {
  const auto& rule = method.options().GetExtension(google::api::http);
  if (HttpCall call = Rendered(rule, name); !call.path.empty()) return call;
  for (const auto& binding : rule.additional_bindings()) {
    if (HttpCall call = Rendered(binding, name); !call.path.empty()) return call;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", name, "' does not fit the route of ", method.name()));
}

}  // namespace mostove::cli
