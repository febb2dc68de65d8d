# Flags shared by every target of the project.
include(CheckCXXSourceCompiles)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # Without these a file with a precompiled header is never found in the cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime "${CCACHE}")
  add_compile_options(-fpch-preprocess)
endif()

find_package(Threads REQUIRED)
if(RECKON_TORCH)
  find_package(OpenMP REQUIRED COMPONENTS CXX)
endif()
find_package(nlohmann_json 3.11 REQUIRED)

if(RECKON_NATIVE)
  set(RECKON_MARCH native)
  add_compile_options(-march=native)
  set(CMAKE_REQUIRED_FLAGS -march=native)
else()
  set(RECKON_MARCH default)
endif()
check_cxx_source_compiles("#ifndef __AVX512F__\n#error no\n#endif\nint main(){}" RECKON_HAS_AVX512)
check_cxx_source_compiles("#ifndef __AVX2__\n#error no\n#endif\nint main(){}" RECKON_HAS_AVX2)
unset(CMAKE_REQUIRED_FLAGS)

if(RECKON_SANITIZE)
  add_compile_options(-fsanitize=${RECKON_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${RECKON_SANITIZE})
endif()

# reckon_options: what every target of ours is compiled with.
add_library(reckon_options INTERFACE)
target_include_directories(reckon_options INTERFACE "${PROJECT_SOURCE_DIR}"
                                                    "${PROJECT_BINARY_DIR}/generated")
target_compile_options(reckon_options INTERFACE -Wall -Wextra -Wpedantic -Werror
                                                -fvisibility=hidden)

# reckon_library(NAME SOURCES ... [LINK ...] [TORCH]): one static library per folder.
function(reckon_library name)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;LINK" ${ARGN})
  add_library(reckon_${name} STATIC ${ARG_SOURCES})
  add_library(reckon::${name} ALIAS reckon_${name})
  target_link_libraries(reckon_${name} PUBLIC reckon_options ${ARG_LINK})
  if(ARG_TORCH)
    target_link_libraries(reckon_${name} PUBLIC reckon_torch_options)
    if(NOT name STREQUAL "policy")
      target_precompile_headers(reckon_${name} REUSE_FROM reckon_policy)
    endif()
  else()
    target_link_libraries(reckon_${name} PUBLIC reckon_fmt)
    target_compile_options(reckon_${name} PRIVATE -Wconversion)
  endif()
endfunction()

# What the program knows of its own build, in generated/core/build_info.h.
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/core/build_info.h" @ONLY CONTENT [[
#pragma once

namespace reckon {

/// Version of the program, as in recipe.json.
inline constexpr const char* kVersion = "@PROJECT_VERSION@";
/// How it was compiled.
inline constexpr const char* kBuildType = "@CMAKE_BUILD_TYPE@";
inline constexpr const char* kMarch = "@RECKON_MARCH@";
inline constexpr const char* kCompiler = "@CMAKE_CXX_COMPILER_ID@ @CMAKE_CXX_COMPILER_VERSION@";

}  // namespace reckon
]])
