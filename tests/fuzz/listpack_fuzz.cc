// Listpacks. Input: a byte that chooses; then
//   even  any bytes as a listpack: what listpack_valid() accepts can be walked, searched and edited
//   odd   a program of edits, run on a listpack and on a vector of texts
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../unit/ds/packed_bytes.h"
#include "fuzz_input.h"
#include "gyre/base/check.h"
#include "gyre/ds/listpack_edit.h"

namespace {

using namespace gyre::ds;

/// Copies into a block of exactly the right size, so that reading outside is found.
std::vector<char> exact(std::string_view bytes) { return {bytes.begin(), bytes.end()}; }
std::string_view view_of(const std::vector<char>& bytes) { return {bytes.data(), bytes.size()}; }

void check_walks(std::string_view bytes) {
  GYRE_CHECK(listpack_valid(bytes, true));
  const ListpackView list(bytes);
  const Texts texts = texts_of(bytes);
  Texts backwards = texts_backwards(bytes);
  std::reverse(backwards.begin(), backwards.end());
  GYRE_CHECK(texts == backwards);
  GYRE_CHECK(list.count() == texts.size());
  const auto count = static_cast<int64_t>(texts.size());
  for (int64_t i = 0; i < count; i += count / 8 + 1) {
    const uint32_t at = list.seek(i);
    GYRE_CHECK(at == list.seek(i - count));
    const std::string& text = texts[static_cast<size_t>(i)];
    GYRE_CHECK(text_of(list.get(at)) == text);
    GYRE_CHECK(list.equals(at, text));
    const uint32_t found = list.find(list.first(), text);
    GYRE_CHECK(found <= at && text_of(list.get(found)) == text);
    GYRE_CHECK(list.find(at, text, 1) == at);
  }
}

void edit(std::vector<char>& bytes, uint32_t at, size_t count, const Texts& texts) {
  const std::vector<PackedElement> elements = elements_of(texts);
  ListpackEdit::splice(ListpackView(view_of(bytes)), at, count, elements).apply_to(bytes);
}

void check_foreign(std::string_view input) {
  std::vector<char> bytes = exact(input);
  if (!listpack_valid(view_of(bytes), true)) return;
  check_walks(view_of(bytes));

  Texts model = texts_of(view_of(bytes));
  const size_t place = model.size() / 2;
  const ListpackView list(view_of(bytes));
  edit(bytes, list.skip(list.begin(), place), 1, {"new", "123456"});
  if (place < model.size()) model.erase(model.begin() + static_cast<std::ptrdiff_t>(place));
  model.insert(model.begin() + static_cast<std::ptrdiff_t>(place), {"new", "123456"});
  check_walks(view_of(bytes));
  GYRE_CHECK(texts_of(view_of(bytes)) == model);

  ListpackBuilder builder;
  builder.add_between(ListpackView(view_of(bytes)), ListpackView::begin(),
                      ListpackView(view_of(bytes)).end());
  const std::string copy = builder.finish();
  check_walks(copy);
  ListpackEdit::insert_all(ListpackView(view_of(bytes)), ListpackView::begin(), ListpackView(copy))
      .apply_to(bytes);
  check_walks(view_of(bytes));
}

/// A text whose length and kind the input chooses; the lengths include those where encodings change.
std::string make_text(gyre::fuzz::Input& input) {
  const uint8_t kind = input.byte();
  const size_t borders[] = {0, 1, 62, 63, 64, 65, 125, 126, 127, 4095, 4096, 16377, 16378};
  if (kind < 100) return std::to_string(static_cast<int64_t>(input.number() >> (kind % 64)));
  if (kind < 130) return std::to_string(-static_cast<int64_t>(input.number() >> (kind % 63 + 1)));
  if (kind < 200) return std::string(borders[kind % std::size(borders)], 'b');
  return std::string(input.bytes(kind - 200));
}

void erase_scattered(std::vector<char>& bytes, Texts& model, uint64_t chosen) {
  const ListpackView list(view_of(bytes));
  std::vector<uint32_t> positions;
  Texts left;
  uint32_t at = list.first();
  for (size_t i = 0; i < model.size(); ++i, at = list.next(at)) {
    if (chosen >> (i % 64) & 1) {
      positions.push_back(at);
    } else {
      left.push_back(model[i]);
    }
  }
  bytes.resize(listpack_erase_all(bytes.data(), positions));
  model = left;
}

void run_program(std::string_view program) {
  gyre::fuzz::Input input(program);
  std::vector<char> bytes = exact(kEmptyListpack);
  Texts model;
  for (int steps = 0; !input.empty() && steps < 100; ++steps) {
    const uint8_t operation = input.byte();
    if (operation % 16 == 15) {
      erase_scattered(bytes, model, input.number());
    } else {
      const size_t place = input.byte() % (model.size() + 1);
      const size_t count = operation >> 6;
      Texts texts(operation & 3);
      for (std::string& text : texts) text = make_text(input);
      const ListpackView list(view_of(bytes));
      edit(bytes, list.skip(list.begin(), place), count, texts);
      const auto from = model.begin() + static_cast<std::ptrdiff_t>(place);
      const auto to = from + static_cast<std::ptrdiff_t>(std::min(count, model.size() - place));
      model.insert(model.erase(from, to), texts.begin(), texts.end());
    }
  }
  check_walks(view_of(bytes));
  GYRE_CHECK(texts_of(view_of(bytes)) == model);
  // The same elements are the same bytes, whatever led to them.
  GYRE_CHECK(view_of(bytes) == listpack_of(model));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  gyre::fuzz::run_either(data, size, run_program, check_foreign);
  return 0;
}
