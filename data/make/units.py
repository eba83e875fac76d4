"""Write units.csv.gz: names, places in the hierarchy, figures and label points.

units.py WORK_DIR OUT_DIR DISTRICTS_CSV GEONAMES_COUNTRIES_JSON
"""

import csv
import gzip
import io
import json
import math
import sys
from pathlib import Path

import shapely

import topology

DETAILS = ("fine", "medium", "coarse")
LEVELS = ("state", "government_district", "district", "municipality")
FIELDS = (
    "level,key,parent,name,name_de,kind,nuts,population,area_km2,min_lon,min_lat,max_lon,max_lat,label_lon,label_lat"
).split(",")
# Districts of 2018 that have merged since, or that were counted apart.
MERGED = {"16056": "16063"}


def read_topology(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        read = json.load(file)
    return read, topology.decode(read)


def shapes_by_detail(out, stem, levels):
    """Level -> list of key -> MultiPolygon, fine first."""
    shapes = {level: [] for level in levels}
    for detail in DETAILS:
        read, arcs = read_topology(out / f"{stem}_{detail}.topojson.gz")
        for level in levels:
            whole = topology.polygons(read, level, arcs)
            shapes[level].append({key: g if g.is_valid else shapely.make_valid(g) for key, g in whole.items()})
    return shapes


def label_point(geometries):
    """The roomiest point that lies inside at every detail, else at the finest ones."""
    for count in range(len(geometries), 0, -1):
        common = geometries[0]
        for geometry in geometries[1:count]:
            common = shapely.intersection(common, geometry)
        parts = [p for p in shapely.get_parts(common) if p.geom_type == "Polygon" and p.area > 1e-9]
        if not parts:
            continue
        largest = max(parts, key=lambda p: p.area)
        box = largest.bounds
        tolerance = max(box[2] - box[0], box[3] - box[1]) / 200
        # Degrees of longitude are shorter than those of latitude.
        squeeze = max(0.2, math.cos(math.radians(largest.centroid.y)))
        squeezed = shapely.transform(largest, lambda c: c * [squeeze, 1])
        center = shapely.get_point(shapely.maximum_inscribed_circle(squeezed, tolerance), 0)
        point = shapely.Point(round(center.x / squeeze, 5), round(center.y, 5))
        if all(geometry.contains(point) for geometry in geometries[:count]):
            return point
    raise ValueError("no point lies inside")


def place(geometries):
    west, south, east, north = geometries[0].bounds
    label = label_point(geometries)
    return {
        "min_lon": f"{west:.5f}",
        "min_lat": f"{south:.5f}",
        "max_lon": f"{east:.5f}",
        "max_lat": f"{north:.5f}",
        "label_lon": f"{label.x:.5f}",
        "label_lat": f"{label.y:.5f}",
    }


def district_figures(path):
    """District -> [population, area in hundredths of km2], added up upwards."""
    sums = {}
    with open(path, encoding="utf-8-sig") as file:
        for row in csv.DictReader(file, delimiter=";"):
            district = MERGED.get(row["AGS"], row["AGS"])
            for key in {district, district[:3], district[:2], "DE"}:
                figures = sums.setdefault(key, [0, 0])
                figures[0] += int(row["population"])
                figures[1] += round(float(row["area_km2"].replace(",", ".")) * 100)
    return sums


def abroad_rows(work, out):
    """The units of the other countries that have some, coarse to fine."""
    rows = []
    for country, units in json.loads((work / "abroad.json").read_text("utf-8")).items():
        levels = [level for level in LEVELS if level in units]
        shapes = shapes_by_detail(out, f"regions_{country.lower()}", levels)
        for level in levels:
            assert set(units[level]) == set(shapes[level][0]), (country, level)
            for key in sorted(units[level]):
                own = units[level][key]
                name_de = own.get("name_de", "")
                row = {"level": level, "key": key, **own, "name_de": name_de if name_de != own["name"] else ""}
                rows.append(row | place([detail[key] for detail in shapes[level]]))
    return rows


def main():
    work, out = Path(sys.argv[1]), Path(sys.argv[2])
    figures = district_figures(sys.argv[3])
    geonames = json.loads(Path(sys.argv[4]).read_text("utf-8"))
    units = json.loads((work / "units.json").read_text("utf-8"))
    countries = json.loads((work / "countries.json").read_text("utf-8"))

    rows = []
    shapes = shapes_by_detail(out, "countries", ["country"])["country"]
    for key, own in countries.items():
        area = geonames.get(key, {}).get("areakm2")
        row = {
            "level": "country",
            "key": key,
            "name": own["name"],
            "name_de": own["name_de"] if own["name_de"] != own["name"] else "",
            "population": own["population"] or geonames.get(key, {}).get("population") or "",
            "area_km2": area or "",
        }
        if key == "DE":
            row |= {"population": figures[key][0], "area_km2": f"{figures[key][1] / 100:.2f}", "nuts": "DE"}
        rows.append(row | place([detail[key] for detail in shapes]))

    by_level = shapes_by_detail(out, "regions_de", LEVELS)
    for level in LEVELS:
        for key in sorted(by_level[level][0]):
            own = units[level][key]
            parent = {
                "state": "DE",
                "government_district": key[:2],
                "district": key[:3] if key[:3] in units["government_district"] else key[:2],
                "municipality": key[:5],
            }[level]
            row = {"level": level, "key": key, "parent": parent, **own}
            if key in figures:
                row |= {"population": figures[key][0], "area_km2": f"{figures[key][1] / 100:.2f}"}
            rows.append(row | place([detail[key] for detail in by_level[level]]))
    rows += abroad_rows(work, out)
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    topology.write_gz(out / "units.csv.gz", text.getvalue())
    print(f"{len(rows)} units")


main()
