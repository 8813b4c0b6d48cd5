"""Short codes and look-up letters of names: pinyin initials of Chinese, first letters of Latin words.

The common Chinese signs of GB 2312 (its first level) stand in the order of their pinyin, so the code alone tells the
first letter; of the others those that names use are listed. Rule: docs/rules/masters.md.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Container

_STARTS = (
    0xB0A1, 0xB0C5, 0xB2C1, 0xB4EE, 0xB6EA, 0xB7A2, 0xB8C1, 0xB9FE, 0xBBF7, 0xBFA6, 0xC0AC, 0xC2E8,
    0xC4C3, 0xC5B6, 0xC5BE, 0xC6DA, 0xC8BB, 0xC8F6, 0xCBFA, 0xCDDA, 0xCEF4, 0xD1B9, 0xD4D1,
)  # fmt: skip
_LETTERS = "abcdefghjklmnopqrstwxyz"
_LAST = 0xD7F9
_MORE = {  # of the second level, ordered by strokes there: what names of companies and places use
    "a": "鳌遨嫒",
    "b": "亳槟犇骉缤蓓飚璧",
    "c": "昶晁琛璨宸褚谌铖翀琮枞",
    "d": "岱埭澹谛窦",
    "e": "迩",
    "f": "沣孚芙斐馥舫",
    "g": "淦罡郜锆舸",
    "h": "昊濠泓瀚灏皓晖桦骅寰荟蕙颢珩璜祜闳洹晗篁翮蘅",
    "j": "珏璟瑾菁婧泾鄄骥隽佶旌稷霁葭槿镓颉珺",
    "k": "锟琨珂恺铠锴鲲戡氪",
    "l": "麟泸漯濂鎏璐溧澧郦岚崂栎俪斓珑珞绫翎苓茏蔺赉遴醴阆靓骊骝鸾鹂",
    "m": "淼旻茗渑湄岷宓闵邈钼",
    "n": "甯侬锘铌",
    "o": "瓯",
    "p": "邳濮璞霈芃",
    "q": "麒淇衢骐祺琪荃邛楸箐绮虔颀骞铨阙",
    "r": "睿芮嵘榕镕苒",
    "s": "晟铄燊嵊嵩泗沭濉笙愫绶飒驷姝睢",
    "t": "韬郯洮暾佟砼",
    "w": "炜婺薇葳雯辋",
    "x": "鑫浔馨曦昕暄禧栩璇萱煊炫潇岫峋骁筱巽僖莘陉骧淅浠",
    "y": "翊煜烨沅鄞晔瀛漪赟甬钰镒焱垚彧瑜玥昱熠炀邺郓邕峄祎妍妤嫣嬴宥懿旖毓氲羿胤聿轶钺韫鸢闫薏禺",
    "z": "圳祯桢梓柘竺喆璋臧钊锃祚濯",
}
_BY_SIGN = {sign: letter for letter, signs in _MORE.items() for sign in signs}
_SOUNDS = {  # signs of two sounds, in the words where they have the other: written by one that sounds so
    "重庆": "崇庆", "厦门": "夏门", "银行": "银航", "商行": "商航", "洋行": "洋航", "车行": "车航", "西藏": "西葬",
    "六安": "陆安", "音乐": "音月", "乐器": "月器", "会计": "快计", "番禺": "潘禺",
}  # fmt: skip


def _initial(sign: str) -> str:
    """The pinyin initial of one Chinese sign; nothing for one too rare to know."""
    if sign in _BY_SIGN:
        return _BY_SIGN[sign]
    try:
        high, low = sign.encode("gb2312")
    except (UnicodeEncodeError, ValueError):
        return ""
    code = high << 8 | low
    return _LETTERS[bisect_right(_STARTS, code) - 1] if _STARTS[0] <= code <= _LAST else ""


def initials(name: str) -> str:
    """The letters a clerk types for a name: 上海华信 is shhx, Blue Water is bw; lower case."""
    letters = []
    plain = unicodedata.normalize("NFKC", name).casefold()
    for written, sounding in _SOUNDS.items():
        plain = plain.replace(written, sounding)
    for word in re.findall(r"[^\W_]+", plain):
        before = False
        for sign in word:
            if sign.isascii() or not "\u3400" <= sign <= "\u9fff":
                if not before:
                    letters.append(sign)
                before = True
            else:
                letters.append(_initial(sign))
                before = False
    return "".join(letters)


def suggest_code(name: str, taken: Container[str] = ()) -> str:
    """A short code for a new record: initials of a Chinese name, the first five letters of a Latin one; free of `taken`."""
    folded = unicodedata.normalize("NFKD", name)
    letters = re.sub(r"[^A-Z0-9]", "", folded.upper())
    chinese = any("\u3400" <= sign <= "\u9fff" for sign in name)
    base = (initials(name).upper() if chinese else letters)[:5] or "X"
    base = re.sub(r"[^A-Z0-9]", "", base) or "X"
    code, n = base, 2
    while code in taken:
        code, n = f"{base}{n}", n + 1
    return code
