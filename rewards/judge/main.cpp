#include "rewards/judge/request_kind.h"

int main(int argc, char** argv) {
  return reckon::rewards::judge_main(argc, argv, reckon::rewards::judge_parts());
}
