// SPDX-License-Identifier: Apache-2.0
// JSON through nlohmann's ordered values; its exceptions cannot occur, because invalid UTF-8 is replaced while writing.
#include "mailctl/report/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fmt/format.h>

namespace mailctl {
namespace {

using Json = nlohmann::ordered_json;

enum class EmptyText { kept, null }; // null: in reports, where what is not set is told in one way

void put_cells(Json& object, const Cells& cells, EmptyText empty);

struct ToJson {
    EmptyText empty;
    Json operator()(std::monostate) const { return nullptr; }
    Json operator()(ByteCount size) const { return size.bytes; }
    Json operator()(Share share) const { return share.percent; }
    Json operator()(Instant instant) const { return format_rfc3339_seconds(instant); }
    Json operator()(const Cells& cells) const {
        auto object = Json::object();
        put_cells(object, cells, empty);
        return object;
    }
    Json operator()(const std::string& text) const {
        return text.empty() && empty == EmptyText::null ? Json(nullptr) : Json(text);
    }
    template <class Plain>
    Json operator()(const Plain& value) const {
        return value;
    }
};

void put_cells(Json& object, const Cells& cells, EmptyText empty) {
    for (const auto& cell : cells)
        object[cell.key] = std::visit(ToJson{empty}, cell.value);
}

// In a string: neither escaped nor perhaps a piece of broken UTF-8.
bool is_itself(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

std::string dumped(const Json& json, int indent) {
    return json.dump(indent, ' ', false, nlohmann::detail::error_handler_t::replace);
}

Cells cells_of(const Json& object);

CellValue value_of(const Json& json) {
    if (json.is_boolean()) return json.get<bool>();
    if (json.is_number_integer()) return json.get<std::int64_t>();
    if (json.is_string()) return json.get<std::string>();
    if (json.is_object()) return cells_of(json);
    if (!json.is_array()) return {};
    std::vector<std::string> texts;
    for (const auto& element : json)
        if (element.is_string()) texts.push_back(element.get<std::string>());
    return texts;
}

Cells cells_of(const Json& object) {
    Cells cells;
    for (const auto& [key, value] : object.items())
        cells.push_back({key, value_of(value)});
    return cells;
}

// How deep a text is nested at most, so that the reader's stack cannot be used up; strings count too, which does no
// harm.
bool is_shallow(std::string_view text) {
    constexpr int deepest = 100;
    int depth = 0, most = 0;
    for (const char c : text) {
        depth += (c == '[' || c == '{') ? 1 : (c == ']' || c == '}') ? -1 : 0;
        most = std::max(most, depth);
    }
    return most <= deepest;
}

// Where reading stopped, which only the exception would say.
std::string place_of_error(std::string_view text) {
    std::size_t good = 0;
    struct Counter : nlohmann::json_sax<Json> {
        std::size_t position = 0;
        bool null() override { return true; }
        bool boolean(bool) override { return true; }
        bool number_integer(number_integer_t) override { return true; }
        bool number_unsigned(number_unsigned_t) override { return true; }
        bool number_float(number_float_t, const string_t&) override { return true; }
        bool string(string_t&) override { return true; }
        bool binary(binary_t&) override { return true; }
        bool start_object(std::size_t) override { return true; }
        bool key(string_t&) override { return true; }
        bool end_object() override { return true; }
        bool start_array(std::size_t) override { return true; }
        bool end_array() override { return true; }
        bool parse_error(std::size_t at, const std::string&, const nlohmann::detail::exception&) override {
            position = at;
            return false;
        }
    } counter;
    if (!Json::sax_parse(text, &counter)) good = std::min(text.size(), counter.position);
    const auto before = text.substr(0, good > 0 ? good - 1 : 0);
    const auto line = std::ranges::count(before, '\n') + 1;
    const auto column = before.size() - (before.rfind('\n') + 1) + 1;
    return fmt::format("line {}, column {}", line, column);
}

} // namespace

Result<Cells> parse_json_object(std::string_view text) {
    if (!is_shallow(text)) return fail(ErrorKind::invalid, "not JSON of ours: nested too deeply");
    const auto json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) return fail(ErrorKind::invalid, fmt::format("not JSON: {}", place_of_error(text)));
    if (!json.is_object()) return fail(ErrorKind::invalid, "not a JSON object");
    return cells_of(json);
}

std::string render_json(const Report& report) {
    auto rows = Json::array();
    for (const auto& cells : report.rows) {
        Json row{{"schema", report_schema}, {"type", report.type}};
        put_cells(row, cells, EmptyText::null);
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
    put_cells(object, cells, EmptyText::kept);
    return dumped(object, -1);
}

} // namespace mailctl
