// The rows of the catalogue, by subject.
#pragma once

#include "absl/types/span.h"
#include "libs/status/texts.h"

namespace mostove::status {

absl::Span<const Text> TextsOfFields();    // wrong values of any message
absl::Span<const Text> TextsOfRecords();   // what the rules of the resources say
absl::Span<const Text> TextsOfRequests();  // HTTP, routes, queries, filters, pages
absl::Span<const Text> TextsOfCalls();     // permission, state, conflicts, services that are away
absl::Span<const Text> TextsOfIdentity();  // signing in, tokens, roles, invitations
absl::Span<const Text> TextsOfOrganizations();  // capacity, plans, legal standing
absl::Span<const Text> Words();                 // what stands in the values

}  // namespace mostove::status
