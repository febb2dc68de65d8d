// what: A program that does not compile.
// outcome: compile_error
int main() { return undefined; }
