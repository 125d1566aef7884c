// The RPC Search<Plural>: query, page_size, page_token and filter in; results (each the
// resource by its name, rank, highlights), next_page_token, total_size and
// total_size_at_least out.
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/search/index.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/collection.h"

namespace mostove::search {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

struct Shape {
  const Descriptor* response = nullptr;
  const FieldDescriptor *query, *page_size, *page_token, *filter;
  const FieldDescriptor *results, *next_page_token, *total_size, *total_size_at_least;
  const FieldDescriptor *resource, *rank, *highlights;
};

absl::StatusOr<Shape> ShapeOf(const google::protobuf::MethodDescriptor& method,
                              const std::string& resource_field) {
  std::vector<std::string> missing;
  const auto need = [&](const Descriptor* descriptor, const std::string& name) {
    const FieldDescriptor* field = descriptor->FindFieldByName(name);
    if (field == nullptr) {
      missing.push_back(absl::StrCat(descriptor->full_name(), " lacks the field ", name));
    }
    return field;
  };
  Shape shape;
  const Descriptor* in = method.input_type();
  shape.query = need(in, "query");
  shape.page_size = need(in, "page_size");
  shape.page_token = need(in, "page_token");
  shape.filter = need(in, "filter");
  shape.response = method.output_type();
  shape.results = need(shape.response, "results");
  shape.next_page_token = need(shape.response, "next_page_token");
  shape.total_size = need(shape.response, "total_size");
  shape.total_size_at_least = need(shape.response, "total_size_at_least");
  if (shape.results != nullptr && shape.results->message_type() != nullptr) {
    shape.resource = need(shape.results->message_type(), resource_field);
    shape.rank = need(shape.results->message_type(), "rank");
    shape.highlights = need(shape.results->message_type(), "highlights");
  }
  if (missing.empty()) return shape;
  return status::Internal(absl::StrJoin(missing, "; "));
}

call::MessagePtr Answer(const Shape& shape, Page page) {
  call::MessagePtr answer(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(shape.response)->New());
  const auto* reflection = answer->GetReflection();
  for (Hit& hit : page.hits) {
    Message* result = reflection->AddMessage(answer.get(), shape.results);
    const auto* inside = result->GetReflection();
    inside->SetAllocatedMessage(result, hit.resource.release(), shape.resource);
    inside->SetDouble(result, shape.rank, hit.rank);
    for (const v1::Highlight& highlight : hit.highlights) {
      inside->AddMessage(result, shape.highlights)->CopyFrom(highlight);
    }
  }
  reflection->SetString(answer.get(), shape.next_page_token, page.next_page_token);
  reflection->SetInt32(answer.get(),
                       page.total_is_minimum ? shape.total_size_at_least : shape.total_size,
                       static_cast<int32_t>(page.total_size));
  return answer;
}

}  // namespace

absl::StatusOr<std::vector<call::UnaryMethod>> Open(const std::shared_ptr<Index>& index,
                                                    const store::Store& store,
                                                    absl::string_view service) {
  RETURN_IF_ERROR(index->Open(store));
  const store::Collection& collection = *store.ByDescriptor(index->descriptor());
  std::string plural = collection.type().plural();
  plural[0] = absl::ascii_toupper(static_cast<unsigned char>(plural[0]));
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(std::string(service));
  const auto* method = descriptor == nullptr
                           ? nullptr
                           : descriptor->FindMethodByName(absl::StrCat("Search", plural));
  if (method == nullptr) {
    return status::Internal(absl::StrCat("the service ", service, " lacks Search", plural));
  }
  ASSIGN_OR_RETURN(const Shape shape, ShapeOf(*method, collection.layout().resource_field()));
  const auto run = [index, shape](const call::Call& call,
                                  const Message& message) -> absl::StatusOr<call::MessagePtr> {
    const auto* reflection = message.GetReflection();
    ASSIGN_OR_RETURN(
        Page page,
        index->Search(call, {.query = reflection->GetString(message, shape.query),
                             .filter = reflection->GetString(message, shape.filter),
                             .page_size = reflection->GetInt32(message, shape.page_size),
                             .page_token = reflection->GetString(message, shape.page_token)}));
    return Answer(shape, std::move(page));
  };
  return std::vector<call::UnaryMethod>{
      {method->name(), method->input_type(), method->output_type(), run}};
}

}  // namespace mostove::search
