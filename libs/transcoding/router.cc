#include "libs/transcoding/router.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/api/annotations.pb.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/transcoding/percent.h"

namespace mostove::transcoding {
namespace {

using google::api::HttpRule;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using Segment = PathTemplate::Segment;

// In the order of the header Allow.
constexpr std::array<absl::string_view, 6> kMethods = {"GET", "HEAD",  "POST",
                                                       "PUT", "PATCH", "DELETE"};

absl::StatusOr<std::vector<const FieldDescriptor*>> ResolveVariable(const Descriptor& request,
                                                                    const std::string& path) {
  std::vector<const FieldDescriptor*> fields;
  const Descriptor* parent = &request;
  for (const absl::string_view step : absl::StrSplit(path, '.')) {
    const FieldDescriptor* field =
        parent == nullptr ? nullptr : parent->FindFieldByName(std::string(step));
    if (field == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", path, "\" is no field of ", request.full_name()));
    }
    if (field->is_repeated()) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", path, "\" goes through a repeated field, which a path cannot carry"));
    }
    fields.push_back(field);
    parent = field->message_type();
  }
  if (parent != nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", path, "\" is a message, which a path cannot carry"));
  }
  return fields;
}

absl::StatusOr<const FieldDescriptor*> FindMessageField(const Descriptor& message,
                                                        const std::string& name) {
  const FieldDescriptor* field = message.FindFieldByName(name);
  if (field == nullptr || field->is_repeated() || field->message_type() == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("the body \"", name, "\" is no field of ",
                                                   message.full_name(), " with one message"));
  }
  return field;
}

// Whether some path matches both and neither is the more specific of the two.
bool AreAmbiguous(const PathTemplate& a, const PathTemplate& b) {
  if (a.verb() != b.verb()) return false;
  bool a_is_narrower = false;
  bool b_is_narrower = false;
  for (size_t i = 0; i < a.segments().size() || i < b.segments().size(); ++i) {
    const Segment* x = i < a.segments().size() ? &a.segments()[i] : nullptr;
    const Segment* y = i < b.segments().size() ? &b.segments()[i] : nullptr;
    const bool x_is_open = x != nullptr && x->kind == Segment::kMulti;
    const bool y_is_open = y != nullptr && y->kind == Segment::kMulti;
    if (x_is_open || y_is_open) {
      a_is_narrower |= !x_is_open;
      b_is_narrower |= !y_is_open;
      break;
    }
    if (x == nullptr || y == nullptr) return false;
    if (x->kind == Segment::kLiteral && y->kind == Segment::kLiteral) {
      if (x->literal != y->literal) return false;
    } else {
      a_is_narrower |= x->kind == Segment::kLiteral;
      b_is_narrower |= y->kind == Segment::kLiteral;
    }
  }
  return a_is_narrower == b_is_narrower;
}

}  // namespace

// A segment of templates. The templates that end here are told apart by verb.
struct Router::Node {
  struct End {
    std::string verb;
    std::vector<const Route*> routes;  // one per HTTP method
  };

  absl::flat_hash_map<std::string, std::unique_ptr<Node>> literals;
  std::unique_ptr<Node> single;
  std::vector<End> ends;
  std::vector<End> open_ends;  // behind a "**"

  const Node* FindLiteral(absl::string_view segment) const {
    if (literals.empty()) return nullptr;
    std::string decoded;
    if (segment.find('%') != absl::string_view::npos) {
      DecodePercent(segment, {}, decoded);
      segment = decoded;
    }
    const auto found = literals.find(segment);
    return found == literals.end() ? nullptr : found->second.get();
  }
};

class Router::Builder {
 public:
  void AddService(const ServiceDescriptor& service) {
    for (int i = 0; i < service.method_count(); ++i) {
      const MethodDescriptor& method = *service.method(i);
      if (!method.options().HasExtension(google::api::http)) continue;
      const HttpRule& rule = method.options().GetExtension(google::api::http);
      AddRule(method, rule);
      for (const HttpRule& additional : rule.additional_bindings()) {
        if (additional.additional_bindings_size() > 0) {
          AddFault(method, "an additional binding has additional bindings");
        }
        AddRule(method, additional);
      }
    }
  }

  absl::StatusOr<Router> Build() {
    CheckPairs();
    if (!faults_.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the HTTP routes cannot be built: ", absl::StrJoin(faults_, "; ")));
    }
    Router router;
    router.root_ = std::make_unique<Node>();
    for (const auto& route : routes_) Insert(*router.root_, *route);
    router.routes_ = std::move(routes_);
    return router;
  }

 private:
  void AddFault(const MethodDescriptor& method, absl::string_view what) {
    faults_.push_back(absl::StrCat(method.full_name(), ": ", what));
  }

  void AddRule(const MethodDescriptor& method, const HttpRule& rule) {
    auto route = MakeRoute(method, rule);
    if (route.ok()) {
      routes_.push_back(*std::move(route));
    } else {
      AddFault(method, route.status().message());
    }
  }

  static absl::StatusOr<std::pair<absl::string_view, absl::string_view>> MethodAndPath(
      const HttpRule& rule) {
    switch (rule.pattern_case()) {
      case HttpRule::kGet:
        return std::pair<absl::string_view, absl::string_view>("GET", rule.get());
      case HttpRule::kPut:
        return std::pair<absl::string_view, absl::string_view>("PUT", rule.put());
      case HttpRule::kPost:
        return std::pair<absl::string_view, absl::string_view>("POST", rule.post());
      case HttpRule::kDelete:
        return std::pair<absl::string_view, absl::string_view>("DELETE", rule.delete_());
      case HttpRule::kPatch:
        return std::pair<absl::string_view, absl::string_view>("PATCH", rule.patch());
      case HttpRule::kCustom:
        return absl::InvalidArgumentError("custom HTTP methods are not supported");
      case HttpRule::PATTERN_NOT_SET:
        return absl::InvalidArgumentError("a binding has no HTTP method and path");
    }
    return absl::InvalidArgumentError("a binding has no HTTP method and path");
  }

  static absl::StatusOr<std::unique_ptr<const Route>> MakeRoute(const MethodDescriptor& method,
                                                                const HttpRule& rule) {
    auto route = std::make_unique<Route>();
    route->method = &method;
    ASSIGN_OR_RETURN(const auto method_and_path, MethodAndPath(rule));
    route->http_method = std::string(method_and_path.first);
    ASSIGN_OR_RETURN(route->path, PathTemplate::Parse(method_and_path.second));
    if (method.client_streaming()) {
      return absl::InvalidArgumentError("a stream of requests has no HTTP route");
    }
    RETURN_IF_ERROR(SetBody(*method.input_type(), rule.body(), *route));
    if (!rule.response_body().empty()) {
      ASSIGN_OR_RETURN(route->response_field,
                       FindMessageField(*method.output_type(), rule.response_body()));
    }
    for (const auto& variable : route->path.variables()) {
      ASSIGN_OR_RETURN(auto fields, ResolveVariable(*method.input_type(), variable.field_path));
      route->variable_fields.push_back(std::move(fields));
    }
    return route;
  }

  static absl::Status SetBody(const Descriptor& request, const std::string& body, Route& route) {
    if (body.empty()) return absl::OkStatus();
    if (route.http_method == "GET" || route.http_method == "DELETE") {
      return absl::InvalidArgumentError(absl::StrCat(route.http_method, " cannot have a body"));
    }
    if (body == "*") {
      route.body = Route::Body::kRequest;
      return absl::OkStatus();
    }
    route.body = Route::Body::kField;
    ASSIGN_OR_RETURN(route.body_field, FindMessageField(request, body));
    return absl::OkStatus();
  }

  void CheckPairs() {
    for (size_t i = 0; i < routes_.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        const Route& a = *routes_[j];
        const Route& b = *routes_[i];
        if (a.http_method == b.http_method && AreAmbiguous(a.path, b.path)) {
          AddFault(*b.method,
                   absl::StrCat(b.http_method, " ", b.path.text(), " could also be meant for ",
                                a.method->full_name(), ", ", a.path.text()));
        }
      }
    }
  }

  static void Insert(Node& root, const Route& route) {
    Node* node = &root;
    bool is_open = false;
    for (const Segment& segment : route.path.segments()) {
      is_open = segment.kind == Segment::kMulti;
      if (is_open) break;
      auto& next =
          segment.kind == Segment::kLiteral ? node->literals[segment.literal] : node->single;
      if (next == nullptr) next = std::make_unique<Node>();
      node = next.get();
    }
    std::vector<Node::End>& ends = is_open ? node->open_ends : node->ends;
    auto end = std::find_if(ends.begin(), ends.end(), [&route](const Node::End& candidate) {
      return candidate.verb == route.path.verb();
    });
    if (end == ends.end()) {
      end = ends.insert(end, Node::End{.verb = route.path.verb()});
    }
    end->routes.push_back(&route);
  }

  std::vector<std::unique_ptr<const Route>> routes_;
  std::vector<std::string> faults_;
};

namespace {

// Walks down from the root, the narrowest templates first.
template <class Node>
class Search {
 public:
  Search(const RequestPath& path, absl::string_view http_method)
      : segments_(path.segments()), http_method_(http_method == "HEAD" ? "GET" : http_method) {}

  void Run(const Node& root) {
    const absl::string_view last = segments_.empty() ? "" : segments_.back();
    const size_t colon = last.rfind(':');
    if (colon != absl::string_view::npos && colon > 0) {
      verb_ = last.substr(colon + 1);
      segments_.back() = last.substr(0, colon);
      if (!verb_.empty()) Visit(root, 0);
      if (route_ != nullptr || allowed_ != 0) return;
      verb_ = {};
      segments_.back() = last;
    }
    Visit(root, 0);
  }

  const Route* route() const { return route_; }

  // "" if no template matches at all.
  std::string Allow() const {
    std::vector<absl::string_view> methods;
    for (size_t i = 0; i < kMethods.size(); ++i) {
      const bool is_allowed = (allowed_ >> (kMethods[i] == "HEAD" ? 0 : i)) & 1;
      if (is_allowed) methods.push_back(kMethods[i]);
    }
    return absl::StrJoin(methods, ", ");
  }

 private:
  void Visit(const Node& node, size_t index) {
    if (index == segments_.size()) {
      Take(node.ends);
    } else {
      const Node* literal = node.FindLiteral(segments_[index]);
      if (literal != nullptr) Visit(*literal, index + 1);
      if (route_ == nullptr && node.single != nullptr) Visit(*node.single, index + 1);
    }
    if (route_ == nullptr) Take(node.open_ends);
  }

  template <class Ends>
  void Take(const Ends& ends) {
    for (const auto& end : ends) {
      if (absl::string_view(end.verb) != verb_) continue;
      for (const Route* route : end.routes) {
        if (absl::string_view(route->http_method) == http_method_) route_ = route;
        const auto method = std::find(kMethods.begin(), kMethods.end(), route->http_method);
        allowed_ |= 1u << (method - kMethods.begin());
      }
    }
  }

  absl::InlinedVector<absl::string_view, 16> segments_;
  absl::string_view http_method_;
  absl::string_view verb_;
  const Route* route_ = nullptr;
  unsigned allowed_ = 0;  // bits in the order of kMethods
};

}  // namespace

const Message& BodyOf(const Route& route, const Message& response) {
  if (route.response_field == nullptr) return response;
  return response.GetReflection()->GetMessage(response, route.response_field);
}

Router::Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;
Router::~Router() = default;

absl::StatusOr<Router> Router::Build(const std::vector<const ServiceDescriptor*>& services) {
  Builder builder;
  for (const ServiceDescriptor* service : services) builder.AddService(*service);
  return builder.Build();
}

RouteMatch Router::Match(absl::string_view http_method, absl::string_view path) const {
  RouteMatch match;
  const absl::StatusOr<RequestPath> parsed = RequestPath::Parse(path);
  if (!parsed.ok()) {
    match.outcome = RouteMatch::Outcome::kBadPath;
    match.status = parsed.status();
    return match;
  }
  Search<Node> search(*parsed, http_method);
  search.Run(*root_);
  if (search.route() != nullptr) {
    match.outcome = RouteMatch::Outcome::kFound;
    match.route = search.route();
    match.route->path.Capture(*parsed, match.captures);
    return match;
  }
  match.allow = search.Allow();
  if (match.allow.empty()) {
    match.status = status::Make(absl::StatusCode::kNotFound, "ROUTE_NOT_FOUND",
                                "nothing is served under this path");
  } else {
    match.outcome = RouteMatch::Outcome::kMethodNotAllowed;
    match.status = status::Make(absl::StatusCode::kUnimplemented, "METHOD_NOT_ALLOWED",
                                absl::StrCat("this path is served for ", match.allow, " only"));
  }
  return match;
}

}  // namespace mostove::transcoding
