// mostove: the command line. Arguments in, objects wired, one verb run.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/ip/address.hpp>
#include <cstdlib>
#include <mutex>

#include "libs/http/client.h"
#include "services/cli/admin_verb.h"
#include "services/cli/audit_verb.h"
#include "services/cli/export_verb.h"
#include "services/cli/import_verb.h"
#include "services/cli/login_verb.h"
#include "services/cli/session.h"
#include "services/cli/session_file.h"
#include "services/cli/token_source.h"
#include "services/cli/verbs.h"

namespace {

using namespace mostove::cli;  // NOLINT(google-build-using-namespace): the program itself

constexpr char kFooter[] =
    "Environment:\n"
    "  MOSTOVE_ADDRESS  the gateway, http://HOST:PORT or HOST:PORT (http://127.0.0.1:8080)\n"
    "  MOSTOVE_TOKEN    a token, instead of the session of 'mostove login'\n"
    "  MOSTOVE_TOKEN_FILE  a file that holds one\n"
    "  XDG_STATE_HOME   where the session is kept, in mostove/ (~/.local/state)\n"
    "  LANG             bg and uk are spoken beside English\n"
    "Exit codes: 0 done, 1 something was refused, 2 wrong use, 3 not reachable, 4 not signed in.\n"
    "Examples:\n"
    "  mostove list organizations --filter 'seat.countryCode = \"BG\"' --order-by legalName\n"
    "  mostove create organizations --id sofia-help --set legalName='Sofia Help'\n"
    "  mostove history organizations/sofia-help\n"
    "  mostove import 3w.csv --dry-run\n"
    "  mostove export organizations/-/activities --format csv > activities.csv\n"
    "'mostove VERB --help' says more about each verb.";

std::string Environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

bool IsThisMachine(const std::string& host) {
  boost::system::error_code error;
  const auto numeric = boost::asio::ip::make_address(host, error);
  return host == "localhost" || (!error && numeric.is_loopback());
}

// That of the environment, else that of the session.
TokenOf TokenOfEnvironment(SessionTokens& tokens) {
  std::string given = Environment("MOSTOVE_TOKEN", "");
  const std::string file = Environment("MOSTOVE_TOKEN_FILE", "");
  if (!given.empty()) return [given](absl::string_view) { return given; };
  if (!file.empty()) return [file](absl::string_view) { return ReadSecret(file); };
  return [&tokens](absl::string_view refused) { return tokens.Get(refused); };
}

void AddQuery(CLI::App& verb, ListQuery& query) {
  verb.add_option("--filter", query.filter,
                  "AIP-160 filter, such as 'kind = LOCAL AND seat.countryCode = \"BG\"'");
  verb.add_option("--order-by", query.order_by, "a sortable field, with ' desc' if wanted");
  verb.add_option("--page-size", query.page_size, "resources asked for in one request")
      ->check(CLI::Range(1, 1000));
  verb.add_flag("--show-deleted", query.show_deleted, "also those that are deleted");
}

void AddBody(CLI::App& verb, WriteArguments& arguments) {
  verb.add_option("file", arguments.file, "the resource in JSON; - is standard input");
  verb.add_option("--set", arguments.set,
                  "FIELD=VALUE, such as seat.countryCode=BG or languages='bg|uk'; may be repeated")
      ->take_all();
}

void AddWrite(CLI::App& verb, WriteArguments& arguments) {
  verb.add_flag("--dry-run", arguments.query.validate_only, "check everything, change nothing");
  verb.add_flag("--json-lines", arguments.json_lines, "print the answer on one line");
}

class Program {
 public:
  Program(const Session& session, SignIn sign_in)
      : session_(session), sign_in_(std::move(sign_in)) {
    app_.require_subcommand(1);
    app_.footer(kFooter);
    app_.get_formatter()->column_width(28);
    AddSignIn();
    AddReading();
    AddWriting();
    AddImport();
    AddExport();
    AddAdmin();
    AddAudit();
  }

  int Run(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app_.exit(error) == 0 ? kOk : kUsage;
    }
    return run_();
  }

 private:
  void AddSignIn() {
    auto* login = app_.add_subcommand(
        "login", "Sign in: with e-mail and password, which are asked for, or as a program");
    login->add_option("email", login_.email, "the address to sign in with");
    auto* client = login->add_option("--client-id", login_.client_id, "of a program");
    auto* secret = login->add_option("--client-secret-file", login_.client_secret_file,
                                     "file with the program's secret, which stays there");
    client->needs(secret);
    secret->needs(client);
    login
        ->add_option("--token-file", login_.token_file,
                     "file with a token, read again for each run")
        ->excludes(client);
    login->callback([&] { run_ = [&] { return RunLogin(sign_in_, login_); }; });

    auto* logout = app_.add_subcommand("logout", "End the session, here and at the server");
    logout->callback([&] { run_ = [&] { return RunLogout(sign_in_); }; });

    auto* whoami = app_.add_subcommand("whoami", "Print who is signed in, and with what roles");
    whoami->add_flag("--json", list_.json, "as the server says it");
    whoami->callback([&] { run_ = [&] { return RunWhoAmI(session_, list_.json); }; });
  }

  void AddReading() {
    auto* get = app_.add_subcommand("get", "Print one resource");
    get->add_option("name", write_.name, "such as organizations/sofia-help")->required();
    get->add_flag("--json-lines", write_.json_lines, "on one line");
    get->callback([&] { run_ = [&] { return RunGet(session_, write_.name, write_.json_lines); }; });

    auto* list = app_.add_subcommand(
        "list", "Print a collection: a table on a terminal, else JSON; the first 50 by default");
    list->add_option("collection", list_.collection,
                     "such as organizations, or organizations/-/activities for those of all")
        ->required();
    AddQuery(*list, list_.query);
    list->add_option("--limit", list_.limit, "at most so many")->check(CLI::PositiveNumber);
    list->add_flag("--all", list_.all, "all pages");
    list->add_flag("--json", list_.json, "JSON also on a terminal");
    list->add_flag("--json-lines", list_.json_lines, "one resource on each line");
    list->callback([&] { run_ = [&] { return RunList(session_, list_); }; });

    auto* search = app_.add_subcommand(
        "search",
        "Find organizations by words, in Cyrillic or Latin letters and with typos; the best first");
    search->add_option("words", search_.words, "such as sofia pomosht")->required();
    search->add_option("--filter", search_.filter,
                       "AIP-160 filter, such as 'kind = LOCAL AND seat.countryCode = \"BG\"'");
    search->add_option("--limit", search_.limit, "at most so many (20)")
        ->check(CLI::PositiveNumber);
    search->add_flag("--json", search_.json, "JSON also on a terminal");
    search->add_flag("--json-lines", search_.json_lines, "one result on each line");
    search->callback([&] { run_ = [&] { return RunSearch(session_, search_); }; });

    auto* history =
        app_.add_subcommand("history", "Print who changed what of a resource, newest first");
    history->add_option("name", write_.name, "such as organizations/sofia-help")->required();
    history->add_option("--limit", list_.limit, "at most so many revisions")
        ->check(CLI::PositiveNumber);
    history->add_flag("--json-lines", write_.json_lines, "one revision on each line");
    history->callback([&] {
      run_ = [&] { return RunHistory(session_, write_.name, list_.limit, write_.json_lines); };
    });

    auto* types = app_.add_subcommand("types", "Print all kinds of resources with their fields");
    types->callback([&] { run_ = [&] { return RunTypes(session_); }; });
  }

  void AddWriting() {
    auto* create = app_.add_subcommand("create", "Create a resource from JSON, --set or both");
    create->add_option("collection", write_.name, "such as organizations")->required();
    AddBody(*create, write_);
    create->add_option("--id", write_.id,
                       "last part of its name; chosen by the server if left out");
    create->add_option("--duplicates-token", write_.query.duplicates_token,
                       "confirms that it is another one than those it looks like; the refusal "
                       "tells it");
    AddWrite(*create, write_);
    create->callback([&] { run_ = [&] { return RunCreate(session_, write_); }; });

    auto* update = app_.add_subcommand("update", "Change the fields that are given");
    update->add_option("name", write_.name, "such as organizations/sofia-help")->required();
    AddBody(*update, write_);
    update->add_option("--clear", write_.clear, "a field to empty; may be repeated")->take_all();
    update->add_option("--mask", write_.mask, "fields to change, or * for all; else what is given");
    update->add_option("--etag", write_.query.etag, "only if this is still its etag");
    update->add_flag("--allow-missing", write_.query.allow_missing, "create it if there is none");
    AddWrite(*update, write_);
    update->callback([&] { run_ = [&] { return RunUpdate(session_, write_); }; });

    auto* remove = app_.add_subcommand("delete", "Delete a resource; undelete takes it back");
    remove->add_option("name", write_.name, "such as organizations/sofia-help")->required();
    remove->add_option("--etag", write_.query.etag, "only if this is still its etag");
    remove->add_flag("--allow-missing", write_.query.allow_missing, "no error if there is none");
    AddWrite(*remove, write_);
    remove->callback([&] { run_ = [&] { return RunDelete(session_, write_); }; });

    auto* undelete = app_.add_subcommand("undelete", "Take a resource back from deletion");
    undelete->add_option("name", write_.name, "such as organizations/sofia-help")->required();
    AddWrite(*undelete, write_);
    undelete->callback([&] { run_ = [&] { return RunUndelete(session_, write_); }; });

    auto* merge = app_.add_subcommand(
        "merge", "Make a record's name stand for another: both are one; unmerge takes it back");
    merge->add_option("name", write_.name, "the one that goes, such as organizations/sofia-help-2")
        ->required();
    merge->add_option("--into", into_, "the one that stays, such as organizations/sofia-help")
        ->required();
    merge->add_option("--etag", write_.query.etag, "only if this is still the etag of NAME");
    AddWrite(*merge, write_);
    merge->callback([&] { run_ = [&] { return RunMerge(session_, write_, into_); }; });

    auto* unmerge = app_.add_subcommand("unmerge", "Take a merge back: everything is as before");
    unmerge->add_option("name", write_.name, "the one that was merged")->required();
    AddWrite(*unmerge, write_);
    unmerge->callback([&] { run_ = [&] { return RunUnmerge(session_, write_); }; });
  }

  void AddImport() {
    auto* verb = app_.add_subcommand(
        "import", "Bring a file in: what is there already is compared and left as it is");
    verb->add_option("file", import_.file, "- is standard input")->required();
    verb->add_option("--format", import_.read.format,
                     "3w or hxl: a table with hashtags; csv: an exported table, or any with --map; "
                     "jsonl: one resource on each line; hsds: HSDS 3.0 JSON. Found out if left out")
        ->check(CLI::IsMember({"hxl", "3w", "csv", "jsonl", "hsds"}));
    verb->add_option("--map", import_.map, "TOML file that says which column is which field");
    verb->add_option("--encoding", import_.read.encoding, "of the file; found out if left out");
    verb->add_option("--source", import_.read.source,
                     "where an HXL table is from; its file name if left out");
    verb->add_option("--set", import_.set,
                     "HXL, HSDS: what every record is given, such as organization.state=LISTED")
        ->take_all();
    verb->add_option("--language", import_.read.language,
                     "HSDS: the language of its texts, such as bg");
    verb->add_option("--into", import_.read.into,
                     "HSDS: whose its locations are, such as organizations/sofia-help");
    verb->add_flag("--update", import_.send.update, "change what differs to what the file says");
    verb->add_flag("--dry-run", import_.send.dry_run, "check everything, change nothing");
    verb->add_option("--report", import_.report,
                     "CSV file for every refused or different row, and what did not fit");
    verb->add_option("--parallel", import_.send.parallel, "requests at a time (16)")
        ->check(CLI::Range(1, 128));
    verb->callback([&] { run_ = [&] { return RunImport(session_, import_); }; });
  }

  void AddExport() {
    auto* verb = app_.add_subcommand("export", "Write a whole collection, or one resource");
    verb->add_option("collection", export_.collection,
                     "such as organizations/-/activities, or organizations/sofia-help")
        ->required();
    verb->add_option("--format", export_.format,
                     "jsonl: exact; csv: a column for each field; hsds: HSDS 3.0 JSON of "
                     "organizations; 3w or hxl: a table with hashtags")
        ->check(CLI::IsMember({"jsonl", "csv", "hsds", "hxl", "3w"}))
        ->capture_default_str();
    AddQuery(*verb, export_.query);
    verb->add_option("--limit", export_.limit, "at most so many")->check(CLI::PositiveNumber);
    verb->add_option("--output", export_.output, "file; standard output if left out");
    verb->add_option("--report", export_.report, "CSV file for every value that did not fit");
    verb->add_flag("--excel", export_.excel,
                   "begin tables with a byte order mark, which spreadsheets look for");
    verb->add_option("--language", export_.language,
                     "HSDS, which has one: written where a text has it");
    verb->add_flag("--locations", export_.locations, "HSDS: the locations alone");
    verb->callback([&] { run_ = [&] { return RunExport(session_, export_); }; });
  }

  void AddAdmin() {
    auto* admin = app_.add_subcommand("admin", "Work on the server itself, beside its programs");
    admin->require_subcommand(1);
    const auto add = [&](const char* verb, const char* help) {
      auto* added = admin->add_subcommand(verb, help);
      added->add_option("email", admin_.email, "address to sign in with")->required();
      admin_.socket = DefaultOperatorSocket();
      added->add_option("--socket", admin_.socket, "identity's socket for operators")
          ->capture_default_str();
      return added;
    };
    auto* create =
        add("create", "Make an administrator of the network, or give one a new password");
    create->callback([&] { run_ = [&] { return RunAdminCreate(session_, admin_, AskPerson); }; });
    auto* token = add("token", "Print a token of a day for a user with a role, who is made if new");
    token->add_option("--role", admin_.role, "such as organization-editor")->capture_default_str();
    token->add_option("--on", admin_.resource, "such as organizations/sofia-help")
        ->capture_default_str();
    token->add_option("--display-name", admin_.display_name, "of a new user");
    token->add_option("--output", admin_.output, "file for it, of mode 0600");
    token->callback([&] { run_ = [&] { return RunAdminToken(session_, admin_); }; });
  }

  void AddAudit() {
    auto* audit = app_.add_subcommand("audit", "Look after the logs, on the server itself");
    audit->require_subcommand(1);
    auto* verify = audit->add_subcommand(
        "verify", "Find what was changed, removed or inserted in the logs since they were sealed");
    audit_.where = {DefaultDataFolder()};
    verify
        ->add_option("where", audit_.where,
                     "data folders of deploy/up, sqlite:FILE or postgresql://...")
        ->capture_default_str();
    verify
        ->add_option("--head", audit_.heads,
                     "a head that an earlier run printed: a log has to have it; may be repeated")
        ->take_all();
    verify->callback([&] { run_ = [&] { return RunAuditVerify(session_, audit_); }; });
  }

  const Session& session_;
  const SignIn sign_in_;
  LoginArguments login_;
  CLI::App app_{"Works with the records of a Mostove network.", "mostove"};
  std::function<int()> run_;
  WriteArguments write_;
  ListArguments list_;
  SearchArguments search_;
  std::string into_;
  ImportArguments import_;
  ExportArguments export_;
  AdminArguments admin_;
  AuditArguments audit_;
};

}  // namespace

int main(int argc, char** argv) {
  const Catalog catalog = Catalog::FromLinkedDescriptors();
  Session session;
  session.catalog = &catalog;
  session.language = LanguageOfEnvironment();
  session.out_is_terminal = isatty(STDOUT_FILENO) != 0;
  session.err_is_terminal = isatty(STDERR_FILENO) != 0;

  const auto address =
      mostove::http::ParseServerAddress(Environment("MOSTOVE_ADDRESS", "http://127.0.0.1:8080"));
  if (!address.ok()) return TellError(session, address.status());
  // One for all threads: signing in is rare.
  std::mutex mutex;
  mostove::http::Client sign_in_client(*address);
  const SignIn sign_in = {&session, SessionFile::Of(address->ToString()),
                          [&](const mostove::http::ClientRequest& request) {
                            const std::lock_guard lock(mutex);
                            return sign_in_client.Send(request);
                          },
                          AskPerson, IsThisMachine(address->host)};
  SessionTokens tokens(sign_in.file, sign_in.transport);
  const ApiOptions options = {.token = TokenOfEnvironment(tokens),
                              .language = std::string(LanguageTag(session.language))};
  session.make_api = [&] {
    auto client = std::make_shared<mostove::http::Client>(*address);
    return std::make_unique<Api>(
        [client](const mostove::http::ClientRequest& request) { return client->Send(request); },
        options);
  };
  return Program(session, sign_in).Run(argc, argv);
}
