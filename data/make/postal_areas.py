"""Write the approximate areas of the German postal codes.

    postal_areas.py MAPSHAPER WORK_DIR OUT_DIR

No open package has the true areas, so each municipality is shared out among
its postal codes: wholly to one, or by distance (Voronoi cells) among several.

1. A code belongs to a municipality if one of the code's places bears the
   municipality's name close by; a code that none claims belongs to the
   municipality that holds its centre.
2. A municipality without any code is shared out among all codes of its district.
3. Borders of municipalities and cells are noded together on the common grid, so
   that the areas tile Germany at each detail, and dissolved by code.
"""

import csv
import gzip
import json
import math
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy
import shapely

import topology

DETAILS = ("medium", "coarse")
# A place of this name further away is another place of the same name.
NEAR_KM = 12
# Degrees; a site this far from a municipality it was given to lies on an island of it.
FAR = 0.3
LAT_SCALE = math.cos(math.radians(51))


def read_tsv(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def read_shapes(path, level):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        read = json.load(file)
    arcs = topology.decode(read)
    return topology.polygons(read, level, arcs), arcs


def plain(name):
    """A place name in small letters without accents, brackets and what follows a comma."""
    name = re.sub(r"\(.*?\)|,.*", " ", name.lower().replace("ß", "ss"))
    name = unicodedata.normalize("NFKD", name)
    return re.sub(r"[^a-z]+", " ", "".join(c for c in name if not unicodedata.combining(c))).strip()


def same_place(place, municipality):
    """Whether a place is the municipality or, as in "Dresden Friedrichstadt", a part named after it."""
    return place == municipality or place.startswith(municipality + " ") or municipality.startswith(place + " ")


def flat(point):
    """Kilometres east and north, good enough for distances inside Germany."""
    return numpy.array([point[0] * LAT_SCALE, point[1]]) * 111.2


def share_out(out, shapes, names):
    """Municipality -> {code: [site, ...]}, where sites are lon, lat points."""
    keys = list(shapes)
    geometries = [shapes[key] for key in keys]
    tree = shapely.STRtree(geometries)
    centres = {code: (float(lon), float(lat)) for code, lon, lat in read_tsv(out / "postal_centres_de.tsv.gz")}

    by_code = {}
    for code, place, _, lon, lat in read_tsv(out / "postal" / "DE.tsv.gz"):
        if code in centres:
            by_code.setdefault(code, []).append((plain(place), (float(lon), float(lat))))

    shares = {key: {} for key in keys}
    for code, centre in sorted(centres.items()):
        claimed = False
        for place, point in by_code.get(code, ()):
            reach = NEAR_KM / 111.2
            around = tree.query(shapely.Point(point).buffer(reach))
            for index in sorted(around):
                key = keys[index]
                if not place or not same_place(place, names[key]):
                    continue
                # A part of a name must lie in the municipality, the whole name near it.
                inside = geometries[index].contains(shapely.Point(point))
                if inside or (place == names[key] and geometries[index].distance(shapely.Point(point)) < reach / 2):
                    shares[key].setdefault(code, [])
                    if inside:
                        shares[key][code].append(point)
                    claimed = True
        home = keys[tree.nearest(shapely.Point(centre))]
        if not claimed or code in shares[home]:
            # The centre is the better site wherever it lies in the municipality.
            shares[home][code] = [centre]
    for codes in shares.values():
        for code, sites in codes.items():
            codes[code] = sites or [centres[code]]

    by_district = {}
    for key, codes in shares.items():
        by_district.setdefault(key[:5], {}).update({code: [centres[code]] for code in codes})
    without = [key for key, codes in shares.items() if not codes]
    for key in without:
        shares[key] = by_district.get(key[:5]) or {code: [centre] for code, centre in centres.items()}
    print(f"{len(without)} municipalities without a code of their own")
    return shares, set(without)


def pulled_inside(codes, geometry):
    """The same sites, those outside the municipality moved to its nearest corner.

    So each of its codes keeps a piece of it, however coarse its outline.
    """
    moved = {}
    for code, sites in codes.items():
        moved[code] = []
        for site in sites:
            point = shapely.Point(site)
            if not geometry.contains(point):
                nearest = shapely.get_point(shapely.shortest_line(geometry, point), 0)
                point = shapely.point_on_surface(geometry.intersection(nearest.buffer(0.005)))
            moved[code].append((round(point.x, 5), round(point.y, 5)))
    return moved


def lost_islands(shares, without, shapes):
    """Codes whose sites all lie far outside: their island is not drawn at this detail."""
    return {
        code
        for key, codes in shares.items()
        for code, sites in codes.items()
        if key not in without and len(codes) > 1 and all(shapes[key].distance(shapely.Point(p)) > FAR for p in sites)
    }


def sites_of(codes):
    """Distinct sites in kilometres and their codes; sites at one point are moved apart."""
    sites, owners, seen = [], [], set()
    for code, points in sorted(codes.items()):
        for lon, lat in sorted(set(points)):
            while (lon, lat) in seen:
                lon, lat = round(lon + 0.002, 5), round(lat + 0.001, 5)
            seen.add((lon, lat))
            sites.append(flat((lon, lat)))
            owners.append(code)
    return numpy.array(sites), owners


def borders_between(sites, owners, geometry):
    """Edges of the cells of different codes, reaching a little over the municipality's border."""
    km = shapely.transform(geometry, lambda c: c * [LAT_SCALE, 1] * 111.2)
    frame = km.envelope.buffer(5)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(sites), extend_to=frame))
    tree = shapely.STRtree(cells)
    by_code = {}
    for site, owner in zip(sites, owners, strict=True):
        (index,) = tree.query(shapely.Point(site), predicate="within")
        by_code.setdefault(owner, []).append(cells[index])
    outlines = [shapely.union_all(own).boundary for own in by_code.values()]
    lines = shapely.union_all(outlines).intersection(km.buffer(0.02))
    lines = lines.difference(frame.boundary.buffer(0.1))
    return shapely.transform(lines, lambda c: c / [LAT_SCALE, 1] / 111.2)


def areas(shapes, arcs, shares):
    """Code -> polygons that tile the municipalities."""
    lines = [shapely.LineString(numpy.array(arc) / topology.GRID) for arc in arcs]
    for key, codes in shares.items():
        if len(codes) > 1:
            lines.append(borders_between(*sites_of(codes), shapes[key]))
    noded = shapely.union_all(lines, grid_size=1 / topology.GRID)
    faces = shapely.get_parts(shapely.polygonize(list(shapely.get_parts(noded))))
    keys = list(shapes)
    tree = shapely.STRtree(list(shapes.values()))
    inside = shapely.point_on_surface(faces)
    face_of, municipality_of = tree.query(inside, predicate="within")
    tiles = {}
    for face, index in zip(face_of, municipality_of, strict=True):
        codes = shares[keys[index]]
        sites, owners = sites_of(codes)
        at = flat((inside[face].x, inside[face].y))
        owner = owners[int(((sites - at) ** 2).sum(axis=1).argmin())]
        tiles.setdefault(owner, []).append(faces[face])
    return tiles


def main():
    mapshaper, work, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    with gzip.open(out / "units.csv.gz", "rt", encoding="utf-8") as file:
        names = {row["key"]: plain(row["name"]) for row in csv.DictReader(file)}
    fine, _ = read_shapes(out / "regions_de_fine.topojson.gz", "municipality")
    shares, without = share_out(out, fine, names)
    tiles = {}
    for detail in DETAILS:
        finer = tiles
        shapes, arcs = read_shapes(out / f"regions_de_{detail}.topojson.gz", "municipality")
        lost = lost_islands(shares, without, shapes)
        inside = {
            key: codes
            if key in without
            else pulled_inside({code: sites for code, sites in codes.items() if code not in lost}, shapes[key])
            for key, codes in shares.items()
        }
        # An island that is not drawn keeps the area of the finer detail, out in the sea.
        tiles = areas(shapes, arcs, inside) | {code: finer[code] for code in lost}
        print(f"{detail}: islands kept from the finer detail: {sorted(lost)}")
        source, raw = work / f"postal_{detail}.geojson", work / f"postal_{detail}.json"
        features = [
            {"type": "Feature", "properties": {"key": f"DE-{code}"}, "geometry": shapely.geometry.mapping(tile)}
            for code in sorted(tiles)
            for tile in tiles[code]
        ]
        source.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        subprocess.run(
            [mapshaper, "-i", source, "name=postal", "-dissolve", "key"]
            + ["-o", raw, "format=topojson", "no-quantization", "precision=0.00001"],
            check=True,
        )
        text = topology.encode(topology.read(raw), {"postal": ["key"]})
        topology.write_gz(out / f"postal_areas_de_{detail}.topojson.gz", text)
        print(f"{detail}: {len(tiles)} areas of {sum(map(len, tiles.values()))} faces")


main()
