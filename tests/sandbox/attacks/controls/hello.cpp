// what: An honest program with streams, containers, threads and exceptions.
// outcome: ok
// stdin: 3 1 2
// stdout: 1 2 3 caught\n
#include <algorithm>
#include <iostream>
#include <stdexcept>
#include <thread>
#include <vector>

int main() {
  std::vector<int> values;
  for (int value; std::cin >> value;) values.push_back(value);
  std::thread([&] { std::sort(values.begin(), values.end()); }).join();
  for (const int value : values) std::cout << value << ' ';
  try {
    throw std::runtime_error("caught");
  } catch (const std::exception& error) {
    std::cout << error.what() << '\n';
  }
}
