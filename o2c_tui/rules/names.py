"""Names as banks write them: without accents, capitals, legal forms and what stands between the words.

Rule: docs/rules/bank.md, "Names".
"""

import re
import unicodedata
from functools import lru_cache

_LEGAL = frozenset(
    [
        "gmbh",
        "mbh",
        "ag",
        "kg",
        "kgaa",
        "ohg",
        "gbr",
        "ug",
        "ev",
        "eg",
        "se",
        "sa",
        "sas",
        "sarl",
        "srl",
        "spa",
        "sl",
        "sau",
        "snc",
        "sca",
        "bv",
        "nv",
        "vof",
        "cv",
        "ltd",
        "limited",
        "llc",
        "llp",
        "lp",
        "plc",
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "cia",
        "compagnie",
        "oy",
        "oyj",
        "ab",
        "as",
        "asa",
        "aps",
        "kk",
        "pty",
        "pte",
        "sdn",
        "bhd",
        "sro",
        "doo",
        "zrt",
        "kft",
    ]
)
_TOGETHER = {
    "s a": "sa",
    "s l": "sl",
    "s r l": "srl",
    "s p a": "spa",
    "b v": "bv",
    "n v": "nv",
    "l l c": "llc",
    "e v": "ev",
}
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_UMLAUTS = {"ae": "a", "oe": "o", "ue": "u"}
_CJK_LEGAL = re.compile("(有限责任公司|股份有限公司|有限公司|集团|公司)$")


@lru_cache(maxsize=200_000)
def folded(text: str) -> str:
    """A name as it is compared: small letters without accents, ä and ae alike, legal forms left out."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign)).replace("&", " and ")
    words = " ".join(re.findall(r"\w+", plain.replace("_", " ").replace("'", "").replace("’", "")))
    for apart, together in _TOGETHER.items():
        words = re.sub(rf"(?<!\S){apart}(?!\S)", together, words)
    for two, one in _UMLAUTS.items():
        words = words.replace(two, one)
    parts = [_CJK_LEGAL.sub("", word) or word for word in words.split()]
    kept = [word for word in parts if word not in _LEGAL and word != "and"]
    return " ".join(kept or parts)


def likeness(one: str, other: str) -> int:
    """How alike two folded names are, 0 to 100: the same; one is the other cut off; the letters of words they share."""
    if not one or not other:
        return 0
    if one == other or one.replace(" ", "") == other.replace(" ", ""):
        return 100
    short, long = sorted((one.replace(" ", ""), other.replace(" ", "")), key=len)
    if len(short) >= 8 and long.startswith(short):
        return 90
    mine, theirs = one.split(), other.split()
    shared = sum(len(word) for word in set(mine) & set(theirs))
    shared += sum(
        min(len(a), len(b))
        for a in set(mine) - set(theirs)
        for b in set(theirs) - set(mine)
        if min(len(a), len(b)) >= 4 and (a.startswith(b) or b.startswith(a))
    )
    most = max(sum(map(len, set(mine))), sum(map(len, set(theirs))))
    return min(85, 100 * shared // most) if most else 0
