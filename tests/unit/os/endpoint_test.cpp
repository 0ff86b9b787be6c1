// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/endpoint.hpp"

#include "temp_directory.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sys/stat.h>

using namespace mailctl;

TEST_CASE("endpoints are written as --listen has them") {
    for (const char* text : {"unix:/run/x.sock", "inet:127.0.0.1:2424", "inet:[::1]:2424", "inet:localhost:65535"})
        CHECK(format_endpoint(parse_endpoint(text).value()) == text);
    for (const char* text : {"", "unix:", "unix:relative", "inet:", "inet:host", "inet:host:", "inet::24", "inet:h:0",
                             "inet:h:65536", "inet:h:24x", "tcp:h:24", "inet:h:25", "/run/x.sock"})
        CHECK_FALSE(parse_endpoint(text));
}

TEST_CASE("a socket file nobody answers on is replaced, one that answers is not, and other files never") {
    const test::TempDirectory directory;
    const Endpoint endpoint = UnixEndpoint{.path = directory / "s", .mode = 0600, .group = {}};
    {
        const auto first = listen_on(endpoint);
        REQUIRE(first);
        const auto second = listen_on(endpoint);
        REQUIRE_FALSE(second);
        CHECK(second.error().kind == ErrorKind::conflict);
    }
    CHECK(listen_on(endpoint));
    struct stat about {};
    REQUIRE(::stat((directory / "s").c_str(), &about) == 0);
    CHECK((about.st_mode & 07777) == 0600);
    std::ofstream(directory / "file") << "x";
    CHECK_FALSE(listen_on(UnixEndpoint{.path = directory / "file", .mode = 0600, .group = {}}));
    CHECK_FALSE(listen_on(UnixEndpoint{.path = directory / std::string(200, 'x'), .mode = 0600, .group = {}}));
}

TEST_CASE("a server takes away its own socket file and no other") {
    const test::TempDirectory directory;
    const UnixEndpoint endpoint{.path = directory / "s", .mode = 0600, .group = {}};
    auto first = listen_on(endpoint);
    REQUIRE(first);
    const auto file = find_socket_file(endpoint.path).value();
    *first = FileDescriptor();
    const auto second = listen_on(endpoint); // replaces what nobody answers on
    REQUIRE(second);
    struct stat about {};
    remove_socket_file(file);
    CHECK(::stat(endpoint.path.c_str(), &about) == 0);
    remove_socket_file(find_socket_file(endpoint.path).value());
    CHECK(::stat(endpoint.path.c_str(), &about) != 0);
    CHECK(!find_socket_file(endpoint.path));
}
