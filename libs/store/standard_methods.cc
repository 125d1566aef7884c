#include "libs/store/standard_methods.h"

#include <functional>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/field_mask.pb.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/collection.h"
#include "libs/store/log_entry.h"
#include "libs/store/reference_keeper.h"
#include "mostove/references/v1/references.pb.h"

namespace mostove::store {
namespace {

using call::UnaryFunction;
using call::UnaryMethod;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// Fields of a request or response, looked up once; what is missing is told.
class Fields {
 public:
  explicit Fields(const Descriptor* descriptor) : descriptor_(descriptor) {}

  const FieldDescriptor* Need(const std::string& name) {
    const FieldDescriptor* field = descriptor_->FindFieldByName(name);
    if (field == nullptr) {
      missing_.push_back(absl::StrCat(descriptor_->full_name(), " lacks the field ", name));
    }
    return field;
  }
  const FieldDescriptor* Find(const std::string& name) const {
    return descriptor_->FindFieldByName(name);
  }
  absl::Status Complete() const {
    if (missing_.empty()) return absl::OkStatus();
    return status::Internal(absl::StrJoin(missing_, "; "));
  }

 private:
  const Descriptor* descriptor_;
  std::vector<std::string> missing_;
};

std::string Text(const Message& message, const FieldDescriptor* field) {
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

bool Bool(const Message& message, const FieldDescriptor* field) {
  return field != nullptr && message.GetReflection()->GetBool(message, field);
}

const Message& Sub(const Message& message, const FieldDescriptor* field) {
  return message.GetReflection()->GetMessage(message, field);
}

call::MessagePtr NewMessage(const Descriptor* descriptor) {
  return call::MessagePtr(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
}

// "organizations/a", not "organizations/-" or nothing.
bool IsOneParent(absl::string_view parent) {
  return !parent.empty() && !absl::EndsWith(parent, "/-");
}

std::string Camel(absl::string_view word) {
  std::string text(word);
  if (!text.empty()) text[0] = absl::ascii_toupper(static_cast<unsigned char>(text[0]));
  return text;
}

// Of one RPC.
struct Functions {
  // NOLINTNEXTLINE(google-explicit-constructor): most have nothing else
  Functions(UnaryFunction run, call::BytesFunction bytes = nullptr)
      : run(std::move(run)), bytes(std::move(bytes)) {}

  UnaryFunction run;
  call::BytesFunction bytes;
};

// A collection with what its RPCs are called after.
struct Target {
  const Collection* collection;
  std::string singular, plural;       // "Activity", "Activities"
  std::string one_field, many_field;  // "activity", "activities"
};

absl::StatusOr<Functions> Get(const MethodDescriptor* method, const Target& target) {
  Fields fields(method->input_type());
  const FieldDescriptor* name = fields.Need("name");
  RETURN_IF_ERROR(fields.Complete());
  const Collection* collection = target.collection;
  return Functions{[=](const Call& call, const Message& request) {
                     return collection->Get(call, Text(request, name));
                   },
                   [=](const Call& call, const Message& request) {
                     return collection->GetBytes(call, Text(request, name));
                   }};
}

// The fields of List<Resources>Request and its response.
struct ListFields {
  const FieldDescriptor *parent, *page_size, *page_token, *filter, *order_by, *show_deleted,
      *show_total_size;
  const FieldDescriptor *resources, *next_page_token, *total_size, *total_size_at_least;
  const Descriptor* response;

  static absl::StatusOr<ListFields> Of(const MethodDescriptor* method, const Target& target) {
    Fields in(method->input_type());
    Fields out(method->output_type());
    const ListFields found = {in.Find("parent"),
                              in.Need("page_size"),
                              in.Need("page_token"),
                              in.Find("filter"),
                              in.Find("order_by"),
                              in.Find("show_deleted"),
                              in.Find("show_total_size"),
                              out.Need(target.many_field),
                              out.Need("next_page_token"),
                              out.Find("total_size"),
                              out.Find("total_size_at_least"),
                              method->output_type()};
    RETURN_IF_ERROR(in.Complete());
    RETURN_IF_ERROR(out.Complete());
    return found;
  }

  ListRequest Read(const Message& request) const {
    return {.parent = Text(request, parent),
            .page_size = request.GetReflection()->GetInt32(request, page_size),
            .page_token = Text(request, page_token),
            .filter = Text(request, filter),
            .order_by = Text(request, order_by),
            .show_deleted = Bool(request, show_deleted),
            .show_total_size = Bool(request, show_total_size)};
  }

  // The response, with the resources that the page has.
  call::MessagePtr Write(ListPage page) const {
    call::MessagePtr message = NewMessage(response);
    const auto* reflection = message->GetReflection();
    for (MessagePtr& resource : page.resources) {
      reflection->AddAllocatedMessage(message.get(), resources, resource.release());
    }
    reflection->SetString(message.get(), next_page_token, page.next_page_token);
    const FieldDescriptor* total = page.total_is_minimum ? total_size_at_least : total_size;
    if (page.total_size >= 0 && total != nullptr) {
      reflection->SetInt32(message.get(), total, static_cast<int>(page.total_size));
    }
    return message;
  }
};

absl::StatusOr<Functions> List(const MethodDescriptor* method, const Target& target) {
  ASSIGN_OR_RETURN(const ListFields fields, ListFields::Of(method, target));
  const Collection* collection = target.collection;
  return Functions{[=](const Call& call, const Message& request) -> absl::StatusOr<MessagePtr> {
                     ASSIGN_OR_RETURN(ListPage page, collection->List(call, fields.Read(request)));
                     return fields.Write(std::move(page));
                   },
                   [=](const Call& call, const Message& request) -> absl::StatusOr<std::string> {
                     std::string bytes;
                     bytes.reserve(16 << 10);
                     const auto append = [&](absl::string_view payload, int64_t revision) {
                       AppendField(fields.resources->number(),
                                   BytesOf(collection->type(), payload, revision), bytes);
                       return absl::OkStatus();
                     };
                     ASSIGN_OR_RETURN(ListPage page,
                                      collection->ListRows(call, fields.Read(request), append));
                     fields.Write(std::move(page))->AppendToString(&bytes);
                     return bytes;
                   }};
}

// The fields of Create<Resource>Request.
struct CreateFields {
  const FieldDescriptor* parent;
  const FieldDescriptor* resource;
  const FieldDescriptor* id;
  const FieldDescriptor* validate_only;
  const FieldDescriptor* request_id;

  static absl::StatusOr<CreateFields> Of(const Descriptor* descriptor, const Target& target) {
    Fields fields(descriptor);
    CreateFields found{fields.Find("parent"), fields.Need(target.one_field),
                       fields.Find(absl::StrCat(target.one_field, "_id")),
                       fields.Find("validate_only"), fields.Find("request_id")};
    RETURN_IF_ERROR(fields.Complete());
    return found;
  }

  CreateRequest Read(const Message& request) const {
    return {Text(request, parent), Text(request, id), &Sub(request, resource)};
  }
};

absl::StatusOr<Functions> Create(const MethodDescriptor* method, const Target& target) {
  ASSIGN_OR_RETURN(const CreateFields fields, CreateFields::Of(method->input_type(), target));
  return UnaryFunction(
      [=, collection = target.collection](const Call& call, const Message& request) {
        return collection->Create(call, fields.Read(request), Bool(request, fields.validate_only));
      });
}

absl::StatusOr<Functions> BatchCreate(const MethodDescriptor* method, const Target& target) {
  Fields in(method->input_type());
  Fields out(method->output_type());
  const FieldDescriptor* parent = in.Find("parent");
  const FieldDescriptor* requests = in.Need("requests");
  const FieldDescriptor* validate_only = in.Find("validate_only");
  const FieldDescriptor* resources = out.Need(target.many_field);
  RETURN_IF_ERROR(in.Complete());
  RETURN_IF_ERROR(out.Complete());
  ASSIGN_OR_RETURN(const CreateFields one, CreateFields::Of(requests->message_type(), target));
  const Descriptor* response_type = method->output_type();
  return UnaryFunction([=, collection = target.collection](
                           const Call& call, const Message& request) -> absl::StatusOr<MessagePtr> {
    const std::string common = Text(request, parent);
    const bool shared = IsOneParent(common);
    std::vector<CreateRequest> creates;
    status::Violations violations;
    const int count = request.GetReflection()->FieldSize(request, requests);
    for (int i = 0; i < count; ++i) {
      const Message& each = request.GetReflection()->GetRepeatedMessage(request, requests, i);
      creates.push_back(one.Read(each));
      const std::string path = absl::StrCat("requests[", i, "]");
      if (shared && creates.back().parent != common) {
        violations.Add(path + ".parent", "PARENT_MISMATCH", "has to be the parent of the batch");
      }
      for (const FieldDescriptor* field : {one.validate_only, one.request_id}) {
        if (field == nullptr || !each.GetReflection()->HasField(each, field)) continue;
        violations.Add(absl::StrCat(path, ".", field->name()), "NOT_IN_BATCH",
                       "has to be given for the batch as a whole");
      }
    }
    RETURN_IF_ERROR(violations.ToStatus());
    MessagePtr response = NewMessage(response_type);
    RETURN_IF_ERROR(
        collection->BatchCreate(call, creates, Bool(request, validate_only), *response, resources));
    return response;
  });
}

absl::StatusOr<Functions> BatchGet(const MethodDescriptor* method, const Target& target) {
  Fields in(method->input_type());
  Fields out(method->output_type());
  const FieldDescriptor* parent = in.Find("parent");
  const FieldDescriptor* names = in.Need("names");
  const FieldDescriptor* resources = out.Need(target.many_field);
  RETURN_IF_ERROR(in.Complete());
  RETURN_IF_ERROR(out.Complete());
  const Descriptor* response_type = method->output_type();
  return UnaryFunction([=, collection = target.collection](
                           const Call& call, const Message& request) -> absl::StatusOr<MessagePtr> {
    const std::string common = Text(request, parent);
    const bool shared = IsOneParent(common);
    std::vector<std::string> wanted;
    status::Violations violations;
    for (int i = 0; i < request.GetReflection()->FieldSize(request, names); ++i) {
      wanted.push_back(request.GetReflection()->GetRepeatedString(request, names, i));
      if (shared && wanted.back().rfind(absl::StrCat(common, "/"), 0) != 0) {
        violations.Add(absl::StrCat("names[", i, "]"), "PARENT_MISMATCH",
                       "has to stand under the parent of the batch");
      }
    }
    RETURN_IF_ERROR(violations.ToStatus());
    ASSIGN_OR_RETURN(std::vector<MessagePtr> found, collection->BatchGet(call, wanted));
    MessagePtr response = NewMessage(response_type);
    for (MessagePtr& resource : found) {
      response->GetReflection()->AddAllocatedMessage(response.get(), resources, resource.release());
    }
    return response;
  });
}

absl::StatusOr<Functions> Update(const MethodDescriptor* method, const Target& target) {
  Fields fields(method->input_type());
  const FieldDescriptor* resource = fields.Need(target.one_field);
  const FieldDescriptor* mask = fields.Need("update_mask");
  const FieldDescriptor* allow_missing = fields.Find("allow_missing");
  const FieldDescriptor* validate_only = fields.Find("validate_only");
  RETURN_IF_ERROR(fields.Complete());
  return UnaryFunction([=, collection = target.collection](const Call& call,
                                                           const Message& request) {
    return collection->Update(call, Sub(request, resource),
                              static_cast<const google::protobuf::FieldMask&>(Sub(request, mask)),
                              Bool(request, allow_missing), Bool(request, validate_only));
  });
}

absl::StatusOr<Functions> Delete(const MethodDescriptor* method, const Target& target) {
  Fields fields(method->input_type());
  const FieldDescriptor* name = fields.Need("name");
  const FieldDescriptor* etag = fields.Find("etag");
  const FieldDescriptor* allow_missing = fields.Find("allow_missing");
  const FieldDescriptor* validate_only = fields.Find("validate_only");
  RETURN_IF_ERROR(fields.Complete());
  return UnaryFunction(
      [=, collection = target.collection](const Call& call, const Message& request) {
        return collection->Delete(call, Text(request, name), Text(request, etag),
                                  Bool(request, allow_missing), Bool(request, validate_only));
      });
}

absl::StatusOr<Functions> Undelete(const MethodDescriptor* method, const Target& target) {
  Fields fields(method->input_type());
  const FieldDescriptor* name = fields.Need("name");
  const FieldDescriptor* etag = fields.Find("etag");
  const FieldDescriptor* validate_only = fields.Find("validate_only");
  RETURN_IF_ERROR(fields.Complete());
  return UnaryFunction(
      [=, collection = target.collection](const Call& call, const Message& request) {
        return collection->Undelete(call, Text(request, name), Text(request, etag),
                                    Bool(request, validate_only));
      });
}

template <class Response>
absl::StatusOr<MessagePtr> Own(absl::StatusOr<Response> response) {
  if (!response.ok()) return std::move(response).status();
  return std::make_unique<Response>(*std::move(response));
}

UnaryFunction History(const Store& store) {
  return [&store](const Call& call, const Message& message) -> absl::StatusOr<MessagePtr> {
    const auto& request = static_cast<const changes::v1::ListHistoryRequest&>(message);
    const Collection* collection = store.ByName(request.name());
    if (collection == nullptr) {
      return status::InvalidField("name", "NAME", "has to be the name of a resource");
    }
    return Own(collection->ListHistory(call, request));
  };
}

UnaryFunction Changes(const Store& store) {
  return [&store](const Call& call, const Message& message) -> absl::StatusOr<MessagePtr> {
    return Own(
        ListChanges(store, call, static_cast<const changes::v1::ListChangesRequest&>(message)));
  };
}

UnaryFunction CheckReferences(const Store& store) {
  return [&store](const Call& call, const Message& message) -> absl::StatusOr<MessagePtr> {
    const auto& request = static_cast<const references::v1::CheckReferencesRequest&>(message);
    status::Violations violations;
    for (int i = 0; i < request.names_size(); ++i) {
      if (store.ByName(request.names(i)) != nullptr) continue;
      violations.Add(absl::StrCat("names[", i, "]"), "NAME",
                     "has to be the name of a resource of this service");
    }
    RETURN_IF_ERROR(violations.ToStatus());
    ASSIGN_OR_RETURN(const std::vector<std::string> missing,
                     FindMissing(store, call, {request.names().begin(), request.names().end()}));
    auto response = std::make_unique<references::v1::CheckReferencesResponse>();
    response->mutable_missing()->Add(missing.begin(), missing.end());
    return response;
  };
}

UnaryFunction ListReferrers(const Store& store) {
  return [&store](const Call& call, const Message& message) -> absl::StatusOr<MessagePtr> {
    const auto& request = static_cast<const references::v1::ListReferrersRequest&>(message);
    ASSIGN_OR_RETURN(sql::Database::Reader reader, store.database().Read(call.deadline));
    ASSIGN_OR_RETURN(const Referrers found,
                     FindReferrers(store, call, *reader, request.name(), request.on_delete()));
    auto response = std::make_unique<references::v1::ListReferrersResponse>();
    response->mutable_referrers()->Add(found.names.begin(), found.names.end());
    response->set_more(found.more);
    return response;
  };
}

using Binder = absl::StatusOr<Functions> (*)(const MethodDescriptor*, const Target&);

struct Verb {
  absl::string_view verb;
  std::string Target::*noun;
  Binder bind;
  bool keepable = false;
};

constexpr Verb kVerbs[] = {
    {"Get", &Target::singular, Get, true},         {"List", &Target::plural, List, true},
    {"Create", &Target::singular, Create},         {"Update", &Target::singular, Update},
    {"Delete", &Target::singular, Delete},         {"Undelete", &Target::singular, Undelete},
    {"BatchGet", &Target::plural, BatchGet, true}, {"BatchCreate", &Target::plural, BatchCreate},
};

}  // namespace

absl::StatusOr<std::vector<UnaryMethod>> StandardMethods(
    const google::protobuf::ServiceDescriptor* service, const Store& store) {
  std::vector<UnaryMethod> methods;
  const auto add = [&](const MethodDescriptor* method, Functions functions, bool keepable) {
    methods.push_back({method->name(), method->input_type(), method->output_type(),
                       std::move(functions.run), keepable, std::move(functions.bytes)});
  };
  for (const std::unique_ptr<Collection>& collection : store.collections()) {
    const resource::Type& type = collection->type();
    const Target target{collection.get(), Camel(type.singular()), Camel(type.plural()),
                        collection->layout().resource_field(), type.table()};
    for (const Verb& verb : kVerbs) {
      const MethodDescriptor* method =
          service->FindMethodByName(absl::StrCat(verb.verb, target.*verb.noun));
      if (method == nullptr) continue;
      ASSIGN_OR_RETURN(Functions functions, verb.bind(method, target));
      add(method, std::move(functions), verb.keepable);
    }
  }
  constexpr struct {
    const char* name;
    UnaryFunction (*bind)(const Store&);
  } kOfTheWholeStore[] = {{"ListHistory", History},
                          {"ListChanges", Changes},
                          {"CheckReferences", CheckReferences},
                          {"ListReferrers", ListReferrers}};
  for (const auto& [name, bind] : kOfTheWholeStore) {
    const MethodDescriptor* method = service->FindMethodByName(name);
    if (method != nullptr) add(method, bind(store), false);
  }
  return methods;
}

}  // namespace mostove::store
