# The stub of the tests' service, as the target mostove_shelves_stub.
set(ROOT ${CMAKE_SOURCE_DIR}/libs/testing/proto)
set(GAX ${CMAKE_SOURCE_DIR}/proto/node_modules/google-gax/build/protos)
set(OUT ${CMAKE_BINARY_DIR}/testing_proto)
set(STEM mostove/testing/v1/shelves_service)
add_custom_command(
  OUTPUT ${OUT}/${STEM}.grpc.pb.cc ${OUT}/${STEM}.grpc.pb.h
  COMMAND protobuf::protoc --grpc_out=${OUT} --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>
          -I${ROOT} -I${CMAKE_SOURCE_DIR}/proto -I${GAX} -I/usr/include ${STEM}.proto
  DEPENDS ${ROOT}/${STEM}.proto
  VERBATIM)
add_library(mostove_shelves_stub STATIC EXCLUDE_FROM_ALL ${OUT}/${STEM}.grpc.pb.cc)
target_link_libraries(mostove_shelves_stub PUBLIC mostove_testing_proto gRPC::grpc++)
