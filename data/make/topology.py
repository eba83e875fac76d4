"""Read and write TopoJSON on one grid of 1e-5 degrees, shared by every file."""

import collections
import gzip
import itertools
import json

import shapely

GRID = 100_000  # steps per degree


def write_gz(path, text):
    """The same text gives the same bytes: no name, no time in the header."""
    with open(path, "wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=9, mtime=0) as file:
        file.write(text.encode("utf-8"))


def read(path):
    """Mapshaper's unquantised TopoJSON with its arcs as lists of grid points."""
    topology = json.loads(open(path, encoding="utf-8").read())
    assert "transform" not in topology
    arcs = [on_grid(arc) for arc in topology["arcs"]]
    topology["arcs"], pieces = split_at_meetings(arcs)
    for collection in topology["objects"].values():
        for geometry in collection["geometries"]:
            if "arcs" in geometry:
                geometry["arcs"] = replace(geometry["arcs"], pieces)
    return topology


def on_grid(arc):
    points = []
    for lon, lat in arc:
        point = (round(lon * GRID), round(lat * GRID))
        if not points or points[-1] != point:
            points.append(point)
    return points if len(points) > 1 else points * 2


def split_at_meetings(arcs):
    """Arcs cut where rounding made them meet another arc or themselves, each once.

    Returns the new arcs and, for each old arc, the numbers of its pieces; a
    piece that runs against the new arc has the number's complement.
    """
    inner = collections.Counter(point for arc in arcs for point in arc[1:-1])
    nodes = {point for arc in arcs for point in (arc[0], arc[-1])}
    nodes |= {point for point, count in inner.items() if count > 1}
    number_of, pieces = {}, []
    for arc in arcs:
        at = [0, *(i for i in range(1, len(arc) - 1) if arc[i] in nodes), len(arc) - 1]
        pieces.append([])
        for start, end in itertools.pairwise(at):
            piece = tuple(arc[start : end + 1])
            if piece[::-1] in number_of:
                pieces[-1].append(~number_of[piece[::-1]])
            else:
                pieces[-1].append(number_of.setdefault(piece, len(number_of)))
    return [list(piece) for piece in number_of], pieces


def replace(arcs, pieces):
    """Rings, or nested lists of rings, with each arc replaced by its pieces."""
    replaced = []
    for item in arcs:
        if isinstance(item, list):
            replaced.append(replace(item, pieces))
        elif item < 0:
            replaced += [~number for number in reversed(pieces[~item])]
        else:
            replaced += pieces[item]
    return replaced


def encode(topology, properties):
    """Compact text: objects in the given order, geometries by key, arcs as deltas.

    `properties` maps each object's name to the properties it keeps.
    """
    objects = {}
    used = set()
    for name, kept in properties.items():
        geometries = []
        for geometry in topology["objects"][name]["geometries"]:
            if geometry["type"] is None:
                continue
            own = geometry.get("properties", {})
            geometries.append(
                {
                    "type": geometry["type"],
                    "properties": {field: own[field] for field in kept if own.get(field)},
                    "arcs": geometry["arcs"],
                }
                | without_pinches(geometry, topology["arcs"])
            )
        if "key" in kept:
            geometries.sort(key=lambda g: g["properties"]["key"])
        objects[name] = {"type": "GeometryCollection", "geometries": geometries}
        for geometry in geometries:
            used.update(arc_numbers(geometry["arcs"]))
    number = {old: new for new, old in enumerate(sorted(used))}
    for collection in objects.values():
        for geometry in collection["geometries"]:
            geometry["arcs"] = renumber(geometry["arcs"], number)
    arcs = [deltas(topology["arcs"][old]) for old in sorted(used)]
    return json.dumps(
        {
            "type": "Topology",
            "transform": {"scale": [1 / GRID, 1 / GRID], "translate": [0, 0]},
            "objects": objects,
            "arcs": arcs,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def without_pinches(geometry, arcs):
    """A ring that meets itself in a node becomes a shell and its holes.

    So Bavaria, which goes round Jungholz, is a valid polygon.
    """
    if geometry["type"] not in ("Polygon", "MultiPolygon"):
        return {}
    parts = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    result = []
    for part in parts:
        shell = loops(part[0], arcs)
        holes = [loop for ring in part[1:] for loop in loops(ring, arcs)]
        shell.sort(key=lambda loop: -abs(area_2(loop, arcs)))
        sign = area_2(shell[0], arcs) > 0
        shells = [loop for loop in shell if (area_2(loop, arcs) > 0) == sign]
        holes += [loop for loop in shell if (area_2(loop, arcs) > 0) != sign]
        owned = {0: holes}
        if len(shells) > 1:
            outlines = [shapely.Polygon(ring_points(loop, arcs)) for loop in shells]
            owned = {}
            for hole in holes:
                inside = shapely.Polygon(ring_points(hole, arcs)).point_on_surface()
                owner = next(i for i, outline in enumerate(outlines) if outline.contains(inside))
                owned.setdefault(owner, []).append(hole)
        result += [[loop, *owned.get(i, [])] for i, loop in enumerate(shells)]
    if len(result) == 1:
        return {"type": "Polygon", "arcs": result[0]}
    return {"type": "MultiPolygon", "arcs": result}


def loops(ring, arcs):
    """The simple loops of a ring, cut where an arc starts at a node seen before."""
    found, path, nodes = [], [], []
    for number in ring:
        node = arcs[number][0] if number >= 0 else arcs[~number][-1]
        if node in nodes:
            at = nodes.index(node)
            found.append(path[at:])
            del path[at:], nodes[at:]
        path.append(number)
        nodes.append(node)
    found.append(path)
    return [loop for loop in found if area_2(loop, arcs) != 0]


def area_2(ring, arcs):
    """Twice the signed area in grid steps."""
    points = ring_points(ring, arcs)
    return sum(x * v - u * y for (x, y), (u, v) in zip(points, points[1:], strict=False))


def ring_points(ring, arcs):
    points = []
    for number in ring:
        part = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += part[1:] if points else part
    return points


def arc_numbers(arcs):
    for item in arcs:
        if isinstance(item, list):
            yield from arc_numbers(item)
        else:
            yield ~item if item < 0 else item


def renumber(arcs, number):
    return [
        renumber(item, number) if isinstance(item, list) else ~number[~item] if item < 0 else number[item]
        for item in arcs
    ]


def deltas(points):
    x = y = 0
    steps = []
    for px, py in points:
        steps.append([px - x, py - y])
        x, y = px, py
    return steps


def decode(topology):
    """Undo the deltas of a written file: arcs as lists of grid points."""
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x, y))
        arcs.append(points)
    return arcs


def polygons(topology, name, arcs):
    """Key -> shapely MultiPolygon in degrees."""

    def ring(numbers):
        return [(x / GRID, y / GRID) for x, y in ring_points(numbers, arcs)]

    shapes = {}
    for geometry in topology["objects"][name]["geometries"]:
        parts = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        shapes[geometry["properties"]["key"]] = shapely.MultiPolygon(
            [(ring(part[0]), [ring(hole) for hole in part[1:]]) for part in parts]
        )
    return shapes
