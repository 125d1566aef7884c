// Who is asking, until when, and what time it is: given to every operation.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace mostove::answers {
class Basis;
}

namespace mostove::call {

// Roles on one resource.
struct Grant {
  std::string resource;  // "organizations/sofia-help", "donors/unhcr", "programs/academy"
  uint32_t roles = 0;    // bit 1 << mostove.resource.v1.Role

  bool operator==(const Grant&) const = default;
};

// What a token lets its bearer do at most, as bits.
enum Scope : uint32_t { kScopeRead = 1, kScopeWrite = 2, kScopeFeeds = 4 };

// Who asks. A caller without a name is anonymous.
struct Caller {
  // "users/<uuid>", "apiClients/sofia-help-app", "services/funding",
  // "administrators/local", ""
  std::string name;
  // "sessions/<uuid>", or "feedKeys/<uuid>" of a feed key; "" where there is none.
  std::string session;
  // When what proved who asks ends.
  absl::Time expire_time = absl::InfiniteFuture();
  bool administrator = false;
  // A signed-in member of the network. Administrators are members too.
  bool network = false;
  // A program of this installation, in its own name.
  bool service = false;
  uint32_t scopes = kScopeRead | kScopeWrite;
  // Resources whose owner-only records the caller sees: "organizations/sofia-help",
  // "donors/unhcr", "programs/academy", and itself: "users/<uuid>".
  std::vector<std::string> organizations;
  // By resource.
  std::vector<Grant> grants;
  // Those of them whose records the caller may write with the method that is
  // called. The service table sets it for each call, and nobody else.
  std::vector<std::string> acts_for;

  bool operator==(const Caller&) const = default;
};

// Callers of equal text see the same rows and fields.
std::string VisibilityOf(const Caller& caller);

// The caller of a system that has no identity service yet: an administrator.
Caller LocalAdministrator();

// A program of this installation in its own name: "services/funding".
Caller Program(std::string name);

// What a write did, for whoever called it. Written before the call returns.
struct Outcome {
  // The place of its last change in the service's log (changelog::Position); ""
  // when it changed nothing, or was answered as a repeated request.
  std::string position;
};

// One call of one RPC. Copyable; functions get it by const reference.
struct Call {
  Caller caller;
  // When the answer is of no use any more.
  absl::Time deadline = absl::InfiniteFuture();
  // The present time for records and rules; a test sets it.
  std::function<absl::Time()> clock = [] { return absl::Now(); };
  // Names this call in logs, errors and the change log.
  std::string request_id;
  // W3C trace context, passed on as it came; may be empty.
  std::string traceparent;
  // BCP 47, the language of error texts.
  std::string language = "en";

  // Set by the service table: full name of the RPC,
  // "mostove.organizations.v1.OrganizationsService/CreateOrganization".
  std::string method;
  // The roles that the RPC asks for, as bits like those of Grant: for texts.
  uint32_t roles = 0;
  // Idempotency key (request_id of the request, or the header); may be empty.
  std::string idempotency_key;
  // SHA-256 of the request without its request_id; set when there is a key.
  std::string request_hash;
  // What proved who asks ("Bearer …"), for services that this call asks in turn;
  // "" for an anonymous caller and for a program's own calls. Never logged.
  std::string authorization;

  // Where a standard read says what its answer rests on (libs/answers), before it
  // reads; null when nobody wants to keep the answer.
  std::shared_ptr<answers::Basis> basis;

  // A write fills it; null when nobody wants to know.
  std::shared_ptr<Outcome> outcome;
  // A read has to know of the change at this position, whichever copy of the
  // service answers: it uses no kept answer. "": whatever is known.
  std::string min_position;

  // Set when the caller has gone away; work may stop.
  std::shared_ptr<const std::atomic<bool>> cancelled;

  absl::Time Now() const { return clock(); }
  bool Expired() const { return absl::Now() >= deadline; }
};

}  // namespace mostove::call
