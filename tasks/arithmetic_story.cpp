#include <fmt/format.h>

#include <array>
#include <string_view>

#include "tasks/arithmetic.h"

namespace reckon::tasks {

namespace {

constexpr std::array<std::string_view, 4> kQuestions = {
    "What is {}?", "Calculate {}.", "What does {} equal?", "Find the value of {}."};

constexpr std::array<std::string_view, 16> kNames = {
    "Anika", "Bruno",  "Chidi", "Dorota", "Emre",   "Farah", "Gustav", "Hana",
    "Ivo",   "Jolien", "Kofi",  "Leila",  "Mateus", "Noor",  "Oskar",  "Priya"};

/// Sentences about one kind of things. {0} is the person, {1} a number, {2} a second number.
struct Setting {
  std::string_view begin;    // there are {1}
  std::string_view product;  // there are {1} groups of {2}
  std::array<std::string_view, 2> more;
  std::array<std::string_view, 2> fewer;
  std::string_view question;
};

constexpr std::array<Setting, 8> kSettings = {{
    {"{0} has {1} marbles.",
     "{0} has {1} bags, and each bag holds {2} marbles.",
     {"A cousin brings {1} more.", "Then {0} wins {1} more in a game."},
     {"{0} loses {1} of them.", "{0} gives {1} of them to a neighbour."},
     "How many marbles does {0} have now?"},
    {"There are {1} loaves on the shelf of {0}'s bakery.",
     "In {0}'s bakery there are {1} shelves, and on each shelf lie {2} loaves.",
     {"{1} more come out of the oven.", "{0} bakes another {1}."},
     {"Customers buy {1} of the loaves.", "{0} sends {1} of them to a school."},
     "How many loaves are in the bakery now?"},
    {"{0} has read {1} pages of a book.",
     "For {1} days {0} has read {2} pages of a book every day.",
     {"This evening {0} reads {1} more.", "On the train {0} reads another {1}."},
     {"{0} finds out that {1} of the pages were read twice, and does not count them again.",
      "{1} of those pages were only pictures, and {0} takes them off the count."},
     "How many pages does {0} count?"},
    {"{0} picks {1} plums in the garden.",
     "{0} picks {2} plums from each of {1} trees.",
     {"A friend adds {1} more to the basket.", "Later {0} picks another {1}."},
     {"{1} of the plums are spoiled and thrown away.", "The children eat {1} of them."},
     "How many plums are left in the end?"},
    {"A bus leaves the station of {0}'s town with {1} passengers.",
     "{0} drives a bus with {1} rows, and {2} passengers sit in each row.",
     {"At the next stop {1} passengers get on.", "At the market {1} more people get on."},
     {"At the bridge {1} passengers get off.", "At the hospital {1} people leave the bus."},
     "How many passengers are on the bus then?"},
    {"{0} has saved {1} coins.",
     "{0} has saved {2} coins in each of {1} weeks.",
     {"{0} earns {1} more by washing a car.", "For a birthday {0} gets {1} coins."},
     {"{0} spends {1} coins on a ticket.", "{0} pays {1} coins for paint."},
     "How many coins does {0} have after that?"},
    {"{0} sets up {1} chairs in the hall.",
     "{0} sets up {1} rows of {2} chairs in the hall.",
     {"{1} more chairs are carried in.", "Because many guests come, {0} adds {1} chairs."},
     {"{1} chairs are taken to another room.", "{0} removes {1} broken chairs."},
     "How many chairs stand in the hall now?"},
    {"On Monday {0}'s pond holds {1} fish.",
     "{0} has {1} ponds with {2} fish in each.",
     {"{0} puts in {1} young fish.", "In spring {1} more fish hatch."},
     {"A heron catches {1} of the fish.", "{0} sells {1} of the fish."},
     "How many fish does {0} have then?"},
}};

template <class Items>
const auto& choose(const Items& items, RandomSequence& random) {
  return items[random.next_below(static_cast<uint32_t>(items.size()))];
}

}  // namespace

std::string arithmetic_question(const ArithmeticExpression& expression, RandomSequence& random) {
  return fmt::format(fmt::runtime(choose(kQuestions, random)), arithmetic_text(expression));
}

std::string arithmetic_story(const ArithmeticExpression& expression, RandomSequence& random) {
  const std::string_view name = choose(kNames, random);
  const Setting& setting = choose(kSettings, random);
  const bool product = expression.signs.front() == '*';
  const auto sentence = [&](std::string_view text, size_t number) {
    const int64_t second =
        number + 1 < expression.numbers.size() ? expression.numbers[number + 1] : 0;
    return fmt::format(fmt::runtime(text), name, expression.numbers[number], second) + " ";
  };
  std::string story = sentence(product ? setting.product : setting.begin, 0);
  for (size_t i = product ? 1 : 0; i < expression.signs.size(); ++i) {
    const auto& texts = expression.signs[i] == '+' ? setting.more : setting.fewer;
    story += sentence(choose(texts, random), i + 1);
  }
  return story + fmt::format(fmt::runtime(setting.question), name);
}

}  // namespace reckon::tasks
