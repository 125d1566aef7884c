#include "services/cli/verbs.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/status/macros.h"
#include "libs/transcoding/json_reader.h"
#include "libs/transcoding/json_writer.h"
#include "services/cli/csv_export.h"
#include "services/cli/field_path.h"
#include "services/cli/json.h"
#include "services/cli/table.h"

namespace mostove::cli {
namespace {

constexpr int64_t kShownByDefault = 50;
constexpr int kPageSize = 1000;
constexpr int64_t kFoundByDefault = 20;
constexpr int kFoundAtOnce = 100;  // results of a search in one answer

void PrintJson(const Session& session, absl::string_view json, bool line) {
  session.Print(line ? std::string(json) : PrettyJson(json));
  session.Print("\n");
}

int Answer(const Session& session, const absl::StatusOr<std::string>& answer, bool line) {
  if (!answer.ok()) return TellError(session, answer.status());
  PrintJson(session, *answer, line);
  return kOk;
}

size_t TerminalWidth(FILE* file) {
  winsize size{};
  if (ioctl(fileno(file), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 120;
}

absl::StatusOr<std::string> AsTable(const ResourceType& type, const std::vector<std::string>& items,
                                    size_t width) {
  Messages messages;
  for (const std::string& item : items) {
    messages.push_back(type.New());
    RETURN_IF_ERROR(transcoding::ReadJson(item, *messages.back()));
  }
  return TerminalTable(MainColumns(*type.descriptor, messages), messages, width);
}

// The resource that file and --set describe; `paths` are those that were set.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Described(
    const ResourceType& type, const WriteArguments& arguments, std::vector<std::string>& paths) {
  auto message = type.New();
  if (!arguments.file.empty()) {
    ASSIGN_OR_RETURN(const std::string json, ReadInput(arguments.file));
    RETURN_IF_ERROR(transcoding::ReadJson(json, *message));
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    message->GetReflection()->ListFields(*message, &fields);
    for (const auto* field : fields) {
      if (field->name() != "name" && field->name() != "etag") paths.push_back(field->json_name());
    }
  }
  for (const std::string& assignment : arguments.set) {
    const size_t equals = assignment.find('=');
    if (equals == std::string::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("--set '", assignment, "': write FIELD=VALUE, such as legalName=Bridge"));
    }
    ASSIGN_OR_RETURN(const FieldPath path,
                     FieldPath::Parse(*type.descriptor, assignment.substr(0, equals)));
    const std::string value = assignment.substr(equals + 1);
    const absl::Status status =
        path.Set(path.repeated() ? SplitValues(value) : std::vector{value}, *message);
    if (!status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--set ", path.JsonName(), ": ", status.message()));
    }
    // A list is replaced as a whole.
    paths.push_back(path.repeated() ? path.steps()[0].field->json_name() : path.JsonName());
  }
  return message;
}

std::string ToJson(const google::protobuf::Message& message) {
  std::string json;
  transcoding::WriteJson(message, json);
  return json;
}

}  // namespace

absl::StatusOr<std::string> ReadInput(const std::string& path) {
  if (path == "-") {
    return std::string(std::istreambuf_iterator<char>(std::cin), {});
  }
  std::ifstream file(path, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (!file.is_open() || file.bad()) {
    return absl::InvalidArgumentError(absl::StrCat("cannot read the file '", path, "'"));
  }
  return bytes;
}

absl::StatusOr<bool> ReadPages(Api& api, const Collection& collection, ListQuery query,
                               int64_t limit,
                               const std::function<absl::Status(std::vector<std::string>)>& take) {
  int64_t left = limit > 0 ? limit : std::numeric_limits<int64_t>::max();
  const int page_size = query.page_size > 0 ? query.page_size : kPageSize;
  while (left > 0) {
    query.page_size = static_cast<int>(std::min<int64_t>(page_size, left));
    ASSIGN_OR_RETURN(const std::string answer, api.List(collection, query));
    std::vector<std::string> items = ArrayMember(answer, collection.type->ListMember());
    left -= static_cast<int64_t>(items.size());
    RETURN_IF_ERROR(take(std::move(items)));
    query.page_token = StringMember(answer, "nextPageToken");
    if (query.page_token.empty()) return false;
  }
  return true;
}

int RunGet(const Session& session, const std::string& name, bool json_lines) {
  const auto type = session.catalog->FindByName(name);
  if (!type.ok()) return TellError(session, type.status());
  return Answer(session, session.make_api()->Get(**type, name), json_lines);
}

int RunList(const Session& session, const ListArguments& arguments) {
  const auto collection = session.catalog->FindCollection(arguments.collection);
  if (!collection.ok()) return TellError(session, collection.status());
  const int64_t limit = arguments.all ? 0 : arguments.limit > 0 ? arguments.limit : kShownByDefault;
  std::vector<std::string> items;
  int64_t shown = 0;
  const auto take = [&](std::vector<std::string> page) {
    shown += static_cast<int64_t>(page.size());
    for (std::string& item : page) {
      if (arguments.json_lines) {
        session.Print(absl::StrCat(item, "\n"));
      } else {
        items.push_back(std::move(item));
      }
    }
    return absl::OkStatus();
  };
  const auto more = ReadPages(*session.make_api(), *collection, arguments.query, limit, take);
  if (!more.ok()) return TellError(session, more.status());

  if (session.out_is_terminal && !arguments.json && !arguments.json_lines) {
    const auto table = AsTable(*collection->type, items, TerminalWidth(session.out));
    if (!table.ok()) return TellError(session, table.status());
    if (items.empty()) session.Tell(Say(session.language, Text::kNothingFound));
    if (!items.empty()) session.Print(*table);
  } else if (!arguments.json_lines) {
    PrintJson(session,
              absl::StrCat("{\"", collection->type->ListMember(), "\":[", absl::StrJoin(items, ","),
                           "]}"),
              false);
  }
  if (*more && !arguments.all && arguments.limit == 0) {
    session.Tell(Say(session.language, Text::kMore, absl::StrCat(shown)));
  }
  return kOk;
}

int RunHistory(const Session& session, const std::string& name, int64_t limit, bool json_lines) {
  const auto type = session.catalog->FindByName(name);
  if (!type.ok()) return TellError(session, type.status());
  const std::unique_ptr<Api> api = session.make_api();
  std::vector<std::string> revisions;
  std::string token;
  int64_t left = limit > 0 ? limit : std::numeric_limits<int64_t>::max();
  do {
    const auto answer =
        api->History(**type, name, static_cast<int>(std::min<int64_t>(left, kPageSize)), token);
    if (!answer.ok()) return TellError(session, answer.status());
    for (std::string& item : ArrayMember(*answer, "revisions")) {
      revisions.push_back(std::move(item));
      --left;
    }
    token = StringMember(*answer, "nextPageToken");
  } while (!token.empty() && left > 0);
  if (json_lines) {
    for (const std::string& revision : revisions) PrintJson(session, revision, true);
    return kOk;
  }
  PrintJson(session, absl::StrCat("{\"revisions\":[", absl::StrJoin(revisions, ","), "]}"), false);
  return kOk;
}

int RunCreate(const Session& session, const WriteArguments& arguments) {
  const auto collection = session.catalog->FindCollection(arguments.name);
  if (!collection.ok()) return TellError(session, collection.status());
  std::vector<std::string> paths;
  const auto message = Described(*collection->type, arguments, paths);
  if (!message.ok()) return TellError(session, message.status());
  return Answer(session,
                session.make_api()->Create(*collection->type, collection->parent, arguments.id,
                                           ToJson(**message), arguments.query),
                arguments.json_lines);
}

int RunUpdate(const Session& session, const WriteArguments& arguments) {
  const auto type = session.catalog->FindByName(arguments.name);
  if (!type.ok()) return TellError(session, type.status());
  std::vector<std::string> paths;
  const auto message = Described(**type, arguments, paths);
  if (!message.ok()) return TellError(session, message.status());
  paths.insert(paths.end(), arguments.clear.begin(), arguments.clear.end());
  if (paths.empty() && arguments.mask.empty()) {
    return TellError(session, absl::InvalidArgumentError(
                                  "nothing to change; give --set FIELD=VALUE, --clear FIELD or a "
                                  "file"));
  }
  const auto* etag = (*message)->GetDescriptor()->FindFieldByName("etag");
  if (etag != nullptr && !arguments.query.etag.empty()) {
    (*message)->GetReflection()->SetString(message->get(), etag, arguments.query.etag);
  }
  const std::string mask = arguments.mask.empty() ? absl::StrJoin(paths, ",") : arguments.mask;
  return Answer(
      session,
      session.make_api()->Update(**type, arguments.name, mask, ToJson(**message), arguments.query),
      arguments.json_lines);
}

int RunDelete(const Session& session, const WriteArguments& arguments) {
  const auto type = session.catalog->FindByName(arguments.name);
  if (!type.ok()) return TellError(session, type.status());
  return Answer(session, session.make_api()->Delete(**type, arguments.name, arguments.query),
                arguments.json_lines);
}

int RunUndelete(const Session& session, const WriteArguments& arguments) {
  const auto type = session.catalog->FindByName(arguments.name);
  if (!type.ok()) return TellError(session, type.status());
  return Answer(session, session.make_api()->Undelete(**type, arguments.name, arguments.query),
                arguments.json_lines);
}

int RunSearch(const Session& session, const SearchArguments& arguments) {
  const auto type = session.catalog->FindType(arguments.type);
  if (!type.ok()) return TellError(session, type.status());
  const std::unique_ptr<Api> api = session.make_api();
  const std::string words = absl::StrJoin(arguments.words, " ");
  ListQuery query{.filter = arguments.filter};
  std::vector<std::string> results;
  int64_t left = arguments.limit > 0 ? arguments.limit : kFoundByDefault;
  do {
    query.page_size = static_cast<int>(std::min<int64_t>(left, kFoundAtOnce));
    const auto answer = api->Search(**type, words, query);
    if (!answer.ok()) return TellError(session, answer.status());
    for (std::string& result : ArrayMember(*answer, "results")) {
      results.push_back(std::move(result));
      --left;
    }
    query.page_token = StringMember(*answer, "nextPageToken");
  } while (!query.page_token.empty() && left > 0);

  if (arguments.json_lines) {
    for (const std::string& result : results) PrintJson(session, result, true);
  } else if (!session.out_is_terminal || arguments.json) {
    PrintJson(session, absl::StrCat("{\"results\":[", absl::StrJoin(results, ","), "]}"), false);
  } else if (results.empty()) {
    session.Tell(Say(session.language, Text::kNothingFound));
  } else {
    std::vector<std::string> items;
    for (const std::string& result : results) {
      items.push_back(ObjectMember(result, (*type)->singular));
    }
    const auto table = AsTable(**type, items, TerminalWidth(session.out));
    if (!table.ok()) return TellError(session, table.status());
    session.Print(*table);
  }
  return kOk;
}

int RunMerge(const Session& session, const WriteArguments& arguments, const std::string& into) {
  const auto type = session.catalog->FindByName(arguments.name);
  if (!type.ok()) return TellError(session, type.status());
  const auto stays = session.catalog->FindByName(into);
  if (!stays.ok()) return TellError(session, stays.status());
  if (*stays != *type || (*type)->merge == nullptr) {
    return TellError(session, absl::InvalidArgumentError(
                                  absl::StrCat(arguments.name, " cannot be merged into ", into)));
  }
  const auto* input = (*type)->merge->input_type();
  const std::unique_ptr<google::protobuf::Message> request(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(input)->New());
  const google::protobuf::Reflection& reflection = *request->GetReflection();
  reflection.SetString(request.get(), input->FindFieldByName("into"), into);
  reflection.SetString(request.get(), input->FindFieldByName("etag"), arguments.query.etag);
  reflection.SetBool(request.get(), input->FindFieldByName("validate_only"),
                     arguments.query.validate_only);
  return Answer(
      session, session.make_api()->Merge(**type, arguments.name, ToJson(*request), arguments.query),
      arguments.json_lines);
}

int RunUnmerge(const Session& session, const WriteArguments& arguments) {
  const auto type = session.catalog->FindByName(arguments.name);
  if (!type.ok()) return TellError(session, type.status());
  return Answer(session, session.make_api()->Unmerge(**type, arguments.name, arguments.query),
                arguments.json_lines);
}

int RunTypes(const Session& session) {
  for (const ResourceType& type : session.catalog->types()) {
    session.Print(absl::StrCat(type.pattern_text, "\n"));
    for (const FieldPath& column : PossibleColumns(*type.descriptor)) {
      session.Print(absl::StrCat("  ", column.JsonName(), "\n"));
    }
  }
  return kOk;
}

}  // namespace mostove::cli
