"""A random source to names of people in Chinese and English, no two alike while there are enough of them."""

from __future__ import annotations

import random

_FAMILY = (
    "李Li 王Wang 张Zhang 刘Liu 陈Chen 杨Yang 赵Zhao 黄Huang 周Zhou 吴Wu 徐Xu 孙Sun"
    " 胡Hu 朱Zhu 高Gao 林Lin 何He 郭Guo 马Ma 罗Luo 梁Liang 宋Song 郑Zheng 谢Xie"
)
_GIVEN = (
    "娜Na 伟Wei 敏Min 静Jing 磊Lei 洋Yang 艳Yan 勇Yong 军Jun 杰Jie 娟Juan 涛Tao 明Ming 超Chao 霞Xia"
    " 平Ping 刚Gang 桂英Guiying 建国Jianguo 志强Zhiqiang 雪梅Xuemei 海燕Haiyan 文博Wenbo 子涵Zihan"
    " 晓东Xiaodong 丽华Lihua 俊杰Junjie 欣怡Xinyi 浩然Haoran 思远Siyuan"
)
_KNOWN = {0: ("赵", "敏"), 1: ("王", "伟"), 4: ("李", "娜")}  # the auditor, the manager and the rep of every guide


def three_and_others(rng: random.Random, count: int) -> list[tuple[str, str]]:
    """Names as (Chinese, English) in the order of hiring, those of three people always the same."""
    pairs = [(_split(family), _split(given)) for family in _FAMILY.split() for given in _GIVEN.split()]
    known = list(_KNOWN.values())
    known_pairs = [pair for pair in pairs if (pair[0][0], pair[1][0]) in known]
    others = [pair for pair in pairs if pair not in known_pairs]
    rng.shuffle(others)
    by_name = {(pair[0][0], pair[1][0]): pair for pair in known_pairs}
    names = []
    for at in range(count + 40):
        (family_zh, family_en), (given_zh, given_en) = by_name[_KNOWN[at]] if at in _KNOWN else others.pop()
        names.append((family_zh + given_zh, f"{family_en} {given_en}"))
    return names


def _split(name: str) -> tuple[str, str]:
    """`李Li` to its Chinese and its Latin part."""
    at = next(i for i, letter in enumerate(name) if letter.isascii())
    return name[:at], name[at:]
