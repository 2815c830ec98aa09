"""Every damage, by kind. Their messages are listed in docs/damages.md (``make damages``)."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable, Iterable

import polars as pl

from tests.damage.registry import (
    DAMAGES,
    ENCODING,
    FILE,
    OTHER,
    SURVEY,
    Case,
    Table,
    damage,
    margin,
    once,
    packed,
    put,
    put_all,
    rows,
    survey,
    text,
    wave,
)

__all__ = ["DAMAGES"]

ADD = ("wave", "add", SURVEY, "FILE", "--wave", "2023")
SCRIPT = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://example.fr";"Cliquez")'
MIB, GIB = 1 << 20, 1 << 30

# --- structure ----------------------------------------------------------------------------------


@damage("structure", "empty", FILE)
@text
def an_empty_file(_: bytes) -> bytes:
    return b""


@damage("structure", "empty", FILE)
@text
def blank_lines_only(_: bytes) -> bytes:
    return b"\r\n \r\n\r\n"


@damage("structure", "a header and no row", FILE)
@text
def a_header_only(content: bytes) -> bytes:
    return content.split(b"\n", 1)[0] + b"\n"


@damage("structure", "columns read are missing", FILE)
@rows
def no_header(t: Table) -> None:
    t[0] = [f"VAR{i:05d}" for i in range(len(t[0]))]


@damage("structure", '"SEXE" is missing', FILE)
@rows
def a_column_gone(t: Table) -> None:
    at = t[0].index("SEXE")
    for row in t:
        del row[at]


@damage("structure", 'did you mean "POND_"', FILE)
@rows
def a_column_renamed(t: Table) -> None:
    t[0][t[0].index("POND")] = "POND_"


@damage("structure", "2 times", "row 1")
@rows
def a_column_twice(t: Table) -> None:
    t[0][t[0].index("AGE")] = "SEXE"


@damage("structure", "has no name", "row 1")
@rows
def a_column_without_name(t: Table) -> None:
    t[0][5] = " "


@damage("structure", "fields", "row 100")
@rows
def a_row_cut(t: Table) -> None:
    del t[99][20:]


@damage("structure", "fields", "row 100")
@rows
def a_row_with_a_field_more(t: Table) -> None:
    t[99].insert(3, "Oui")


@damage("structure", "fields", FILE)
@text
def cut_within_the_last_row(content: bytes) -> bytes:
    return content[: content.rindex(b",")]


@damage("structure", "rows for the wave 2022", FILE)
@rows
def half_of_the_rows(t: Table) -> None:
    del t[len(t) // 2 :]


@damage("structure", "which no wave claims", FILE)
@rows
def no_row_of_the_wave(t: Table) -> None:
    put_all(t, "ANNEE", lambda _: "2020")


@damage("structure", "which no wave claims", "ANNEE")
@rows
def rows_of_a_wave_unknown(t: Table) -> None:
    put(t, 100, "ANNEE", "2023")


@damage("structure", "more than once", "IDENT")
@rows
def a_row_repeated(t: Table) -> None:
    t[200] = t[100]


@damage("structure", "fields", "row 100")
@rows
def a_blank_line_between_rows(t: Table) -> None:
    t.insert(99, [])


@damage("structure", "second header", "ANNEE")
@rows
def a_second_header_between_rows(t: Table) -> None:
    t[100] = list(t[0])


@damage("structure", "no category", "row 100", most=4)
@rows
def columns_shifted_in_a_row(t: Table) -> None:
    at = t[0].index("SEXE")
    t[99][at : at + 4] = [*t[99][at + 1 : at + 4], "NA"]


@damage("structure", "close the quote", "row 100")
@text
def a_quote_never_closed(content: bytes) -> bytes:
    return _in_line(content, 100, lambda line: b'"NA' + line)


@damage("structure", "quote", "row 100")
@text
def a_quote_within_a_text(content: bytes) -> bytes:
    return _in_line(content, 100, lambda line: b'"a"b' + line)


@damage("structure", "separator", "row 1")
@text
def another_separator(content: bytes) -> bytes:
    return content.replace(b",", b";")


@damage("structure", "columns read are missing", FILE)
@text
def another_file_altogether(_: bytes) -> bytes:
    return b"commune,population\nParis,2133111\nLyon,522250\n"


@damage("structure", "HTML", FILE)
@text
def a_page_of_a_website(_: bytes) -> bytes:
    return b"<!DOCTYPE html>\n<html><head><title>403, Forbidden</title></head></html>\n"


@damage("structure", "JSON", FILE)
@text
def a_file_of_json(_: bytes) -> bytes:
    return json.dumps([{"IDENT": "1", "POND": 1.0}, {"IDENT": "2", "POND": 1.0}]).encode()


# --- encoding -----------------------------------------------------------------------------------


@damage("encoding", "the file is UTF-8", "row")
@text
def another_encoding(content: bytes) -> bytes:
    return content.decode(ENCODING).encode()


@damage("encoding", "NUL byte", "row 1")
@text
def sixteen_bits_a_letter(content: bytes) -> bytes:
    return content.decode(ENCODING).encode("utf-16-le")


@damage("encoding", "byte 0x81 is not windows-1252", "row 100")
@text
def a_byte_of_no_letter(content: bytes) -> bytes:
    return _in_line(content, 100, lambda line: b"\x81" + line)


@damage("encoding", "NUL byte", "row 100")
@text
def a_nul_byte_within_a_text(content: bytes) -> bytes:
    return _in_line(content, 100, lambda line: b"\0" + line)


@damage("encoding", "NUL byte", "row")
@text
def a_block_of_nul_bytes_at_the_end(content: bytes) -> bytes:
    return content[:-5000] + bytes(5000)


@damage("encoding", "NUL byte", "row 1")
@text
def nul_bytes_only(_: bytes) -> bytes:
    return bytes(MIB)


@damage("encoding", "no category", FILE, most=300)
def encoded_twice(case: Case) -> None:
    case.file.write_bytes(case.content.decode(ENCODING).encode().decode("latin-1").encode())
    _declare_utf8(case)


@damage("encoding", "mark of UTF-8", FILE)
@text
def a_mark_of_another_encoding(content: bytes) -> bytes:
    return b"\xef\xbb\xbf" + content


@damage("encoding", "carriage return", "row 1")
@text
def ends_of_lines_of_an_old_macintosh(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n").replace(b"\n", b"\r")


@damage("encoding", "dialect.encoding", "row 1")
@text
def an_encoding_of_mainframes(content: bytes) -> bytes:
    return content[:MIB].decode(ENCODING).encode("cp500", "replace")


@damage("encoding", "no category", "SEXE")
@rows
def orders_to_the_terminal_in_a_text(t: Table) -> None:
    put(t, 100, "SEXE", "\x1b[2J\x1b]0;owned\x07Femme")


@damage("encoding", "a text encoding", "dialect.encoding")
@wave
def an_encoding_that_is_not_one(text: str) -> str:
    return once("encoding: windows-1252", "encoding: rot13")(text)


# --- values -------------------------------------------------------------------------------------


@damage("values", "under recode:", "row 100, column SEXE")
@rows
def an_unknown_answer(t: Table) -> None:
    put(t, 100, "SEXE", "Autre")


@damage("values", "under recode:", "column SEXE", most=10)
@rows
def a_thousand_unknown_answers(t: Table) -> None:
    for i in range(1000):
        put(t, 2 + i, "SEXE", f"Inconnu {i}")


@damage("values", "12 to 110", "row 100, column AGE")
@rows
def a_number_out_of_range(t: Table) -> None:
    put(t, 100, "AGE", "250")


@damage("values", "not a number", "row 100, column AGE")
@rows
def a_text_for_a_number(t: Table) -> None:
    put(t, 100, "AGE", "trente")


@damage("values", "not a number", "row 100, column AGE")
@rows
def a_number_beyond_numbers(t: Table) -> None:
    put(t, 100, "AGE", "9" * 400)


@damage("values", "not a number", "row 100, column AGE")
@rows
def digits_of_another_script(t: Table) -> None:
    put(t, 100, "AGE", "²³")


@damage("values", "not a number", "AGE")
@rows
def an_error_of_a_spreadsheet(t: Table) -> None:
    put(t, 100, "AGE", "#REF!")


@damage("values", "no category", "row 100, column SEXE")
@rows
def html_in_a_text(t: Table) -> None:
    put(t, 100, "SEXE", SCRIPT)


@damage("values", "no category", "row 100, column SEXE")
@rows
def a_formula_in_a_text(t: Table) -> None:
    put(t, 100, "SEXE", FORMULA)


@damage("values", "1048576 characters", "row 100, column SEXE")
@rows
def a_text_without_end(t: Table) -> None:
    put(t, 100, "SEXE", "A" * MIB)


@damage("values", "is no identifier", "row 100, column IDENT")
@rows
def a_blank_identifier(t: Table) -> None:
    put(t, 100, "IDENT", "")


@damage("values", "more than once", "column IDENT", most=2)
@rows
def identifiers_rounded_by_a_spreadsheet(t: Table) -> None:
    put_all(t, "IDENT", lambda _: "2,02201E+11")


@damage("values", "no category", "SEXE")
@rows
def a_column_emptied(t: Table) -> None:
    put_all(t, "SEXE", lambda _: "")


@damage("values", "have no value though all were asked", "SEXE")
@rows
def a_question_not_asked(t: Table) -> None:
    put(t, 100, "SEXE", "NA")


@damage("values", "outside its universe", "FREINWEB1")
@rows
def answers_of_people_who_were_not_asked(t: Table) -> None:
    put_all(t, "FREINWEB1", lambda x: "Non" if x == "NA" else x)


# --- weights ------------------------------------------------------------------------------------


def _weight(name: str, value: str, says: str) -> None:
    """A weight of respondent 99 that is none."""

    def change(t: Table) -> None:
        put(t, 100, "POND", value)

    change.__name__ = name
    damage("weights", says, "row 100, column POND")(rows(change))


_weight("a_negative_weight", "-0.5", "is negative")
_weight("a_text_for_a_weight", "un", "is not a weight")
_weight("a_blank_weight", "", "is not a weight")
_weight("a_weight_without_end", "inf", "is not a weight")
_weight("a_weight_that_is_no_number", "NaN", "is not a weight")
_weight("a_weight_beyond_numbers", "1e999", "is not a weight")
_weight("a_weight_with_a_decimal_comma", "0,5", "is not a weight")
_weight("a_weight_with_a_separator_of_thousands", "1 000", "is not a weight")
_weight("a_formula_for_a_weight", "=B2*2", "is not a weight")


@damage("weights", "weights add up to 0", "POND")
@rows
def weights_of_zero(t: Table) -> None:
    put_all(t, "POND", lambda _: "0")


@damage("weights", "too large", "row 100, column POND")
@rows
def a_weight_that_drowns_all_others(t: Table) -> None:
    put(t, 100, "POND", "1e300")


# --- labels and definition ----------------------------------------------------------------------

SEXE = "femme: {label: Femmes, raw: Femme}"


def _label(name: str, label: str, says: str) -> None:
    """A label of survey.yml that no page should print."""

    def change(text: str) -> str:
        return once(SEXE, f"femme: {{label: {json.dumps(label)}, raw: Femme}}")(text)

    change.__name__ = name
    damage("labels", says, "variables.sexe.categories.femme")(survey(change))


_label("html_in_a_label", f"Femmes {SCRIPT}", "HTML")
_label("a_formula_in_a_label", FORMULA, "formula")
_label("orders_to_the_terminal_in_a_label", "Femmes\x1b[2J", "\\x1b")
_label("letters_that_turn_a_label_around", "Femmes\u202e", "\\u202e")
_label("a_mark_of_direction_in_a_label", "Femmes\u200f", "U+200F")
_label("a_space_of_no_width_in_a_label", "Fem\u200bmes", "U+200B")
_label("a_line_separator_in_a_label", "Femmes\u2028", "U+2028")
_label("half_a_character_in_a_label", "Femmes\ud83d", "U+D83D")
_label("a_command_of_quarto_in_a_label", "Femmes {{< include /etc/passwd >}}", "{{<")
_label("a_label_without_end", "Femmes " * 15_000, "more than 4000 characters")
_label("a_label_of_a_page", "Femmes " * 100, "more than 300 characters")


@damage("labels", "Femme", "variables.sexe.categories.homme")
@survey
def a_text_with_two_meanings(text: str) -> str:
    return once("{label: Hommes, raw: Homme}", "{label: Hommes, raw: [Homme, Femme]}")(text)


@damage("definition", "UTF-8", "survey.yml")
def another_encoding_of_the_definition(case: Case) -> None:
    path = case.survey / "survey.yml"
    path.write_bytes(path.read_bytes().decode().encode(ENCODING, "replace"))


@damage("definition", "not YAML", "survey.yml")
@survey
def a_bracket_never_closed(text: str) -> str:
    return once(SEXE, SEXE[:-1])(text)


@damage("definition", "not YAML", "survey.yml")
@survey
def a_tabulation(text: str) -> str:
    return once(f"      {SEXE}", f"\t{SEXE}")(text)


@damage("definition", "twice", "survey.yml")
@survey
def a_key_twice(text: str) -> str:
    return text + "\nthemes: {a: b}\n"


@damage("definition", "not known", "survey.yml")
@survey
def an_unknown_key(text: str) -> str:
    return text + "\nwheight: POND\n"


@damage("definition", "empty", "survey.yml")
@survey
def an_empty_definition(_: str) -> str:
    return ""


@damage("definition", "anchor", "survey.yml", most=20)
@survey
def a_billion_laughs(text: str) -> str:
    lines = ["a0: &a0 lol"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    return "\n".join([*lines, text])


@damage("definition", "the tag !!python/object/apply:os.system", "survey.yml:1")
@survey
def a_tag_that_runs_a_command(text: str) -> str:
    return 'units: !!python/object/apply:os.system ["touch owned"]\n' + text


@damage("definition", "the tag !!python/object/new:str", "survey.yml:1")
@survey
def a_tag_on_a_text(text: str) -> str:
    return "units: !!python/object/new:str personnes\n" + text


@damage("definition", "brackets within brackets", "survey.yml")
@survey
def brackets_without_end(text: str) -> str:
    return text + "\nnote2: " + "[" * 100_000


@damage("definition", "4 MiB at most", "survey.yml")
def a_definition_of_a_hundred_megabytes(case: Case) -> None:
    with (case.survey / "survey.yml").open("a") as f:
        f.write("# rien\n" * (100 * MIB // 7))


@damage("definition", "200 words", "survey.yml", most=1)
@survey
def an_expression_without_end(text: str) -> str:
    return once("when: age < 18}", f"when: {' and '.join(['age < 18'] * 20_000)}}}")(text)


@damage("definition", "is not a wave", "variables.niveau_de_vie.waves")
@survey
def a_range_of_waves_in_words(text: str) -> str:
    before = "    column: TYPOSQT\n    type: ordinal\n    waves: "
    return once(f'{before}"2011-"', f"{before}de 2011 à 2020")(text)


@damage("definition", "10000000", "waves/2022.yml")
def a_wave_of_a_billion_rows(case: Case) -> None:
    path = case.survey / "waves" / "2022.yml"
    path.write_text(once("size: 4184", "size: 99999999999")(path.read_text("utf-8")), "utf-8")
    for name in (FILE, OTHER):
        (case.data / name).unlink()  # demonstration data of that size would be drawn


@damage("definition", "the file is named", "waves/2022.yml", most=2)
@wave
def a_path_in_a_wave_name(text: str) -> str:
    return once('wave: "2022"', "wave: ../../../escaped")(text)


@damage("definition", "cannot name a wave", "waves")
def a_wave_named_by_a_formula(case: Case) -> None:
    path = case.survey / "waves" / "2022.yml"
    text = once('wave: "2022"', 'wave: "=1+1"')(path.read_text("utf-8"))
    path.unlink()
    path.with_name("=1+1.yml").write_text(text, "utf-8")


@damage("definition", "cannot name a wave", "waves", command=(*ADD[:-1], "../../../escaped"))
def a_path_in_the_name_of_a_new_wave(_: Case) -> None:
    """The file is whole; the wave is not."""


@damage("definition", "is not a file of the survey", "waves/2022.yml")
@wave
def a_path_to_the_raw_file(text: str) -> str:
    return once(f"file: {FILE}", f"file: ../../{FILE}")(text)


@damage("definition", "a name without folders", "data.files", most=2)
def a_path_to_the_raw_file_declared(case: Case) -> None:
    for name in ("survey.yml", "waves/2022.yml"):
        path = case.survey / name
        path.write_text(path.read_text("utf-8").replace(FILE, f"../../{FILE}"), "utf-8")
    case.file.rename(case.data.parent.parent / FILE)


@damage("definition", "leads elsewhere", "data.folder")
@survey
def a_path_to_the_raw_files(text: str) -> str:
    return once("folder: barometre-numerique", "folder: ../../../etc")(text)


@damage("definition", "a name without folders", "waves/2022.yml:2: file", most=3)
@wave
def a_path_to_a_file_brought_along(text: str) -> str:
    """Of an edition that survey.yml does not list; were it not there it would be drawn there."""
    return once(f"file: {FILE}", f"file: ../../{FILE}\nedition: {{title: Une autre}}")(text)


def _named(section: str, old: str, new: str, name: str) -> None:
    """A name of survey.yml that files are called after."""

    def change(text: str) -> str:
        return once(old, new)(text)

    change.__name__ = name
    damage("definition", f"cannot be a name of {section}", "survey.yml", most=6)(survey(change))


DOMAIN, SMARTPHONES = "\n  avant_40_ans: {label: Avant", "\n  equipes_smartphone:\n    label: per"
_named("domains", DOMAIN, DOMAIN.replace("avant_40_ans", '"../../x"'), "a_path_for_a_domain")
_named("domains", DOMAIN, DOMAIN.replace("avant_40_ans", "a" * 61), "a_name_without_end")
_named("indicators", "\n  smartphone:\n    label: Possession", '\n  "../../../x":\n    label: Pos',
       "a_path_for_an_indicator")  # fmt: skip
_named("populations", SMARTPHONES, SMARTPHONES.replace("equipes_smartphone", f'"{SCRIPT}"'),
       "html_for_a_population")  # fmt: skip


@damage("definition", "cannot be a name of themes", "survey.yml")
@survey
def a_path_for_a_theme(text: str) -> str:
    for key in ("\n  {}: Temps passé", "    theme: {}\n"):
        text = text.replace(key.format("temps"), key.format("/etc/cron.d/x"))
    return text


@damage("definition", "is no link", "licence.url")
@survey
def a_script_for_a_link(text: str) -> str:
    return once("url: https://opendatacommons.org/licenses/odbl/1-0/", "url: javascript:a()")(text)


@damage("definition", "is no slug", "data.slug")
@survey
def a_path_for_a_data_set(text: str) -> str:
    return once("slug: barometre-du-numerique", "slug: ../../users/1?x=")(text)


@damage("definition", "no survey.yml", command=("validate", "../../etc", "--quiet"))
def a_path_in_the_name_of_a_survey(_: Case) -> None:
    """The project is whole; the name is not."""


@damage("definition", "cannot be read", "waves/2022.yml")
def a_folder_for_a_wave(case: Case) -> None:
    path = case.survey / "waves" / "2022.yml"
    path.unlink()
    path.mkdir()


@damage("margins", "the file is empty", "agglomeration.csv")
@margin
def an_empty_margin(_: str) -> str:
    return ""


@damage("margins", "13919171", "agglomeration.csv:2")
@margin
def a_margin_with_a_separator_of_thousands(text: str) -> str:
    return once("13919171", "13 919 171")(text)


@damage("margins", "-1", "agglomeration.csv:2")
@margin
def a_negative_margin(text: str) -> str:
    return once("13919171", "-1")(text)


@damage("margins", "1e999", "agglomeration.csv:2")
@margin
def a_margin_beyond_numbers(text: str) -> str:
    return once("13919171", "1e999")(text)


@damage("margins", "U+202E", "agglomeration.csv:2")
@margin
def a_source_that_turns_around(text: str) -> str:
    before = "rural,13919171,"
    return once(f'{before}"Insee', f'{before}"\u202eInsee')(text)


@damage("margins", "no population", "agglomeration.csv, rural", most=2)
@margin
def a_margin_without_a_category(text: str) -> str:
    return "".join(line for line in text.splitlines(True) if not line.startswith("rural"))


# --- compression --------------------------------------------------------------------------------


@damage("compression", "cut short", FILE)
@packed
def a_compressed_file_cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


@damage("compression", "damaged", FILE)
@packed
def a_bit_flipped(content: bytes) -> bytes:
    at = len(content) // 2
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@damage("compression", "damaged", FILE)
@packed
def a_wrong_checksum(content: bytes) -> bytes:
    return content[:-8] + bytes(4) + content[-4:]


@damage("compression", "damaged", FILE)
@packed
def something_after_the_end(content: bytes) -> bytes:
    return content + b"something else"


@damage("compression", "compressed twice", FILE)
@packed
def compressed_twice(content: bytes) -> bytes:
    return gzip.compress(content, 1)


@damage("compression", "bzip2", FILE)
@text
def another_compression(content: bytes) -> bytes:
    return bz2.compress(content[:100_000])


@damage("compression", "xz", FILE)
@text
def yet_another_compression(content: bytes) -> bytes:
    return lzma.compress(content[:100_000])


@damage("compression", "archive of 2 files", FILE)
@text
def an_archive_of_two_files(content: bytes) -> bytes:
    return _zip({"a.csv": content, "b.csv": content})


@damage("compression", "archive of 0 files", FILE)
@text
def an_archive_of_nothing(_: bytes) -> bytes:
    return _zip({"folder/": b""})


@damage("compression", "encrypted", FILE)
@text
def an_encrypted_archive(content: bytes) -> bytes:
    archive = bytearray(_zip({"a.csv": content}))
    archive[archive.index(b"PK\x01\x02") + 8] |= 1
    archive[6] |= 1
    return bytes(archive)


@damage("compression", "damaged", FILE)
@text
def an_archive_cut(content: bytes) -> bytes:
    return _zip({"a.csv": content})[:-5000]


# --- size ---------------------------------------------------------------------------------------


@damage("size", "times as much", FILE, alone=True)
def a_gzip_bomb(case: Case) -> None:
    _bomb(case, b"1,2\n" * (MIB // 4), 2048)


@damage("size", "longer than", "row 2", alone=True)
def a_gzip_bomb_of_one_row(case: Case) -> None:
    _bomb(case, b"a" * MIB, 5 * 1024)


@damage("size", "times as much", FILE, alone=True)
def a_zip_bomb(case: Case) -> None:
    case.file.write_bytes(_zip({"a.csv": b"1,2\n" * (64 * MIB)}))


@damage("size", "GiB", FILE, alone=True)
def a_sparse_row_of_five_gigabytes(case: Case) -> None:
    _sparse(case, 5 * GIB)


@damage("size", "longer than", "row 3", alone=True)
def a_sparse_row_of_three_gigabytes(case: Case) -> None:
    _sparse(case, 3 * GIB)


@damage("size", "longer than", "row 2", alone=True)
def a_row_of_a_hundred_megabytes(case: Case) -> None:
    with case.file.open("wb") as f:
        f.write(b"IDENT,POND\n1,")
        for _ in range(100):
            f.write(b"a" * MIB)


@damage("size", "600000 columns", "row 1", alone=True)
@text
def six_hundred_thousand_columns(_: bytes) -> bytes:
    return b"\n".join((b",".join(b"%x" % i for i in range(600_000)), b"," * 599_999, b""))


@damage("size", "1000000 columns", "row 1", alone=True)
@text
def a_million_columns(_: bytes) -> bytes:
    return b"\n".join((b",".join([b"a"] * 1_000_000), b"," * 999_999, b""))


@damage("size", "1000000 fields", "row 3", alone=True)
@text
def a_row_of_a_million_fields(_: bytes) -> bytes:
    return b"\n".join((b"IDENT,POND", b"1,2", b"," * 999_999, b""))


@damage("size", "not readable as CSV", "row 1")
@rows
def a_name_of_a_megabyte(t: Table) -> None:
    t[0][3] = "A" * MIB


@damage("size", "cells", FILE, alone=True)
def a_parquet_file_of_a_billion_rows(case: Case) -> None:
    pl.select(pl.repeat(True, 1 << 30, dtype=pl.Boolean).alias("IDENT")).write_parquet(case.file)


@damage("size", "cells", FILE, alone=True)
@text
def a_workbook_with_a_cell_in_the_last_corner(_: bytes) -> bytes:
    return workbook([("A1", "IDENT"), ("XFD1048576", "x")])


@damage("size", "most of them the same", f"{FILE}: sheet1.xml", alone=True)
@text
def a_workbook_of_one_text_in_every_cell(_: bytes) -> bytes:
    named = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 20_001))
    shared = f"<sst><si><t>{'A' * 1_000_000}</t></si></sst>"
    return workbook([], sheet=named, more={"xl/sharedStrings.xml": shared.encode()})


@damage("size", "in a cell", FILE, alone=True)
@text
def a_workbook_with_a_text_of_eight_megabytes(_: bytes) -> bytes:
    shared = f"<sst><si><t>{'A' * 8 * MIB}</t></si></sst>"
    return workbook([("A1", "IDENT")], more={"xl/sharedStrings.xml": shared.encode()})


@damage("size", "cells", f"{FILE}: x.data", alone=True)
@text
def a_workbook_whose_sheet_stands_elsewhere(_: bytes) -> bytes:
    return workbook([("A1", "IDENT"), ("XFD1048576", "x")], place="x.data")


@damage("size", "most of them the same", FILE, alone=True)
def a_parquet_file_of_one_text_in_every_row(case: Case) -> None:
    long = pl.lit("A" * 1_000_000).alias("IDENT")
    pl.LazyFrame({"row": range(6_000)}).select(long, "row").sink_parquet(case.file)  # 6 GB


@damage("format", "of the binary kind (xlsb)", FILE)
@text
def a_workbook_of_the_binary_kind(_: bytes) -> bytes:
    return _zip({"[Content_Types].xml": b"<Types/>", "xl/workbook.bin": b"\x83\x01\x00"})


@damage("size", "longer than the archive says", FILE, alone=True)
@text
def a_workbook_that_lies_about_its_size(_: bytes) -> bytes:
    """Readers of workbooks go on to the end of what was compressed."""
    out = io.BytesIO(workbook([("A1", "IDENT")], filler=b" " * (128 * MIB)))
    with zipfile.ZipFile(out, "a") as archive:
        (sheet,) = (i for i in archive.filelist if i.filename.endswith("sheet1.xml"))
        sheet.file_size, sheet.CRC = 100, zlib.crc32(archive.read(sheet)[:100])
        archive.writestr("more.xml", b"<more/>")  # so that the list is written anew
    return out.getvalue()


@damage("size", "times as much", FILE, alone=True)
@text
def a_workbook_that_is_a_bomb(_: bytes) -> bytes:
    return workbook([("A1", "IDENT")], filler=b" " * (128 * MIB))


@damage("size", "times as much", FILE, alone=True)
@text
def a_workbook_that_is_a_bomb_compressed_again(_: bytes) -> bytes:
    return gzip.compress(workbook([("A1", "IDENT")], filler=b" " * (128 * MIB)))


# --- other formats ------------------------------------------------------------------------------


@damage("format", "workbook", FILE)
@text
def a_workbook_without_sheets(_: bytes) -> bytes:
    return _zip({"[Content_Types].xml": b"<Types/>"})


@damage("format", "Parquet", FILE)
@text
def a_parquet_file_cut(_: bytes) -> bytes:
    out = io.BytesIO()
    pl.DataFrame({"IDENT": ["a"] * 1000}).write_parquet(out)
    return out.getvalue()[:-100]


@damage("format", "spss", FILE)
@text
def a_file_of_spss_cut(_: bytes) -> bytes:
    return b"$FL2@(#) SPSS DATA FILE" + bytes(200)


@damage("format", "PDF", FILE)
@text
def a_pdf(_: bytes) -> bytes:
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"


# --- places -------------------------------------------------------------------------------------


@damage("place", "missing", FILE)
def no_file(case: Case) -> None:
    case.file.unlink()


@damage("place", "missing", FILE)
def a_folder_for_the_file(case: Case) -> None:
    case.file.unlink()
    case.file.mkdir()


@damage("place", "missing", FILE)
def a_link_to_itself(case: Case) -> None:
    case.file.unlink()
    case.file.symlink_to(case.file.name)


@damage("place", "a device or a pipe", command=ADD, alone=True)
def a_pipe_for_the_file(case: Case) -> None:
    case.file.unlink()
    os.mkfifo(case.file)


@damage("place", "a device or a pipe", command=(*ADD[:3], "/dev/zero", *ADD[4:]), alone=True)
def a_device_for_the_file(_: Case) -> None:
    """Bytes without end."""


# --- harmless -----------------------------------------------------------------------------------


@damage("harmless")
@text
def ends_of_lines_of_windows(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


@damage("harmless")
@text
def blank_lines_at_the_end(content: bytes) -> bytes:
    return content + b"\r\n\n\n"


@damage("harmless")
@text
def no_end_to_the_last_line(content: bytes) -> bytes:
    return content.rstrip()


@damage("harmless")
@packed
def compressed_or_not(content: bytes) -> bytes:
    return content


@damage("harmless")
@text
def zipped_in_place_of_gzipped(content: bytes) -> bytes:
    return _zip({"un autre nom.csv": content})


@damage("harmless")
def a_mark_of_utf8_that_is_declared(case: Case) -> None:
    case.file.write_bytes(case.content.decode(ENCODING).encode("utf-8-sig"))
    _declare_utf8(case)


@damage("harmless")
@rows
def columns_in_another_order(t: Table) -> None:
    for row in t:
        row.reverse()


@damage("harmless")
@rows
def rows_in_another_order(t: Table) -> None:
    t[1:] = t[:0:-1]


@damage("harmless")
@rows
def a_column_more(t: Table) -> None:
    for i, row in enumerate(t):
        row.append(SCRIPT if i else "NOUVELLE")


@damage("harmless")
@rows
def blanks_around_texts(t: Table) -> None:
    put_all(t, "SEXE", lambda x: f"  {x} ")


@damage("harmless")
@rows
def another_apostrophe(t: Table) -> None:
    put_all(t, "PCS8EGO", lambda x: x.replace("'", "\u2019"))


@damage("harmless")
@rows
def zeros_after_weights(t: Table) -> None:
    put_all(t, "POND", lambda x: f"{x}00" if "." in x else f"{x}.00")


# --- what several damages use -------------------------------------------------------------------


def workbook(
    cells: Iterable[tuple[str, str]],
    filler: bytes = b"",
    *,
    sheet: str = "",
    place: str = "worksheets/sheet1.xml",
    more: dict[str, bytes] | None = None,
) -> bytes:
    """A workbook of one sheet that holds texts at the places named, and ``filler`` after them.

    sheet : rows before those ; place : of the sheet in the archive ; more : other parts of it
    """
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    written = "".join(
        f'<row r="{place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}">'
        f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for place, text in cells
    )
    return _zip({
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>'.encode(),
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>'.encode(),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="A" '
        f'sheetId="1" r:id="r1"/></sheets></workbook>'.encode(),
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="{place}"/>'
        f"</Relationships>".encode(),
        f"xl/{place}": f'<worksheet xmlns="{main}"><sheetData>{sheet}{written}'
        f"</sheetData>".encode() + filler + b"</worksheet>",
    } | (more or {}))  # fmt: skip


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def _declare_utf8(case: Case) -> None:
    path = case.survey / "waves" / "2022.yml"
    text = once(f"encoding: {ENCODING}", "encoding: utf-8")(path.read_text("utf-8"))
    path.write_text(text, "utf-8")


def _in_line(content: bytes, number: int, change: Callable[[bytes], bytes]) -> bytes:
    lines = content.splitlines(keepends=True)
    lines[number - 1] = change(lines[number - 1])
    return b"".join(lines)


def _bomb(case: Case, block: bytes, times: int) -> None:
    """A gzip file of ``block`` many times over, made of one compressed piece repeated."""
    header, many = gzip.compress(b"IDENT,POND\n", mtime=0), gzip.compress(block * 16, mtime=0)
    with case.file.open("wb") as f:
        f.write(header)
        for _ in range(times // 16):
            f.write(many)


def _sparse(case: Case, size: int) -> None:
    """A header, a row, and one that is all hole: it takes no room on the disk."""
    with case.file.open("wb") as f:
        f.write(b"IDENT,POND\n1,1\n")
        f.truncate(size)
