// Who sees a record, by its owners' choice.
#pragma once

#include "libs/resource/type.h"
#include "mostove/common/v1/publication.pb.h"

namespace mostove::domain {

inline resource::Audience AudienceOf(common::v1::Publication publication) {
  switch (publication) {
    case common::v1::PUBLISHED:
      return resource::v1::PUBLIC;
    case common::v1::SHARED:
      return resource::v1::NETWORK;
    default:
      return resource::v1::OWNER;
  }
}

// For the rules of a resource that has the field.
template <class Resource>
resource::Audience PublicationAudience(const Resource& resource) {
  return AudienceOf(resource.publication());
}

}  // namespace mostove::domain
