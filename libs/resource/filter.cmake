# Filters (AIP-160): a compiler of its own, on top of the types of resources.
mostove_library(filter
  SOURCES filter.cc filter_lexer.cc filter_parser.cc filter_values.cc filter_check.cc filter_sql.cc
  DEPS mostove_resource mostove_status protobuf::libprotobuf ICU::uc PkgConfig::RE2
       absl::statusor absl::strings absl::time)
mostove_fuzz(filter_fuzz
  SOURCE filter_fuzz.cc
  CORPUS tests/fuzz/corpus/filter
  DEPS mostove_filter mostove_testing_proto)
if(MOSTOVE_TESTS)
  find_package(rapidcheck REQUIRED)
  mostove_test(filter_parser_test SOURCES filter_parser_test.cc DEPS mostove_filter)
  mostove_test(filter_test SOURCES filter_test.cc DEPS mostove_filter mostove_testing mostove_testing_proto)
  mostove_test(filter_oracle_test
    SOURCES filter_oracle_test.cc
    DEPS mostove_filter mostove_testing mostove_testing_proto rapidcheck)
endif()
