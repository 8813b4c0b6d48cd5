"""When two names mean the same company: case, width, punctuation and the legal form left out. Rule: docs/rules/masters.md."""

import re
import unicodedata

_FORMS = re.compile(
    r"\b(ltd|limited|inc|incorporated|llc|corp|corporation|co|company|gmbh|ag|sa|sarl|bv|nv|plc|pty|srl|spa|oy|ab|as)\b"
)
_CHINESE_FORMS = re.compile(r"(股份有限公司|有限责任公司|有限公司|集团|公司)$")


def normalised(name: str) -> str:
    """A name as it is compared."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    bare = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    words = re.sub(r"[^\w]+", " ", bare.replace("&", " and ").replace(".", ""))
    short = re.sub(r"\s+", "", _FORMS.sub(" ", words))
    return _CHINESE_FORMS.sub("", short) or short or folded.strip()
