"""What kind of place words name: a storey, a room, a drawer, a street, a town, a country.

That the office is in Berlin and that it is in Germany hold together, and so do the kitchen and the drawer in it. Only
two places of one kind tell that a thing was moved.
"""

from __future__ import annotations

import re

from .embedding import words

_DIGITS = "零〇一二两三四五六七八九十百"
_ENGLISH = {
    "storey": "floor storey level",
    "room": (
        "room kitchen bathroom bedroom cellar basement attic loft garage shed hall hallway corridor pantry garden yard "
        "balcony terrace lobby lounge library canteen cafeteria workshop storeroom storage laundry barn greenhouse "
        "classroom lab laboratory gym stable archive office studio building wing house flat"
    ),
    "container": (
        "drawer cupboard cabinet wardrobe closet box bag backpack rucksack suitcase shelf desk table chest safe locker "
        "fridge freezer bin basket pocket wallet purse binder glovebox mailbox letterbox doormat mat pot vase bed sofa "
        "couch pillow counter windowsill hook rack tray case tin jar envelope toolbox folder rug carpet"
    ),
    "street": "street road avenue lane square alley boulevard",
    "district": "district borough quarter county",
}
_HEADS = {word: kind for kind, names in _ENGLISH.items() for word in words(names)}
_COUNTRIES = re.compile(
    r"^(?:the )?(?:Africa|Argentina|Asia|Australia|Austria|Belgium|Brazil|Bulgaria|Canada|Chile|China|Croatia|Czechia|"
    r"Denmark|Egypt|England|Estonia|Europe|Finland|France|Germany|Greece|Hungary|Iceland|India|Indonesia|Ireland|Israel|"
    r"Italy|Japan|Kenya|Korea|Latvia|Lithuania|Malaysia|Mexico|Morocco|Netherlands|New Zealand|Nigeria|Norway|Pakistan|"
    r"Peru|Philippines|Poland|Portugal|Romania|Russia|Scotland|Serbia|Slovakia|Slovenia|South Africa|South Korea|Spain|"
    r"Sweden|Switzerland|Taiwan|Thailand|Turkey|U\.?K\.?|U\.?S\.?A?\.?|Ukraine|United Kingdom|United States|Vietnam|"
    r"Wales)$|^(?:中国|国外|海外|日本|韩国|朝鲜|印度|泰国|越南|新加坡|马来西亚|印尼|美国|加拿大|墨西哥|巴西|英国|法国|德国|意大利|西班牙|"
    r"葡萄牙|荷兰|比利时|瑞士|瑞典|挪威|丹麦|芬兰|波兰|俄罗斯|乌克兰|土耳其|埃及|南非|澳大利亚|新西兰|欧洲|亚洲|非洲|美洲)$"
)
_PROVINCES = re.compile(
    r"^(?:河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|"
    r"广西|西藏|宁夏|新疆)(?:省|自治区)?$"
)
_TOWNS = re.compile(
    r"^(?:北京|上海|天津|重庆|石家庄|太原|沈阳|大连|长春|哈尔滨|南京|苏州|无锡|常州|杭州|宁波|温州|合肥|福州|厦门|泉州|南昌|济南|青岛|烟台|"
    r"郑州|洛阳|武汉|长沙|广州|深圳|珠海|佛山|东莞|海口|三亚|成都|贵阳|昆明|西安|兰州|西宁|呼和浩特|南宁|桂林|拉萨|银川|乌鲁木齐|香港|澳门|"
    r"台北|东京|大阪|首尔|伦敦|巴黎|柏林|纽约|旧金山|莫斯科)市?$|^[\u4e00-\u9fff]{2,4}市$"
)
_STOREY = re.compile(
    rf"^(?:(?:[负地]下?)?[{_DIGITS}\d]{{1,3}}|[顶底])[楼层](?:[一-鿿]{{0,4}}[室厅房间廊侧边头口区里旁台])?$"
)
_CHINESE = (
    (
        "container",
        "(?:[桌柜箱架包袋盒床盆墙筒篮垫毯篓罐]子?|冰箱|抽屉|沙发|口袋|钱包|窗台|枕头|信封)(?:里面?|上面?|下面?|内|中|底下?|后面?|旁边?)$",
    ),
    ("container", "(?:抽屉|冰箱|柜子?|柜台|信箱|工具箱)$"),
    (
        "room",
        "(?:[一-鿿]室|[客餐大展礼前]厅|[书厨库机病卧阳]房|[车仓]库|走廊|[东西南北主][楼区馆座栋]|[号栋]楼|阳台|院子)里?$",
    ),
    ("street", r"(?:路|街|大道|巷|胡同|弄)(?:\d+号?)?$"),
    ("district", "[一-鿿]{1,5}[区县镇]$"),
)
_CHINESE_KINDS = [(kind, re.compile(pattern)) for kind, pattern in _CHINESE]
_MOST = 12  # characters of a place that is named in Chinese
_ARTICLE = re.compile(r"^(?:the|my|our|his|her|their|your|this)\s|^(?:room|building|floor|level|hall)\s", re.IGNORECASE)


def place(text: str) -> str | None:
    """The kind of place that these words name, without the preposition before them; None where they are not seen to
    name one. A town that is not known is none."""
    name = text.strip()
    if _COUNTRIES.search(name):
        return "country"
    if not name.isascii():
        return _chinese(name)
    terms = words(name)
    if not terms or not _ARTICLE.match(name):
        return None
    head = next((term for term in reversed(terms) if term.isalpha() and len(term) > 1), "")
    return _HEADS.get(head)


def _chinese(name: str) -> str | None:
    if len(name) > _MOST:
        return None
    if _PROVINCES.search(name):
        return "province"
    if _TOWNS.search(name):
        return "name"
    if _STOREY.search(name):
        return "storey"
    return next((kind for kind, pattern in _CHINESE_KINDS if pattern.search(name)), None)
