# Filters (AIP-160): a compiler of its own, on top of the types of resources.
mostove_library(filter
  SOURCES filter.cc filter_lexer.cc filter_parser.cc filter_values.cc filter_check.cc filter_sql.cc
  DEPS mostove_resource mostove_status protobuf::libprotobuf ICU::uc PkgConfig::RE2
       absl::statusor absl::strings absl::time)
