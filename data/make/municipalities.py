"""Write the German municipalities as they are today, one GeoJSON feature per line.

Takes the BKG units of 01.01.2016 and applies the changes of districts since:
Goettingen + Osterode am Harz became 03159, Eisenach joined 16063.

    municipalities.py SOURCE_DIR OUT_DIR

writes OUT_DIR/municipality.geojson (properties key, district, government_district,
state), OUT_DIR/units.json (names, kinds and NUTS codes by key) and
OUT_DIR/water.geojson (the inland and coastal water parts of units).
"""

import json
import sys
import unicodedata
from pathlib import Path

import shapely
from shapely.geometry import mapping, shape

# GF of the source: water and land, each with units (2, 4) or without (1, 3).
LAND, WATER = 4, (1, 2)

# Until 31.10.2016 two districts; their municipalities were numbered anew by name.
GOETTINGEN, GOETTINGEN_PARTS = "03159", ("03152", "03156")
# Joined Walkenried on the same day.
JOINED = {"03156013": "03156012", "03156016": "03156012"}
# Eisenach lost its district on 01.07.2021.
EISENACH = {"16056000": "16063105"}


def flatten(item):
    """Features of nested arrays and FeatureCollections, in order."""
    if isinstance(item, list):
        for part in item:
            yield from flatten(part)
    elif item.get("type") == "FeatureCollection":
        yield from flatten(item["features"])
    else:
        yield item


def read(source, name):
    return list(flatten(json.loads((source / f"{name}.geo.json").read_text("utf-8"))))


def sort_name(name):
    """German dictionary order: umlauts as their base letters."""
    return unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode().lower()


def repaired(geometry):
    """Valid polygons only; shared vertices are not moved."""
    if not geometry.is_valid:
        geometry = shapely.make_valid(geometry)
    parts = [p for p in shapely.get_parts(geometry) if p.geom_type in ("Polygon", "MultiPolygon")]
    flat = [q for p in parts for q in shapely.get_parts(p)]
    return flat[0] if len(flat) == 1 else shapely.MultiPolygon(flat)


def new_keys(units):
    """Old key -> key of today, for every municipality whose key changed."""
    parts = sorted(
        (sort_name(name), key)
        for key, name in units.items()
        if key[:5] in GOETTINGEN_PARTS and key not in JOINED and key[5] != "5"
    )
    keys = {key: f"{GOETTINGEN}{number:03}" for number, (_, key) in enumerate(parts, 1)}
    keys |= {key: GOETTINGEN + key[5:] for key in units if key[:5] in GOETTINGEN_PARTS and key[5] == "5"}
    keys |= EISENACH
    keys |= {old: keys[into] for old, into in JOINED.items()}
    # Two fixed points of the published list show that the numbering is the real one.
    assert keys["03152012"] == "03159016" and keys["03156015"] == "03159039", keys
    taken = set(units) - set(keys)
    assert not taken & set(keys.values()), "a new key is already in use"
    return keys


def main():
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    features = read(source, "gemeinden")
    land = [f for f in features if f["properties"]["GF"] == LAND]
    assert len({f["properties"]["AGS"] for f in land}) == len(land)
    keys = new_keys({f["properties"]["AGS"]: f["properties"]["GEN"] for f in land})

    units = {"state": {}, "government_district": {}, "district": {}, "municipality": {}}
    for level, name in (("state", "laender"), ("government_district", "regierungsbezirke"), ("district", "kreise")):
        for f in read(source, name):
            p = f["properties"]
            if p["GF"] == LAND:
                units[level][p["AGS"]] = {"name": p["GEN"], "kind": p["BEZ"], "nuts": p["NUTS"]}
    district = units["district"]
    # NUTS 2016: the merged district kept the name Goettingen and got DE91C; DEG0P stayed.
    for old in GOETTINGEN_PARTS:
        del district[old]
    district[GOETTINGEN] = {"name": "Göttingen", "kind": "Landkreis", "nuts": "DE91C"}
    del district["16056"]

    polygons = {}
    repairs = 0
    for f in land:
        p = f["properties"]
        geometry = shape(f["geometry"])
        repairs += not geometry.is_valid
        key = keys.get(p["AGS"], p["AGS"])
        polygons.setdefault(key, []).append(repaired(geometry))
        if p["AGS"] not in JOINED:
            name = "Harz (Landkreis Göttingen)" if key == "03159501" else p["GEN"]
            units["municipality"][key] = {
                "name": name,
                "kind": p["BEZ"],
                "nuts": district[key[:5]]["nuts"],
            }
    with (out / "municipality.geojson").open("w") as file:
        lines = []
        for key in sorted(polygons):
            parts = [q for g in polygons[key] for q in shapely.get_parts(g)]
            properties = {
                "key": key,
                "district": key[:5],
                "government_district": key[:3] if key[:3] in units["government_district"] else "",
                "state": key[:2],
            }
            geometry = mapping(shapely.MultiPolygon(parts))
            lines.append(json.dumps({"type": "Feature", "properties": properties, "geometry": geometry}))
        file.write('{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n")
    (out / "units.json").write_text(json.dumps(units, ensure_ascii=False, sort_keys=True, indent=0), "utf-8")
    # Only the states' file has the waters that no municipality owns, Lake Constance among them.
    waters = [f for f in [*features, *read(source, "laender")] if f["properties"]["GF"] in WATER]
    water = [repaired(shape(f["geometry"])) for f in waters]
    (out / "water.geojson").write_text(json.dumps(mapping(shapely.GeometryCollection(water))))
    print(f"{len(polygons)} municipalities, {repairs} repaired, {len(water)} water parts")


main()
