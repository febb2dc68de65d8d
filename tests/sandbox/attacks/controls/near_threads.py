# what: A pool of threads, as honest programs use.
# options: --processes 16
# outcome: ok
# stdout: 4950\n
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(8) as pool:
    print(sum(pool.map(int, range(100))))
