"""Data-Juicer's MinHash operator over words, windows of five: near duplicates only."""

import json
import sys
from pathlib import Path

from data_juicer.core.data import NestedDataset
from data_juicer.ops.deduplicator.document_minhash_deduplicator import (
    DocumentMinhashDeduplicator,
)

if sys.argv[1] == "--there":
    sys.exit(0)
texts = []
for line in Path(sys.argv[1]).read_bytes().splitlines():
    said = [m.get("content") or "" for m in json.loads(line)["messages"] if m["role"] != "system"]
    texts.append({"text": " ".join(said)})
operator = DocumentMinhashDeduplicator(tokenization="space", window_size=5, jaccard_threshold=0.7)
data = NestedDataset.from_list(texts).map(operator.compute_hash, num_proc=1)
kept, _ = operator.process(data)
print(json.dumps({"dropped": len(texts) - len(kept)}))
