#include "services/organizations/duplicates_methods.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/digest/digest.h"
#include "libs/resource/page_token.h"
#include "libs/status/macros.h"
#include "libs/status/status.h"
#include "libs/store/collection.h"
#include "mostove/organizations/v1/organization_duplicates.pb.h"
#include "mostove/organizations/v1/organizations_service.pb.h"
#include "services/organizations/duplicates.h"
#include "services/organizations/own_methods.h"

namespace mostove::organizations {
namespace {

using call::Call;
using v1::Organization;

constexpr size_t kCandidatesMax = 10;  // told of
constexpr size_t kLookedAtMax = 50;    // of each name
constexpr size_t kNamesMax = 5;
constexpr size_t kNameBytesMax = 2000;
constexpr size_t kComparedMax = 200000;  // of a report
constexpr int kPairsDefault = 50;
constexpr int kPairsMax = 500;
constexpr char kReportToken[] = "duplicates";

absl::StatusOr<std::unique_ptr<Organization>> ReadLiving(const store::Collection& collection,
                                                         const Call& call,
                                                         sql::Connection& connection,
                                                         const std::string& name) {
  ASSIGN_OR_RETURN(std::unique_ptr<store::StoredRow> row,
                   store::ReadVisibleRow(collection.layout(), call.caller, connection, name,
                                         store::Lock::kNone));
  if (row == nullptr || row->deleted) return nullptr;
  return std::unique_ptr<Organization>(static_cast<Organization*>(row->message.release()));
}

// ---- the report

absl::StatusOr<std::vector<Profile>> AllProfiles(const store::Collection& collection,
                                                 const Call& call) {
  std::vector<Profile> profiles;
  store::ListRequest request{.page_size = store::kPageSizeMax, .order_by = "name"};
  do {
    ASSIGN_OR_RETURN(
        const store::ListPage page,
        collection.ListRows(call, request, [&](absl::string_view payload, int64_t) {
          Organization organization;
          if (!organization.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
            return status::Internal("an organization cannot be parsed");
          }
          profiles.push_back(ProfileOf(organization));
          return absl::OkStatus();
        }));
    if (profiles.size() > kComparedMax) return TooManyToRead();
    request.page_token = page.next_page_token;
  } while (!request.page_token.empty());
  return profiles;
}

absl::StatusOr<v1::ListDuplicatesResponse> ListDuplicates(
    const store::Store& store, const Call& call, const v1::ListDuplicatesRequest& request) {
  const store::Collection& collection = *store.ByDescriptor(Organization::descriptor());
  int64_t at = 0;
  if (!request.page_token().empty()) {
    ASSIGN_OR_RETURN(const resource::PageToken token,
                     resource::DecodePageToken(request.page_token(), kReportToken, "page_token"));
    if (token.key.size() != 1 || !std::holds_alternative<int64_t>(token.key[0])) {
      return status::InvalidField("page_token", "PAGE_TOKEN", "is not a token of this list");
    }
    at = std::max<int64_t>(0, std::get<int64_t>(token.key[0]));
  }
  ASSIGN_OR_RETURN(const std::vector<Profile> profiles, AllProfiles(collection, call));
  const std::vector<AlikePair> pairs = FindAlike(profiles);
  const auto all = static_cast<int64_t>(pairs.size());
  const int64_t size =
      request.page_size() == 0 ? kPairsDefault : std::min(request.page_size(), kPairsMax);
  v1::ListDuplicatesResponse response;
  response.set_total_size(static_cast<int32_t>(all));
  ASSIGN_OR_RETURN(sql::Database::Reader reader, store.database().Read(call.deadline));
  size_t bytes = 0;
  for (const int64_t end = std::min(all, at + size); at < end && bytes < store::kAnswerBytesMax;
       ++at) {
    const AlikePair& pair = pairs[static_cast<size_t>(at)];
    ASSIGN_OR_RETURN(std::unique_ptr<Organization> first,
                     ReadLiving(collection, call, *reader, profiles[pair.first].name));
    ASSIGN_OR_RETURN(std::unique_ptr<Organization> second,
                     ReadLiving(collection, call, *reader, profiles[pair.second].name));
    if (first == nullptr || second == nullptr) continue;  // gone meanwhile
    bytes += first->ByteSizeLong() + second->ByteSizeLong();
    v1::DuplicatePair* told = response.add_pairs();
    told->set_allocated_first(first.release());
    told->set_allocated_second(second.release());
    told->set_reason(pair.likeness.reason);
    told->set_score(pair.likeness.score);
  }
  if (at < all) {
    response.set_next_page_token(resource::EncodePageToken({{at}}, kReportToken));
  }
  return response;
}

// ---- on create

// How alike it is to the organization, or to one that was merged into that; `names` are
// all of that one's. 0: not at all.
absl::StatusOr<double> BestScore(const store::Collection& collection, sql::Connection& connection,
                                 const Profile& profile, const Organization& organization,
                                 const std::vector<std::string>& names) {
  const auto likeness = Compare(profile, ProfileOf(organization));
  double best = likeness.has_value() ? likeness->score : 0;
  for (const std::string& name : names) {
    if (name == organization.name()) continue;
    ASSIGN_OR_RETURN(const std::unique_ptr<store::StoredRow> row,
                     store::ReadRow(collection.layout(), connection, name, store::Lock::kNone));
    if (row == nullptr) continue;
    const auto other = Compare(profile, ProfileOf(static_cast<const Organization&>(*row->message)));
    if (other.has_value()) best = std::max(best, other->score);
  }
  return best;
}

// Names of organizations that may be this one, among what the caller sees.
absl::StatusOr<std::vector<std::string>> Candidates(const search::Index& search,
                                                    const store::Store& store, const Call& call,
                                                    const Organization& organization) {
  const store::Collection& collection = *store.ByDescriptor(Organization::descriptor());
  const Profile profile = ProfileOf(organization);
  std::set<std::string> near;
  if (!profile.names.empty()) {
    std::set<std::string> names = {organization.legal_name()};
    for (const auto& [language, text] : organization.display_name().texts()) names.insert(text);
    size_t left = kNamesMax;
    for (const std::string& name : names) {
      // A name that is too long is refused by the checks of the resource.
      if (name.size() > kNameBytesMax) continue;
      if (left-- == 0) break;
      ASSIGN_OR_RETURN(const std::vector<std::string> found,
                       search.FindNear(call, name, kLookedAtMax));
      near.insert(found.begin(), found.end());
    }
  }
  if (near.empty() && profile.identifiers.empty()) return std::vector<std::string>();
  const resource::Aliases& aliases = store.aliases();
  ASSIGN_OR_RETURN(sql::Database::Reader reader, store.database().Read(call.deadline));
  for (const auto& [scheme, value] : profile.identifiers) {
    RETURN_IF_ERROR(reader->Query(
        absl::StrCat("SELECT name FROM organizations_identifiers_value WHERE value = ?1 AND ",
                     aliases.empty() ? "deleted = 0" : "deleted <> 1", " ORDER BY name LIMIT ",
                     kLookedAtMax),
        {value}, [&](const sql::Row& row) {
          near.emplace(aliases.Resolve(row.Text(0)));
          return true;
        }));
  }
  std::vector<std::pair<double, std::string>> alike;
  for (const std::string& name : near) {
    ASSIGN_OR_RETURN(const std::unique_ptr<Organization> other,
                     ReadLiving(collection, call, *reader, name));
    if (other == nullptr) continue;
    ASSIGN_OR_RETURN(const double score,
                     BestScore(collection, *reader, profile, *other, aliases.NamesOf(name)));
    if (score > 0) alike.emplace_back(-score, name);
  }
  std::sort(alike.begin(), alike.end());
  std::vector<std::string> candidates;
  for (const auto& [score, name] : alike) {
    if (candidates.size() < kCandidatesMax) candidates.push_back(name);
  }
  return candidates;
}

// Confirms that these are others: it holds for this caller, these names and numbers,
// and these candidates. It is no secret; who sends it has been told.
std::string TokenFor(const Call& call, const Organization& organization,
                     const std::vector<std::string>& candidates) {
  Organization compared;
  compared.set_legal_name(organization.legal_name());
  *compared.mutable_identifiers() = organization.identifiers();
  const std::string text = absl::StrCat(call.caller.name, "\n", absl::StrJoin(candidates, "\n"),
                                        "\n", compared.SerializeAsString());
  return absl::BytesToHexString(digest::Sha256(text).substr(0, 16));
}

absl::Status MayBeThere(const std::vector<std::string>& candidates, const std::string& token) {
  const std::string names = absl::StrJoin(candidates, ", ");
  return status::Make(
      absl::StatusCode::kFailedPrecondition, "POSSIBLE_DUPLICATE",
      absl::StrCat("it may be one that is there already: ", names,
                   "; if it is another, send the same with the duplicates_token ", token),
      {{"candidates", names}, {"duplicates_token", token}});
}

absl::StatusOr<call::MessagePtr> CreateOrganization(const search::Index& search,
                                                    const store::Store& store, const Call& call,
                                                    const v1::CreateOrganizationRequest& request) {
  const store::Collection& collection = *store.ByDescriptor(Organization::descriptor());
  const store::CreateRequest create{.id = request.organization_id(),
                                    .resource = &request.organization()};
  ASSIGN_OR_RETURN(const std::vector<std::string> candidates,
                   Candidates(search, store, call, request.organization()));
  if (!candidates.empty()) {
    const std::string token = TokenFor(call, request.organization(), candidates);
    if (request.duplicates_token() != token) {
      // A repeat of what was accepted finds what it has made itself.
      Organization kept;
      ASSIGN_OR_RETURN(const bool repeated, store.idempotency().Find(call, kept));
      if (!repeated) {
        // What is wrong with the request itself is told first.
        Call trial = call;
        trial.idempotency_key.clear();
        RETURN_IF_ERROR(collection.Create(trial, create, /*validate_only=*/true).status());
        return MayBeThere(candidates, token);
      }
    }
  }
  return collection.Create(call, create, request.validate_only());
}

}  // namespace

std::vector<call::UnaryMethod> DuplicatesMethods(std::shared_ptr<const search::Index> search,
                                                 const store::Store& store) {
  const auto create = [search = std::move(search), &store](
                          const Call& call, const google::protobuf::Message& request) {
    return CreateOrganization(*search, store, call,
                              static_cast<const v1::CreateOrganizationRequest&>(request));
  };
  return {Own("ListDuplicates", store, ListDuplicates),
          {"CreateOrganization", v1::CreateOrganizationRequest::descriptor(),
           Organization::descriptor(), create}};
}

}  // namespace mostove::organizations
