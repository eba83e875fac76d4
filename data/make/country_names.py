"""Write countries.tsv: every name a file may call a country by.

country_names.py WORK_DIR GEONAMES_COUNTRIES_JSON OUT_DIR
"""

import json
import sys
import unicodedata
from pathlib import Path

from babel import Locale, UnknownLocaleError

# Besides each country's own languages.
LANGUAGES = (
    "en",
    "de",
    "fr",
    "it",
    "es",
    "nl",
    "pt",
    "pl",
    "cs",
    "sk",
    "da",
    "sv",
    "nb",
    "fi",
    "hu",
    "ro",
    "sl",
    "hr",
    "tr",
)

# ISO alpha-3 codes that the source leaves out.
ISO3 = {"AX": "ALA", "BQ": "BES", "CC": "CCK", "CX": "CXR", "BV": "BVT", "SJ": "SJM", "TK": "TKL", "XK": "XKX"}

# Vehicle codes as they stand before postal codes ("A-1010 Wien", "D-80331").
VEHICLE = {
    "AD": "AND", "AL": "AL", "AM": "ARM", "AT": "A", "AZ": "AZ", "BA": "BIH", "BE": "B", "BG": "BG", "BY": "BY",
    "CA": "CDN", "CH": "CH", "CY": "CY", "CZ": "CZ", "DE": "D", "DK": "DK", "EE": "EST", "ES": "E", "FI": "FIN",
    "FO": "FO", "FR": "F", "GB": "GB", "GE": "GE", "GR": "GR", "HR": "HR", "HU": "H", "IE": "IRL", "IS": "IS",
    "IT": "I", "JP": "J", "LI": "FL", "LT": "LT", "LU": "L", "LV": "LV", "MC": "MC", "MD": "MD", "ME": "MNE",
    "MK": "NMK", "MT": "M", "NL": "NL", "NO": "N", "PL": "PL", "PT": "P", "RO": "RO", "RS": "SRB", "RU": "RUS",
    "SE": "S", "SI": "SLO", "SK": "SK", "SM": "RSM", "TR": "TR", "UA": "UA", "US": "USA", "VA": "V", "XK": "RKS",
}  # fmt: skip

COLLOQUIAL = {
    "AE": "UAE|U.A.E.|VAE|Emirates|Emirate",
    "AT": "Oesterreich|Republik Österreich|Republic of Austria",
    "BA": "Bosnia|Bosnien|Bosnia Herzegovina|Bosnien-Herzegowina",
    "BE": "Belgien|Belgium|Belgique|België",
    "BY": "Weißrussland|Weissrussland|Belarus|Byelorussia",
    "CD": "DR Congo|DRC|DR Kongo|Zaire|Congo-Kinshasa",
    "CG": "Congo-Brazzaville|Congo|Kongo",
    "CH": "Confoederatio Helvetica|Schweizerische Eidgenossenschaft|Helvetia|Suisse|Svizzera|Svizra",
    "CI": "Ivory Coast|Cote d'Ivoire",
    "CN": "PRC|PR China|P.R. China|VR China|People's Republic of China|Volksrepublik China",
    "CV": "Cabo Verde",
    "CZ": "Czech Republic|Tschechische Republik|Tschechei|Česká republika|Ceska republika|CR",
    "DE": "BRD|Bundesrepublik Deutschland|Federal Republic of Germany|Bundesrepublik|FRG|GER|Dtl.|Dtld.|Deutschl.",
    "DK": "Daenemark|Kongeriget Danmark",
    "GB": "UK|U.K.|England|Scotland|Wales|Northern Ireland|Great Britain|Britain|Großbritannien|Grossbritannien|Schottland|Nordirland|Vereinigtes Koenigreich|Großbritannien und Nordirland|United Kingdom of Great Britain and Northern Ireland",
    "GR": "EL|Hellas|Ellada",
    "HK": "Hongkong|Hong Kong SAR",
    "IE": "Eire|Republic of Ireland|Republik Irland|Südirland",
    "IR": "Islamic Republic of Iran|Persia|Persien",
    "KP": "DPRK|North Korea",
    "KR": "Korea|South Korea|Republik Korea|Korea, Republic of|Rep. Korea",
    "LI": "Fürstentum Liechtenstein|Fuerstentum Liechtenstein",
    "LU": "Grand-Duché de Luxembourg|Großherzogtum Luxemburg|Lëtzebuerg",
    "MD": "Moldova|Moldau|Republik Moldau|Republic of Moldova|Moldawien",
    "MF": "Saint-Martin|Saint Martin",
    "MK": "Macedonia|Mazedonien|FYROM|Nordmazedonien|North Macedonia",
    "MM": "Burma|Birma",
    "MO": "Macau|Macao",
    "NL": "Holland|The Netherlands|Niederlande|Königreich der Niederlande|Pays-Bas",
    "PL": "Rzeczpospolita Polska",
    "PS": "Palestinian Territory|Palestinian Territories|Palästinensische Gebiete",
    "RU": "Russian Federation|Russische Föderation|Russia|Rußland",
    "SK": "Slovak Republic|Slowakische Republik",
    "SY": "Syria|Syrian Arab Republic",
    "SZ": "Swaziland|Swasiland",
    "TH": "Siam",
    "TL": "East Timor",
    "TR": "Turkey|Tuerkei|Türkiye|Turkiye",
    "TW": "Taiwan|Republic of China|Republik China|ROC",
    "TZ": "United Republic of Tanzania|Tansania",
    "US": "USA|U.S.A.|U.S.|United States of America|America|Amerika|Vereinigte Staaten von Amerika|The United States",
    "VA": "Vatikan|Vatican|Holy See|Heiliger Stuhl",
    "VE": "Bolivarian Republic of Venezuela",
    "VN": "Viet Nam",
}

# Names that another country has the better right to.
NOT = {"CD": {"Congo", "Kongo"}}


def folded(name):
    """Letters and digits alone, without accents; two names that fold alike count as one."""
    letters = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    return "".join(c for c in letters if unicodedata.category(c)[0] in "LNM" and not "\u0300" <= c <= "\u036f")


def territories(language):
    try:
        return Locale.parse(language.replace("-", "_")).territories
    except (UnknownLocaleError, ValueError):
        return {}


def main():
    work, geonames, out = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text("utf-8")), Path(sys.argv[3])
    countries = json.loads((work / "countries.json").read_text("utf-8"))
    codes = {}
    for key, own in countries.items():
        iso3 = geonames.get(key, {}).get("iso3") or ISO3.get(key) or own["natural_earth"]["ISO_A3_EH"]
        codes[key] = iso3
    reserved = {folded(code): key for key in codes for code in (key, codes[key])}
    claimed = {}

    def claims(key, own):
        """The names of a country, the surest first."""
        yield 0, own["name"]
        yield 0, own["name_de"]
        for name in COLLOQUIAL.get(key, "").split("|"):
            yield 0, name
        yield 0, VEHICLE.get(key, "")
        languages = [part.split("-")[0] for part in geonames.get(key, {}).get("languages", "").split(",") if part]
        for language in dict.fromkeys([*LANGUAGES, *languages[:3]]):
            yield 1, territories(language).get(key, "")
        for field, name in own["natural_earth"].items():
            if field != "ISO_A3_EH":
                yield 2, name

    for key, own in countries.items():
        for rank, name in claims(key, own):
            # A bracketed remark is no part of the name ("Myanmar (Burma)").
            name = " ".join(name.split(" (")[0].replace("|", " ").split())
            form = folded(name)
            if not form or name in NOT.get(key, ()) or reserved.get(form, key) != key:
                continue
            claimed.setdefault(form, []).append((rank, key, name))
    lines = {key: [] for key in countries}
    for form, claimants in claimed.items():
        best = min(rank for rank, _, _ in claimants)
        keys = {key for rank, key, _ in claimants if rank == best}
        if len(keys) > 1:
            print("left out, more than one country:", form, sorted(keys))
            continue
        (key,) = keys
        spellings = [name for _, own, name in claimants if own == key]
        lines[key] += dict.fromkeys(spellings)
    with (out / "countries.tsv").open("w", encoding="utf-8", newline="\n") as file:
        for key in sorted(lines):
            file.write(f"{key}\t{codes[key]}\t{'|'.join(lines[key])}\n")
    print(f"{len(lines)} countries, {sum(map(len, lines.values()))} names")


main()
