# SPDX-License-Identifier: Apache-2.0
# How a floor and a program of mailctl are built: warnings are errors, third-party headers are SYSTEM, and libraries that
# the delivery agent needs are linked statically, because loading libstdc++ costs a one-shot delivery more than its two syncs do.
find_package(fmt REQUIRED)
# Debian ships no static libfmt: what is installed has it compiled in, the other builds compile a quarter faster without.
set(FMT_LIB fmt::fmt)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(FMT_LIB fmt::fmt-header-only)
endif()
find_package(CLI11 REQUIRED)
find_package(Threads REQUIRED)
set(Boost_USE_STATIC_LIBS ON)
if(POLICY CMP0167)
  cmake_policy(SET CMP0167 NEW) # Boost says itself where it is; CMake 3.30 has ceased to
endif()
find_package(Boost 1.81 REQUIRED COMPONENTS filesystem)
function(mailctl_static_library variable name)
  find_library(${variable} NAMES lib${name}.a ${name} REQUIRED)
endfunction()
mailctl_static_library(IDN2_LIB idn2)
mailctl_static_library(UNISTRING_LIB unistring)
mailctl_static_library(SODIUM_LIB sodium)
mailctl_static_library(LMDB_LIB lmdb)
mailctl_static_library(SQLITE_LIB sqlite3)
mailctl_static_library(CRYPT_LIB crypt)
mailctl_static_library(ZLIB_LIB z)
mailctl_static_library(LZMA_LIB lzma)
mailctl_static_library(ZSTD_LIB zstd)
find_path(UNBOUND_HEADER unbound.h REQUIRED) # the library is loaded when the DNS is asked
find_path(LIBPQ_HEADER libpq-fe.h PATH_SUFFIXES postgresql REQUIRED) # and this one when something is published

if(MAILCTL_TIDY)
  set(CMAKE_CXX_CLANG_TIDY clang-tidy-${MAILCTL_CLANG})
endif()
# What the release preset asks for besides, where the processor can do it: jumps lead to places meant for it.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|i.86")
  add_compile_options(-fcf-protection)
endif()

add_library(mailctl_warnings INTERFACE)
target_compile_options(mailctl_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor -Werror
  # GCC 12 warns about std::string's own operator+ when it optimizes (GCC bug 105651, mended in 13).
  $<$<AND:$<CONFIG:Release>,$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
  # A name at the top of one source hides nothing in another that happens to be compiled with it; lint looks at each alone.
  $<$<AND:$<BOOL:${MAILCTL_UNITY}>,$<CXX_COMPILER_ID:GNU>>:-Wno-shadow;-Wshadow=local>
  $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>) # part of -Wconversion there, but not in GCC
if(MAILCTL_SANITIZE)
  add_compile_options(-fsanitize=${MAILCTL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${MAILCTL_SANITIZE})
endif()

# mailctl_floor(NAME [DEPENDS floor...] [LINK library...]): src/NAME/*.cpp, one folder deep, becomes the static library mailctl_NAME.
function(mailctl_floor name)
  cmake_parse_arguments(FLOOR "" "" "DEPENDS;LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp ${CMAKE_SOURCE_DIR}/src/${name}/*/*.cpp)
  list(TRANSFORM FLOOR_DEPENDS PREPEND mailctl_)
  if(sources)
    add_library(mailctl_${name} STATIC ${sources})
    # Many sources are compiled as one: a quarter of the time, because they share their headers. So names of anonymous
    # namespaces differ within a floor.
    set_target_properties(mailctl_${name} PROPERTIES UNITY_BUILD ${MAILCTL_UNITY} UNITY_BUILD_BATCH_SIZE ${MAILCTL_UNITY_BATCH})
    target_include_directories(mailctl_${name} PUBLIC ${CMAKE_SOURCE_DIR}/include)
    target_link_libraries(mailctl_${name} PUBLIC ${FLOOR_DEPENDS} PRIVATE mailctl_warnings)
    target_link_libraries(mailctl_${name} PUBLIC ${FLOOR_LINK})
  else()
    add_library(mailctl_${name} INTERFACE)
    target_include_directories(mailctl_${name} INTERFACE ${CMAKE_SOURCE_DIR}/include)
    target_link_libraries(mailctl_${name} INTERFACE ${FLOOR_DEPENDS} ${FLOOR_LINK})
  endif()
endfunction()

# mailctl_program(NAME main.cpp FLOORS floor... [STATIC]): one executable; everything but main lives in the floors, where
# tests link it. STATIC: what is installed loads no library at all, because a one-shot delivery pays for every symbol bound
# and every page touched. It stays position independent: half a millisecond less is not worth a parser of hostile mail at
# known addresses. It may not use the C library's name service (os/name_service); the warning that is silenced is about
# SQLite's extensions, of which we load none.
function(mailctl_program name main)
  cmake_parse_arguments(PROGRAM "STATIC" "" "FLOORS" ${ARGN})
  list(TRANSFORM PROGRAM_FLOORS PREPEND mailctl_)
  if(EXISTS ${CMAKE_SOURCE_DIR}/${main})
    add_executable(${name} ${main})
    target_link_libraries(${name} PRIVATE ${PROGRAM_FLOORS} mailctl_warnings)
    target_compile_definitions(${name} PRIVATE MAILCTL_VERSION="${PROJECT_VERSION}")
    if(PROGRAM_STATIC AND CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT MAILCTL_SANITIZE)
      target_link_options(${name} PRIVATE -static-pie LINKER:--gc-sections,--no-warnings)
    elseif(NOT MAILCTL_SANITIZE)
      target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc)
    endif()
  endif()
endfunction()

# `mailctl completion` prints what stands in completions/: the files become a source of the floor `cli`.
function(mailctl_completion_scripts)
  foreach(script bash:mailctl.bash zsh:_mailctl fish:mailctl.fish)
    string(REPLACE ":" ";" script ${script})
    list(GET script 0 shell)
    list(GET script 1 file)
    file(READ ${CMAKE_SOURCE_DIR}/completions/${file} ${shell})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/completions/${file})
  endforeach()
  configure_file(${CMAKE_SOURCE_DIR}/cmake/completion_scripts.cpp.in ${CMAKE_BINARY_DIR}/completion_scripts.cpp @ONLY)
  target_sources(mailctl_cli PRIVATE ${CMAKE_BINARY_DIR}/completion_scripts.cpp)
endfunction()
