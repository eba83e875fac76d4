"""Write the units of the United States: regions_us_*.

    abroad.py MAPSHAPER US_COUNTIES_JSON WORK_DIR OUT_DIR

Needs nothing of the other scripts. Writes WORK_DIR/abroad.json: country -> level ->
key -> name, name_de, kind and parent. Keys begin with the ISO 3166-2 code of the
state and end with the official number: US-CA-037 is the county 06037 (FIPS).
"""

import json
import subprocess
import sys
from pathlib import Path

import shapely
from shapely.geometry import mapping, shape

import topology

# Finest first, with the intervals of the weighted Visvalingam method in metres.
LEVELS = {"us": ("district", "state")}
INTERVAL_M = {"us": {"fine": None, "medium": 1000, "coarse": 4000}}

# States by FIPS number. The territories have country codes of their own.
STATES = dict(
    item.split(":")
    for item in (
        "01:AL 02:AK 04:AZ 05:AR 06:CA 08:CO 09:CT 10:DE 11:DC 12:FL 13:GA 15:HI 16:ID 17:IL 18:IN 19:IA 20:KS"
        " 21:KY 22:LA 23:ME 24:MD 25:MA 26:MI 27:MN 28:MS 29:MO 30:MT 31:NE 32:NV 33:NH 34:NJ 35:NM 36:NY 37:NC"
        " 38:ND 39:OH 40:OK 41:OR 42:PA 44:RI 45:SC 46:SD 47:TN 48:TX 49:UT 50:VT 51:VA 53:WA 54:WV 55:WI 56:WY"
    ).split()
)
TERRITORIES = {"60", "66", "69", "72", "78"}


def county_kind(fips):
    """What the county is called where it is; independent cities are numbered from 510 on."""
    state, number = STATES[fips[:2]], int(fips[2:])
    if state in ("VA", "MD", "MO", "NV") and number >= 510:
        return "Independent city"
    return {"LA": "Parish", "AK": "Borough or census area", "DC": "Federal district"}.get(state, "County")


def repaired(geometry):
    if not geometry.is_valid:
        geometry = shapely.make_valid(geometry)
    return shapely.MultiPolygon(
        [q for p in shapely.get_parts(geometry) for q in shapely.get_parts(p) if q.geom_type == "Polygon"]
    )


def write(path, features):
    lines = [json.dumps({"type": "Feature", "properties": p, "geometry": mapping(g)}) for p, g in features]
    path.write_text('{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n")


def american(mapshaper, source, work):
    units = {level: {} for level in LEVELS["us"]}
    raw = {}
    for name in ("counties", "states"):
        raw[name] = work / f"us_{name}.geojson"
        command = [mapshaper, "-i", source, "-o", raw[name], f"target={name}", "id-field=fips", "precision=0.00001"]
        subprocess.run(command, check=True)
    for f in json.loads(raw["states"].read_text("utf-8"))["features"]:
        fips = f.get("id") or f["properties"]["fips"]
        if fips not in TERRITORIES:
            kind = "Federal district" if fips == "11" else "State"
            units["state"][f"US-{STATES[fips]}"] = {"name": f["properties"]["name"], "kind": kind, "parent": "US"}
    features = []
    for f in json.loads(raw["counties"].read_text("utf-8"))["features"]:
        fips = f.get("id") or f["properties"]["fips"]
        # Falls Church in Virginia is smaller than the source's grid and has no shape there.
        if fips[:2] in TERRITORIES or not f["geometry"]:
            continue
        state = f"US-{STATES[fips[:2]]}"
        key = f"{state}-{fips[2:]}"
        units["district"][key] = {"name": f["properties"]["name"], "kind": county_kind(fips), "parent": state}
        features.append(({"key": key, "state": state}, repaired(shape(f["geometry"]))))
    write(work / "us.geojson", sorted(features, key=lambda f: f[0]["key"]))
    return units


def simplify(mapshaper, country, work, out):
    finest, *above = LEVELS[country]
    for detail, interval in INTERVAL_M[country].items():
        command = [mapshaper, "-i", work / f"{country}.geojson", f"name={finest}", "precision=0.00001"]
        command += ["-clean", "gap-fill-area=0.2km2", "sliver-control=0"]
        if interval:
            command += ["-simplify", "weighted", f"interval={interval}", "keep-shapes"]
        for level in above:
            command += ["-dissolve", level, "+", f"name={level}", f"target={finest}"]
            command += ["-rename-fields", f"key={level}", f"target={level}"]
        raw = work / f"{country}_{detail}.json"
        command += ["-o", raw, "format=topojson", "no-quantization", "precision=0.00001", f"target={finest},{','.join(above)}"]
        subprocess.run(command, check=True)
        text = topology.encode(topology.read(raw), {level: ["key"] for level in LEVELS[country]})
        topology.write_gz(out / f"regions_{country}_{detail}.topojson.gz", text)


def main():
    mapshaper, us_counties, work, out = sys.argv[1], *map(Path, sys.argv[2:])
    units = {"US": american(mapshaper, us_counties, work)}
    for country in LEVELS:
        simplify(mapshaper, country, work, out)
    (work / "abroad.json").write_text(json.dumps(units, ensure_ascii=False, sort_keys=True, indent=0), "utf-8")
    print({country: {level: len(own) for level, own in levels.items()} for country, levels in units.items()})


main()
