# How targets of this project are made: one place for warnings, sanitizers and tests.
include_guard()

add_library(mostove_options INTERFACE)
target_compile_options(mostove_options INTERFACE -Wall -Wextra -Werror -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports moved variants and inlined vectors where nothing is wrong.
  target_compile_options(mostove_options INTERFACE -Wno-maybe-uninitialized -Wno-restrict)
endif()
target_include_directories(mostove_options INTERFACE ${CMAKE_SOURCE_DIR})
if(MOSTOVE_SANITIZE)
  add_compile_options(-fsanitize=${MOSTOVE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${MOSTOVE_SANITIZE})
endif()
if(MOSTOVE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# mostove_library(NAME SOURCES ... DEPS ...): libs/NAME as the target NAME_lib.
# Headers are included by their path from the top: "libs/status/status.h".
function(mostove_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  if(ARG_SOURCES)
    add_library(mostove_${name} STATIC ${ARG_SOURCES})
    target_link_libraries(mostove_${name} PUBLIC mostove_options ${ARG_DEPS})
  else()
    add_library(mostove_${name} INTERFACE)
    target_link_libraries(mostove_${name} INTERFACE mostove_options ${ARG_DEPS})
  endif()
endfunction()

# mostove_test(NAME SOURCES ... DEPS ... [TIMEOUT seconds] [LABELS ...]): one ctest test.
function(mostove_test name)
  if(NOT MOSTOVE_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 900)  # sanitizers and busy machines are slow; a hang is longer
  endif()
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE mostove_options ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  # Half the time to compile, and what they test is optimized all the same.
  if(MOSTOVE_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(${name} PRIVATE -O0)
  endif()
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
  if(ARG_LABELS)
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}")
  endif()
endfunction()

# mostove_program(NAME SOURCES ... DEPS ...): a program in bin/. All of them are
# listed in the global property MOSTOVE_PROGRAMS.
function(mostove_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE mostove_options ${ARG_DEPS})
  set_property(GLOBAL APPEND PROPERTY MOSTOVE_PROGRAMS ${name})
endfunction()

# mostove_fuzz(NAME SOURCE file.cc CORPUS dir DEPS ...): a file with LLVMFuzzerTestOneInput.
# With the preset `fuzz` a libFuzzer program; always a test that runs the corpus.
function(mostove_fuzz name)
  cmake_parse_arguments(ARG "" "SOURCE;CORPUS" "DEPS" ${ARGN})
  if(MOSTOVE_FUZZ)
    add_executable(${name} ${ARG_SOURCE})
    target_link_libraries(${name} PRIVATE mostove_options ${ARG_DEPS})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  elseif(MOSTOVE_TESTS)
    add_executable(${name} ${ARG_SOURCE} ${CMAKE_SOURCE_DIR}/tests/fuzz/run_corpus.cc)
    target_link_libraries(${name} PRIVATE mostove_options ${ARG_DEPS})
  else()
    return()
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if(MOSTOVE_TESTS AND NOT MOSTOVE_FUZZ)
    add_test(NAME ${name} COMMAND ${name} ${CMAKE_SOURCE_DIR}/${ARG_CORPUS})
  endif()
endfunction()

# mostove_schema(NAME): compiles schema/NNNN_name.sql of this folder into the
# library mostove_NAME_schema: std::vector<sql::Migration> mostove::NAME::Schema().
function(mostove_schema name)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/schema/*.sql)
  set(entries "")
  foreach(file ${files})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(stem ${file} NAME_WE)
    string(REGEX MATCH "^0*([0-9]+)_(.+)$" matched ${stem})
    if(NOT matched)
      message(FATAL_ERROR "${file}: a migration is called NNNN_name.sql")
    endif()
    set(number ${CMAKE_MATCH_1})
    set(label ${CMAKE_MATCH_2})
    file(READ ${file} text)
    string(APPEND entries "      {${number}, \"${label}\", R\"~~sql~~(${text})~~sql~~\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/schema.cc @ONLY CONTENT
"// Made from schema/*.sql.
#include <vector>

#include \"libs/sql/database.h\"

namespace mostove::${name} {

std::vector<sql::Migration> Schema() {
  return {
${entries}  };
}

}  // namespace mostove::${name}
")
  add_library(mostove_${name}_schema STATIC ${CMAKE_CURRENT_BINARY_DIR}/schema.cc)
  target_link_libraries(mostove_${name}_schema PUBLIC mostove_options mostove_sql)
endfunction()

# mostove_service(NAME SOURCES ... [DEPS ...] [MAIN main.cc]): a service as a library
# mostove_NAME with the schema of this folder, and as the program mostove-NAME. The
# folder has definition.h with service::Definition mostove::NAME::Define(); one with
# settings of its own has a main.cc.
function(mostove_service name)
  cmake_parse_arguments(ARG "" "MAIN" "SOURCES;DEPS" ${ARGN})
  mostove_schema(${name})
  mostove_library(${name} SOURCES ${ARG_SOURCES} DEPS mostove_service mostove_${name}_schema ${ARG_DEPS})
  if(NOT TARGET mostove_service_program)
    return()
  endif()
  if(NOT ARG_MAIN)
    set(ARG_MAIN ${CMAKE_CURRENT_BINARY_DIR}/main.cc)
    file(CONFIGURE OUTPUT ${ARG_MAIN} @ONLY CONTENT
"// mostove-${name}: this service alone, over gRPC.
#include \"libs/service/service_program.h\"
#include \"services/${name}/definition.h\"

int main(int argc, char** argv) {
  return mostove::service::Main(argc, argv, mostove::${name}::Define());
}
")
  endif()
  mostove_program(mostove-${name}
    SOURCES ${ARG_MAIN}
    DEPS mostove_${name} mostove_service_program)
endfunction()

# mostove_embed(TARGET FILE file FUNCTION name NAMESPACE ns): links the bytes of a
# file into the library: absl::string_view ns::name().
function(mostove_embed target)
  cmake_parse_arguments(ARG "" "FILE;FUNCTION;NAMESPACE" "" ${ARGN})
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${ARG_FUNCTION}.cc)
  string(MAKE_C_IDENTIFIER "mostove_${ARG_NAMESPACE}_${ARG_FUNCTION}" symbol)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT
"// The bytes of ${ARG_FILE}.
#include \"absl/strings/string_view.h\"

asm(\".pushsection .rodata\\n\"
    \".global ${symbol}_begin\\n.hidden ${symbol}_begin\\n${symbol}_begin:\\n\"
    \".incbin \\\"${ARG_FILE}\\\"\\n\"
    \".global ${symbol}_end\\n.hidden ${symbol}_end\\n${symbol}_end:\\n\"
    \".popsection\\n\");

extern \"C\" const char ${symbol}_begin[], ${symbol}_end[];

namespace ${ARG_NAMESPACE} {

absl::string_view ${ARG_FUNCTION}() {
  return {${symbol}_begin, static_cast<size_t>(${symbol}_end - ${symbol}_begin)};
}

}  // namespace ${ARG_NAMESPACE}
")
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS ${ARG_FILE})
  target_sources(${target} PRIVATE ${source})
endfunction()
