// SPDX-License-Identifier: Apache-2.0
// zstd (RFC 8878) through libzstd. The only file that includes it.
#include "mailctl/os/byte_source.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <array>

namespace mailctl {
namespace {

class ZstdBytes : public ByteSource {
  public:
    ZstdBytes(std::unique_ptr<ByteSource> packed, std::string path)
        : packed_(std::move(packed)), path_(std::move(path)), context_(::ZSTD_createDCtx()) {}
    ~ZstdBytes() override { ::ZSTD_freeDCtx(context_); }
    Result<std::size_t> read(std::span<char> into) override {
        if (!context_) return fail(ErrorKind::temporary, fmt::format("cannot read '{}': no memory", path_));
        ZSTD_outBuffer out{into.data(), into.size(), 0};
        while (out.pos < out.size) {
            TRY_ASSIGN(const bool more, refill());
            if (!more) break;
            const std::size_t left = ::ZSTD_decompressStream(context_, &out, &in_);
            if (::ZSTD_isError(left))
                return fail(ErrorKind::failed, fmt::format("cannot read '{}': {}", path_, ::ZSTD_getErrorName(left)));
            in_frame_ = left != 0;
            is_full_ = in_frame_ && out.pos == out.size; // there may be more of what was read already
        }
        return out.pos;
    }

  private:
    Result<bool> refill() {
        if (in_.pos < in_.size || is_full_) {
            is_full_ = false;
            return true;
        }
        TRY_ASSIGN(const std::size_t got, packed_->read(buffer_));
        in_ = {buffer_.data(), got, 0};
        if (got > 0) return true;
        if (in_frame_) return fail(ErrorKind::failed, fmt::format("cannot read '{}' to its end: cut off", path_));
        return false;
    }
    std::unique_ptr<ByteSource> packed_;
    std::string path_;
    ZSTD_DCtx* context_;
    ZSTD_inBuffer in_{nullptr, 0, 0};
    bool in_frame_ = false, is_full_ = false;
    std::array<char, 65536> buffer_;
};

} // namespace

std::unique_ptr<ByteSource> zstd_bytes(std::unique_ptr<ByteSource> packed, std::string path) {
    return std::make_unique<ZstdBytes>(std::move(packed), std::move(path));
}

} // namespace mailctl
