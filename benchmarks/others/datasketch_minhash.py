"""MinHash and LSH of datasketch over the same word 5-grams: near duplicates only."""

import json
import sys
from pathlib import Path

from datasketch import MinHash, MinHashLSH

if sys.argv[1] == "--there":
    sys.exit(0)
index = MinHashLSH(threshold=0.7, num_perm=128)
pairs = 0
for number, line in enumerate(Path(sys.argv[1]).read_bytes().splitlines()):
    row = json.loads(line)
    said = [m.get("content") or "" for m in row["messages"] if m["role"] != "system"]
    words = " ".join(said).lower().split()
    sketch = MinHash(num_perm=128)
    grams = {" ".join(words[i : i + 5]) for i in range(max(1, len(words) - 4))}
    sketch.update_batch([gram.encode() for gram in grams])
    pairs += len(index.query(sketch))
    index.insert(str(number), sketch)
print(json.dumps({"pairs": pairs}))
