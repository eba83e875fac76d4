#!/usr/bin/env python3
"""Check every file of data/files: formats, counts, hierarchy and geometry.

    check.py [FOLDER]        needs shapely (and with it numpy) from PyPI

Reads the files as the product does and shares no code with the scripts that
make them. Prints a line for each check, ends with "N passed, N failed" and
exits with 1 if any failed.
"""

import csv
import gzip
import io
import json
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import shapely

DETAILS = ("fine", "medium", "coarse")
UNIT_LEVELS = ("state", "government_district", "district", "municipality")
COUNTS = {"country": 250, "state": 16, "government_district": 19, "district": 400, "municipality": 11_297}
# Other countries with units of their own; their keys begin with the country's.
ABROAD = {"US": {"state": 51, "district": 3_141}}
GOVERNMENT_DISTRICTS = "051 053 055 057 059 064 065 066 081 082 083 084 091 092 093 094 095 096 097".split()
INHABITANTS_2018 = 83_019_213
NEIGHBOURS = ("AT", "BE", "CH", "CZ", "DK", "FR", "LU", "NL", "PL")
POSTAL_COUNTRIES, POSTAL_CODES_DE = 121, 8_168
LIMIT_BYTES = 60_000_000
# Square degrees; a hundredth of a square metre.
NOTHING = 1e-12
# Degrees, about two metres: what rounding to the grid may move a border by.
ROUNDING = 2e-5
# Degrees; how far a postal area may lie from the code's centre.
FARTHEST = 0.2
# Gaps inside Germany up to this size would be drawing errors; larger ones are lakes.
SMALLEST_LAKE = 0.2 / (111.2**2 * 0.63)
UNIT_FIELDS = (
    "level,key,parent,name,name_de,kind,nuts,population,area_km2,min_lon,min_lat,max_lon,max_lat,label_lon,label_lat"
)

results = Counter()


def check(name, ok, detail=""):
    results[bool(ok)] += 1
    print(f"{'ok    ' if ok else 'FAILED'} {name}" + (f": {detail}" if detail and not ok else ""), flush=True)


def some(items):
    items = sorted(items, key=str)
    return f"{len(items)}, among them {', '.join(map(str, items[:5]))}" if items else ""


def read(path):
    return gzip.decompress(path.read_bytes()).decode("utf-8")


def rows(path):
    return [line.split("\t") for line in read(path).splitlines()]


def on_earth(lon, lat):
    return -180 <= float(lon) <= 180 and -90 <= float(lat) <= 90


class Map:
    """One TopoJSON file: its arcs on the grid and its geometries by object."""

    def __init__(self, path):
        topology = json.loads(read(path))
        self.scale, self.shift = topology["transform"]["scale"], topology["transform"]["translate"]
        self.arcs = []
        for steps in topology["arcs"]:
            x = y = 0
            points = []
            for dx, dy in steps:
                x, y = x + dx, y + dy
                points.append((x, y))
            self.arcs.append(points)
        self.objects = {name: own["geometries"] for name, own in topology["objects"].items()}

    def degrees(self, points):
        return [(x * self.scale[0] + self.shift[0], y * self.scale[1] + self.shift[1]) for x, y in points]

    def ring(self, numbers):
        points = []
        for number in numbers:
            arc = self.arcs[number] if number >= 0 else self.arcs[~number][::-1]
            if points and points[-1] != arc[0]:
                raise ValueError(f"arc {number} does not follow on")
            points += arc[1:] if points else arc
        return self.degrees(points)

    def parts(self, geometry):
        return {"MultiPolygon": geometry["arcs"], "Polygon": [geometry["arcs"]]}[geometry["type"]]

    def polygons(self, name):
        shapes = {}
        for geometry in self.objects[name]:
            parts = [(self.ring(part[0]), [self.ring(hole) for hole in part[1:]]) for part in self.parts(geometry)]
            shapes[geometry["properties"]["key"]] = shapely.MultiPolygon(parts)
        return shapes

    def uses(self, name):
        """Arc -> the keys that run along it, with "+" or "-" for the direction."""
        uses = {}
        for geometry in self.objects[name]:
            for part in self.parts(geometry):
                for ring in part:
                    for number in ring:
                        arc, way = (number, "+") if number >= 0 else (~number, "-")
                        uses.setdefault(arc, []).append((geometry["properties"]["key"], way))
        return uses


def check_tiling(title, map_, name, shapes):
    """Valid shapes with an area, no overlap, each arc used once or once in both directions."""
    invalid = [f"{key} {shapely.is_valid_reason(s)}" for key, s in shapes.items() if not s.is_valid]
    check(f"{title}: shapes are valid", not invalid, some(invalid))
    check(f"{title}: every shape has an area", all(s.area > 1e-9 for s in shapes.values()))
    keys = [geometry["properties"]["key"] for geometry in map_.objects[name]]
    check(f"{title}: one geometry a key, in order", keys == sorted(set(keys)))
    wrong = [arc for arc, own in map_.uses(name).items() if len(own) > 2 or len({way for _, way in own}) != len(own)]
    check(f"{title}: an arc is used once, or once in each direction", not wrong, some(wrong))
    whole = shapely.union_all([shapely.make_valid(s) for s in shapes.values()])
    total = sum(s.area for s in shapes.values())
    check(f"{title}: areas add up to the area of the union", abs(total - whole.area) < 1e-9, f"{total} {whole.area}")
    return whole


def holes(shape):
    return [shapely.Polygon(ring) for part in shapely.get_parts(shape) for ring in part.interiors]


def check_files(folder):
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    expected = {"units.csv.gz", "countries.tsv", "labels.tsv.gz", "postal_centres_de.tsv.gz"}
    for stem, details in (
        ("regions_de", DETAILS),
        *((f"regions_{country.lower()}", DETAILS) for country in ABROAD),
        ("countries", DETAILS),
        ("postal_areas_de", DETAILS[1:]),
        ("base", DETAILS[1:]),
    ):
        expected |= {f"{stem}_{detail}.topojson.gz" for detail in details}
    tables = {name for name in names if name.startswith(("postal/", "places/"))}
    check("files: all there and no others", names - tables == expected, some((names - tables) ^ expected))
    timed = [name for name in names if name.endswith(".gz") and (folder / name).read_bytes()[4:8] != bytes(4)]
    check("files: no time in the gzip headers", not timed, some(timed))
    size = sum((folder / name).stat().st_size for name in names)
    check(f"files: {size / 1e6:.1f} MB together, below {LIMIT_BYTES / 1e6:.0f}", size < LIMIT_BYTES)


def check_units(folder):
    text = read(folder / "units.csv.gz")
    check("units: header", text.split("\n", 1)[0] == UNIT_FIELDS)
    levels = {level: {} for level in COUNTS}
    abroad = {country: {level: {} for level in own} for country, own in ABROAD.items()}
    everything = list(csv.DictReader(io.StringIO(text)))
    table = []
    for row in everything:
        country = row["key"].partition("-")[0]
        if row["key"] == country:
            table.append(row)
            levels[row["level"]][row["key"]] = row
        else:
            abroad[country][row["level"]][row["key"]] = row
    counts = {level: len(own) for level, own in levels.items()}
    check("units: counts", counts == COUNTS, counts)
    check("units: keys are unique", sum(counts.values()) == len(table))
    check("units: government districts of today", sorted(levels["government_district"]) == GOVERNMENT_DISTRICTS)
    wrong = []
    for key, row in levels["municipality"].items():
        above = key[:3] if key[:3] in levels["government_district"] else key[:2]
        district = levels["district"].get(key[:5])
        if row["parent"] != key[:5] or not district or district["parent"] != above or key[:2] not in levels["state"]:
            wrong.append(key)
    check("units: a municipality's key begins with its district, government district and state", not wrong, some(wrong))
    parents = {row["parent"] for level in ("government_district", "state") for row in levels[level].values()}
    check("units: parents exist", parents <= {*levels["state"], "DE"}, some(parents))
    children = {row["parent"] for row in table}
    barren = [k for level in UNIT_LEVELS[:-1] for k in levels[level] if k not in children]
    check("units: every unit but municipalities has children", not barren, some(barren))
    inhabitants = sum(int(row["population"]) for row in levels["district"].values())
    check("units: inhabitants of the districts", inhabitants == INHABITANTS_2018, inhabitants)
    sums = Counter()
    for row in levels["district"].values():
        sums[row["key"][:2]] += int(row["population"])
    check(
        "units: inhabitants add up to the states'",
        all(int(row["population"]) == sums[k] for k, row in levels["state"].items()),
    )
    for country, own in abroad.items():
        title = f"units of {country}"
        counts = {level: len(rows) for level, rows in own.items()}
        check(f"{title}: counts", counts == ABROAD[country], counts)
        parents, apart = {country}, []
        for rows in own.values():
            apart += [key for key, row in rows.items() if row["parent"] not in parents]
            barren = parents - {row["parent"] for row in rows.values()}
            check(f"{title}: every unit but the finest has children", not barren, some(barren))
            parents = set(rows)
        check(f"{title}: parents are of the level above", not apart, some(apart))
        apart = [key for rows in own.values() for key in rows if key[:5] not in own["state"]]
        check(f"{title}: keys begin with the state's", not apart, some(apart))
    check("units: every unit has a name", all(row["name"] for row in everything))
    unlike = [r["key"] for r in everything if not float(r["min_lon"]) <= float(r["label_lon"]) <= float(r["max_lon"])]
    check("units: label points lie within the bounds", not unlike, some(unlike))
    return levels, abroad


def check_labels_inside(title, units, shapes):
    outside = []
    for key, shape in shapes.items():
        row = units[key]
        if not shape.contains(shapely.Point(float(row["label_lon"]), float(row["label_lat"]))):
            outside.append(key)
    check(f"{title}: label points lie inside", not outside, some(outside))


def check_bounds(title, units, shapes):
    off = []
    for key, shape in shapes.items():
        stated = [float(units[key][field]) for field in ("min_lon", "min_lat", "max_lon", "max_lat")]
        if max(abs(a - b) for a, b in zip(stated, shape.bounds, strict=True)) > 1.1e-5:
            off.append(key)
    check(f"{title}: bounds are those of the shapes", not off, some(off))


def check_regions(folder, levels):
    germany = {}
    for detail in DETAILS:
        map_ = Map(folder / f"regions_de_{detail}.topojson.gz")
        check(f"regions {detail}: objects", set(map_.objects) == set(UNIT_LEVELS))
        uses = map_.uses("municipality")
        areas = {}
        for level in UNIT_LEVELS[::-1]:
            title = f"regions {detail}, {level}"
            shapes = map_.polygons(level)
            check(
                f"{title}: every unit is drawn",
                set(shapes) == set(levels[level]),
                some(set(shapes) ^ set(levels[level])),
            )
            whole = check_tiling(title, map_, level, shapes)
            check_labels_inside(title, levels[level], shapes)
            if detail == "fine":
                check_bounds(title, levels[level], shapes)
            areas[level] = {key: shape.area for key, shape in shapes.items()}
            if level == "municipality":
                germany[detail] = whole
                gaps = [h for h in holes(whole) if h.area < SMALLEST_LAKE]
                check(f"regions {detail}: no gaps between municipalities", not gaps, some(h.centroid for h in gaps))
                continue
            own = map_.uses(level)
            check(f"{title}: its borders are borders of municipalities", set(own) <= set(uses))
            length = {"state": 2, "government_district": 3, "district": 5}[level]
            inner = [
                arc for arc, users in uses.items()
                if len({key[:length] for key, _ in users}) == 1 and len(users) == 2 and arc in own
            ]  # fmt: skip
            check(f"{title}: no border inside a unit", not inner, some(inner))
            sums = Counter()
            for key, area in areas["municipality"].items():
                sums[key[:length]] += area
            off = [key for key, area in areas[level].items() if abs(area - sums[key]) > 1e-10]
            check(f"{title}: area is that of its municipalities", not off, some(off))
    return germany


def check_regions_abroad(folder, abroad):
    for country, levels in abroad.items():
        for detail in DETAILS:
            map_ = Map(folder / f"regions_{country.lower()}_{detail}.topojson.gz")
            check(f"regions of {country} {detail}: objects", set(map_.objects) == set(levels))
            finer = None
            for level in list(levels)[::-1]:
                title = f"regions of {country} {detail}, {level}"
                shapes = map_.polygons(level)
                differ = set(shapes) ^ set(levels[level])
                check(f"{title}: every unit is drawn", not differ, some(differ))
                check_tiling(title, map_, level, shapes)
                check_labels_inside(title, levels[level], shapes)
                if detail == "fine":
                    check_bounds(title, levels[level], shapes)
                if finer:
                    below, parts = finer
                    own, arcs = map_.uses(level), map_.uses(below)
                    check(f"{title}: its borders are borders of the level below", set(own) <= set(arcs))
                    sums = Counter()
                    for key, part in parts.items():
                        sums[levels[below][key]["parent"]] += part.area
                    off = [key for key, shape in shapes.items() if abs(shape.area - sums[key]) > 1e-10]
                    check(f"{title}: area is that of the units below", not off, some(off))
                finer = level, shapes


def check_countries(folder, countries, germany):
    for detail in DETAILS:
        title = f"countries {detail}"
        map_ = Map(folder / f"countries_{detail}.topojson.gz")
        shapes = map_.polygons("country")
        check(f"{title}: every country is drawn", set(shapes) == set(countries), some(set(shapes) ^ set(countries)))
        check_tiling(title, map_, "country", shapes)
        check_labels_inside(title, countries, shapes)
        if detail == "fine":
            check_bounds(title, countries, shapes)
        apart = shapes["DE"].symmetric_difference(germany[detail]).buffer(-ROUNDING)
        check(f"{title}: Germany is the union of its municipalities", apart.is_empty, apart.centroid)
        shared = {key for own in map_.uses("country").values() if "DE" in [k for k, _ in own] for key, _ in own}
        check(
            f"{title}: Germany shares borders with its nine neighbours",
            shared - {"DE"} == set(NEIGHBOURS),
            some(shared),
        )


def check_postal_areas(folder, germany):
    centres = rows(folder / "postal_centres_de.tsv.gz")
    codes = [code for code, *_ in centres]
    check(
        "postal centres: count, order and form",
        len(codes) == POSTAL_CODES_DE and codes == sorted(set(codes)) and all(len(c) == 5 for c in codes),
    )
    check(
        "postal centres: in Germany",
        all(5.8 < float(lon) < 15.1 and 47.2 < float(lat) < 55.1 for _, lon, lat in centres),
    )
    for detail in DETAILS[1:]:
        title = f"postal areas {detail}"
        map_ = Map(folder / f"postal_areas_de_{detail}.topojson.gz")
        shapes = map_.polygons("postal")
        check(f"{title}: every code has one", set(shapes) == {f"DE-{code}" for code in codes})
        whole = check_tiling(title, map_, "postal", shapes)
        points = {f"DE-{code}": shapely.Point(float(lon), float(lat)) for code, lon, lat in centres}
        far = [key for key, shape in shapes.items() if shape.distance(points[key]) > FARTHEST]
        check(f"{title}: they lie at their centres", not far, some(far))
        gaps = [h for h in holes(whole) if h.area < SMALLEST_LAKE]
        check(f"{title}: no gaps", not gaps, some(h.centroid for h in gaps))
        apart = whole.symmetric_difference(germany[detail]).area / whole.area
        check(f"{title}: they tile Germany", apart < 1e-4, f"{apart:.6f} of the area differs")


def check_base(folder):
    for detail in DETAILS[1:]:
        map_ = Map(folder / f"base_{detail}.topojson.gz")
        kinds = {name: {g["type"] for g in own} for name, own in map_.objects.items()}
        check(
            f"base {detail}: objects", set(kinds) == {"lakes", "rivers", "state_lines"} and all(map_.objects.values())
        )
        check(f"base {detail}: lakes are polygons", kinds["lakes"] <= {"Polygon", "MultiPolygon"}, kinds["lakes"])
        lines = kinds["rivers"] | kinds["state_lines"]
        check(f"base {detail}: rivers and state lines are lines", lines <= {"LineString", "MultiLineString"}, lines)
        check(f"base {detail}: arcs have two points", all(len(arc) > 1 for arc in map_.arcs))


def check_tables(folder, countries):
    files = sorted((folder / "postal").glob("*.tsv.gz"))
    check("postal: countries", len(files) == POSTAL_COUNTRIES, len(files))
    wrong = []
    for path in files:
        table = rows(path)
        keys = [(code, place) for code, place, *_ in table]
        if any(len(row) != 5 or not row[0] or not on_earth(*row[3:]) for row in table):
            wrong.append(f"{path.name} rows")
        if keys != sorted(keys) or len(set(map(tuple, table))) != len(table):
            wrong.append(f"{path.name} order or repeats")
    check("postal: five columns, sorted, no repeats", not wrong, some(wrong))

    wrong, numbers = [], set()
    for path in sorted((folder / "places").glob("*.tsv.gz")):
        table = rows(path)
        sizes = [int(row[3]) for row in table]
        if any(len(row) != 8 or not row[1] or not on_earth(*row[4:6]) for row in table) or sizes != sorted(
            sizes, reverse=True
        ):
            wrong.append(path.name)
        if any(
            row[7].count("|") >= 40 or {row[1], row[2]} & {*row[7].split("|")} - {""} or row[1] == row[2]
            for row in table
        ):
            wrong.append(f"{path.name} alternates")
        if path.name.split(".")[0] not in countries:
            wrong.append(f"{path.name} country")
        own = {row[0] for row in table}
        if len(own) != len(table) or own & numbers:
            wrong.append(f"{path.name} numbers")
        numbers |= own
    check("places: eight columns, largest first, alternates new, known countries", not wrong, some(wrong))
    check("places: some", len(numbers) > 200_000, len(numbers))

    labels = rows(folder / "labels.tsv.gz")
    good = all(len(r) == 8 and r[0] and on_earth(*r[3:5]) and r[6] in "01" and 0 <= int(r[7]) <= 14 for r in labels)
    check("labels: columns", good and all(r[5] in countries for r in labels))
    capitals = {r[0] for r in labels if r[6] == "1"}
    check(
        "labels: capitals", {"Berlin", "Vienna", "Bern", "Paris", "Warsaw", "Tokyo"} <= capitals and len(capitals) > 180
    )
    tiles = Counter(
        (int(r[7]), int(float(r[3]) + 180) // 10, int(float(r[4]) + 90) // 10) for r in labels if int(r[7]) <= 4
    )
    check("labels: few at a time up to zoom 4", max(tiles.values()) <= 12, max(tiles.values()))

    names = [line.split("\t") for line in (folder / "countries.tsv").read_text("utf-8").splitlines()]
    check("country names: one row a country", [row[0] for row in names] == sorted(countries))
    check(
        "country names: codes", len({row[1] for row in names}) == len(names) and all(len(row[1]) == 3 for row in names)
    )
    owners = {}
    for iso2, iso3, spellings in names:
        for spelling in (iso2, iso3, *spellings.split("|")):
            letters = unicodedata.normalize("NFKD", spelling.casefold().replace("ß", "ss"))
            form = "".join(c for c in letters if unicodedata.category(c)[0] in "LNM" and not "\u0300" <= c <= "\u036f")
            owners.setdefault(form, set()).add(iso2)
    twice = [form for form, own in owners.items() if len(own) > 1]
    check("country names: a name means one country", not twice and "" not in owners, some(twice))
    asked = {"uk": "GB", "usa": "US", "holland": "NL", "grossbritannien": "GB", "brd": "DE", "schweiz": "CH", "suisse": "CH", "svizzera": "CH",
             "osterreich": "AT", "oesterreich": "AT", "d": "DE", "a": "AT", "f": "FR", "i": "IT", "tschechien": "CZ"}  # fmt: skip
    wrong = [name for name, iso2 in asked.items() if owners.get(name) != {iso2}]
    check("country names: the usual ones", not wrong, some(wrong))


def attempt(name, part, *arguments):
    """What a part gives; a file too broken to be read is one failed check."""
    try:
        return part(*arguments)
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        OSError,
        TypeError,
        ValueError,
        shapely.errors.ShapelyError,
    ) as error:
        check(f"{name}: can be read", False, f"{type(error).__name__}: {error}")
        return None


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "files")
    attempt("files", check_files, folder)
    units = attempt("units", check_units, folder)
    if units:
        levels, abroad = units
        attempt("regions abroad", check_regions_abroad, folder, abroad)
        germany = attempt("regions", check_regions, folder, levels)
        if germany:
            attempt("countries", check_countries, folder, levels["country"], germany)
            attempt("postal areas", check_postal_areas, folder, germany)
        attempt("tables", check_tables, folder, levels["country"])
    attempt("base", check_base, folder)
    print(f"{results[True]} passed, {results[False]} failed")
    sys.exit(1 if results[False] else 0)


main()
