"""Write labels.tsv.gz: the places a base map names, each with its lowest zoom.

    labels.py GEONAMES_COUNTRIES_JSON OUT_DIR

Reads OUT_DIR/places. Columns: name, name_de, population, lon, lat, country,
capital (0 or 1), min_zoom; most important first.

A place gets the lowest zoom that its size allows and at which no more important
place stands within SPACING_PX of it, counted on 256-pixel tiles.
"""

import gzip
import json
import math
import sys
from pathlib import Path

from topology import write_gz

SPACING_PX = 40
LAST_ZOOM = 12
# Lowest zoom by population, largest first.
ZOOM_BY_POPULATION = (
    (3_000_000, 3),
    (1_000_000, 4),
    (400_000, 5),
    (200_000, 6),
    (90_000, 7),
    (40_000, 8),
    (15_000, 9),
    (5_000, 10),
    (1_500, 11),
    (0, 12),
)
# A place this near a city this many times larger is a part of it.
PART_KM, PART_RATIO, PART_ZOOM, CITY = 10, 6, 10, 200_000
# Smallest population shown: all places at home, towns nearby, cities elsewhere.
HOME = ("DE", "AT", "CH", "LI", "LU")
NEAR = ("BE", "CZ", "DK", "FR", "IT", "NL", "PL", "SI", "SK", "HU")
SMALLEST = {country: 0 for country in HOME} | {country: 3_000 for country in NEAR}
ELSEWHERE = 60_000
# At home a place counts as if it were larger, so that the map is dense there.
WEIGHT = {country: 4 for country in HOME} | {country: 1.5 for country in NEAR}


def read_places(out):
    for path in sorted((out / "places").glob("*.tsv.gz")):
        country = path.name.split(".")[0]
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                number, name, name_de, population, lon, lat, _, others = line.rstrip("\n").split("\t")
                yield country, int(number), name, name_de, int(population), lon, lat, others.split("|")


def mercator(lon, lat):
    """Position in the unit square of the web map."""
    lat = math.radians(max(-85, min(85, lat)))
    return (lon + 180) / 360, (1 - math.asinh(math.tan(lat)) / math.pi) / 2


def lowest_zoom(x, y, first, shown):
    """The first zoom with room at x, y; `shown` holds the positions shown at each zoom, in cells of the spacing."""
    for zoom in range(first, LAST_ZOOM + 1):
        cells = 256 * 2**zoom / SPACING_PX
        column, row = int(x * cells), int(y * cells)
        near = (p for i in (-1, 0, 1) for j in (-1, 0, 1) for p in shown[zoom].get((column + i, row + j), ()))
        if all(math.hypot(x - px, y - py) * cells >= 1 for px, py in near):
            return zoom
    return None


def parts_of_cities(places):
    """Numbers of the places that are quarters or suburbs of a large city."""
    cities = [(p[4], float(p[5]), float(p[6])) for p in places if p[4] >= CITY]
    cells = {}
    for city in cities:
        for i in (-1, 0, 1):
            for j in (-1, 0, 1):
                cells.setdefault((int(city[1] * 2) + i, int(city[2] * 2) + j), []).append(city)
    parts = set()
    for place in places:
        lon, lat = float(place[5]), float(place[6])
        squeeze = math.cos(math.radians(lat))
        for population, city_lon, city_lat in cells.get((int(lon * 2), int(lat * 2)), ()):
            km = math.hypot((lon - city_lon) * squeeze, lat - city_lat) * 111.2
            if km <= PART_KM and population >= PART_RATIO * place[4]:
                parts.add(place[1])
    return parts


def main():
    geonames, out = json.loads(Path(sys.argv[1]).read_text("utf-8")), Path(sys.argv[2])
    places, capitals = [], {}
    for place in read_places(out):
        country, _, name, name_de, population, lon, lat, others = place
        capital = geonames.get(country, {}).get("capital")
        # The files are sorted by size: the first place of that name is the capital.
        if capital and country not in capitals and capital in (name, name_de, *others):
            capitals[country] = place
        if population >= SMALLEST.get(country, ELSEWHERE) or place is capitals.get(country):
            places.append(place)
    parts = parts_of_cities(places)
    ranked = []
    for place in places:
        country, number, name, name_de, population, lon, lat, _ = place
        capital = capitals.get(country) is place
        weight = population * WEIGHT.get(country, 1) * (3 if capital else 1)
        first = next(zoom for size, zoom in ZOOM_BY_POPULATION if population >= size)
        if number in parts:
            first = max(first, PART_ZOOM)
        if capital:
            first = min(first, 4 if population > 300_000 else 5)
        ranked.append((-weight, number, first, capital, country, name, name_de, population, lon, lat))
    shown = [{} for _ in range(LAST_ZOOM + 1)]
    lines = []
    for _, _, first, capital, country, name, name_de, population, lon, lat in sorted(ranked):
        x, y = mercator(float(lon), float(lat))
        min_zoom = lowest_zoom(x, y, first, shown)
        if min_zoom is None:
            continue
        for zoom in range(min_zoom, LAST_ZOOM + 1):
            cells = 256 * 2**zoom / SPACING_PX
            shown[zoom].setdefault((int(x * cells), int(y * cells)), []).append((x, y))
        row = (name, name_de, str(population), lon, lat, country, str(int(capital)), str(min_zoom))
        lines.append("\t".join(row) + "\n")
    write_gz(out / "labels.tsv.gz", "".join(lines))
    print(f"{len(lines)} labels, {len(capitals)} capitals")
    missing = sorted(key for key, own in geonames.items() if own["capital"] and key not in capitals)
    print("without a capital among the places:", *missing)


main()
