#include "libs/service/retention.h"

namespace mostove::service {

void AddRetentionSettings(config::Settings& settings, Retention* retention) {
  settings.Add("personal_retention", &retention->personal,
               "How long personal fields of deleted records are kept: 2160h is 90 days.");
  settings.Add("access_log_retention", &retention->access_log,
               "How long it is kept who looked at private records: 17520h is two years.");
}

}  // namespace mostove::service
