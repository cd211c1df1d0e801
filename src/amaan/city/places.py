"""Sites as GeoJSON: the same that /api/city/sites answers, read from a file."""

from __future__ import annotations

import json
from collections.abc import Mapping

from amaan.city.model import CityInputError, Site, SiteKind
from amaan.kernel.errors import AmaanError
from amaan.kernel.geography import Point


def read_sites(text: str) -> list[Site]:
    """Read a FeatureCollection of points with properties code, name, name_ur and kind.

    Raises CityInputError naming the feature, counted from 1.
    """
    try:
        collection = json.loads(text)
    except ValueError as error:
        raise CityInputError(f"not JSON: {error}") from error
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        raise CityInputError("not a GeoJSON FeatureCollection")
    features = collection.get("features")
    if not isinstance(features, list):
        raise CityInputError("the FeatureCollection has no list of features")
    sites = []
    for number, feature in enumerate(features, start=1):
        try:
            sites.append(_site(feature))
        except (AmaanError, KeyError, TypeError, ValueError) as error:
            what = error.detail if isinstance(error, AmaanError) else f"{error!s} missing or wrong"
            raise CityInputError(f"feature {number}: {what}") from error
    return sites


def _site(feature: Mapping[str, Mapping[str, object]]) -> Site:
    properties, geometry = feature["properties"], feature["geometry"]
    if geometry["type"] != "Point":
        raise CityInputError("a site is a Point")
    coordinates = geometry["coordinates"]
    if not isinstance(coordinates, list) or len(coordinates) < 2:
        raise CityInputError("a Point has longitude and latitude")
    kind = str(properties.get("kind", "other"))
    if kind not in set(SiteKind):
        raise CityInputError(f"kind is one of {', '.join(SiteKind)}")
    return Site(
        code=str(properties["code"]),
        name=str(properties["name"]),
        name_ur=str(properties.get("name_ur") or ""),
        kind=SiteKind(kind),
        place=Point(float(coordinates[0]), float(coordinates[1])),
    )
