"""Write the countries of the world around a Germany made of its municipalities.

    countries.py MAPSHAPER NATURAL_EARTH_ZIP LAKES_SHP WORK_DIR OUT_DIR

Needs WORK_DIR/regions_*.json and water.geojson. Writes countries_*.topojson.gz
and WORK_DIR/countries.json (names, codes and population by ISO alpha-2 code).

Natural Earth's German border is up to two kilometres off, so the neighbours
first grow a band into Germany, each point going to the nearest neighbour, and
the dissolved German units are then cut out of them at every detail. What is
left fits without gap or overlap.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy
import shapefile
import shapely
from babel import Locale
from shapely.geometry import mapping, shape

import topology

INTERVAL_M = {"fine": None, "medium": 1500, "coarse": 5000}
NEIGHBOURS = ("AT", "BE", "CH", "CZ", "DK", "FR", "LU", "NL", "PL")
BAND_DEGREES = 0.3
# A neighbour's part that only exists because of the band, below this size, goes.
CRUMB_KM2 = {"fine": 2, "medium": 10, "coarse": 150}

# Units of Natural Earth without an ISO code of their own: the country that
# addresses there are written with. None: reefs without an address.
WITHOUT_CODE = {"ESB": "CY", "WSB": "CY", "USG": "CU", "BRT": "EG", "PGA": None, "SCR": None, "TWN": "TW"}

# Parts of a country that have an ISO code of their own: code, country and the
# box (min lon, min lat, max lon, max lat) that holds the part's polygons.
PARTS = (
    ("GF", "FR", (-55, 2, -51, 6)),
    ("GP", "FR", (-62, 15.7, -60.9, 16.6)),
    ("MQ", "FR", (-61.3, 14.3, -60.7, 15)),
    ("RE", "FR", (55, -21.5, 56, -20.7)),
    ("YT", "FR", (44.9, -13.1, 45.4, -12.5)),
    ("SJ", "NO", (-10, 70.5, -7, 71.3)),
    ("SJ", "NO", (10, 74, 34, 81)),
    ("BV", "NO", (3, -55, 4, -54)),
    ("BQ", "NL", (-69, 12, -62, 18)),
    ("CX", "AU", (105, -11, 106, -10)),
    ("CC", "AU", (96, -13, 97, -11)),
    ("TK", "NZ", (-173, -10, -171, -8)),
)

# Where the CLDR name is not the one people look for.
NAMES = {
    "CD": ("Democratic Republic of the Congo", "Demokratische Republik Kongo"),
    "CG": ("Republic of the Congo", "Republik Kongo"),
    "CI": ("Côte d’Ivoire", "Elfenbeinküste"),
    "CV": ("Cape Verde", "Kap Verde"),
    "HK": ("Hong Kong", "Hongkong"),
    "MM": ("Myanmar", "Myanmar"),
    "MO": ("Macao", "Macau"),
    "PS": ("Palestine", "Palästina"),
    "TL": ("Timor-Leste", "Osttimor"),
    "TR": ("Turkey", "Türkei"),
    "US": ("United States", "Vereinigte Staaten"),
}


def read_countries(path):
    """Key -> list of polygons, and key -> attributes of the main unit."""
    polygons, facts = {}, {}
    for record in shapefile.Reader(str(path)).iterShapeRecords():
        own = record.record.as_dict()
        key = own["ISO_A2_EH"]
        code = own["ADM0_A3"]
        if code in WITHOUT_CODE:
            key = WITHOUT_CODE[code]
        if key is None:
            continue
        geometry = shape(record.shape.__geo_interface__)
        if not geometry.is_valid:
            geometry = shapely.make_valid(geometry)
        polygons.setdefault(key, []).extend(p for p in shapely.get_parts(geometry) if p.geom_type == "Polygon")
        if own["ISO_A2"] == key or own["ISO_A3_EH"] == code or code in ("TWN", "KOS"):
            facts[key] = own
    for part, whole, (west, south, east, north) in PARTS:
        box = shapely.box(west, south, east, north)
        moved = [p for p in polygons[whole] if box.contains(p)]
        assert moved, part
        polygons[whole] = [p for p in polygons[whole] if not box.contains(p)]
        polygons.setdefault(part, []).extend(moved)
    return polygons, facts


def grow_into(germany, water, neighbours):
    """Each neighbour with its share of the band along the inside of Germany."""
    points, owners = [], []
    near = germany.buffer(1)
    for key, geometry in neighbours.items():
        line = shapely.segmentize(geometry.boundary.intersection(near), 0.01)
        own = numpy.unique(numpy.round(shapely.get_coordinates(line), 6), axis=0)
        points.append(own)
        owners += [key] * len(own)
    points = numpy.concatenate(points)
    points, first = numpy.unique(points, axis=0, return_index=True)
    owners = [owners[i] for i in first]
    # Degrees of longitude are shorter here than those of latitude.
    squeeze = numpy.array([numpy.cos(numpy.radians(50.5)), 1])
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points * squeeze), extend_to=germany))
    tree = shapely.STRtree(cells)
    cell_of, point_of = {}, tree.query(shapely.points(points * squeeze), predicate="within")
    for point, cell in point_of.T:
        cell_of.setdefault(owners[point], []).append(cells[cell])
    inside = germany.difference(water)
    grown = {}
    for key, geometry in neighbours.items():
        cell = shapely.transform(shapely.union_all(cell_of[key]), lambda c: c / squeeze)
        band = inside.intersection(cell).intersection(geometry.buffer(BAND_DEGREES))
        grown[key] = shapely.union_all([geometry, band], grid_size=1e-6)
    return grown


def write_geojson(path, shapes):
    features = [
        {"type": "Feature", "properties": {"key": key}, "geometry": mapping(shapes[key])} for key in sorted(shapes)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def drop_crumbs(raw, smallest_km2):
    """Remove the small parts of neighbours that lie along the German border."""
    geometries = raw["objects"]["country"]["geometries"]
    german = set()
    for geometry in geometries:
        if geometry["properties"]["key"] == "DE":
            german.update(topology.arc_numbers(geometry["arcs"]))
    for geometry in geometries:
        if geometry["properties"]["key"] not in NEIGHBOURS or geometry["type"] != "MultiPolygon":
            continue
        kept = []
        for part in geometry["arcs"]:
            numbers = set(topology.arc_numbers(part))
            points = [p for n in part[0] for p in (raw["arcs"][n] if n >= 0 else raw["arcs"][~n][::-1])]
            degrees = numpy.array(points) / topology.GRID
            km2 = shapely.Polygon(degrees).area * 111.2**2 * numpy.cos(numpy.radians(degrees[0][1]))
            if km2 >= smallest_km2 or not numbers & german:
                kept.append(part)
        geometry["arcs"] = kept


def main():
    mapshaper, source, lakes, work, out = sys.argv[1], *map(Path, sys.argv[2:])
    polygons, facts = read_countries(source)
    shapes = {key: shapely.MultiPolygon(parts) for key, parts in polygons.items()}
    waters = list(shape(json.loads((work / "water.geojson").read_text())).geoms)
    waters += [shapely.make_valid(shape(lake.__geo_interface__)) for lake in shapefile.Reader(str(lakes)).iterShapes()]
    water = shapely.union_all(waters)

    fine = topology.read(work / "regions_fine.json")
    states = topology.polygons(fine, "state", fine["arcs"])
    germany = shapely.union_all([shapes.pop("DE"), *states.values()])
    shapes |= grow_into(germany, water, {key: shapes[key] for key in NEIGHBOURS})
    write_geojson(work / "neighbours.geojson", shapes)

    for detail, interval in INTERVAL_M.items():
        simplified = work / f"neighbours_{detail}.geojson"
        simplify = ["-simplify", "weighted", f"interval={interval}", "keep-shapes"] if interval else []
        subprocess.run(
            [mapshaper, "-i", work / "neighbours.geojson", "name=country", "-clean", *simplify, "-o", simplified],
            check=True,
        )
        outline = work / f"germany_{detail}.geojson"
        regions = work / f"regions_{detail}.json"
        subprocess.run(
            [mapshaper, "-i", regions, "-dissolve", "target=state", "name=country", "-each", "key='DE'"]
            + ["-o", outline, "precision=0.00001", "target=country"],
            check=True,
        )
        raw = work / f"countries_{detail}.json"
        subprocess.run(
            [mapshaper, "-i", simplified, outline, "combine-files"]
            + ["-erase", f"source=germany_{detail}", f"target=neighbours_{detail}"]
            + ["-merge-layers", f"target=neighbours_{detail},germany_{detail}", "name=country"]
            + ["-o", raw, "format=topojson", "no-quantization", "precision=0.00001", "target=country"],
            check=True,
        )
        # Rounding to the grid can make two lines of one coast cross: cut them again.
        subprocess.run(
            [mapshaper, "-i", raw, "-clean", "gap-fill-area=0", "sliver-control=0"]
            + ["-o", raw, "force", "format=topojson", "no-quantization", "precision=0.00001"],
            check=True,
        )
        countries = topology.read(raw)
        drop_crumbs(countries, CRUMB_KM2[detail])
        text = topology.encode(countries, {"country": ["key"]})
        topology.write_gz(out / f"countries_{detail}.topojson.gz", text)

    english, german = Locale("en").territories, Locale("de").territories
    rows = {}
    for key in sorted([*shapes, "DE"]):
        own = facts.get(key, {})
        name, name_de = NAMES.get(key) or (english[key].replace("&", "and"), german[key])
        rows[key] = {
            "name": name,
            "name_de": name_de,
            "population": int(own.get("POP_EST") or 0) or None,
            "natural_earth": {
                field: own[field]
                for field in own
                if field.startswith("NAME") and isinstance(own[field], str) and own[field]
            }
            | {
                field: own[field]
                for field in ("FORMAL_EN", "FORMAL_FR", "BRK_NAME", "ADMIN", "ISO_A3_EH")
                if own.get(field)
            },
        }
    (work / "countries.json").write_text(json.dumps(rows, ensure_ascii=False, indent=0), "utf-8")
    print(f"{len(rows)} countries")


main()
