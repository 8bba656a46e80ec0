"""Presidio's pattern recognisers, without a language model: personal data only."""

import json
import sys
from pathlib import Path

from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    EmailRecognizer,
    IbanRecognizer,
    IpRecognizer,
    PhoneRecognizer,
    UsSsnRecognizer,
)

if sys.argv[1] == "--there":
    sys.exit(0)
kinds = (
    CreditCardRecognizer,
    EmailRecognizer,
    IbanRecognizer,
    IpRecognizer,
    PhoneRecognizer,
    UsSsnRecognizer,
)
recognisers = [kind() for kind in kinds]
rows = 0
for line in Path(sys.argv[1]).read_bytes().splitlines():
    text = "\n".join((m.get("content") or "") for m in json.loads(line)["messages"])
    rows += any(r.analyze(text, r.supported_entities, None) for r in recognisers)
print(json.dumps({"rows with hits": rows}))
