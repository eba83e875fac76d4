"""Simplify the German units by shared arcs and write regions_de_*.topojson.gz.

regions.py MAPSHAPER WORK_DIR OUT_DIR
"""

import subprocess
import sys
from pathlib import Path

import topology

LEVELS = ("municipality", "district", "government_district", "state")
# Weighted Visvalingam intervals in metres. Half of all vertices then move by
# less than half the interval.
INTERVAL_M = {"fine": None, "medium": 300, "coarse": 1500}


def main():
    mapshaper, work, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    for detail, interval in INTERVAL_M.items():
        command = [mapshaper, "-i", work / "municipality.geojson", "name=municipality", "precision=0.00001"]
        # Gaps up to this size are drawing errors; larger ones are lakes.
        command += ["-clean", "gap-fill-area=0.2km2", "sliver-control=0"]
        if interval:
            command += ["-simplify", "weighted", f"interval={interval}", "keep-shapes"]
        for level in LEVELS[1:]:
            command += ["-filter", f"!!{level}", "+", f"name={level}", "target=municipality"]
            command += ["-dissolve", level, f"target={level}", "-rename-fields", f"key={level}"]
        raw = work / f"regions_{detail}.json"
        command += ["-o", raw, "format=topojson", "no-quantization", "precision=0.00001", f"target={','.join(LEVELS)}"]
        subprocess.run(command, check=True)
        text = topology.encode(topology.read(raw), {level: ["key"] for level in LEVELS})
        topology.write_gz(out / f"regions_de_{detail}.topojson.gz", text)


main()
