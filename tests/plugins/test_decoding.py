from __future__ import annotations

import subprocess
import sys

import pytest

from plugins._decoding import decode, detect, to_lines
from plugins._encoding import Encoding, aligned

CHINESE = "春天到了，花园里的花都开了。小明和他的朋友们一起去公园散步，看到了很多蝴蝶。\n"
TRADITIONAL = "春天到了，花園裡的花都開了。小明和他的朋友們一起去公園散步，看到了很多蝴蝶。\n"
JAPANESE = "朝早く起きて、コーヒーを飲みながら新聞を読んだ。今日は図書館でゆっくり本を探すつもりだ。\n"
KOREAN = "안녕하세요. 오늘은 날씨가 아주 좋습니다. 우리는 공원에 갔습니다.\n"
RUSSIAN = "Сегодня хорошая погода, и мы пошли гулять в парк. Там было много людей, дети играли у воды.\n"
FRENCH = "Les élèves étaient déjà là où ça commençait à être très agréable, à côté de l'hôtel.\n"

STORED = [
    *((CHINESE, codec) for codec in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be")),
    *((CHINESE, codec) for codec in ("gb18030", "gbk")),
    *((TRADITIONAL, codec) for codec in ("big5", "gb18030")),
    *((JAPANESE, codec) for codec in ("shift_jis", "euc_jp", "utf-16-le")),
    *((JAPANESE, codec) for codec in ("iso2022_jp", "iso2022_jp_2004")),
    ("ｶﾀｶﾅと漢字\n", "iso2022_jp_ext"),
    *((KOREAN, codec) for codec in ("euc_kr", "utf-16-be")),
    *((RUSSIAN, codec) for codec in ("cp1251", "koi8_r", "cp866")),
    *((FRENCH, codec) for codec in ("latin-1", "cp1252", "utf-16-le", "utf-32-le")),
    ("Grüße aus München – heute ist Sonntag.\n", "cp1252"),
    ("Příliš žluťoučký kůň úpěl ďábelské ódy. Dnes večer jdeme do divadla.\n", "cp1250"),
    ("Σήμερα ο καιρός είναι καλός και πήγαμε βόλτα στο πάρκο.\n", "cp1253"),
    ("总结一下", "gb18030"),
    ("摘要與結論", "big5"),
    ("設定ファイル", "shift_jis"),
    ("設定ファイル", "euc_jp"),
    ("def total():  # 计算总和\n    return 1\n", "gb18030"),
]


@pytest.mark.parametrize(("text", "codec"), STORED)
def test_a_text_is_read_whatever_it_is_stored_as(text: str, codec: str) -> None:
    content = text.encode(codec)
    found, encoding = decode(content)
    assert found == text
    assert not encoding.broken
    assert encoding.write_exactly(encoding.read_exactly(content)) == content


def test_plain_utf8_needs_no_mention_and_all_else_has_a_name() -> None:
    assert detect("naïve".encode()).plain
    assert detect(b"plain").plain
    assert detect(CHINESE.encode("gb18030")).name == "GB18030"
    assert detect(CHINESE.encode("utf-16")).name in ("UTF-16-LE", "UTF-16-BE")
    assert detect(RUSSIAN.encode("koi8_r")).name == "KOI8-R"
    assert detect(JAPANESE.encode("iso2022_jp")).name == "ISO-2022-JP"


def test_the_colours_of_a_terminal_are_no_japanese() -> None:
    assert detect(b"\x1b[31mred\x1b(B\x1b[m and \x1b$ alone\n").plain
    assert detect(b"\x1b$Bodd").plain


def test_a_few_spoilt_bytes_do_not_make_utf8_something_else() -> None:
    content = (CHINESE * 3).encode() + b"\xe4\xbd" + b"\n" + CHINESE.encode()
    text, encoding = decode(content)
    assert encoding.broken
    assert encoding.codec == "utf-8"
    assert text.count("\ufffd") == 1
    assert text.startswith(CHINESE)
    assert encoding.write_exactly(encoding.read_exactly(content)) == content


def test_bytes_that_fit_nothing_are_decoded_all_the_same() -> None:
    content = bytes(range(0x80, 0x100)) * 3
    text, _ = decode(content)
    assert text


def test_a_spoilt_utf16_file_says_that_it_is_broken() -> None:
    text, encoding = decode("好的\n".encode("utf-16") + b"\x00")
    assert encoding.broken
    assert text.startswith("好的\n")


def test_a_mark_is_kept_when_the_text_is_written_again() -> None:
    encoding = detect("a".encode("utf-8-sig"))
    assert encoding.write_exactly("b") == "b".encode("utf-8-sig")
    assert encoding.write_exactly("b", mark=False) == b"b"


def test_a_character_that_the_encoding_has_not_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        Encoding(codec="cp1252").write_exactly("好")


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "shift_jis", "utf-16-le", "cp1252"])
def test_a_place_within_a_character_is_moved_to_its_beginning(codec: str) -> None:
    text = "aé" if codec == "cp1252" else "a好b本"
    content = text.encode(codec)
    begins = {len(text[:count].encode(codec)) for count in range(len(text) + 1)}
    for offset in range(len(content) + 1):
        found = aligned(content, offset, Encoding(codec=codec))
        assert found in begins
        assert found == max(place for place in begins if place <= offset)


def test_a_place_within_the_mark_is_the_beginning() -> None:
    content = "好".encode("utf-16")
    assert aligned(content, 1, detect(content)) == 0


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\nb\n", ["a", "b"]),
        ("a\r\nb\r\n\r\n", ["a", "b", ""]),
        ("a\rb\r", ["a", "b"]),
        ("a\u2028b\x0cc\n", ["a\u2028b\x0cc"]),
    ],
)
def test_lines_end_where_an_editor_ends_them(text: str, lines: list[str]) -> None:
    assert to_lines(text) == lines


def test_the_guesser_is_imported_only_for_old_files() -> None:
    program = (
        "import sys; from plugins._decoding import decode;"
        "decode('春天'.encode()); decode('春天'.encode('gb18030')); print('charset_normalizer' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
