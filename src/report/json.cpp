// JSON through nlohmann's ordered values; its exceptions cannot occur, because invalid UTF-8 is replaced while writing.
#include "mailctl/report/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace mailctl {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const CellValue& value);

void put_cells(Json& object, const Cells& cells) {
    for (const auto& cell : cells)
        object[cell.key] = json_of(cell.value);
}

struct ToJson {
    Json operator()(std::monostate) const { return nullptr; }
    Json operator()(ByteCount size) const { return size.bytes; }
    Json operator()(Share share) const { return share.percent; }
    Json operator()(const Cells& cells) const {
        auto object = Json::object();
        put_cells(object, cells);
        return object;
    }
    template <class Plain>
    Json operator()(const Plain& value) const {
        return value;
    }
};

Json json_of(const CellValue& value) { return std::visit(ToJson{}, value); }

// In a string: neither escaped nor perhaps a piece of broken UTF-8.
bool is_itself(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

std::string dumped(const Json& json, int indent) {
    return json.dump(indent, ' ', false, nlohmann::detail::error_handler_t::replace);
}

} // namespace

std::string render_json(const Report& report) {
    auto rows = Json::array();
    for (const auto& cells : report.rows) {
        Json row{{"schema", report_schema}, {"type", report.type}};
        put_cells(row, cells);
        rows.push_back(std::move(row));
    }
    return dumped(rows, 2) + '\n';
}

void JsonLine::begin(std::string_view key) {
    if (text_.size() > 1) text_ += ',';
    text_.append(1, '"').append(key).append("\":");
}

JsonLine& JsonLine::add(std::string_view key, std::string_view text) {
    begin(key);
    if (std::ranges::all_of(text, is_itself))
        text_.append(1, '"').append(text).append(1, '"');
    else
        text_ += dumped(text, -1);
    return *this;
}

JsonLine& JsonLine::add(std::string_view key, std::uint64_t number) {
    begin(key);
    text_ += std::to_string(number);
    return *this;
}

std::string render_json_line(const Cells& cells) {
    auto object = Json::object();
    put_cells(object, cells);
    return dumped(object, -1);
}

} // namespace mailctl
