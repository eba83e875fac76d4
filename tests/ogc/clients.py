"""Reads the layers of a Revier with owslib: clients.py ADDRESS TOTAL

TOTAL is the revenue of the home in major units, by region.country of Germany. Tells what it saw and
ends with an error when a figure is not the cube's.
"""

import sys

from owslib.ogcapi.features import Features

address, total = sys.argv[1], float(sys.argv[2])
features = Features(address)
assert features.conformance()["conformsTo"], "no conformance"
collections = features.feature_collections()
print("collections:", ", ".join(collections))
assert {"state", "district", "municipality", "accounts"} <= set(collections)


def pages(collection, **parameters):
    """Every feature, page by page."""
    found = []
    after = 0
    while True:
        page = features.collection_items(collection, after=after, **parameters)
        found += page["features"]
        following = [link for link in page["links"] if link["rel"] == "next"]
        if not following:
            return found
        after = following[0]["href"].rsplit("after=", 1)[1].split("&")[0]


for collection in ("state", "district", "municipality"):
    found = pages(collection, limit=1000)
    german = [one for one in found if one["id"].isdigit()]
    revenue = sum(one["properties"]["revenue"] or 0 for one in german)
    print(f"{collection}: {len(found)} features, revenue of the German ones {revenue:.2f}")
    assert abs(revenue - total) < 0.005, f"{revenue} is not {total}"

accounts = pages("accounts", limit=2000)
print("accounts:", len(accounts))
assert len({one["id"] for one in accounts}) == len(accounts)
queryables = features.collection_queryables("accounts")
assert queryables["properties"]["revenue"]["type"] == "number"
large = features.collection_items("accounts", limit=10000, filter="revenue > 100000")["features"]
expected = {one["id"] for one in accounts if (one["properties"]["revenue"] or 0) > 100000}
print("accounts with revenue above 100,000:", len(large))
assert {one["id"] for one in large} == expected and expected
near = features.collection_items("accounts", bbox=[11.3, 48.0, 11.8, 48.3], limit=10000)["features"]
inside = {
    one["id"]
    for one in accounts
    if one["geometry"]
    and 11.3 <= one["geometry"]["coordinates"][0] <= 11.8
    and 48.0 <= one["geometry"]["coordinates"][1] <= 48.3
}
print("accounts around Munich:", len(near))
assert {one["id"] for one in near} == inside and inside
