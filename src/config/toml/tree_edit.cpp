// SPDX-License-Identifier: Apache-2.0
// See tree_edit.hpp. No checks: the text editor has refused what cannot be done before this is asked.
#include "mailctl/config/toml/tree_edit.hpp"

#include <algorithm>
#include <utility>

namespace mailctl {
namespace {

const Node* find_node(const Node& root, const KeyPath& path, std::size_t parts) {
    const Node* node = &root;
    for (std::size_t i = 0; node && i < parts; ++i)
        node = node->find(path[i]);
    return node;
}

class TreeEditor {
  public:
    explicit TreeEditor(Node& root) : root_(root) {}

    void operator()(const SetValue& edit) { make(edit.path) = node_of(edit.value); }
    void operator()(const AddElement& edit) {
        auto& array = make(edit.path);
        array.kind = Node::Kind::array;
        const auto element = node_of(edit.element);
        if (std::ranges::find(array.elements, element) == array.elements.end()) array.elements.push_back(element);
    }
    void operator()(const RemoveElement& edit) {
        if (find_node(root_, edit.path, edit.path.size())) std::erase(make(edit.path).elements, node_of(edit.element));
    }
    void operator()(const ChangeArray& edit) {
        if (edit.steps.empty()) return;
        using Kind = ElementStep::Kind;
        auto& array = make(edit.path);
        array.kind = Node::Kind::array;
        const auto before = std::exchange(array.elements, {});
        auto step = edit.steps.begin();
        for (std::size_t i = 0; i <= before.size(); ++i) {
            bool stays = i < before.size();
            for (; step != edit.steps.end() && step->at == i; ++step) {
                if (step->kind != Kind::remove) array.elements.push_back(node_of(step->element));
                if (step->kind != Kind::insert) stays = false;
            }
            if (stays) array.elements.push_back(before[i]);
        }
    }
    void operator()(const RemoveKey& edit) { remove(edit.path); }
    void operator()(const RemoveTable& edit) { remove(edit.path); }
    void operator()(const RenameTable& edit) {
        if (!find_node(root_, edit.path, edit.path.size())) return;
        auto& parent = above(edit.path);
        auto entry = parent.entries.extract(edit.path.back());
        entry.key() = edit.new_name;
        parent.entries.insert(std::move(entry));
    }
    void operator()(const AddTable& edit) { make(edit.path) = node_of(InlineTable{edit.entries}); }

    // Top-level tables that removals emptied and that are not in `actual`.
    void drop_emptied(const Node& actual) {
        for (const auto& path : removed_)
            if (const auto* table = root_.find(path[0]);
                path.size() == 2 && table && table->entries.empty() && !actual.find(path[0]))
                root_.entries.erase(path[0]);
    }

  private:
    Node& above(const KeyPath& path) {
        Node* node = &root_;
        for (std::size_t i = 0; i + 1 < path.size(); ++i)
            node = &node->entries[path[i]];
        return *node;
    }
    Node& make(const KeyPath& path) { return above(path).entries[path.back()]; }
    void remove(const KeyPath& path) {
        if (!find_node(root_, path, path.size())) return;
        above(path).entries.erase(path.back());
        removed_.push_back(path);
    }

    Node& root_;
    std::vector<KeyPath> removed_;
};

} // namespace

Node edit_tree(Node root, std::span<const Edit> edits, const Node& actual) {
    TreeEditor editor(root);
    for (const auto& edit : edits)
        std::visit([&](const auto& e) { editor(e); }, edit);
    editor.drop_emptied(actual);
    return root;
}

} // namespace mailctl
