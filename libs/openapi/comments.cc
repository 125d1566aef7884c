#include "libs/openapi/comments.h"

#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.pb.h"
#include "libs/gzip/gzip.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/transcoding/well_known.h"

namespace mostove::openapi {

// Made by the build, compressed by gzip.
absl::string_view EmbeddedComments();

namespace {

using google::protobuf::DescriptorProto;
using google::protobuf::EnumDescriptorProto;
using google::protobuf::FileDescriptorProto;
using google::protobuf::ServiceDescriptorProto;

bool IsFieldPath(absl::string_view text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") ==
                              absl::string_view::npos;
}

// `page_size` as `pageSize`.
std::string NamesAsInJson(absl::string_view text) {
  std::string out;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '`');
  for (size_t i = 0; i < parts.size(); ++i) {
    const bool quoted = i % 2 == 1;
    if (i > 0) out += '`';
    out += quoted && IsFieldPath(parts[i]) ? transcoding::MaskPathToJson(parts[i])
                                           : std::string(parts[i]);
  }
  return out;
}

// Lines joined to paragraphs.
std::string AsMarkdown(absl::string_view comment) {
  std::string out;
  bool paragraph_ended = false;
  for (const absl::string_view line : absl::StrSplit(comment, '\n')) {
    const absl::string_view text = absl::StripAsciiWhitespace(line);
    if (text.empty()) {
      paragraph_ended = true;
      continue;
    }
    if (!out.empty()) out += paragraph_ended ? "\n\n" : " ";
    paragraph_ended = false;
    absl::StrAppend(&out, text);
  }
  return NamesAsInJson(out);
}

// Goes through a file's declarations, with the path of numbers by which its source info names each.
class FileWalk {
 public:
  FileWalk(const FileDescriptorProto& file, absl::flat_hash_map<std::string, std::string>& texts)
      : texts_(texts) {
    for (const auto& location : file.source_code_info().location()) {
      if (!location.has_leading_comments()) continue;
      locations_.emplace(Path(location.path().begin(), location.path().end()),
                         &location.leading_comments());
    }
    const std::string scope = file.package().empty() ? "" : file.package() + ".";
    for (int i = 0; i < file.message_type_size(); ++i) {
      Visit(file.message_type(i), scope, {FileDescriptorProto::kMessageTypeFieldNumber, i});
    }
    for (int i = 0; i < file.enum_type_size(); ++i) {
      Visit(file.enum_type(i), scope, {FileDescriptorProto::kEnumTypeFieldNumber, i});
    }
    for (int i = 0; i < file.service_size(); ++i) {
      Visit(file.service(i), scope, {FileDescriptorProto::kServiceFieldNumber, i});
    }
  }

 private:
  using Path = std::vector<int>;

  static Path Below(Path path, int field, int index) {
    path.push_back(field);
    path.push_back(index);
    return path;
  }

  void Keep(const std::string& name, const Path& path) {
    const auto found = locations_.find(path);
    if (found != locations_.end()) texts_[name] = AsMarkdown(*found->second);
  }

  void Visit(const DescriptorProto& message, const std::string& scope, const Path& path) {
    const std::string name = scope + message.name();
    Keep(name, path);
    for (int i = 0; i < message.field_size(); ++i) {
      Keep(absl::StrCat(name, ".", message.field(i).name()),
           Below(path, DescriptorProto::kFieldFieldNumber, i));
    }
    for (int i = 0; i < message.nested_type_size(); ++i) {
      Visit(message.nested_type(i), name + ".",
            Below(path, DescriptorProto::kNestedTypeFieldNumber, i));
    }
    for (int i = 0; i < message.enum_type_size(); ++i) {
      Visit(message.enum_type(i), name + ".",
            Below(path, DescriptorProto::kEnumTypeFieldNumber, i));
    }
  }

  void Visit(const EnumDescriptorProto& type, const std::string& scope, const Path& path) {
    const std::string name = scope + type.name();
    Keep(name, path);
    for (int i = 0; i < type.value_size(); ++i) {
      Keep(absl::StrCat(name, ".", type.value(i).name()),
           Below(path, EnumDescriptorProto::kValueFieldNumber, i));
    }
  }

  void Visit(const ServiceDescriptorProto& service, const std::string& scope, const Path& path) {
    const std::string name = scope + service.name();
    Keep(name, path);
    for (int i = 0; i < service.method_size(); ++i) {
      Keep(absl::StrCat(name, ".", service.method(i).name()),
           Below(path, ServiceDescriptorProto::kMethodFieldNumber, i));
    }
  }

  absl::flat_hash_map<std::string, std::string>& texts_;
  std::map<Path, const std::string*> locations_;
};

}  // namespace

absl::StatusOr<Comments> Comments::Read(absl::string_view descriptor_set) {
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromArray(descriptor_set.data(), static_cast<int>(descriptor_set.size()))) {
    return status::Internal("the comments of the protos are no FileDescriptorSet");
  }
  Comments comments;
  for (const FileDescriptorProto& file : set.file()) FileWalk(file, comments.texts_);
  return comments;
}

absl::StatusOr<Comments> Comments::OfThisProject() {
  ASSIGN_OR_RETURN(const std::string set, gzip::Unpack(EmbeddedComments()));
  return Read(set);
}

absl::string_view Comments::Find(const std::string& name) const {
  const auto found = texts_.find(name);
  return found == texts_.end() ? absl::string_view() : absl::string_view(found->second);
}

}  // namespace mostove::openapi
