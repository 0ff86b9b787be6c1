# SPDX-License-Identifier: Apache-2.0
# The clang of the list of packages, for the presets that need one.
execute_process(COMMAND bash -c ". '${CMAKE_CURRENT_LIST_DIR}/packages.sh' && echo $clang"
                OUTPUT_VARIABLE MAILCTL_CLANG OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
set(CMAKE_C_COMPILER clang-${MAILCTL_CLANG})
set(CMAKE_CXX_COMPILER clang++-${MAILCTL_CLANG})
