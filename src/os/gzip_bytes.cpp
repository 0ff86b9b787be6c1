// SPDX-License-Identifier: Apache-2.0
// gzip (RFC 1952) through zlib. The only file that includes it.
#include "mailctl/os/byte_source.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <utility>

namespace mailctl {
namespace {

class GzipBytes : public ByteSource {
  public:
    GzipBytes(std::unique_ptr<ByteSource> packed, std::string path)
        : packed_(std::move(packed)), path_(std::move(path)) {
        constexpr int gzip_only = 16;
        usable_ = ::inflateInit2(&stream_, MAX_WBITS + gzip_only) == Z_OK;
    }
    ~GzipBytes() override { ::inflateEnd(&stream_); }
    Result<std::size_t> read(std::span<char> into) override {
        if (!usable_) return fail(ErrorKind::temporary, fmt::format("cannot read '{}': no memory", path_));
        stream_.next_out = reinterpret_cast<Bytef*>(into.data());
        stream_.avail_out = static_cast<uInt>(into.size());
        while (stream_.avail_out > 0) {
            TRY_ASSIGN(const bool more, refill());
            if (!more) break;
            const int code = ::inflate(&stream_, Z_NO_FLUSH);
            if (code == Z_STREAM_END) {
                in_member_ = false;
                ::inflateReset(&stream_);
            } else if (code != Z_OK && code != Z_BUF_ERROR) {
                return fail(ErrorKind::failed, fmt::format("cannot read '{}': damaged gzip data", path_));
            }
        }
        is_full_ = stream_.avail_out == 0; // there may be more of what was read already
        return into.size() - stream_.avail_out;
    }

  private:
    // Whether there is something to unpack; a member may follow another.
    Result<bool> refill() {
        if (std::exchange(is_full_, false)) return true;
        if (stream_.avail_in == 0) {
            TRY_ASSIGN(const std::size_t got, packed_->read(buffer_));
            stream_.next_in = reinterpret_cast<Bytef*>(buffer_.data());
            stream_.avail_in = static_cast<uInt>(got);
        }
        if (stream_.avail_in > 0) {
            in_member_ = true;
            return true;
        }
        if (in_member_) return fail(ErrorKind::failed, fmt::format("cannot read '{}' to its end: cut off", path_));
        return false;
    }
    std::unique_ptr<ByteSource> packed_;
    std::string path_;
    z_stream stream_{};
    bool usable_ = false, in_member_ = false, is_full_ = false;
    std::array<char, 65536> buffer_;
};

} // namespace

std::unique_ptr<ByteSource> gzip_bytes(std::unique_ptr<ByteSource> packed, std::string path) {
    return std::make_unique<GzipBytes>(std::move(packed), std::move(path));
}

} // namespace mailctl
