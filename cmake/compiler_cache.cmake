# SPDX-License-Identifier: Apache-2.0
# Nothing is compiled twice where ccache is installed. It is called alike in every build, so that quickstart, the tests and a
# developer at work share its answers; paths are left out of its keys, so that a second clone compiles nothing either.
# -DCMAKE_CXX_COMPILER_LAUNCHER= builds without.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
endif()
