# The client is a target of its own, so that programs that only call do not link the server.
mostove_library(http_client
  SOURCES client.cc
  DEPS mostove_status absl::status absl::statusor absl::strings absl::time Threads::Threads)
mostove_test(http_client_test
  SOURCES client_test.cc
  DEPS mostove_http_client)
