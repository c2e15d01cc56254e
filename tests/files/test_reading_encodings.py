"""Text in the encodings of East and West, long and short, comes out as it was written."""

from __future__ import annotations

import codecs

import pytest

from nfm.errors import ReadingError
from nfm.files.charset import detect
from nfm.files.options import ENCODINGS, ReadingOptions
from nfm.files.reading import read_raw_table, read_table, read_table_file

KOREAN = [
    "이름,나이,성별\n김철수,31,남\n이영희,28,여\n박민준,45,남\n",
    "지역,인구,면적\n서울,9411,605\n부산,3349,770\n대구,2414,883\n전라남도,1832,12345\n",
    "제품명,가격\n떡볶이,3000\n순대,4000\n김밥,2500\n",
    "고객번호,등급,구매여부\n1,우수,예\n2,일반,아니오\n",
    "날짜,날씨,관객수\n2024-01-01,맑음,120\n2024-01-02,흐림,95\n",
]
KOREAN_SHORT = ["성별\n남\n여\n", "도시,값\n서울,1\n", "이름,점수\n홍길동,90\n"]
CHINESE = [
    "姓名,年龄,性别\n张三,31,男\n李四,28,女\n王五,45,男\n",
    "城市,人口,面积\n北京,2189,16410\n上海,2487,6340\n广州,1868,7434\n",
    "产品,价格,类别\n苹果,3,水果\n白菜,2,蔬菜\n牛肉,45,肉类\n",
    "订单编号,金额,状态\n1,20.5,已付款\n2,13.0,未付款\n3,8.9,已取消\n",
    "学号,班级,成绩,是否合格\n1,一班,90,是\n2,二班,55,否\n",
]
CHINESE_SHORT = ["性别\n男\n女\n", "城市,值\n北京,1\n", "名称,数量\n螺丝刀,3\n"]
JAPANESE = [
    "名前,年齢,性別\n田中太郎,31,男\nスズキ,28,女\n佐藤さくら,45,女\n",
    "都道府県,人口\n北海道,522\n大阪府,884\n神奈川県,924\n",
    "商品,価格,カテゴリ\nりんご,100,くだもの\nビール,250,飲み物\n",
    "日付,天気,売上\n2024-01-01,晴れ,1200\n2024-01-02,くもり,950\n",
]
JAPANESE_SHORT = ["性別\n男\n女\n", "都市,値\n東京,1\n", "名前,点\n山田,90\n"]
WESTERN = [
    "Name;Größe;Straße\nMüller;1,80;Königsallee 3\nWeiß;1,75;Am Bächle 2\n",
    "Prénom,Âge,Ville\nZoé,31,Besançon\nFrançois,28,Orléans\nNoël,45,Nîmes\n",
    "nombre,edad,ciudad\nÑico,31,A Coruña\nJosé,28,Cádiz\n¿quién?,45,León\n",
    "navn,by\nBjørn,Ålesund\nSøren,Århus\nÆgir,Ærø\n",
    "nome,cidade\nJoão,São Paulo\nConceição,Goiânia\n",
    "article,prix\ncafé crème,3 €\nthé glacé,4 €\nœuf à la coque,2 €\n",
    "quote,note\n“smart quotes”,it’s fine…\nen – dash,§ 5\n",
]
WESTERN_SHORT = ["café\nthé\n", "Größe,x\n1,2\n", "a,b\né,1\n", "Ärger,Öl\n1,2\n", "°C,x\n3,4\n"]
CASES = [
    *(("cp949", text) for text in KOREAN + KOREAN_SHORT),
    *(("gb18030", text) for text in CHINESE + CHINESE_SHORT),
    *(("shift_jis", text) for text in JAPANESE + JAPANESE_SHORT),
    *(("cp1252", text) for text in WESTERN + WESTERN_SHORT),
]
ALL_TEXTS = KOREAN + KOREAN_SHORT + CHINESE + CHINESE_SHORT + JAPANESE + JAPANESE_SHORT + WESTERN


@pytest.mark.parametrize(("encoding", "text"), CASES)
def test_legacy_encodings_are_told_by_their_characters(encoding, text):
    assert detect(text.encode(encoding)) == encoding


@pytest.mark.parametrize("lines", [1, 2, 3])
@pytest.mark.parametrize(("encoding", "text"), CASES)
def test_the_first_lines_alone_are_told_as_well(encoding, text, lines):
    start = "".join(text.splitlines(keepends=True)[:lines])
    found = detect(start.encode(encoding))
    assert start.encode(encoding).decode("cp932" if found == "shift_jis" else found) == start


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ALL_TEXTS)
def test_unicode_encodings_need_no_byte_order_mark(encoding, text):
    expected = read_table(text.encode(), ReadingOptions(encoding="utf-8"))
    assert read_table(text.encode(encoding)).equals(expected)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Имя,Город\nИван,Москва\nОльга,Санкт-Петербург\n"),
        ("koi8-r", "Имя,Город\nИван,Москва\nОльга,Саратов\n"),
        ("cp1253", "Όνομα,Πόλη\nΓιώργος,Αθήνα\nΜαρία,Πάτρα\n"),
        ("cp1254", "İsim,Şehir\nAyşe,İstanbul\nMüjgan,Çanakkale\nIşıl,Iğdır\n"),
        ("cp1250", "jméno,město\nJiří,Plzeň\nŽofie,Český Krumlov\nŠárka,Ústí nad Labem\n"),
        ("cp1250", "Imię,Miasto\nMałgorzata,Łódź\nZbyszek,Świętochłowice\n"),
        ("big5", "姓名,城市\n張美麗,臺北\n陳國華,高雄\n"),
        ("euc_jp", "商品,価格\nりんごジュース,100\nおにぎり,120\n"),
        ("iso-8859-2", "jméno;město\nJiří;Plzeň\nŽofie;Český Krumlov\nŠárka;Ústí\n"),
        ("iso-8859-2", "Imię;Miasto\nMałgorzata;Łódź\nZbyszek;Świętochłowice\n"),
        ("iso-8859-2", "kraj;wartość\nPolska;5\nWęgry;3\nŻywiec;2\nśląskie;9\n"),
        ("cp1250", "název,město\nBrno – střed,1\nČeské Budějovice,2\n"),
        ("cp1255", "שם,עיר\nדוד,ירושלים\nרחל,חיפה\n"),
        ("cp1255", "מוצר,מחיר\nתפוח,3\nבננה,5\n"),
        ("cp1256", "الاسم,المدينة\nمحمد,القاهرة\nفاطمة,بغداد\n"),
        ("cp1256", "النوع,السعر\nتفاح,3\nموز,5\n"),
        ("cp874", "ชื่อ,เมือง\nสมชาย,กรุงเทพ\nสมหญิง,เชียงใหม่\n"),
        ("cp1251", "Товар;Цена\niPhone13про;5\nУтюг Bosch;3\nЧайник;2\n"),
        ("cp1252", "Messwert;µg/m³\nStation 1;2\nStation 2;3\n"),
        ("cp850", "Name;Ort\nMüller;München\nGröße;Straße 5\nJäger;Köln\nÖztürk;Nürnberg\n"),
        ("cp850", "nom;ville\nFrançois;Besançon\nZoé;Orléans\nNoël;Nîmes\n"),
        ("cp866", "Имя;Город\nИванов;Москва\nПетров;Казань\nКузнецов;Новосибирск\n"),
        ("mac_roman", "Name;Ort\nMüller;München\nGröße;Straße 5\nJäger;Köln\nÖztürk;Nürnberg\n"),
    ],
)
def test_other_frequent_encodings_are_told_as_well(encoding, text):
    assert detect(text.encode(encoding)) == encoding


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1252", ["Núñez", "Muñoz", "Peña"]),
        ("cp1252", ["Córdoba", "Logroño", "Ávila", "Jaén"]),
        ("cp1252", ["Besançon", "Orléans", "Nîmes"]),
        ("cp1252", ["Århus", "Ærø", "Søren"]),
        ("cp1250", ["Zażółć", "gęślą", "jaźń"]),
        ("cp1250", ["Łódź", "Kraków", "Gdańsk", "Poznań"]),
        ("cp1250", ["Kőszeg", "Győr", "Pécs"]),
        ("cp1251", ["Москва", "Казань", "Пермь"]),
        ("gb18030", ["T恤", "外套", "裤子"]),
        ("gb18030", ["北京", "iPhone手机", "广州"]),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("count", [3, 10, 60])
def test_a_few_words_with_accents_are_told_in_a_column(encoding, words, delimiter, count):
    rows = [f"{words[place % len(words)]}{delimiter}{50 + place / 4}" for place in range(count)]
    text = "\n".join(["town" + delimiter + "size", *rows, ""])
    assert text.encode(encoding).decode(detect(text.encode(encoding))) == text


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1252", ["Coruña", "Logroño", "Málaga", "Jaén"]),
        ("cp1250", ["Čačak", "Niš", "Plzeň"]),
        ("cp1251", ["Москва", "Омск"]),
        ("shift_jis", ["東京", "大阪"]),
        ("mac_roman", ["Genève", "Nîmes"]),
    ],
)
def test_a_few_rows_have_the_encoding_of_the_training_table(encoding, words):
    text = "".join(f"{words[place % len(words)]},{place}\n" for place in range(60))
    whole = read_table_file(
        f"town,n\n{text}".encode(encoding), options=ReadingOptions(encoding=encoding)
    )
    for word in words:
        for later in (encoding, "utf-8", "utf-8-sig", "utf-16"):
            part = f"town,n\n{word},3\n".encode(later)
            assert read_raw_table(part, guess=whole.options).frame["town"].tolist() == [word]


def test_a_file_that_cannot_have_the_encoding_of_the_training_table_has_its_own():
    guess = ReadingOptions(encoding="shift_jis")
    text = "town,n\n" + "Málaga,3\nCórdoba,4\nZürich,5\n" * 9
    assert read_raw_table(text.encode("cp1252"), guess=guess).frame["town"][0] == "Málaga"


@pytest.mark.parametrize("former", ["utf-8", "cp1252", None])
@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1250", ["Łódź", "Kraków"]),
        ("iso8859-2", ["Šumperk", "Plzeň", "Žilina"]),
        ("cp1254", ["Muğla", "İzmir"]),
        ("cp1251", ["Москва", "Тула"]),
        ("koi8-r", ["Тула", "Москва"]),
        ("cp850", ["Köln", "Düsseldorf"]),
        ("mac-roman", ["Köln", "Düsseldorf"]),
        ("cp1252", ["Köln", "Düsseldorf"]),
        ("cp932", ["東京", "大阪"]),
        ("gb18030", ["北京", "上海"]),
        ("cp949", ["서울", "부산"]),
    ],
)
def test_the_levels_of_a_model_show_the_encoding_of_a_single_row(former, encoding, words):
    guess = ReadingOptions(encoding=former)
    for word in words:
        content = f"price,town\n1,{word}\n".encode(encoding)
        file = read_raw_table(content, guess=guess, wanted=("price", "town"), words=words)
        assert file.frame["town"].to_list() == [word]


def test_a_level_inside_a_cell_does_not_show_an_encoding():
    # In cp1250, the byte of £ is Ł.
    content = "price,town\n£5,York\n".encode("cp1252")
    file = read_raw_table(content, guess=ReadingOptions(), wanted=("price", "town"), words=["Ł"])
    assert file.frame["price"].to_list() == ["£5"]


def test_a_long_ascii_beginning_does_not_hide_the_encoding():
    text = "name,city\n" + "Anna,Bonn\n" * 200_000 + "Jürgen,Köln\n"
    table = read_table(text.encode("cp1252"))
    assert table.iloc[-1].tolist() == ["Jürgen", "Köln"]


def test_umlauts_in_capitals_are_no_katakana():
    assert detect("ÄÖÜ\n".encode("cp1252")) == "cp1252"


def test_one_broken_byte_in_utf8_keeps_the_rest_and_is_noted():
    good = "name,city\n" + "Jürgen,Köln\n" * 20
    file = read_table_file(good.encode() + b"J\xfcrgen,Bonn\n")
    assert file.options.encoding == "utf-8"
    assert file.frame["name"][0] == "Jürgen"
    assert any("1 place" in note for note in file.notes)


def test_a_character_cut_off_at_the_end_is_noted():
    content = ("город,число\n" + "Москва,1\n" * 5 + "Моск").encode()[:-1]
    assert read_table(content)["город"].tolist()[:5] == ["Москва"] * 5


def test_the_encoding_can_be_chosen():
    content = "이름,값\n한글,1\n".encode("cp949")
    chosen = read_table_file(content, options=ReadingOptions(encoding="cp949"))
    assert chosen.frame["이름"].tolist() == ["한글"]
    assert chosen.options.encoding == "cp949"


def test_a_chosen_encoding_that_does_not_fit_is_noted():
    content = "é,ü\n1,2\n".encode("cp1252")
    notes = read_table_file(content, options=ReadingOptions(encoding="utf-8")).notes
    assert any("choose another encoding" in note for note in notes)


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "base64", "", "hex", "idna"])
def test_what_is_no_text_encoding_is_refused(encoding):
    with pytest.raises(ReadingError, match="Unknown text encoding"):
        read_table(b"a,b\n1,2\n", ReadingOptions(encoding=encoding))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_that_is_offered_can_be_chosen(encoding):
    content = "a,b\n1,2\n3,4\n".encode(encoding)
    assert read_table(content, ReadingOptions(encoding=encoding))["a"].tolist() == [1, 3]


def test_a_mark_of_another_encoding_is_left_to_the_person_who_chose():
    content = codecs.BOM_UTF8 + b"a,b\n1,2\n"
    assert list(read_table(content, ReadingOptions(encoding="utf-8")).columns) == ["a", "b"]
