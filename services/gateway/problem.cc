#include "services/gateway/problem.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/wrappers.pb.h"
#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "libs/status/status.h"
#include "libs/status/texts.h"
#include "libs/transcoding/json_writer.h"
#include "libs/transcoding/well_known.h"

namespace mostove::gateway {
namespace {

constexpr char kTypePrefix[] = "https://mostove.bg/problems/";

struct Details {
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad_request;
  int64_t retry_after_seconds = 0;
};

Details Unpack(const google::rpc::Status& status) {
  Details details;
  google::rpc::RetryInfo retry;
  for (const google::protobuf::Any& any : status.details()) {
    if (any.UnpackTo(&details.info) || any.UnpackTo(&details.bad_request)) continue;
    if (!any.UnpackTo(&retry)) continue;
    const auto& delay = retry.retry_delay();
    details.retry_after_seconds = delay.seconds() + (delay.nanos() > 0 ? 1 : 0);
  }
  return details;
}

// Writes a JSON object member by member.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
  void Close() { out_ += '}'; }
  void Key(absl::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    AppendText(name);
    out_ += ':';
  }
  void Text(absl::string_view name, absl::string_view value) {
    Key(name);
    AppendText(value);
  }
  void Number(absl::string_view name, int64_t value) {
    Key(name);
    absl::StrAppend(&out_, value);
  }

 private:
  void AppendText(absl::string_view value) {
    google::protobuf::StringValue text;
    text.set_value(std::string(value));
    transcoding::WriteJson(text, out_);
  }

  std::string& out_;
  bool first_ = true;
};

void WriteViolations(const google::rpc::BadRequest& bad_request, ObjectWriter& object,
                     std::string& out) {
  if (bad_request.field_violations().empty()) return;
  object.Key("fieldViolations");
  char separator = '[';
  for (const auto& violation : bad_request.field_violations()) {
    out += separator;
    separator = ',';
    ObjectWriter item(out);
    item.Text("field", transcoding::MaskPathToJson(violation.field()));
    item.Text("reason", violation.reason());
    item.Text("description", violation.description());
    item.Close();
  }
  out += ']';
}

void WriteMetadata(const google::rpc::ErrorInfo& info, ObjectWriter& object, std::string& out) {
  if (info.metadata().empty()) return;
  object.Key("metadata");
  ObjectWriter metadata(out);
  for (const auto& [name, value] : info.metadata()) {
    metadata.Text(name, value);
  }
  metadata.Close();
}

// The message, with the first wrong field by its JSON name.
std::string Detail(const std::string& message, const google::rpc::BadRequest& bad_request) {
  if (bad_request.field_violations().empty()) return message;
  const std::string& field = bad_request.field_violations(0).field();
  if (field.empty() || !absl::StartsWith(message, field)) return message;
  return absl::StrCat(transcoding::MaskPathToJson(field), message.substr(field.size()));
}

struct Title {
  int status;
  const char* en;
  const char* bg;
  const char* uk;
};

constexpr Title kTitles[] = {
    {400, "The request is not valid", "Заявката не е валидна", "Запит недійсний"},
    {401, "Sign in first", "Първо влезте в системата", "Спочатку увійдіть"},
    {403, "Not permitted", "Не е разрешено", "Не дозволено"},
    {404, "Not found", "Не е намерено", "Не знайдено"},
    {405, "This method is not served here", "Този метод не се приема тук",
     "Цей метод тут не підтримується"},
    {406, "No acceptable format", "Няма приемлив формат", "Немає прийнятного формату"},
    {408, "The request took too long", "Заявката отне твърде дълго", "Запит тривав занадто довго"},
    {409, "In conflict with the present state", "Противоречи на текущото състояние",
     "Суперечить поточному стану"},
    {412, "Changed meanwhile", "Променено междувременно", "Змінено тим часом"},
    {413, "The body is too large", "Тялото на заявката е твърде голямо", "Тіло запиту завелике"},
    {414, "The address is too long", "Адресът е твърде дълъг", "Адреса задовга"},
    {415, "This content type is not read", "Този тип съдържание не се приема",
     "Цей тип вмісту не приймається"},
    {421, "Not served under this name", "Не се обслужва под това име",
     "Не обслуговується під цим іменем"},
    {429, "Too many requests", "Твърде много заявки", "Забагато запитів"},
    {431, "The header fields are too large", "Заглавните полета са твърде големи",
     "Поля заголовка завеликі"},
    {499, "The caller went away", "Клиентът прекъсна", "Клієнт перервав з’єднання"},
    {500, "An error of this server", "Грешка в сървъра", "Помилка сервера"},
    {501, "Not implemented", "Не се поддържа", "Не підтримується"},
    {503, "Unavailable at present", "В момента не е достъпно", "Наразі недоступно"},
    {504, "No answer in time", "Няма отговор навреме", "Немає відповіді вчасно"},
};

// 400 as well, but nothing is wrong with the request.
constexpr Title kPrecondition = {400, "Not possible in the present state",
                                 "Не е възможно в текущото състояние",
                                 "Неможливо в поточному стані"};

absl::string_view TitleOf(int status, const std::string& code, absl::string_view language) {
  const auto in_language = [language](const Title& title) {
    return language == "bg" ? title.bg : language == "uk" ? title.uk : title.en;
  };
  if (status == 400 && code == "FAILED_PRECONDITION") return in_language(kPrecondition);
  for (const Title& title : kTitles) {
    if (title.status == status) return in_language(title);
  }
  return http::ReasonPhrase(status);
}

}  // namespace

int HttpStatus(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kCancelled:
      return 499;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

std::string Quotable(absl::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') out += c;
  }
  return out;
}

std::vector<std::string> ChallengesOf(const absl::Status& status) {
  const std::string reason = status::Reason(status);
  const auto challenge = [&](absl::string_view error) {
    return absl::StrCat("Bearer realm=\"mostove\", error=\"", error, "\", error_description=\"",
                        Quotable(status.message()), "\"");
  };
  if (absl::IsPermissionDenied(status)) {
    if (reason != "INSUFFICIENT_SCOPE") return {};
    return {challenge("insufficient_scope")};
  }
  if (!absl::IsUnauthenticated(status)) return {};
  if (reason == "FEED_KEY_INVALID") {
    return {"Basic realm=\"mostove feeds\", charset=\"UTF-8\"", "Bearer realm=\"mostove\""};
  }
  // Who has shown nothing is told nothing but what to show.
  constexpr absl::string_view kProven[] = {"TOKEN_INVALID", "TOKEN_EXPIRED", "SESSION_ENDED",
                                           "ACCOUNT_DISABLED"};
  const bool token = std::find(std::begin(kProven), std::end(kProven), reason) != std::end(kProven);
  return {token ? challenge("invalid_token") : "Bearer realm=\"mostove\""};
}

http::Response MakeProblem(const absl::Status& status, const ProblemContext& context) {
  google::rpc::Status proto = status::ToProto(status);
  status::Localize(proto, context.language);
  const Details details = Unpack(proto);
  const int http_status =
      context.http_status != 0 ? context.http_status : HttpStatus(status.code());
  const std::string code = google::rpc::Code_Name(static_cast<google::rpc::Code>(proto.code()));
  const std::string& reason = details.info.reason().empty() ? code : details.info.reason();

  http::Response response{.status = http_status};
  ObjectWriter problem(response.body);
  problem.Text("type", absl::StrCat(kTypePrefix, reason));
  problem.Text("title", TitleOf(http_status, code, context.language));
  problem.Number("status", http_status);
  problem.Text("detail", Detail(proto.message(), details.bad_request));
  if (!context.request_id.empty())
    problem.Text("instance", absl::StrCat("urn:mostove:request:", context.request_id));
  problem.Text("code", code);
  problem.Text("reason", reason);
  problem.Text("domain", details.info.domain().empty() ? status::kDomain : details.info.domain());
  WriteViolations(details.bad_request, problem, response.body);
  WriteMetadata(details.info, problem, response.body);
  if (details.retry_after_seconds > 0) problem.Number("retryAfter", details.retry_after_seconds);
  problem.Text("requestId", context.request_id);
  problem.Close();

  response.AddHeader("Content-Type", "application/problem+json");
  response.AddHeader("Content-Language", context.language);
  response.AddHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  response.AddHeader("Cache-Control", "no-store");
  if (details.retry_after_seconds > 0)
    response.AddHeader("Retry-After", absl::StrCat(details.retry_after_seconds));
  if (http_status == 401 || http_status == 403) {
    for (const std::string& challenge : ChallengesOf(status)) {
      response.AddHeader("WWW-Authenticate", challenge);
    }
  }
  return response;
}

}  // namespace mostove::gateway
