// SPDX-License-Identifier: Apache-2.0
// xz through liblzma. The only file that includes it.
#include "mailctl/os/byte_source.hpp"

#include <fmt/format.h>
#include <lzma.h>

#include <array>

namespace mailctl {
namespace {

constexpr std::uint64_t most_memory = std::uint64_t{256} << 20; // what `xz -9` needs is a quarter of it

class XzBytes : public ByteSource {
  public:
    XzBytes(std::unique_ptr<ByteSource> packed, std::string path) : packed_(std::move(packed)), path_(std::move(path)) {
        usable_ = ::lzma_stream_decoder(&stream_, most_memory, LZMA_CONCATENATED) == LZMA_OK;
    }
    ~XzBytes() override { ::lzma_end(&stream_); }
    Result<std::size_t> read(std::span<char> into) override {
        if (!usable_) return fail(ErrorKind::temporary, fmt::format("cannot read '{}': no memory", path_));
        stream_.next_out = reinterpret_cast<std::uint8_t*>(into.data());
        stream_.avail_out = into.size();
        while (stream_.avail_out > 0 && !ended_) {
            TRY(refill());
            const auto code = ::lzma_code(&stream_, at_end_ ? LZMA_FINISH : LZMA_RUN);
            if (code == LZMA_STREAM_END)
                ended_ = true;
            else if (code == LZMA_BUF_ERROR)
                return fail(ErrorKind::failed, fmt::format("cannot read '{}' to its end: cut off", path_));
            else if (code != LZMA_OK)
                return fail(ErrorKind::failed, fmt::format("cannot read '{}': damaged xz data", path_));
        }
        return into.size() - stream_.avail_out;
    }

  private:
    Status refill() {
        if (stream_.avail_in > 0 || at_end_) return {};
        TRY_ASSIGN(const std::size_t got, packed_->read(buffer_));
        stream_.next_in = reinterpret_cast<const std::uint8_t*>(buffer_.data());
        stream_.avail_in = got;
        at_end_ = got == 0;
        return {};
    }
    std::unique_ptr<ByteSource> packed_;
    std::string path_;
    lzma_stream stream_ = LZMA_STREAM_INIT;
    bool usable_ = false, at_end_ = false, ended_ = false;
    std::array<char, 65536> buffer_;
};

} // namespace

std::unique_ptr<ByteSource> xz_bytes(std::unique_ptr<ByteSource> packed, std::string path) {
    return std::make_unique<XzBytes>(std::move(packed), std::move(path));
}

} // namespace mailctl
