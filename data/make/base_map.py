"""Write base_*.topojson.gz: lakes, rivers and the state lines of the neighbours.

    base_map.py MAPSHAPER NATURAL_EARTH_DIR RIVERS_DIR WORK_DIR OUT_DIR

Needs WORK_DIR/neighbours_fine.geojson and germany_fine.geojson.
"""

import json
import math
import subprocess
import sys
from pathlib import Path

import shapefile
import shapely
from shapely.geometry import mapping, shape

import topology

# Metres of simplification and the smallest lake, in square kilometres.
DETAILS = {"medium": (400, 0), "coarse": (2000, 80)}
STATE_LINES_OF = ("AT", "BE", "CH", "CZ", "DK", "FR", "IT", "LU", "NL", "PL")

# The source has no names. A place in each lake, and one near each river.
LAKES = {
    "Bodensee": (9.42, 47.61), "Untersee": (9.02, 47.70), "Müritz": (12.69, 53.43), "Schweriner See": (11.47, 53.69),
    "Großer Plöner See": (10.40, 54.13), "Schwielochsee": (14.21, 52.06), "Lac Léman": (6.53, 46.43),
    "Lago Maggiore": (8.65, 45.97), "Lago di Garda": (10.67, 45.61), "Balaton": (17.76, 46.87), "IJsselmeer": (5.34, 52.68),
    "Vänern": (13.30, 58.90), "Vättern": (14.60, 58.30), "Ladoga": (31.50, 60.80), "Onega": (35.50, 61.70),
}  # fmt: skip
RIVERS = {
    "Rhein": ((9.1, 46.8), (9.5, 47.2), (7.5, 47.7), (7.1, 50.8)), "Waal": ((4.5, 51.7),), "Rhône": ((4.8, 45.3), (7.5, 46.3)),
    "Donau": ((10.4, 48.5), (14.9, 48.2)), "Duna": ((19.0, 47.3),),
    "Elbe": ((12.0, 52.5), (9.8, 53.6)), "Labe": ((14.5, 50.3),), "Oder": ((14.55, 52.35),), "Drau": ((16.2, 46.6),),
    "Wisła": ((21.2, 52.1),), "Tisza": ((20.4, 47.3),), "Po": ((9.7, 45.1),), "Seine": ((2.6, 48.5),), "Loire": ((0.9, 47.4), (4.0, 46.0)),
    "Garonne": ((0.5, 44.2),), "Thames": ((-0.9, 51.5),),
}  # fmt: skip
# A river's name is given to the nearest line within this distance of its places.
NEAR_KM = 15


def read_shapes(path):
    for own in shapefile.Reader(str(path)).iterShapes():
        if own.shapeType == shapefile.NULL:
            continue
        geometry = shape(own.__geo_interface__)
        yield geometry if geometry.is_valid else shapely.make_valid(geometry)


def read_rivers(path):
    """Lines of one of the package's quantised topologies, in degrees."""
    source = json.loads(path.read_text())
    (kx, ky), (x0, y0) = source["transform"]["scale"], source["transform"]["translate"]
    for geometry in source["objects"]["rivers"]["geometries"]:
        if not geometry["type"]:
            continue
        lines = geometry["arcs"] if geometry["type"] == "MultiLineString" else [geometry["arcs"]]
        for line in lines:
            points = []
            for number in line:
                x = y = 0
                arc = []
                for dx, dy in source["arcs"][number if number >= 0 else ~number]:
                    x, y = x + dx, y + dy
                    arc.append((x * kx + x0, y * ky + y0))
                arc = arc if number >= 0 else arc[::-1]
                points += arc[1:] if points else arc
            yield shapely.LineString(points)


def rivers(folder):
    """The finer European lines, and the world's outside the box they cover."""
    europe = [line for line in read_rivers(folder / "europe_50m.json")]
    box = shapely.box(-30, 0, 60, 90)
    rest = [part for line in read_rivers(folder / "world_50m.json") for part in shapely.get_parts(line.difference(box))]
    named = [[line, ""] for line in [*europe, *rest] if line.length > 0]
    for name, places in RIVERS.items():
        for lon, lat in places:
            squeeze = math.cos(math.radians(lat))
            here = shapely.Point(lon * squeeze, lat)
            flat = [shapely.transform(line, lambda c, k=squeeze: c * [k, 1]).distance(here) for line, _ in named]
            nearest = min(range(len(flat)), key=flat.__getitem__)
            if flat[nearest] * 111.2 > NEAR_KM:
                print(f"no line near {name} at {lon}, {lat}: {flat[nearest] * 111.2:.0f} km")
            elif named[nearest][1] in ("", name):
                named[nearest][1] = name
            else:
                print(f"{name} at {lon}, {lat} is the line of {named[nearest][1]}")
    return named


def lakes(folder):
    named = [[lake, ""] for lake in read_shapes(folder / "ne_10m_lakes.shp")]
    for name, place in LAKES.items():
        here = shapely.Point(place)
        found = [row for row in named if row[0].distance(here) < 0.02]
        if not found:
            print(f"no lake at {name}")
        for row in found[:1]:
            row[1] = name
    return named


def state_lines(folder, work):
    countries = {
        f["properties"]["key"]: shape(f["geometry"])
        for f in json.loads((work / "neighbours_fine.geojson").read_text())["features"]
        if f["properties"]["key"] in STATE_LINES_OF
    }
    germany = shape(json.loads((work / "germany_fine.geojson").read_text())["features"][0]["geometry"])
    europe = shapely.box(-6, 35, 25, 58)
    within = shapely.union_all(list(countries.values())).difference(germany.buffer(0.01)).intersection(europe)
    shapely.prepare(within)
    lines = []
    for line in read_shapes(folder / "ne_10m_admin_1_states_provinces_lines.shp"):
        if within.intersects(line):
            for part in shapely.get_parts(line.intersection(within)):
                if part.geom_type == "LineString" and part.length > 0.005:
                    lines.append([part, ""])
    return lines


def km2(geometry):
    return geometry.area * 111.2**2 * math.cos(math.radians(geometry.centroid.y))


def main():
    mapshaper, natural_earth, river_folder, work, out = sys.argv[1], *map(Path, sys.argv[2:])
    layers = {
        "lakes": lakes(natural_earth),
        "rivers": rivers(river_folder),
        "state_lines": state_lines(natural_earth, work),
    }
    for detail, (interval, smallest) in DETAILS.items():
        sources = []
        for layer, rows in layers.items():
            features = [
                {"type": "Feature", "properties": {"name": name}, "geometry": mapping(geometry)}
                for geometry, name in rows
                if layer != "lakes" or name or km2(geometry) >= smallest
            ]
            sources.append(work / f"{layer}.geojson")
            sources[-1].write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        raw = work / f"base_{detail}.json"
        subprocess.run(
            [mapshaper, "-i", *sources, "combine-files"]
            + ["-simplify", "weighted", f"interval={interval}", "keep-shapes", "target=*"]
            + ["-o", raw, "format=topojson", "no-quantization", "precision=0.00001", "target=*"],
            check=True,
        )
        text = topology.encode(topology.read(raw), {layer: ["name"] for layer in layers})
        topology.write_gz(out / f"base_{detail}.topojson.gz", text)
    print(", ".join(f"{len(rows)} {layer}" for layer, rows in layers.items()))


main()
